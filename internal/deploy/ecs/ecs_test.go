package ecs_test

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stampede-load/stampede/internal/deploy/aws"
	"github.com/stampede-load/stampede/internal/deploy/deploytest"
	"github.com/stampede-load/stampede/internal/deploy/ecs"
)

func options() *ecs.Options {
	o := &ecs.Options{
		Name: "tour", Region: "us-east-1", Image: "registry.example/load:1", Workers: 23, MaxHours: 2, Join: "stampede://token@load.example:7422?pin=sha256:00", Subnets: []string{"subnet-1"},
		Price: 0.08, ConfirmAbove: 1000, Idle: 900e9,
	}
	o.Fill()
	return o
}

func TestUpAndDown(t *testing.T) {
	known := deploytest.Known(t)
	deploytest.Bubble(t, func(t *testing.T) {
		c, o := deploytest.New(known), options()
		c.Room = 12 // of the first look
		o.Price = 0 // AWS is asked
		var said []string
		d := ecs.New(deploytest.Client(c), o, ecs.Hooks{Say: func(text string) { said = append(said, text) }})
		for range 2 {
			made, err := d.Up(t.Context())
			if err != nil || made.Tasks != 23 || c.Tasks() != 23 || math.Abs(made.Cost.Task-(2*0.03238+4*0.00356)) > 1e-9 {
				t.Fatalf("%v: %+v, %d run: %q", err, made, c.Tasks(), said)
			}
			time.Sleep(time.Hour)
		}
		if got := c.Secret("/stampede/tour/join"); got != o.Join {
			t.Errorf("tasks join %s", got)
		}
		for _, line := range said {
			if strings.Contains(line, "token") {
				t.Errorf("a secret is said: %s", line)
			}
		}
		if s, err := d.Status(t.Context()); err != nil || len(s.Stands) != 23+1+1+1 || s.SoFar < 3.5 || s.SoFar > 4 || !strings.Contains(s.Source, "AWS") {
			t.Errorf("%v: %+v", err, s)
		}
		spent := 0.0
		d.Spent = func(_ context.Context, usd float64, since time.Time) error {
			spent = usd
			if ago := time.Since(since); ago < 2*time.Hour || ago > 3*time.Hour {
				t.Errorf("the first task began %s ago", ago)
			}
			return nil
		}
		if err := d.Down(t.Context()); err != nil {
			t.Fatal(err)
		}
		if spent < 3.5 || spent > 4 { // 23 tasks for two hours
			t.Errorf("it came to %v USD", spent)
		}
		deploytest.Clean(t, c)
		if err := d.Down(t.Context()); err != nil {
			t.Errorf("down of nothing: %v", err)
		}
		text, err := ecs.Policy(o, "123456789012")
		if err != nil {
			t.Fatal(err)
		}
		deploytest.Rights(t, known, text, c, []string{"iam:PassRole", "ecs:TagResource"}, func(action, resource string, limited bool) bool {
			_, name, _ := strings.Cut(action, ":")
			reads := strings.HasPrefix(name, "Describe") || strings.HasPrefix(name, "Get") || strings.HasPrefix(name, "List")
			return limited || reads || strings.Contains(resource, "stampede")
		})
	})
}

// tour is the deployment of these tests. No task runs twice.
func tour(t *testing.T, c *deploytest.Cloud, client *aws.Client) deploytest.Deployment {
	d := ecs.New(client, options(), ecs.Hooks{})
	up := func(ctx context.Context) error {
		made, err := d.Up(ctx)
		if err == nil && (made.Tasks != 23 || c.Tasks() != 23) {
			t.Errorf("%d tasks are told, %d run", made.Tasks, c.Tasks())
		}
		return err
	}
	return deploytest.Deployment{Up: up, Down: d.Down}
}

// What is planned is held against cap and quota, and tasks that end at once are told with AWS's reason; nothing stands after any of it.
func TestRefusals(t *testing.T) {
	known := deploytest.Known(t)
	for name, one := range map[string]struct {
		change func(*deploytest.Cloud, *ecs.Options)
		want   string
	}{
		"a cap":               {func(_ *deploytest.Cloud, o *ecs.Options) { o.MaxCost = 1 }, "above --max-cost"},
		"a quota":             {func(c *deploytest.Cloud, _ *ecs.Options) { c.Quota = 40 }, "46 cores, and the account may have 40"},
		"an image that fails": {func(c *deploytest.Cloud, _ *ecs.Options) { c.Dies = "CannotPullContainerError" }, "ended as it was started: CannotPullContainerError"},
		"one who says no":     {func(_ *deploytest.Cloud, o *ecs.Options) { o.ConfirmAbove = 0 }, "no, thank you"},
	} {
		t.Run(name, func(t *testing.T) {
			deploytest.Bubble(t, func(t *testing.T) {
				c, o := deploytest.New(known), options()
				one.change(c, o)
				_, err := ecs.New(deploytest.Client(c), o, ecs.Hooks{Agree: func(context.Context, string) error { return errors.New("no, thank you") }}).Up(t.Context())
				if err == nil || !strings.Contains(err.Error(), one.want) {
					t.Errorf("%v", err)
				}
				deploytest.Clean(t, c)
			})
		})
	}
}

