package ecs

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/stampede-load/stampede/internal/deploy/aws"
)

// task is what ECS says of one.
type task struct {
	TaskArn       string
	LastStatus    string
	DesiredStatus string
	StoppedReason string
	CreatedAt     float64 // s since 1970
	PullStartedAt float64
	StoppedAt     float64
	Tags          []struct{ Key, Value string }
	Containers    []struct {
		Reason   string
		ExitCode *int
	}
}

// gone reports whether a task runs no more, or is about to end.
func (t *task) gone() bool { return t.DesiredStatus == "STOPPED" || t.LastStatus == "STOPPED" }

func at(seconds float64) time.Time {
	if seconds == 0 {
		return time.Time{}
	}
	return time.UnixMicro(int64(seconds * 1e6))
}

// why is what ended a task.
func (t *task) why() string {
	text := t.StoppedReason
	for _, c := range t.Containers {
		if c.Reason != "" {
			text += ": " + c.Reason
		}
		if c.ExitCode != nil {
			text += fmt.Sprintf(" (its program ended with status %d)", *c.ExitCode)
		}
	}
	return text
}

// price is what a task costs an hour, by its tag.
func (t *task) price() (usd float64, source string) {
	for _, tag := range t.Tags {
		if tag.Key == priceTag {
			return priceOf(tag.Value)
		}
	}
	return 0, ""
}

// listed are the tasks that ECS lists: those that are to run, or with stopped those that have ended within the last hour or so. A task may be missing that was
// started a moment ago.
func (d *Deployment) listed(ctx context.Context, stopped bool) ([]string, error) {
	var all []string
	status := "RUNNING"
	if stopped {
		status = "STOPPED"
	}
	in := Params{"cluster": d.o.cluster(), "desiredStatus": status}
	for {
		var out struct {
			TaskArns  []string
			NextToken string
		}
		err := d.Do(ctx, call("ecs", "ListTasks", in), &out)
		if aws.Refused(err, "ClusterNotFoundException") {
			return nil, nil
		}
		if all = append(all, out.TaskArns...); err != nil || out.NextToken == "" {
			return all, err
		}
		in["nextToken"] = out.NextToken
	}
}

// mostDescribed is how many tasks one call tells of.
const mostDescribed = 100

// describe asks what became of tasks.
func (d *Deployment) describe(ctx context.Context, arns []string) ([]task, error) {
	var all []task
	for part := range slices.Chunk(arns, mostDescribed) {
		var out struct{ Tasks []task }
		err := d.Do(ctx, call("ecs", "DescribeTasks", Params{"cluster": d.o.cluster(), "tasks": listOf(part), "include": []any{"TAGS"}}), &out)
		if aws.Refused(err, "ClusterNotFoundException") {
			return all, nil
		}
		if err != nil {
			return all, err
		}
		all = append(all, out.Tasks...)
	}
	return all, nil
}

// known are tasks by their names, with when a call of RunTask told of them; of those that ECS lists that is zero.
type known map[string]time.Time

func (k known) add(arns []string) {
	for _, arn := range arns {
		if _, there := k[arn]; !there {
			k[arn] = time.Time{}
		}
	}
}

func (k known) names() []string {
	out := make([]string, 0, len(k))
	for arn := range k {
		out = append(out, arn)
	}
	slices.Sort(out)
	return out
}

