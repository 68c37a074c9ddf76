package ecs

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/stampede-load/stampede/internal/deploy"
	"github.com/stampede-load/stampede/internal/deploy/aws"
)

// Params are the members of a request.
type Params = aws.Params

// Options say what is to be.
type Options struct {
	Name           string
	Prefix         string // of the names of all that is made; empty means stampede
	Region         string
	Image          string // that holds the test, for the processor
	Workers        int    // tasks
	Arch           string // arm64 or amd64; empty means arm64
	CPU            int    // in 1024ths of a core; zero means 2048
	Memory         int    // MiB; zero means twice the CPU
	MaxHours       float64
	Idle           time.Duration // a task ends after so long without a run
	Join           string        // join URL of the controller
	Subnets        []string
	Private        bool     // tasks have no public addresses: their way out is the network's
	SecurityGroups []string // empty means the network's default one
	ExecutionRole  string   // name or ARN; empty means ecsTaskExecutionRole

	Price        float64 // USD an hour of a task; zero asks the Pricing API
	MaxCost      float64
	ConfirmAbove float64
}

// Fill puts what is usual in the place of what was not given.
func (o *Options) Fill() {
	if o.Prefix == "" {
		o.Prefix = deploy.Prefix
	}
	if o.Arch == "" {
		o.Arch = "arm64"
	}
	if o.CPU == 0 {
		o.CPU = 2048
	}
	if o.Memory == 0 {
		o.Memory = 2 * o.CPU
	}
	if o.ExecutionRole == "" {
		o.ExecutionRole = "ecsTaskExecutionRole"
	}
}

// Find says what is wrong with how a deployment is found.
func (o *Options) Find() error {
	return errors.Join(deploy.CheckName(o.Name), deploy.CheckPrefix(o.Prefix, o.Name), aws.CheckRegion(o.Region))
}

// Check says everything that is wrong.
func (o *Options) Check() error {
	wrong := []error{o.Find()}
	add := func(bad bool, format string, args ...any) {
		if bad {
			wrong = append(wrong, fmt.Errorf(format, args...))
		}
	}
	add(o.Image == "" || strings.ContainsAny(o.Image, " \t\n"), "--image: name the image that holds the test; the Dockerfile of deploy docker print makes one")
	add(o.Workers < 1 || o.Workers > 1000, "%d workers: write a number from 1 to 1000", o.Workers)
	add(o.Arch != "arm64" && o.Arch != "amd64", "processor %q: write arm64 or amd64", o.Arch)
	add(!slices.Contains([]int{256, 512, 1024, 2048, 4096, 8192, 16384}, o.CPU), "%d of a core: Fargate has 256, 512, 1024, 2048, 4096, 8192 and 16384 (1024 is a core)", o.CPU)
	add(o.Memory < 2*o.CPU || o.Memory > 8*o.CPU || o.Memory%1024 != 0 && o.Memory != 512, "%d MiB: Fargate has whole GiB, from 2 to 8 for each core", o.Memory)
	add(!(o.MaxHours > 0 && o.MaxHours <= 24*7), "%g hours: write a number above zero and up to 168, a week", o.MaxHours)
	add(o.Join == "", "--join: give the join URL of the controller that the tasks are to dial")
	add(len(o.Subnets) == 0, "--subnets: name at least one subnet from which the controller and the site can be reached")
	add(o.Price < 0 || o.MaxCost < 0 || o.ConfirmAbove < 0, "a price below zero: write dollars")
	return errors.Join(wrong...)
}

func (o *Options) cluster() string   { return o.Prefix + "-" + o.Name }
func (o *Options) parameter() string { return "/" + o.Prefix + "/" + o.Name + "/join" }

// role is the ARN of the role by which ECS pulls the image and reads the secret.
func (o *Options) role(account string) string {
	if strings.HasPrefix(o.ExecutionRole, "arn:") {
		return o.ExecutionRole
	}
	return "arn:" + aws.Partition(o.Region) + ":iam::" + account + ":role/" + o.ExecutionRole
}

func (o *Options) tags() []any { return []any{Params{"key": aws.Tag, "value": o.Name}} }

func call(service, action string, in Params) aws.Call {
	return aws.Call{Service: service, Action: action, In: in}
}

func (o *Options) createCluster() aws.Call {
	return call("ecs", "CreateCluster", Params{"clusterName": o.cluster(), "tags": o.tags()})
}

func (o *Options) putJoin(value string) aws.Call {
	return call("ssm", "PutParameter", Params{"Name": o.parameter(), "Value": value, "Type": "SecureString", "Overwrite": true, "Description": "stampede " + o.Name})
}

// register is the task definition. What a task costs stands on it, and so on its tasks: down knows it without asking anybody.
func (o *Options) register(account string, c *Cost) aws.Call {
	command := []any{"worker", "--leave-after", time.Duration(o.MaxHours * float64(time.Hour)).String()}
	if o.Idle > 0 {
		command = append(command, "--idle-exit", o.Idle.String())
	}
	return call("ecs", "RegisterTaskDefinition", Params{
		"family": o.cluster(), "requiresCompatibilities": []any{"FARGATE"}, "networkMode": "awsvpc", "cpu": strconv.Itoa(o.CPU), "memory": strconv.Itoa(o.Memory),
		"executionRoleArn": o.role(account), "tags": append(o.tags(), Params{"key": priceTag, "value": c.tag()}),
		"runtimePlatform": Params{"cpuArchitecture": map[string]string{"arm64": "ARM64", "amd64": "X86_64"}[o.Arch], "operatingSystemFamily": "LINUX"},
		"containerDefinitions": []any{Params{
			"name": "worker", "image": o.Image, "essential": true, "command": command, "stopTimeout": 30,
			"environment": []any{Params{"name": "STAMPEDE_COST", "value": o.costText(c)}},
			"secrets":     []any{Params{"name": "STAMPEDE_JOIN", "valueFrom": "arn:" + aws.Partition(o.Region) + ":ssm:" + o.Region + ":" + account + ":parameter" + o.parameter()}},
			"ulimits":     []any{Params{"name": "nofile", "softLimit": 65536, "hardLimit": 65536}},
		}},
	})
}

// mostTasks is what one call of RunTask may start.
const mostTasks = 10

// run starts tasks. Two calls with one token start them once, whatever became of the answer of the first.
func (o *Options) run(definition, token string, count int) aws.Call {
	network := Params{"subnets": listOf(o.Subnets), "assignPublicIp": "ENABLED"}
	if o.Private {
		network["assignPublicIp"] = "DISABLED"
	}
	if len(o.SecurityGroups) > 0 {
		network["securityGroups"] = listOf(o.SecurityGroups)
	}
	return call("ecs", "RunTask", Params{
		"cluster": o.cluster(), "taskDefinition": definition, "count": count, "launchType": "FARGATE", "startedBy": o.startedBy(), "propagateTags": "TASK_DEFINITION", "tags": o.tags(),
		"clientToken": token, "networkConfiguration": Params{"awsvpcConfiguration": network},
	})
}

// startedBy marks tasks of ours; AWS takes at most 36 signs there.
func (o *Options) startedBy() string { return o.cluster()[:min(len(o.cluster()), 36)] }

func listOf(texts []string) []any {
	out := make([]any, len(texts))
	for i, t := range texts {
		out[i] = t
	}
	return out
}
