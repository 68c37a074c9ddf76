package eb

import (
	"context"
	"fmt"
	"time"
)

// Idle ends the workers of a deployment that nothing is done with. It runs beside their controller.
type Idle struct {
	After time.Duration // of nothing
	// Life says what there is at the controller, in words that change when something happens there; busy means that a run goes on. When it fails nothing happens.
	Life func(ctx context.Context) (words string, busy bool, err error)
}

// idleLooks is how often the controller is asked, at least.
const idleLooks = 15 * time.Second

// EndIdle watches until ctx is over. What goes wrong is said, and tried again.
func (d *Deployment) EndIdle(ctx context.Context, i Idle) error {
	every := min(idleLooks, i.After/4)
	last, since := "", d.now()
	for {
		words, busy, err := i.Life(ctx)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err == nil && (busy || words != last):
			last, since = words, d.now()
		case d.now().Sub(since) >= i.After:
			if err := d.scaleToZero(ctx, d.o.workers()); err != nil {
				d.say(fmt.Sprintf("no run for %s, and the workers cannot be ended (deploy eb policy --instances prints the rights that this takes): %s", i.After, err))
			}
			since = d.now()
		}
		if err := d.Wait(ctx, every); err != nil {
			return err
		}
	}
}

// group is one of Auto Scaling.
type group struct {
	Name string `xml:"AutoScalingGroupName"`
	Most int    `xml:"MaxSize"`
}

// scaleToZero ends the instances of an environment, and lets none start in their place.
func (d *Deployment) scaleToZero(ctx context.Context, environment string) error {
	groups, err := d.groups(ctx, environment)
	if err != nil {
		return err
	}
	for _, g := range groups {
		if g.Most == 0 {
			continue
		}
		d.say("nothing is done with the workers: " + g.Name + " is scaled to zero")
		if err := d.Do(ctx, call("autoscaling", "UpdateAutoScalingGroup", Params{"AutoScalingGroupName": g.Name, "MinSize": 0, "MaxSize": 0, "DesiredCapacity": 0}), nil); err != nil {
			return err
		}
	}
	return nil
}

// groups are those of an environment.
func (l *looker) groups(ctx context.Context, environment string) ([]group, error) {
	var all []group
	in := Params{"Filters": []any{Params{"Name": "tag:elasticbeanstalk:environment-name", "Values": []any{environment}}}}
	for {
		var out struct {
			All  []group `xml:"DescribeAutoScalingGroupsResult>AutoScalingGroups>member"`
			More string  `xml:"DescribeAutoScalingGroupsResult>NextToken"`
		}
		if err := l.Do(ctx, call("autoscaling", "DescribeAutoScalingGroups", in), &out); err != nil {
			return nil, err
		}
		all = append(all, out.All...)
		if out.More == "" {
			return all, nil
		}
		in["NextToken"] = out.More
	}
}
