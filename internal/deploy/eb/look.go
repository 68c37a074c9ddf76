package eb

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/stampede-load/stampede/internal/deploy/aws"
)

// looker asks what there is.
type looker struct {
	*aws.Client
	o *Options
}

type application struct {
	Name        string   `xml:"ApplicationName"`
	Description string   `xml:"Description"`
	Versions    []string `xml:"Versions>member"`
}

// application is nil when it is not there.
func (l *looker) application(ctx context.Context) (*application, error) {
	var out struct {
		All []application `xml:"DescribeApplicationsResult>Applications>member"`
	}
	err := l.Do(ctx, call("elasticbeanstalk", "DescribeApplications", Params{"ApplicationNames": []any{l.o.application()}}), &out)
	if err != nil || len(out.All) == 0 {
		return nil, err
	}
	return &out.All[0], nil
}

// environment is one as Elastic Beanstalk tells of it.
type environment struct {
	Name        string    `xml:"EnvironmentName"`
	Status      string    `xml:"Status"`
	Health      string    `xml:"Health"`
	Version     string    `xml:"VersionLabel"`
	Description string    `xml:"Description"`
	Created     time.Time `xml:"DateCreated"`
}

// environments are those that are not gone.
func (l *looker) environments(ctx context.Context) ([]environment, error) {
	var out struct {
		All []environment `xml:"DescribeEnvironmentsResult>Environments>member"`
	}
	err := l.Do(ctx, call("elasticbeanstalk", "DescribeEnvironments", Params{"ApplicationName": l.o.application(), "IncludeDeleted": false}), &out)
	out.All = slices.DeleteFunc(out.All, func(e environment) bool { return e.Status == "Terminated" })
	return out.All, err
}

func named(all []environment, name string) *environment {
	for i := range all {
		if all[i].Name == name {
			return &all[i]
		}
	}
	return nil
}

// event is what Elastic Beanstalk says while it works.
type event struct {
	At       time.Time `xml:"EventDate"`
	Severity string    `xml:"Severity"`
	Message  string    `xml:"Message"`
}

// events are those of an environment since a moment, oldest first.
func (l *looker) events(ctx context.Context, name string, since time.Time) ([]event, error) {
	var out struct {
		All []event `xml:"DescribeEventsResult>Events>member"`
	}
	err := l.Do(ctx, call("elasticbeanstalk", "DescribeEvents", Params{
		"ApplicationName": l.o.application(), "EnvironmentName": name, "Severity": "INFO", "StartTime": since.UTC().Format(time.RFC3339), "MaxRecords": 100,
	}), &out)
	slices.Reverse(out.All)
	return out.All, err
}

// objects are the keys of ours in a bucket.
func (l *looker) objects(ctx context.Context, bucket string) ([]string, error) {
	var keys []string
	in := Params{"Bucket": bucket, "Prefix": l.o.prefix()}
	for {
		var out struct {
			Keys []string `xml:"Contents>Key"`
			More string   `xml:"NextContinuationToken"`
		}
		err := l.Do(ctx, call("s3", "ListBucket", in), &out)
		if aws.Refused(err, "NoSuchBucket") {
			return nil, fmt.Errorf("%w: Elastic Beanstalk makes its bucket when it is first used in a region (aws elasticbeanstalk create-storage-location); or name one with --bucket", err)
		}
		keys = append(keys, out.Keys...)
		if err != nil || out.More == "" {
			return keys, err
		}
		in["ContinuationToken"] = out.More
	}
}

// parameters are the secrets that are there, by their short names.
func (l *looker) parameters(ctx context.Context) (map[string]string, error) {
	var names []any
	for _, name := range []string{secretWeb, secretFleet, secretKey, secretJoin} {
		names = append(names, l.o.parameter(name))
	}
	var out struct {
		Parameters []struct{ Name, Value string }
	}
	err := l.Do(ctx, call("ssm", "GetParameters", Params{"Names": names, "WithDecryption": true}), &out)
	found := map[string]string{}
	for _, p := range out.Parameters {
		found[strings.TrimPrefix(p.Name, l.o.parameter(""))] = p.Value
	}
	return found, err
}

// instance is a machine of the deployment.
type instance struct {
	ID      string `xml:"instanceId"`
	State   string `xml:"instanceState>name"`
	Private string `xml:"privateIpAddress"`
	Public  string `xml:"ipAddress"`
	Groups  []struct {
		ID   string `xml:"groupId"`
		Name string `xml:"groupName"`
	} `xml:"groupSet>item"`
	Tags []struct {
		Key   string `xml:"key"`
		Value string `xml:"value"`
	} `xml:"tagSet>item"`
}

func (i *instance) tag(key string) string {
	for _, t := range i.Tags {
		if t.Key == key {
			return t.Value
		}
	}
	return ""
}

// instances are those that carry the tag and cost something.
func (l *looker) instances(ctx context.Context) ([]instance, error) {
	var all []instance
	in := Params{"Filter": []any{
		Params{"Name": "tag:" + aws.Tag, "Value": []any{l.o.Name}},
		Params{"Name": "instance-state-name", "Value": []any{"pending", "running", "stopping", "stopped"}},
	}}
	for {
		var out struct {
			Sets []struct {
				Instances []instance `xml:"instancesSet>item"`
			} `xml:"reservationSet>item"`
			More string `xml:"nextToken"`
		}
		if err := l.Do(ctx, call("ec2", "DescribeInstances", in), &out); err != nil {
			return all, err
		}
		for _, s := range out.Sets {
			all = append(all, s.Instances...)
		}
		if out.More == "" {
			return all, nil
		}
		in["NextToken"] = out.More
	}
}

