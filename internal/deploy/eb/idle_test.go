package eb_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stampede-load/stampede/internal/deploy/deploytest"
	"github.com/stampede-load/stampede/internal/deploy/eb"
)

// instances are how many of a deployment there are, by what status says.
func instances(t *testing.T, d *eb.Deployment) int {
	t.Helper()
	s, err := d.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s.Instances
}

// controller is what one says of itself.
type controller struct {
	mu    sync.Mutex
	words string
	busy  bool
	dead  error
}

func (c *controller) is(words string, busy bool, dead error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.words, c.busy, c.dead = words, busy, dead
}

func (c *controller) life(context.Context) (words string, busy bool, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.words, c.busy, c.dead
}

// Workers end once nothing was done with them for so long, also when the controller does not answer any more; not while a run goes on, and not as they come. Another up has
// them again.
func TestIdleWorkersEnd(t *testing.T) {
	known := deploytest.Known(t)
	deploytest.Bubble(t, func(t *testing.T) {
		c, o, joined := deploytest.New(known), options(), 3
		o.Idle = 10 * time.Minute
		d := eb.New(deploytest.Client(c), o, hooks(&joined))
		if _, err := d.Up(t.Context()); err != nil {
			t.Fatal(err)
		}
		var at controller // as it is now
		at.is("0 runs, 0 workers", false, nil)
		beside := eb.New(deploytest.Client(c), o, eb.Hooks{})
		ctx, stop := context.WithCancel(t.Context())
		over := make(chan error)
		go func() {
			over <- beside.EndIdle(ctx, eb.Idle{After: o.Idle, Life: at.life})
		}()
		after := func(wait time.Duration, want int, what string) {
			t.Helper()
			time.Sleep(wait)
			synctest.Wait()
			if got := instances(t, d); got != want {
				t.Errorf("%s: %d instances, want %d", what, got, want)
			}
		}
		after(9*time.Minute, 4, "before its time")
		at.is("0 runs, 3 workers", false, nil)
		after(9*time.Minute, 4, "after workers came")
		at.is("0 runs, 3 workers", true, nil)
		after(40*time.Minute, 4, "in a long run")
		at.is("1 runs, 3 workers", false, nil)
		after(9*time.Minute, 4, "after the run")
		after(2*time.Minute, 1, "after its time")
		stop()
		if err := <-over; !errors.Is(err, context.Canceled) {
			t.Errorf("it ends with %v", err)
		}
		s, err := d.Status(t.Context())
		if err != nil || !s.SoFar.Most || !s.Environments[1].Empty || s.Environments[0].Empty {
			t.Errorf("%v: the status is %+v", err, s)
		}
		var said []string
		d.Say = func(text string) { said = append(said, text) }
		if _, err := d.Up(t.Context()); err != nil || instances(t, d) != 4 || !slices.Contains(said, "the instances of environment stampede-tour-workers have ended: it is made anew") {
			t.Errorf("up again: %v, %d instances: %q", err, instances(t, d), said)
		}
		ctx, stop = context.WithCancel(t.Context())
		at.is("", false, errors.New("no answer"))
		go func() {
			over <- beside.EndIdle(ctx, eb.Idle{After: o.Idle, Life: at.life})
		}()
		after(11*time.Minute, 1, "of a controller that does not answer")
		stop()
		<-over
		if err := d.Down(t.Context()); err != nil {
			t.Error(err)
		}
		deploytest.Clean(t, c)
	})
}

// Without the right to it workers stay, and that is said each time.
func TestIdleWithoutRights(t *testing.T) {
	known := deploytest.Known(t)
	deploytest.Bubble(t, func(t *testing.T) {
		c, o, joined := deploytest.New(known), options(), 3
		d := eb.New(deploytest.Client(c), o, hooks(&joined))
		if _, err := d.Up(t.Context()); err != nil {
			t.Fatal(err)
		}
		c.Fail = func(_ int, call string) deploytest.Fault {
			if call == "autoscaling:UpdateAutoScalingGroup" {
				return deploytest.Deny
			}
			return deploytest.None
		}
		var said []string
		d.Say = func(text string) { said = append(said, text) }
		ctx, stop := context.WithTimeout(t.Context(), 25*time.Minute)
		defer stop()
		err := d.EndIdle(ctx, eb.Idle{After: 10 * time.Minute, Life: func(context.Context) (string, bool, error) { return "", false, nil }})
		refused := 0
		for _, line := range said {
			if strings.Contains(line, "deploy eb policy --instances") && strings.Contains(line, "AccessDenied") {
				refused++
			}
		}
		if !errors.Is(err, context.DeadlineExceeded) || refused != 2 || instances(t, d) != 4 {
			t.Errorf("%v: %q", err, said)
		}
		if err := d.Down(t.Context()); err != nil {
			t.Error(err)
		}
		deploytest.Clean(t, c)
	})
}

// A deployment whose hours are over is made anew by another up: AWS starts no instance again in a group that it has scaled to zero.
func TestUpAfterTheEnd(t *testing.T) {
	known := deploytest.Known(t)
	deploytest.Bubble(t, func(t *testing.T) {
		c, o, joined := deploytest.New(known), options(), 3
		d := eb.New(deploytest.Client(c), o, hooks(&joined))
		for round := range 2 {
			if _, err := d.Up(t.Context()); err != nil || instances(t, d) != 4 {
				t.Fatalf("up %d: %v, %d instances", round, err, instances(t, d))
			}
			time.Sleep(3 * time.Hour)
			if n := instances(t, d); n != 0 {
				t.Fatalf("after its hours there are %d instances", n)
			}
		}
		s, err := d.Status(t.Context())
		if err != nil || s.SoFar.Most || s.SoFar.USD < 1.15 || s.SoFar.USD > 1.2 { // twice two hours of four at 0.0725 USD
			t.Errorf("%v: %+v", err, s)
		}
		if err := d.Down(t.Context()); err != nil {
			t.Error(err)
		}
		deploytest.Clean(t, c)
	})
}

// What the instances may do is to read their secrets, and to scale groups of their own deployment to zero.
func TestRightsOfInstances(t *testing.T) {
	known := deploytest.Known(t)
	text, err := eb.InstancePolicy(options(), "123456789012")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"aws:ResourceTag/stampede:deployment": "tour"`, `"autoscaling:MaxSize": "0"`, `"autoscaling:MinSize": "0"`, "arn:aws:autoscaling:us-east-1:123456789012:autoScalingGroup:*:autoScalingGroupName/*"} {
		if !strings.Contains(text, want) {
			t.Errorf("%s is not in %s", want, text)
		}
	}
	for _, name := range []string{"DescribeAutoScalingGroups", "UpdateAutoScalingGroup"} {
		if _, there := known["autoscaling"].Operations[name]; !there || !strings.Contains(text, "autoscaling:"+name) {
			t.Errorf("%s: %t: %s", name, there, text)
		}
	}
}
