package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/cli/setting"
	"github.com/stampede-load/stampede/internal/fleet"
)

// start begins a run: here, or on workers. end is called when it is over.
func (a *app) start(ctx context.Context, o *options) (running *stampede.Running, end func(), err error) {
	if o.fleet.kept == nil && !o.fleet.wanted() {
		running, err = stampede.Start(ctx, o.plan)
		return running, func() {}, err
	}
	driver, end, err := a.driver(ctx, o)
	if err != nil {
		return nil, nil, err
	}
	running, err = stampede.StartWith(ctx, o.plan, driver)
	if err != nil {
		end()
		return nil, nil, err
	}
	return running, end, nil
}

// keptFleet is a fleet that stays from run to run: that of serve, or of a series. The zero value gets its workers with the first run.
type keptFleet struct {
	members  *fleetRun
	least    int  // workers that a run waits for
	standing bool // workers come and go by themselves
}

func (k *keptFleet) close() {
	if k != nil && k.members != nil {
		k.members.close()
	}
}

// driver is somebody who carries a run out on workers; end lets them go, unless they stay for the next one.
func (a *app) driver(ctx context.Context, o *options) (d stampede.Driver, end func(), err error) {
	k := o.fleet.kept
	if k == nil || k.standing && o.fleet.wanted() {
		c, err := a.startFleet(ctx, o)
		if err != nil {
			return nil, nil, err
		}
		o.fleet.costs.at(c.Controller)
		return c.driver, c.close, nil
	}
	if k.members == nil {
		if k.members, err = a.startFleet(ctx, o); err != nil {
			return nil, nil, err
		}
		o.fleet.costs.at(k.members.Controller)
		return k.members.driver, func() {}, nil
	}
	if !k.standing {
		if _, err := k.members.Await(ctx, k.least, staying); err != nil {
			return nil, nil, err
		}
	}
	o.fleet.costs.at(k.members.Controller)
	work, err := a.work(o)
	if err != nil {
		return nil, nil, err
	}
	d, err = k.members.Driver(work)
	return d, func() {}, err
}

// staying is how long workers may take to be ready for the next run of a series.
const staying = time.Minute

// fleetRun is a controller with its workers.
type fleetRun struct {
	*fleet.Controller
	driver stampede.Driver
	local  *fleet.Processes
}

func (c *fleetRun) close() {
	c.Close()
	if c.local != nil {
		c.local.Wait()
	}
}

// startFleet starts a controller, waits for its workers, and makes a driver of them.
func (a *app) startFleet(ctx context.Context, o *options) (_ *fleetRun, err error) {
	f := &o.fleet
	if f.resume != "" {
		return a.resumed(ctx, o)
	}
	settle, err := a.controllerOptions(o)
	if err != nil {
		return nil, err
	}
	c := &fleetRun{}
	if c.Controller, err = fleet.Listen(ctx, settle); err != nil {
		return nil, err
	}
	o.page.show(c.Controller)
	defer func() {
		if err != nil {
			c.close()
		}
	}()
	if err := a.gather(ctx, o, c); err != nil {
		return nil, err
	}
	work, err := a.work(o)
	if err != nil {
		return nil, err
	}
	c.driver, err = c.Driver(work)
	return c, err
}

// controllerOptions are those of the controller of one run.
func (a *app) controllerOptions(o *options) (fleet.Options, error) {
	fleet.Frugal() // it is about to be a controller
	f := &o.fleet
	folder, err := fleet.RunsFolder(a.cache())
	if err != nil {
		return fleet.Options{}, err
	}
	if o.plan.RunID == "" {
		o.plan.RunID = stampede.NewRunID()
	}
	s := fleet.Options{
		Addr: f.addr, NATS: f.nats, Advertise: f.advertise, Token: f.token, Key: f.key, Folder: filepath.Join(folder, o.plan.RunID), OneRun: true, Version: stampede.Version, Local: f.addr == "" && f.nats == "",
		Log: func(text string) { put(a.Err, a.name()+": "+text+"\n") },
	}
	if a.Test != nil {
		if s.Test, err = a.Test.Hash(); err != nil {
			return fleet.Options{}, err
		}
		if s.Binary, err = os.Executable(); err != nil {
			return fleet.Options{}, fmt.Errorf("fleet: where is this program? %w", err)
		}
		s.Files = f.send
	}
	return s, nil
}

