package aws

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Tag is what everything that is made carries, with the name of the deployment.
const Tag = "stampede:deployment"

// partition is a part of AWS with names of its own.
type partition struct{ regions, name, domain string }

// partitions are known by how their regions begin; the last is all others.
var partitions = []partition{
	{"cn-", "aws-cn", "amazonaws.com.cn"},
	{"eusc-", "aws-eusc", "amazonaws.eu"},
	{"us-gov-", "aws-us-gov", "amazonaws.com"},
	{"us-iso-", "aws-iso", "c2s.ic.gov"},
	{"us-isob-", "aws-iso-b", "sc2s.sgov.gov"},
	{"eu-isoe-", "aws-iso-e", "cloud.adc-e.uk"},
	{"us-isof-", "aws-iso-f", "csp.hci.ic.gov"},
	{"", "aws", "amazonaws.com"},
}

func partitionOf(region string) partition {
	i := slices.IndexFunc(partitions, func(p partition) bool { return strings.HasPrefix(region, p.regions) })
	return partitions[i]
}

// Partition is the part of AWS that a region is in, as ARNs have it.
func Partition(region string) string { return partitionOf(region).name }

var regionName = regexp.MustCompile(`^[a-z]{2,4}(-[a-z]+)+-\d+$`)

// CheckRegion says what is wrong with the name of a region.
func CheckRegion(region string) error {
	if !regionName.MatchString(region) {
		return fmt.Errorf("region %q: write one of AWS's, such as us-east-1", region)
	}
	return nil
}

// Account asks whose credentials these are: twelve digits.
func (c *Client) Account(ctx context.Context) (string, error) {
	var out struct {
		Account string `xml:"GetCallerIdentityResult>Account"`
	}
	err := c.Do(ctx, Call{Service: "sts", Action: "GetCallerIdentity"}, &out)
	return out.Account, err
}

// Quota asks how much of something the account may have at a time; 0 when AWS does not say.
func (c *Client) Quota(ctx context.Context, service, code string) (float64, error) {
	var out struct{ Quota struct{ Value float64 } }
	err := c.Do(ctx, Call{Service: "servicequotas", Action: "GetServiceQuota", In: Params{"ServiceCode": service, "QuotaCode": code}}, &out)
	if Refused(err, "NoSuchResourceException") {
		return 0, nil
	}
	return out.Quota.Value, err
}

// NetworkRule is where people are reminded of AWS's policy for network stress tests, whose first limit [StressGbits] was.
const NetworkRule = "a test that sends more than 1 Gbit/s may be a network stress test to AWS: read https://aws.amazon.com/ec2/testing/ before"

// StressGbits is from where on [NetworkRule] is said, in Gbit/s.
const StressGbits = 1.0

// Statement is one of a policy of IAM, which allows something.
type Statement struct {
	Sid       string
	Action    []string
	Resource  []string
	Condition map[string]map[string]any // nil means always
}

// Policy is a policy of IAM, as JSON. The actions of each statement are sorted in it.
func Policy(all []Statement) (string, error) {
	type statement struct {
		Sid, Effect      string
		Action, Resource []string
		Condition        map[string]map[string]any `json:",omitempty"`
	}
	var out []statement
	for _, s := range all {
		out = append(out, statement{Sid: s.Sid, Effect: "Allow", Action: slices.Sorted(slices.Values(s.Action)), Resource: s.Resource, Condition: s.Condition})
	}
	text, err := json.MarshalIndent(map[string]any{"Version": "2012-10-17", "Statement": out}, "", "  ")
	return string(text) + "\n", err
}