// fill starts tasks until there are as many as wanted. Each call of RunTask has a token of its own that another up of the same definition makes again, so that
// a call whose answer was lost, and an up that was killed, start nothing twice. What runs is counted by the names that the calls gave, beside those that ECS lists.
func (d *Deployment) fill(ctx context.Context, definition string) (all known, err error) {
	all = known{}
	var last error
	pause := d.Pauses(lookEvery)
	for round, look := 0, 0; look < mostLooks; look++ {
		listed, err := d.listed(ctx, false)
		if err != nil {
			return all, err
		}
		all.add(listed)
		alive, err := d.alive(ctx, all)
		if err != nil {
			return all, err
		}
		missing := d.o.Workers - alive
		if missing <= 0 {
			return all, nil
		}
		if look > 0 {
			if err := pause(ctx); err != nil {
				return all, errors.Join(err, last)
			}
		}
		d.say("%d of %d tasks", alive, d.o.Workers)
		last = d.startRound(ctx, definition, round, missing, all)
		switch {
		case last == nil || errors.Is(last, errNoRoom):
			round++ // the same tokens would give the same tasks again
		case !aws.Transient(last):
			return all, last
		}
	}
	return all, fmt.Errorf("the tasks did not come: %w", errors.Join(last, errNoRoom))
}

var errNoRoom = errors.New("there was no room for all of them on Fargate")

// betweenCalls keeps the pace of Fargate's limit, 20 tasks a second.
const betweenCalls = 500 * time.Millisecond

// startRound starts tasks, ten a call.
func (d *Deployment) startRound(ctx context.Context, definition string, round, missing int, all known) error {
	var full error
	for batch := 0; missing > 0; batch++ {
		if batch > 0 {
			if err := d.Wait(ctx, betweenCalls); err != nil {
				return err
			}
		}
		n := min(missing, mostTasks)
		missing -= n
		var out struct {
			Tasks    []struct{ TaskArn string }
			Failures []struct{ Reason string }
		}
		if err := d.Do(ctx, d.o.run(definition, token(definition, round, batch, n), n), &out); err != nil {
			return err
		}
		for _, t := range out.Tasks {
			all[t.TaskArn] = time.Now()
		}
		for _, f := range out.Failures {
			full = fmt.Errorf("%w: %s", errNoRoom, f.Reason)
		}
	}
	return full
}

// token is that of a call of RunTask. It says all that the call does, so that the same call has the same.
func token(definition string, round, batch, count int) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %d %d %d", definition, round, batch, count))
	return hex.EncodeToString(sum[:])
}

// soon is how long ECS may take until it tells of a task that it has started.
const soon = time.Minute

// seen asks what became of tasks. unseen counts those that were started a moment ago, and that ECS does not tell of yet.
func (d *Deployment) seen(ctx context.Context, all known) (tasks []task, unseen int, err error) {
	tasks, err = d.describe(ctx, all.names())
	told := map[string]bool{}
	for i := range tasks {
		told[tasks[i].TaskArn] = true
	}
	for arn, at := range all {
		if !told[arn] && time.Since(at) < soon {
			unseen++
		}
	}
	return tasks, unseen, err
}

// alive counts those that run, or will.
func (d *Deployment) alive(ctx context.Context, all known) (int, error) {
	tasks, n, err := d.seen(ctx, all)
	for i := range tasks {
		if !tasks[i].gone() {
			n++
		}
	}
	return n, err
}

// running waits until all tasks run that were started since; one that ends at once says why.
func (d *Deployment) running(ctx context.Context, all known, since time.Time) (n int, err error) {
	pause := d.Pauses(lookEvery)
	for range mostLooks {
		tasks, coming, err := d.seen(ctx, all)
		if err != nil {
			return 0, err
		}
		n = 0
		for i := range tasks {
			t := &tasks[i]
			switch {
			case t.gone() && !at(t.CreatedAt).Before(since.Add(-clocks)):
				return 0, fmt.Errorf("a task ended as it was started: %s", t.why())
			case t.gone():
			case t.LastStatus == "RUNNING":
				n++
			default:
				coming++
			}
		}
		if coming == 0 {
			return n, nil
		}
		d.say("%d of %d tasks run", n, n+coming)
		if err := pause(ctx); err != nil {
			return 0, err
		}
	}
	return 0, errors.New("the tasks do not come to run")
}

// clocks is how far a clock here may be ahead of AWS's.
const clocks = time.Minute
