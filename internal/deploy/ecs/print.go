package ecs

import (
	"fmt"
	"strings"

	"github.com/stampede-load/stampede/internal/deploy/aws"
)

// Print says all that up would make, without asking anybody. What only AWS can say stands in angle brackets.
func Print(o *Options) (string, error) {
	var cost *Cost
	if o.Price > 0 {
		cost = &Cost{Task: o.Price, Workers: o.Workers, Hours: o.MaxHours, Source: aws.PriceGiven}
	}
	calls := []aws.Call{o.createCluster(), o.putJoin("(the join URL that was given)"), o.register("<account>", cost)}
	for left := o.Workers; left > 0; left -= mostTasks {
		calls = append(calls, o.run("<the task definition>", "<a token of this call>", min(left, mostTasks)))
	}
	text, err := aws.Print(calls)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	policy, err := Policy(o, "*")
	if err != nil {
		return "", err
	}
	b.WriteString(text + "---\n# the policy that the commands need (deploy ecs policy)\n" + policy)
	fmt.Fprintf(&b, "---\n# the end\nEach task ends by itself %g hours after its start", o.MaxHours)
	if o.Idle > 0 {
		fmt.Fprintf(&b, ", or after %s without a run", o.Idle)
	}
	b.WriteString(".\n")
	b.WriteString("It is the task that ends itself, and not AWS: one whose program hangs is stopped by down alone.\n")
	if cost == nil {
		b.WriteString("What it costs: up asks AWS's price list; with --price, in USD an hour of one task, it is said here.\n")
		return b.String(), nil
	}
	fmt.Fprintf(&b, "%s\n", cost)
	return b.String(), o.overshoot(cost)
}

// Policy is the policy of IAM that the commands need, as JSON.
func Policy(o *Options, account string) (string, error) {
	part := "arn:" + aws.Partition(o.Region) + ":"
	ecs := part + "ecs:" + o.Region + ":" + account + ":"
	return aws.Policy([]aws.Statement{
		{ // these know no resources, or read what is public
			Sid: "Look", Action: []string{"ecs:DescribeTaskDefinition", "ecs:ListTaskDefinitions", "pricing:GetProducts", "servicequotas:GetServiceQuota"}, Resource: []string{"*"},
		},
		{
			Sid: "Definitions", Action: []string{"ecs:DeregisterTaskDefinition"}, Resource: []string{"*"}, // nor does this: ours alone carry the tag
			Condition: map[string]map[string]any{"StringEquals": {"aws:ResourceTag/" + aws.Tag: o.Name}},
		},
		{
			Sid:    "Deployment",
			Action: []string{"ecs:CreateCluster", "ecs:DeleteCluster", "ecs:DescribeClusters", "ecs:DescribeTasks", "ecs:ListTasks", "ecs:RegisterTaskDefinition", "ecs:RunTask", "ecs:StopTask", "ecs:TagResource"},
			Resource: []string{
				ecs + "cluster/" + o.cluster(), ecs + "task-definition/" + o.cluster() + ":*", ecs + "task/" + o.cluster() + "/*", ecs + "container-instance/" + o.cluster() + "/*",
			},
		},
		{
			Sid: "Secrets", Action: []string{"ssm:DeleteParameters", "ssm:GetParameters", "ssm:PutParameter"},
			Resource: []string{part + "ssm:" + o.Region + ":" + account + ":parameter" + o.parameter()},
		},
		{
			Sid: "Roles", Action: []string{"iam:PassRole"}, Resource: []string{o.role(account)},
			Condition: map[string]map[string]any{"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
		},
	})
}