// gather starts workers here, or waits for those of elsewhere.
func (a *app) gather(ctx context.Context, o *options, c *fleetRun) error {
	f := &o.fleet
	if f.addr == "" && f.nats == "" {
		n := f.workers
		if f.auto {
			n = autoWorkers(&o.plan)
		}
		program, err := os.Executable()
		if err != nil {
			return fmt.Errorf("fleet: where is this program? %w", err)
		}
		c.local, err = fleet.StartProcesses(fleet.ProcessOptions{
			Program: program, Args: []string{a.Args[0], "worker", "--quiet"}, Environ: a.Environ, Dir: a.Dir, URL: c.JoinURL(), Count: n, Err: a.Err,
		})
		if err != nil {
			return err
		}
		if f.kept != nil {
			f.kept.least = n
		}
		return c.local.Await(ctx, c.Controller, n)
	}
	n := max(1, f.expect)
	if f.kept != nil {
		f.kept.least = n
	}
	put(a.people(o), a.joinLine(c.Controller))
	put(a.Err, fmt.Sprintf("%s: waiting for %d workers: run the line above on the other machines\n", a.name(), n))
	_, err := c.Await(ctx, n, f.wait)
	if ctx.Err() != nil {
		return context.Canceled
	}
	return err
}

// joinLine is the command that joins a controller.
func (a *app) joinLine(c *fleet.Controller) string {
	u := c.JoinURL()
	if u.Outside != "" { // workers have a user of their own there
		return fmt.Sprintf("%s worker --join '%s'\n", a.workerName(), u.Redacted())
	}
	return fmt.Sprintf("%s worker --join '%s'\n", a.workerName(), u)
}

// standing starts the controller of serve, whose workers stay from run to run.
func (a *app) standing(ctx context.Context, o *options) (*keptFleet, error) {
	if o.fleet.addr == "" && o.fleet.nats == "" {
		return nil, nil
	}
	settle, err := a.controllerOptions(o)
	if err != nil {
		return nil, err
	}
	o.plan.RunID = "" // each run gets its own
	c, err := fleet.Listen(ctx, settle)
	if err != nil {
		return nil, err
	}
	return &keptFleet{members: &fleetRun{Controller: c}, standing: true}, nil
}

// cache is where what can be made again is kept.
func (a *app) cache() string {
	if dir, ok := a.lookup("XDG_CACHE_HOME"); ok && filepath.IsAbs(dir) {
		return dir
	}
	if home, ok := a.lookup("HOME"); ok && home != "" {
		return filepath.Join(home, ".cache")
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return os.TempDir()
	}
	return dir
}

// people is where lines for people go: standard output, unless that belongs to the JSON.
func (a *app) people(o *options) io.Writer {
	if o.out.toStdout() {
		return a.Err
	}
	return a.Out
}

// workerName is how this program is called in a command for another machine.
func (a *app) workerName() string {
	if a.Test == nil {
		return a.name()
	}
	return "./" + a.name()
}

// autoWorkers is how many processes a plan takes on this machine.
func autoWorkers(p *stampede.Plan) int {
	room := max(1, fleet.RoomForUsers())
	return max((p.MostUsers()+room-1)/room, (runtime.GOMAXPROCS(0)+7)/8, 1)
}

// work is the command line, as workers need it.
func (a *app) work(o *options) (fleet.Work, error) {
	f := &o.fleet
	w := fleet.Work{Command: f.command, Args: f.args, Settings: map[string][]string{}, Files: map[string]string{}}
	if f.given == nil {
		return w, nil
	}
	for key, texts := range f.given.Texts(func(s *setting.Setting) bool { return travels(s) }) {
		for i, t := range texts {
			name, at := t, ""
			switch {
			case key == "data" && strings.HasPrefix(t, "@"):
				name, at = t[1:], "@"
			case key != "cacert" && key != "urls":
				w.Settings[key] = append(w.Settings[key], t)
				continue
			}
			if name == "-" {
				return w, errors.New("the body from standard input cannot be sent to workers: put it into a file, and give -d @FILE")
			}
			file := fmt.Sprintf("%s-%d", key, i)
			w.Files[file] = a.path(name)
			w.Settings[key] = append(w.Settings[key], at+file)
		}
	}
	return w, nil
}

// travels reports whether workers need a setting besides the plan: what makes the test of a hit, and what is the test's own.
func travels(s *setting.Setting) bool {
	return s.Group == groupOwn || s.Group == groupRequest || s.Name == "cacert"
}

// resumed goes on with a run whose controller was killed.
func (a *app) resumed(ctx context.Context, o *options) (_ *fleetRun, err error) {
	folder, err := fleet.RunsFolder(a.cache())
	if err != nil {
		return nil, err
	}
	s, err := a.controllerOptions(o)
	if err != nil {
		return nil, err
	}
	s.Folder, s.Resume = filepath.Join(folder, filepath.Base(o.fleet.resume)), true
	c := &fleetRun{}
	if c.Controller, err = fleet.Listen(ctx, s); err != nil {
		return nil, err
	}
	job, driver, err := c.Resumed()
	if err == nil {
		err = o.plan.Receive(job.Plan)
	}
	if err != nil {
		c.Close()
		return nil, err
	}
	o.plan.RunID = job.Run
	c.driver = driver
	return c, nil
}
