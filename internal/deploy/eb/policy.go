package eb

import "github.com/stampede-load/stampede/internal/deploy/aws"

// statements are what the commands need, and no more. Account is that of the ARNs; "*" stands for any.
func (o *Options) statements(account string) []aws.Statement {
	part := "arn:" + aws.Partition(o.Region) + ":"
	eb := func(kind, name string) string {
		return part + "elasticbeanstalk:" + o.Region + ":" + account + ":" + kind + "/" + name
	}
	app := o.application()
	bucket := o.bucketOf(account)
	return []aws.Statement{
		{
			Sid: "Look", Resource: []string{"*"}, // these know no resources, or read what is public
			Action: []string{
				"autoscaling:DescribeScheduledActions", "ec2:DescribeInstanceTypes", "ec2:DescribeInstances", "elasticbeanstalk:ListAvailableSolutionStacks",
				"pricing:GetProducts", "servicequotas:GetServiceQuota",
			},
		},
		{
			Sid: "Deployment",
			Action: []string{
				"elasticbeanstalk:AddTags", "elasticbeanstalk:CreateApplication", "elasticbeanstalk:CreateApplicationVersion", "elasticbeanstalk:CreateEnvironment",
				"elasticbeanstalk:DeleteApplication", "elasticbeanstalk:DescribeApplications", "elasticbeanstalk:DescribeEnvironments", "elasticbeanstalk:DescribeEvents",
				"elasticbeanstalk:TerminateEnvironment", "elasticbeanstalk:UpdateEnvironment",
			},
			Resource: []string{eb("application", app), eb("applicationversion", app+"/*"), eb("environment", app+"/"+app+"-*")},
		},
		{Sid: "Bundles", Action: []string{"s3:DeleteObject", "s3:GetObject", "s3:PutObject"}, Resource: []string{part + "s3:::" + bucket + "/" + o.prefix() + "*"}},
		{
			Sid: "ListBundles", Action: []string{"s3:ListBucket"}, Resource: []string{part + "s3:::" + bucket},
			Condition: map[string]map[string]any{"StringLike": {"s3:prefix": o.prefix() + "*"}},
		},
		{
			Sid: "Secrets", Action: []string{"ssm:DeleteParameters", "ssm:GetParameters", "ssm:PutParameter"},
			Resource: []string{part + "ssm:" + o.Region + ":" + account + ":parameter" + o.parameter("*")},
		},
		{
			Sid: "Roles", Action: []string{"iam:PassRole"}, Resource: o.passed(account),
			Condition: map[string]map[string]any{"StringEquals": {"iam:PassedToService": []string{"ec2.amazonaws.com", "elasticbeanstalk.amazonaws.com"}}},
		},
	}
}

func (o *Options) passed(account string) []string {
	role := "arn:" + aws.Partition(o.Region) + ":iam::" + account + ":role/"
	out := []string{role + o.InstanceProfile, role + o.ServiceRole}
	if o.OperationsRole != "" {
		out = append(out, o.OperationsRole)
	}
	return out
}

// Policy is the policy of IAM that the commands need, as JSON.
func Policy(o *Options, account string) (string, error) {
	return aws.Policy(o.statements(account))
}

// InstancePolicy is what the role of the instances needs besides AWS's own AWSElasticBeanstalkWorkerTier: to read the deployment's secrets, and to end its workers. What
// runs on them is a test that anybody may have written: all that it could do with the latter is to end the deployment that it is part of.
func InstancePolicy(o *Options, account string) (string, error) {
	part := "arn:" + aws.Partition(o.Region) + ":"
	return aws.Policy([]aws.Statement{
		{
			Sid: "Secrets", Action: []string{"ssm:GetParameter", "ssm:GetParameters"},
			Resource: []string{part + "ssm:" + o.Region + ":" + account + ":parameter" + o.parameter("*")},
		},
		{Sid: "FindIdleWorkers", Action: []string{"autoscaling:DescribeAutoScalingGroups"}, Resource: []string{"*"}}, // it knows no resources
		{
			Sid: "EndIdleWorkers", Action: []string{"autoscaling:UpdateAutoScalingGroup"},
			Resource: []string{part + "autoscaling:" + o.Region + ":" + account + ":autoScalingGroup:*:autoScalingGroupName/*"},
			Condition: map[string]map[string]any{
				"StringEquals":  {"aws:ResourceTag/" + aws.Tag: o.Name},
				"NumericEquals": {"autoscaling:MinSize": "0", "autoscaling:MaxSize": "0"}, // to zero, and to nothing else
			},
		},
	})
}
