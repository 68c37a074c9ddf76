package eb

import (
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/stampede-load/stampede/internal/deploy/aws"
)

// Params are the members of a request.
type Params = aws.Params

func call(service, action string, in Params) aws.Call {
	return aws.Call{Service: service, Action: action, In: in}
}

// place is what is known of the account only once somebody has been asked.
type place struct {
	account string
	bucket  string
	stack   string
	members string // id of the group whose members reach the port of workers
	cost    *Cost  // nil when no price is known
}

func (o *Options) bucketOf(account string) string {
	if o.Bucket != "" {
		return o.Bucket
	}
	return "elasticbeanstalk-" + o.Region + "-" + account
}

func (o *Options) parameterARN(account, name string) string {
	return "arn:" + aws.Partition(o.Region) + ":ssm:" + o.Region + ":" + account + ":parameter" + o.parameter(name)
}

// The secrets of a deployment, as parameters, and the variables that they become.
const (
	secretWeb   = "web-token"
	secretFleet = "fleet-token"
	secretKey   = "fleet-key"
	secretJoin  = "join"
)

func variables(role string) map[string]string {
	if role == roleController {
		return map[string]string{secretWeb: "STAMPEDE_WEB_TOKEN", secretFleet: "STAMPEDE_FLEET_TOKEN", secretKey: "STAMPEDE_FLEET_KEY"}
	}
	return map[string]string{secretJoin: "STAMPEDE_JOIN"}
}

func (o *Options) createApplication(bucket string) aws.Call {
	return call("elasticbeanstalk", "CreateApplication", Params{
		"ApplicationName": o.application(), "Description": bucketNote + bucket, "Tags": o.tags(),
	})
}

// bucketNote stands on the application, so that down finds the bucket.
const bucketNote = "stampede, bundles in "

func (o *Options) putParameter(name, value string, over bool) aws.Call {
	return call("ssm", "PutParameter", Params{"Name": o.parameter(name), "Value": value, "Type": "SecureString", "Overwrite": over, "Description": "stampede " + o.Name})
}

func (o *Options) putBundle(bucket string, b *Bundle) aws.Call {
	c := call("s3", "PutObject", Params{"Bucket": bucket, "Key": b.Key})
	c.Body = b.Zip
	return c
}

func (o *Options) createVersion(bucket string, b *Bundle) aws.Call {
	return call("elasticbeanstalk", "CreateApplicationVersion", Params{
		"ApplicationName": o.application(), "VersionLabel": b.Label, "SourceBundle": Params{"S3Bucket": bucket, "S3Key": b.Key}, "Tags": o.tags(),
	})
}

// environment is what creating one and changing one have in common. before is what it has come to already, in USD.
func (o *Options) environment(b *Bundle, p *place, before float64, now, ends time.Time) Params {
	name, count := o.controller(), 1
	if b.Role == roleWorkers {
		name, count = o.workers(), o.Workers
	}
	is := o.charge(b.Role, count, p, now, ends)
	is.Before = before
	return Params{
		"ApplicationName": o.application(), "EnvironmentName": name, "VersionLabel": b.Label, "Description": is.String(),
		"OptionSettings": o.settings(b.Role, count, p, ends),
	}
}

// createEnvironment makes one. before is what one of that name has come to already, in USD.
func (o *Options) createEnvironment(b *Bundle, p *place, before float64, now, ends time.Time) aws.Call {
	in := o.environment(b, p, before, now, ends)
	in["SolutionStackName"], in["Tags"] = p.stack, o.tags()
	in["Tier"] = Params{"Name": "Worker", "Type": "SQS/HTTP"} // the shape without a load balancer
	if o.OperationsRole != "" {
		in["OperationsRole"] = o.OperationsRole
	}
	return call("elasticbeanstalk", "CreateEnvironment", in)
}

// updateEnvironment changes one that was as it says it was.
func (o *Options) updateEnvironment(b *Bundle, p *place, was *charge, now, ends time.Time) aws.Call {
	before := 0.0
	if was != nil {
		before = was.at(now)
	}
	return call("elasticbeanstalk", "UpdateEnvironment", o.environment(b, p, before, now, ends))
}

func (o *Options) terminate(environment string) aws.Call {
	return call("elasticbeanstalk", "TerminateEnvironment", Params{"EnvironmentName": environment, "TerminateResources": true})
}

// stopAction is what AWS's own schedule calls the end of a deployment.
const stopAction = "stampede-end"

// settings are the options of an environment. That AWS ends it stands in the very call that makes it.
func (o *Options) settings(role string, count int, p *place, ends time.Time) []any {
	var out []any
	add := func(namespace, name, value string) {
		out = append(out, Params{"Namespace": "aws:" + namespace, "OptionName": name, "Value": value})
	}
	kind := o.typeOf(role)
	add("autoscaling:asg", "MinSize", strconv.Itoa(count))
	add("autoscaling:asg", "MaxSize", strconv.Itoa(count))
	add("ec2:instances", "InstanceTypes", kind)
	add("ec2:instances", "SupportedArchitectures", processor(kind))
	add("autoscaling:launchconfiguration", "IamInstanceProfile", o.InstanceProfile)
	add("autoscaling:launchconfiguration", "DisableIMDSv1", "true")
	add("autoscaling:launchconfiguration", "DisableDefaultEC2SecurityGroup", "true")
	if role == roleWorkers && p.members != "" {
		add("autoscaling:launchconfiguration", "SecurityGroups", p.members)
	}
	add("elasticbeanstalk:environment", "ServiceRole", o.ServiceRole)
	add("elasticbeanstalk:healthreporting:system", "SystemType", "enhanced")
	add("elasticbeanstalk:command", "DeploymentPolicy", "AllAtOnce")
	add("elasticbeanstalk:managedactions", "ManagedActionsEnabled", "false")
	if o.VPC != "" {
		add("ec2:vpc", "VPCId", o.VPC)
		add("ec2:vpc", "Subnets", strings.Join(o.Subnets, ","))
		add("ec2:vpc", "AssociatePublicIpAddress", strconv.FormatBool(!o.Private))
	}
	for _, one := range [][2]string{{"MinSize", "0"}, {"MaxSize", "0"}, {"DesiredCapacity", "0"}, {"StartTime", ends.UTC().Format(time.RFC3339)}} {
		out = append(out, Params{"ResourceName": stopAction, "Namespace": "aws:autoscaling:scheduledaction", "OptionName": one[0], "Value": one[1]})
	}
	switch {
	case p.cost == nil:
	case role == roleController:
		add("elasticbeanstalk:application:environment", "STAMPEDE_COST", o.costText(p.cost))
	case o.elsewhere():
		add("elasticbeanstalk:application:environment", "STAMPEDE_COST", o.workerCost(p.cost))
	}
	secrets := variables(role)
	names := make([]string, 0, len(secrets))
	for name := range secrets {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		add("elasticbeanstalk:application:environmentsecrets", secrets[name], o.parameterARN(p.account, name))
	}
	return out
}
