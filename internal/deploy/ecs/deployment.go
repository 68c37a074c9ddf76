package ecs

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/stampede-load/stampede/internal/deploy"
	"github.com/stampede-load/stampede/internal/deploy/aws"
)

// Hooks are what a deployment needs from whoever makes it, besides AWS. Nil fields do nothing.
type Hooks struct {
	Say   func(text string) // progress, for people
	Agree func(ctx context.Context, question string) error
	// Quit, once closed, ends the taking away of what an up made that was ended itself; down does the rest.
	Quit <-chan struct{}
	// Spent is told what the tasks came to in USD, since the first of them, once they have ended.
	Spent func(ctx context.Context, usd float64, since time.Time) error
}

// Deployment does the work.
type Deployment struct {
	*aws.Client
	Hooks
	o *Options
}

// New is a deployment by its options; they must be checked.
func New(c *aws.Client, o *Options, h Hooks) *Deployment {
	return &Deployment{Client: c, Hooks: h, o: o}
}

func (d *Deployment) say(format string, args ...any) {
	if d.Say != nil {
		d.Say(fmt.Sprintf(format, args...))
	}
}

// How AWS is waited for.
const (
	lookEvery = 5 * time.Second // at most
	mostLooks = 150
)

// Made is what stands at the end of up.
type Made struct {
	Tasks int // that run
	Cost  *Cost
}

// Up makes what is missing. When it fails after something was made it takes that away again; what it could not take away is in the error.
func (d *Deployment) Up(ctx context.Context) (*Made, error) {
	account, cost, err := d.look(ctx)
	if err != nil {
		return nil, err
	}
	n, err := d.make(ctx, account, cost)
	if err == nil {
		return &Made{n, cost}, nil
	}
	d.say("it failed: %s", err)
	d.say("taking away what was made")
	return nil, deploy.Undo(ctx, err, d.Down, 30*time.Minute, d.Quit)
}

// look asks everything that can be asked before something is made.
func (d *Deployment) look(ctx context.Context) (account string, cost *Cost, err error) {
	if account, err = d.Account(ctx); err != nil {
		return "", nil, err
	}
	if err := d.fits(ctx); err != nil {
		return "", nil, err
	}
	if cost, err = d.cost(ctx); err == nil {
		err = d.o.overshoot(cost)
	}
	if err != nil {
		return "", nil, err
	}
	d.say("%s", cost)
	d.say("AWS does not say what the network of a task does; %s", aws.NetworkRule)
	if d.Agree != nil && cost.Most() > d.o.ConfirmAbove {
		err = d.Agree(ctx, fmt.Sprintf("Start %d tasks in %s for at most %g hours, %.2f USD?", d.o.Workers, d.o.Region, d.o.MaxHours, cost.Most()))
	}
	return account, cost, err
}

func (d *Deployment) make(ctx context.Context, account string, cost *Cost) (int, error) {
	active, err := d.active(ctx)
	if err != nil {
		return 0, err
	}
	if !active {
		d.say("cluster %s", d.o.cluster())
		if err := d.Do(ctx, d.o.createCluster(), nil); err != nil {
			return 0, err
		}
	}
	d.say("parameter %s", d.o.parameter())
	if err := d.Do(ctx, d.o.putJoin(d.o.Join), nil); err != nil {
		return 0, err
	}
	definition, err := d.define(ctx, account, cost)
	if err != nil {
		return 0, err
	}
	begun := time.Now()
	all, err := d.fill(ctx, definition)
	if err != nil {
		return 0, err
	}
	return d.running(ctx, all, begun)
}

// define registers the task definition, unless the last one of ours is the same: then the calls that start tasks are known again, too.
func (d *Deployment) define(ctx context.Context, account string, cost *Cost) (arn string, err error) {
	register := d.o.register(account, cost)
	text, err := json.Marshal(register.In) // whose keys are sorted
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	mark := hex.EncodeToString(sum[:8])
	there, err := d.definitions(ctx)
	if err != nil {
		return "", err
	}
	for _, arn := range slices.Backward(there) {
		var out struct {
			Tags []struct{ Key, Value string }
		}
		if err := d.Do(ctx, call("ecs", "DescribeTaskDefinition", Params{"taskDefinition": arn, "include": []any{"TAGS"}}), &out); err != nil {
			return "", err
		}
		for _, tag := range out.Tags {
			if tag.Key == definitionTag && tag.Value == mark {
				return arn, nil
			}
		}
	}
	register.In["tags"] = append(register.In["tags"].([]any), Params{"key": definitionTag, "value": mark})
	var made struct {
		TaskDefinition struct{ TaskDefinitionArn string }
	}
	err = d.Do(ctx, register, &made)
	return made.TaskDefinition.TaskDefinitionArn, err
}

// definitionTag tells task definitions apart by what they say.
const definitionTag = "stampede:definition"

// active reports whether the cluster is there.
func (d *Deployment) active(ctx context.Context) (bool, error) {
	var out struct{ Clusters []struct{ Status string } }
	err := d.Do(ctx, call("ecs", "DescribeClusters", Params{"clusters": []any{d.o.cluster()}}), &out)
	return len(out.Clusters) > 0 && out.Clusters[0].Status != "INACTIVE", err
}

// definitions are those of ours that can be run.
func (d *Deployment) definitions(ctx context.Context) ([]string, error) {
	var all []string
	in := Params{"familyPrefix": d.o.cluster(), "status": "ACTIVE"}
	for {
		var out struct {
			TaskDefinitionArns []string
			NextToken          string
		}
		err := d.Do(ctx, call("ecs", "ListTaskDefinitions", in), &out)
		for _, arn := range out.TaskDefinitionArns { // the prefix may be that of a longer name
			if strings.Contains(arn, "/"+d.o.cluster()+":") {
				all = append(all, arn)
			}
		}
		if err != nil || out.NextToken == "" {
			return all, err
		}
		in["nextToken"] = out.NextToken
	}
}

// secret reports whether the parameter is there.
func (d *Deployment) secret(ctx context.Context) (bool, error) {
	var out struct{ Parameters []struct{ Name string } }
	err := d.Do(ctx, call("ssm", "GetParameters", Params{"Names": []any{d.o.parameter()}}), &out)
	return len(out.Parameters) > 0, err
}
