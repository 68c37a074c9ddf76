package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/cli/setting"
	"github.com/stampede-load/stampede/internal/fleet"
)

// workerOptions are those of a worker.
type workerOptions struct {
	join   string
	name   string
	weight float64
	idle   time.Duration
	after  time.Duration
	cost   string // as runCost reads it
	health string
	quiet  bool
}

// workerSettings are those of a worker.
func (a *app) workerSettings(o *workerOptions) []setting.Setting {
	return []setting.Setting{
		{
			Name: "join", Arg: "URL|@FILE", Group: groupFleet, NotInFile: true, Mask: setting.Mask, Read: text(&o.join),
			Help: "what the controller printed: stampede://TOKEN@HOST:PORT?pin=sha256:...; better in STAMPEDE_JOIN or a file, where ps does not show it",
		},
		{Name: "name", Arg: "NAME", Group: groupFleet, NotInFile: true, Read: text(&o.name), Help: "what it is called; without it worker-N"},
		{
			Name: "weight", Arg: "W", Default: "its cores", Group: groupFleet, NotInFile: true, Read: func(t string) (err error) {
				o.weight, err = strconv.ParseFloat(strings.TrimSpace(t), 64)
				if err != nil || !(o.weight >= 0.001 && o.weight <= 1e6) {
					return errors.New("write a number above zero: a worker of weight 2 gets twice the load of one of weight 1")
				}
				return nil
			},
			Help: "its part of the load, in relation to the other workers",
		},
		{Name: "idle-exit", Arg: "TIME", Group: groupFleet, NotInFile: true, Read: positive(&o.idle), Help: "leave after so long without a run"},
		{Name: "leave-after", Arg: "TIME", Group: groupFleet, NotInFile: true, Read: positive(&o.after), Help: "leave in order after so long, whatever goes on: what it costs ends then"},
		{
			Name: "cost", Arg: "USD", Group: groupFleet, NotInFile: true, Read: func(t string) error {
				o.cost = t
				return new(runCost).read(t)
			},
			Help: "what this machine costs an hour, which the controller adds up unless it has a --cost of its own: 0.08, or '0.08 a task of Fargate'",
		},
		{Name: "health", Arg: "ADDR", Group: groupFleet, NotInFile: true, Read: text(&o.health), Help: "answer 200 to GET / at this address, for load balancers"},
		{Name: "quiet", Group: groupFleet, NotInFile: true, Default: "false", Read: onOff(&o.quiet), Help: "say nothing but what went wrong"},
	}
}

// workerCommand joins a fleet.
func (a *app) workerCommand() *cobra.Command {
	var o workerOptions
	c := &cobra.Command{
		Use:   "worker --join URL",
		Short: "Join a fleet and run users for its controller",
		Long: "Join the fleet of a controller (run --fleet, or serve) and run the users that it asks for, one run after the other. A program without " +
			"the test fetches it from the controller. SIGTERM and Ctrl-C leave in order: the users end their tasks and the others take over.",
		Example: "  " + a.name() + " worker --join 'stampede://TOKEN@10.0.0.2:7422?pin=sha256:...'",
		Args:    cobra.NoArgs,
	}
	l := a.settings(c, a.workerSettings(&o), false)
	c.RunE = func(c *cobra.Command, _ []string) error {
		wrong, _ := a.resolve(l)
		url, err := a.joinURL(o.join)
		wrong.add(err)
		if len(wrong) > 0 {
			return wrong.err()
		}
		return a.serveFleet(c.Context(), &o, url)
	}
	return c
}

// joinURL reads the join URL, or the file that holds it.
func (a *app) joinURL(given string) (fleet.JoinURL, error) {
	if given == "" {
		return fleet.JoinURL{}, errors.New("give what the controller printed, from stampede:// to the end of the pin: --join URL, --join @FILE, or STAMPEDE_JOIN, where ps does not show it")
	}
	if name, file := strings.CutPrefix(given, "@"); file {
		b, err := os.ReadFile(a.path(name))
		if err != nil {
			return fleet.JoinURL{}, fmt.Errorf("--join @%s: it cannot be read: %w", name, errors.Unwrap(err))
		}
		given = strings.TrimPrefix(string(b), mark)
	}
	return fleet.ParseJoinURL(given)
}