// An up that was killed after its calls, before ECS lists what they started, is given again: no task more than was wanted.
func TestNothingStartsTwice(t *testing.T) {
	known := deploytest.Known(t)
	for _, after := range []int{1, 2, 3} { // calls of RunTask
		deploytest.Bubble(t, func(t *testing.T) {
			c := deploytest.New(known)
			c.Slow = 8
			calls, dead := 0, false
			c.Fail = func(_ int, call string) deploytest.Fault {
				if call == "ecs:RunTask" && !dead {
					if calls++; calls == after {
						dead = true
						return deploytest.Lose
					}
				}
				if dead {
					return deploytest.Cut
				}
				return deploytest.None
			}
			mortal := deploytest.Client(c)
			mortal.Tries = 1
			if _, err := ecs.New(mortal, options(), ecs.Hooks{}).Up(t.Context()); err == nil || c.Tasks() == 0 {
				t.Fatalf("%v: %d tasks", err, c.Tasks())
			}
			c.Fail = nil
			if made, err := ecs.New(deploytest.Client(c), options(), ecs.Hooks{}).Up(t.Context()); err != nil || made.Tasks != 23 || c.Tasks() != 23 {
				t.Errorf("%v: %+v, and %d run", err, made, c.Tasks())
			}
			if err := ecs.New(deploytest.Client(c), options(), ecs.Hooks{}).Down(t.Context()); err != nil {
				t.Error(err)
			}
			deploytest.Clean(t, c)
		})
	}
}

func TestFaults(t *testing.T) { deploytest.Faults(t, deploytest.Known(t), 12, tour) }

func TestKilled(t *testing.T) { deploytest.Killed(t, deploytest.Known(t), 10, tour) }

// The stand-in for ECS is driven by AWS's own client too, and what that made is seen, and taken away, by us.
func TestOtherClients(t *testing.T) {
	c := deploytest.New(deploytest.Known(t))
	ask := deploytest.OtherClient(t, c)
	ask("ecs", "create-cluster", "--cluster-name", "stampede-tour", "--tags", "key=stampede:deployment,value=tour")
	made := ask("ecs", "register-task-definition", "--family", "stampede-tour", "--container-definitions", `[{"name":"worker","image":"registry.example/load:1"}]`)
	if _, ok := made["taskDefinition"].(map[string]any); !ok {
		t.Errorf("it made %v", made)
	}
	if all, _ := ask("ecs", "describe-clusters", "--clusters", "stampede-tour")["clusters"].([]any); len(all) != 1 {
		t.Errorf("there are %v", all)
	}
	d := ecs.New(deploytest.Client(c), options(), ecs.Hooks{})
	if s, err := d.Status(t.Context()); err != nil || len(s.Stands) != 2 {
		t.Errorf("%v: what others made is seen as %+v", err, s)
	}
	if err := d.Down(t.Context()); err != nil {
		t.Error(err)
	}
	deploytest.Clean(t, c)
}

func TestOptions(t *testing.T) {
	bad := &ecs.Options{Name: "T", Region: "x", Workers: 9999, Arch: "mips", CPU: 3000, Memory: 100, MaxHours: -1, MaxCost: 1}
	err := bad.Check()
	if err == nil {
		t.Fatal("nothing is wrong")
	}
	for _, want := range []string{"name \"T\"", "region \"x\"", "--image", "9999 workers", "mips", "3000 of a core", "100 MiB", "-1 hours", "--join", "--subnets"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in\n%v", want, err)
		}
	}
	text, err := ecs.Print(options())
	if err != nil || strings.Count(text, "ecs:RunTask {") != 3 || strings.Contains(text, "token@") || !strings.Contains(text, "ARM64") || !strings.Contains(text, "at most 3.68 USD") {
		t.Errorf("%v: %s", err, text)
	}
	o := options()
	o.MaxCost = 1
	if _, err := ecs.Print(o); err == nil || !strings.Contains(err.Error(), "that is above --max-cost 1.00") {
		t.Error(err)
	}
}