func of(all []instance, environment string) (out []instance) {
	for _, i := range all {
		if i.tag("elasticbeanstalk:environment-name") == environment {
			out = append(out, i)
		}
	}
	return out
}

var goStack = regexp.MustCompile(`^64bit Amazon Linux 2023 v([0-9]+)\.([0-9]+)\.([0-9]+) running Go 1$`)

// stack is the newest of the Go platforms.
func (l *looker) stack(ctx context.Context) (string, error) {
	var out struct {
		Stacks []string `xml:"ListAvailableSolutionStacksResult>SolutionStacks>member"`
	}
	if err := l.Do(ctx, call("elasticbeanstalk", "ListAvailableSolutionStacks", nil), &out); err != nil {
		return "", err
	}
	if best := newest(out.Stacks); best != "" {
		return best, nil
	}
	return "", fmt.Errorf("in %s Elastic Beanstalk has no platform for Go on Amazon Linux 2023, among %d: choose another region", l.o.Region, len(out.Stacks))
}

func newest(stacks []string) (best string) {
	var top [3]int
	for _, s := range stacks {
		m := goStack.FindStringSubmatch(s)
		if m == nil {
			continue
		}
		var v [3]int
		for i := range v {
			v[i], _ = strconv.Atoi(m[i+1]) // digits, by the expression
		}
		if best == "" || slices.Compare(v[:], top[:]) > 0 {
			best, top = s, v
		}
	}
	return best
}

// machine is a type of instance.
type machine struct {
	Type    string   `xml:"instanceType"`
	Cores   int      `xml:"vCpuInfo>defaultVCpus"`
	Arch    []string `xml:"processorInfo>supportedArchitectures>item"`
	Network string   `xml:"networkInfo>networkPerformance"`
}

// machines asks what the types of instances are.
func (l *looker) machines(ctx context.Context, types ...string) (map[string]machine, error) {
	slices.Sort(types)
	var wanted []any
	for _, t := range slices.Compact(types) {
		wanted = append(wanted, t)
	}
	var out struct {
		All []machine `xml:"instanceTypeSet>item"`
	}
	err := l.Do(ctx, call("ec2", "DescribeInstanceTypes", Params{"InstanceType": wanted}), &out)
	if aws.Refused(err, "InvalidInstanceType") {
		return nil, fmt.Errorf("%w: choose another --instance-type", err)
	}
	byType := map[string]machine{}
	for _, m := range out.All {
		byType[m.Type] = m
	}
	return byType, err
}

// standard is the quota of processors of on-demand instances of the families A, C, D, H, I, M, R, T and Z.
const standard = "L-1216C47A"

// price asks what an instance costs, in USD an hour, on demand, with Linux.
func (l *looker) price(ctx context.Context, instanceType string) (float64, error) {
	var filters []any
	for _, f := range [][2]string{
		{"instanceType", instanceType}, {"regionCode", l.o.Region}, {"operatingSystem", "Linux"}, {"tenancy", "Shared"}, {"preInstalledSw", "NA"}, {"capacitystatus", "Used"},
	} {
		filters = append(filters, Params{"Type": "TERM_MATCH", "Field": f[0], "Value": f[1]})
	}
	var out struct{ PriceList []string }
	err := l.Do(ctx, call("pricing", "GetProducts", Params{"ServiceCode": "AmazonEC2", "Filters": filters, "FormatVersion": "aws_v1", "MaxResults": 10}), &out)
	if err != nil {
		return 0, fmt.Errorf("%w: give --price, in USD an hour", err)
	}
	for _, text := range out.PriceList {
		for _, p := range aws.Prices(text) {
			if p.Unit == "Hrs" {
				return p.USD, nil
			}
		}
	}
	return 0, errors.New("the Pricing API says no price of " + instanceType + " in " + l.o.Region + ": give --price, in USD an hour")
}

// ends are the moments at which AWS scales groups to zero, by group.
func (l *looker) ends(ctx context.Context) (map[string]time.Time, error) {
	found := map[string]time.Time{}
	in := Params{}
	for {
		var out struct {
			All []struct {
				Group   string    `xml:"AutoScalingGroupName"`
				Start   time.Time `xml:"StartTime"`
				Max     *int      `xml:"MaxSize"`
				Desired *int      `xml:"DesiredCapacity"`
			} `xml:"DescribeScheduledActionsResult>ScheduledUpdateGroupActions>member"`
			More string `xml:"DescribeScheduledActionsResult>NextToken"`
		}
		if err := l.Do(ctx, call("autoscaling", "DescribeScheduledActions", in), &out); err != nil {
			return nil, err
		}
		for _, a := range out.All {
			if a.Max != nil && *a.Max == 0 && a.Desired != nil && *a.Desired == 0 {
				found[a.Group] = a.Start
			}
		}
		if out.More == "" {
			return found, nil
		}
		in["NextToken"] = out.More
	}
}