// serveFleet joins and works until it is let go.
func (a *app) serveFleet(ctx context.Context, o *workerOptions, url fleet.JoinURL) error {
	say := func(text string) { put(a.Err, a.name()+": "+text+"\n") }
	cfg := fleet.WorkerConfig{URL: url, Name: o.name, Weight: o.weight, IdleExit: o.idle, Version: stampede.Version, Log: say, Prepare: a.jobPlan, Cost: o.cost}
	if o.quiet {
		cfg.Log = func(string) {}
	}
	var err error
	if cfg.Folder, err = fleet.FilesFolder(a.cache()); err != nil {
		return err
	}
	if a.Test != nil {
		if cfg.Test, err = a.Test.Hash(); err != nil {
			return err
		}
	}
	program, err := os.Executable()
	if err == nil {
		cfg.Binary, _, err = fleet.HashFile(program)
	}
	if err != nil {
		return fmt.Errorf("worker: read this program: %w", err)
	}
	if o.health != "" {
		stop, err := fleet.Health(o.health)
		if err != nil {
			return err
		}
		defer stop()
	}
	w, err := fleet.Join(ctx, cfg)
	var other *fleet.Fetched
	switch {
	case errors.As(err, &other):
		return a.instead(other, o, url)
	case err != nil:
		return err
	}
	cfg.Log(fmt.Sprintf("joined %s as %s", url.Address, w.Name()))
	work, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	fleet.FrugalWorker(work)
	a.presses.handle(func(count int) {
		if count == 1 {
			say("leaving: the users end their tasks, and other workers take over")
			w.Drain()
			return
		}
		stop()
	})
	if o.after > 0 {
		end := time.AfterFunc(o.after, func() {
			say("leaving: its time (--leave-after) is over")
			w.Drain()
		})
		defer end.Stop()
	}
	return w.Run(work)
}

// instead runs the program that was fetched in the place of this one.
func (a *app) instead(f *fleet.Fetched, o *workerOptions, url fleet.JoinURL) error {
	args := []string{"worker"}
	for name, value := range map[string]string{"--name": o.name, "--health": o.health, "--cost": o.cost} {
		if value != "" {
			args = append(args, name, value)
		}
	}
	if o.weight > 0 {
		args = append(args, "--weight", strconv.FormatFloat(o.weight, 'g', -1, 64))
	}
	if o.after > 0 {
		args = append(args, "--leave-after", o.after.String())
	}
	if o.idle > 0 {
		args = append(args, "--idle-exit", o.idle.String())
	}
	if o.quiet {
		args = append(args, "--quiet")
	}
	child := exec.Command(f.Program)
	child.Args = append([]string{f.Name}, args...)
	child.Dir, child.Stdout, child.Stderr = f.Folder, a.Out, a.Err
	child.Env = append(a.Environ[:len(a.Environ):len(a.Environ)], "STAMPEDE_JOIN="+url.String())
	status, err := a.runChild(child)
	a.status = status
	return errors.Join(err, os.RemoveAll(f.Folder))
}

// jobPlan makes a plan of what the controller asks for.
func (a *app) jobPlan(ctx context.Context, j *fleet.Job, folder string) (plan stampede.Plan, undo func(), err error) {
	here := *a
	here.Dir = folder
	file := setting.FileOf("the controller's settings", j.Settings)
	nothing := func(string) (string, bool) { return "", false }
	var wrong mistakes
	switch {
	case j.Command == "hit" && a.Test == nil:
		var o hitOptions
		l := here.settings(&cobra.Command{}, here.hitSettings(&o), false)
		wrong.add(l.set.Resolve(nothing, file)...)
		o.hit(&here, l.set, j.Args, &wrong)
		plan = o.plan
	case j.Command == "run" && a.Test != nil:
		var o options
		l := here.settings(&cobra.Command{}, here.runSettings(&o), true)
		wrong.add(l.set.Resolve(nothing, file)...)
		plan = o.plan
		plan.Test = *a.Test
	default:
		return plan, nil, fmt.Errorf("the controller wants to %s, which this program cannot", j.Command)
	}
	wrong.add(plan.Receive(j.Plan))
	never, err := a.neverHere()
	wrong.add(err)
	if plan.HTTP.Never = append(plan.HTTP.Never, never...); len(never) > 0 && len(wrong) == 0 {
		wrong.add(plan.CheckHosts())
	}
	if len(wrong) > 0 {
		return plan, nil, wrong.err()
	}
	if a.Prepare != nil {
		undo, err = a.Prepare(ctx, &plan)
	}
	return plan, undo, err
}
