package ecs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/stampede-load/stampede/internal/deploy/aws"
	"github.com/stampede-load/stampede/internal/format"
)

// Down takes everything away that up may have made, and lists afterwards: what still stands is the error.
func (d *Deployment) Down(ctx context.Context) error {
	all, err := d.stop(ctx)
	if err == nil {
		err = d.tellSpent(ctx, all)
	}
	if err != nil {
		return err
	}
	definitions, err := d.definitions(ctx)
	if err != nil {
		return err
	}
	for _, arn := range definitions {
		d.say("task definition %s", arn)
		if err := d.Do(ctx, call("ecs", "DeregisterTaskDefinition", Params{"taskDefinition": arn}), nil); err != nil && !aws.Refused(err, "ClientException") {
			return err
		}
	}
	if there, err := d.secret(ctx); err != nil {
		return err
	} else if there {
		d.say("parameter %s", d.o.parameter())
		if err := d.Do(ctx, call("ssm", "DeleteParameters", Params{"Names": []any{d.o.parameter()}}), nil); err != nil {
			return err
		}
	}
	if err := d.deleteCluster(ctx); err != nil {
		return err
	}
	stands, err := d.Stands(ctx)
	switch {
	case err != nil:
		return fmt.Errorf("it could not be seen whether something still stands: %w", err)
	case len(stands) > 0:
		return fmt.Errorf("still there: %s", strings.Join(stands, ", "))
	}
	d.say("nothing of it is there any more: no task, task definition, parameter or cluster")
	return nil
}

// deleteCluster deletes it. ECS refuses that while tasks run, also those that it did not list a moment ago: they are stopped then.
func (d *Deployment) deleteCluster(ctx context.Context) error {
	pause := d.Pauses(lookEvery)
	for try := 1; ; try++ {
		active, err := d.active(ctx)
		if err != nil || !active {
			return err
		}
		d.say("cluster %s", d.o.cluster())
		err = d.Do(ctx, call("ecs", "DeleteCluster", Params{"cluster": d.o.cluster()}), nil)
		switch {
		case err == nil || aws.Refused(err, "ClusterNotFoundException"):
			return nil
		case !aws.Refused(err, "ClusterContainsTasksException") || try == mostLooks:
			return err
		}
		if err := pause(ctx); err != nil {
			return err
		}
		if _, err := d.stop(ctx); err != nil {
			return err
		}
	}
}

// stop ends all tasks, also those that a call of before starts late. all are those that there were.
func (d *Deployment) stop(ctx context.Context) (all known, err error) {
	all = known{}
	ended, err := d.listed(ctx, true)
	if err != nil {
		return all, err
	}
	all.add(ended)
	pause := d.Pauses(lookEvery)
	for look := 0; ; look++ {
		running, err := d.listed(ctx, false)
		if err != nil {
			return all, err
		}
		all.add(running)
		if len(running) == 0 {
			break
		}
		if look == mostLooks {
			return all, errors.New("there are tasks that do not end")
		}
		d.say("%d tasks end", len(running))
		for _, arn := range running {
			err := d.Do(ctx, call("ecs", "StopTask", Params{"cluster": d.o.cluster(), "task": arn, "reason": "stampede deploy ecs down"}), nil)
			if err != nil && !aws.Refused(err, "InvalidParameterException") { // it has ended meanwhile
				return all, err
			}
		}
		if err := pause(ctx); err != nil {
			return all, err
		}
	}
	return all, nil
}

// sum is what tasks have come to in USD up to now, and since when.
func (d *Deployment) sum(ctx context.Context, all known) (usd float64, since time.Time, source string, err error) {
	tasks, err := d.describe(ctx, all.names())
	now := time.Now()
	for i := range tasks {
		t := &tasks[i]
		begun, ended := at(t.PullStartedAt), at(t.StoppedAt) // Fargate charges from the pull of the image on
		if begun.IsZero() {
			begun = at(t.CreatedAt)
		}
		if ended.IsZero() {
			ended = now
		}
		price, whose := t.price()
		if begun.IsZero() || price == 0 {
			continue
		}
		usd += price * max(ended.Sub(begun), 0).Hours()
		source = whose
		if since.IsZero() || begun.Before(since) {
			since = begun
		}
	}
	return usd, since, source, err
}

// tellSpent says what the tasks came to that ECS still tells of, and has it kept.
func (d *Deployment) tellSpent(ctx context.Context, all known) error {
	usd, since, source, err := d.sum(ctx, all)
	if err != nil || usd == 0 {
		return err
	}
	d.say("its tasks came to about %s by the %s, as far as ECS still tells of them", format.Dollars(usd), source)
	if d.Spent != nil {
		if err := d.Spent(ctx, usd, since); err != nil {
			d.say("that is not in the ledger: %s", err)
		}
	}
	return nil
}

// Status is what stands now.
type Status struct {
	Stands []string
	SoFar  float64 // USD, of the tasks that ECS tells of
	Source string  // whose prices
}

// Status asks what stands.
func (d *Deployment) Status(ctx context.Context) (*Status, error) {
	s := &Status{}
	var err error
	if s.Stands, err = d.Stands(ctx); err != nil || len(s.Stands) == 0 {
		return s, err
	}
	all := known{}
	for _, stopped := range []bool{false, true} {
		some, err := d.listed(ctx, stopped)
		if err != nil {
			return s, err
		}
		all.add(some)
	}
	s.SoFar, _, s.Source, err = d.sum(ctx, all)
	return s, err
}

// Stands is everything of the deployment that there is.
func (d *Deployment) Stands(ctx context.Context) ([]string, error) {
	var out []string
	tasks, err := d.listed(ctx, false)
	if err != nil {
		return nil, err
	}
	for _, arn := range tasks {
		out = append(out, "task "+arn)
	}
	definitions, err := d.definitions(ctx)
	if err != nil {
		return nil, err
	}
	for _, arn := range definitions {
		out = append(out, "task definition "+arn)
	}
	there, err := d.secret(ctx)
	if err != nil {
		return nil, err
	}
	if there {
		out = append(out, "parameter "+d.o.parameter())
	}
	active, err := d.active(ctx)
	if active {
		out = append(out, "cluster "+d.o.cluster())
	}
	slices.Sort(out)
	return out, err
}
