package stampede

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/stampede-load/stampede/internal/format"
	"github.com/stampede-load/stampede/internal/mask"
	"github.com/stampede-load/stampede/internal/stats"
)

// ErrTryFailed is what Try returns when something of the test failed; what it was has been printed.
var ErrTryFailed = errors.New("something of the test failed")

// TryOptions say what Try runs and how much it prints. The zero value runs everything and prints requests and answers with the beginning of
// text bodies.
type TryOptions struct {
	Tasks   []string // only tasks with these names; empty means all
	Columns int      // lines of bodies are cut there; 0 means 160
	Verbose bool     // whole bodies, up to 1 MB
	Quiet   bool     // only what failed, and the count at the end
}

// Try is [TryWith] with the zero options.
func Try(ctx context.Context, plan Plan, w io.Writer) error {
	return TryWith(ctx, plan, w, TryOptions{})
}

// TryWith runs each task of each user type once, as one user of it, and prints every request and its answer: status, times, size, headers,
// the beginning of a text body, the cookies set, and what failed and why. It is for writing and debugging tests. Nothing is recorded.
func TryWith(ctx context.Context, plan Plan, w io.Writer, o TryOptions) error {
	plan.Users, plan.Rate, plan.SpawnRate, plan.Warmup = nil, nil, 0, 0
	if before := plan.Test.Before; before != nil {
		if err := hook(func() error { return before(ctx, &plan) }); err != nil {
			return fmt.Errorf("before the test is tried: %w", err)
		}
	}
	p, err := prepare(plan)
	if err != nil {
		return err
	}
	r, err := newRun(p, time.Now())
	if err != nil {
		return err
	}
	defer r.close()
	if err := o.known(p); err != nil {
		return err
	}
	c := &checker{run: r, w: w, TryOptions: o}
	r.watched, r.onTrace, r.onOther, r.onAsk, r.onPage = true, c.request, c.other, c.ask, c.page
	if r.log == nil {
		r.log = slog.New(slog.NewTextHandler(c, &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: timeless}))
	}
	r.stopFn = c.stop
	for _, t := range p.types {
		if ctx.Err() != nil {
			break
		}
		if c.wants(t.root) {
			c.userType(ctx, t)
		}
	}
	c.summary()
	if c.failed > 0 || ctx.Err() != nil {
		return ErrTryFailed
	}
	return nil
}

// checker prints what one user of each type does. A test may ask for several things side by side: mu keeps their lines together.
type checker struct {
	TryOptions
	run *run
	w   io.Writer

	mu       sync.Mutex
	held     strings.Builder // with Quiet: what is printed only if it failed
	asking   map[*call]*asked
	requests int
	tasks    int
	failed   int
	failures []string
}

func (c *checker) printf(format string, args ...any) {
	if c.Quiet {
		fmt.Fprintf(&c.held, format, args...)
		return
	}
	fmt.Fprintf(c.w, format, args...)
}

// settle prints what was held back when something of it failed, and forgets it otherwise.
func (c *checker) settle(failed bool) {
	if failed {
		fmt.Fprint(c.w, c.held.String())
	}
	c.held.Reset()
}

// known reports whether there is a task for each name that was asked for.
func (o *TryOptions) known(p *prepared) error {
	there := map[string]bool{}
	for _, t := range p.types {
		t.root.leaves(func(t *task) { there[t.name] = true })
	}
	for _, name := range o.Tasks {
		if !there[name] {
			return fmt.Errorf("there is no task %q; there are %s", name, strings.Join(slices.Sorted(maps.Keys(there)), ", "))
		}
	}
	return nil
}

// wants reports whether a set has something to do.
func (c *checker) wants(s *taskSet) bool {
	if len(c.Tasks) == 0 {
		return true
	}
	found := false
	s.leaves(func(t *task) { found = found || slices.Contains(c.Tasks, t.name) })
	return found
}

func (c *checker) userType(ctx context.Context, t *userType) {
	c.printf("user type %s\n", t.name)
	u := c.run.newUser(t, 0)
	defer (*life)(u).Stop(context.WithoutCancel(ctx), false)
	if t.onStart != nil {
		if !c.step(ctx, u, "OnStart", t.onStart) {
			c.printf("   its tasks are left out: nobody got that far\n\n")
			return
		}
	}
	c.set(ctx, u, t.root)
	if t.onStop != nil {
		c.step(context.WithoutCancel(ctx), u, "OnStop", t.onStop)
	}
}

// set runs the tasks of a set, and those of the sets in it between their OnStart and OnStop.
func (c *checker) set(ctx context.Context, u *User, s *taskSet) {
	for _, t := range s.tasks {
		switch {
		case ctx.Err() != nil:
			return
		case t.set == nil:
			if len(c.Tasks) == 0 || slices.Contains(c.Tasks, t.name) {
				c.step(ctx, u, "task "+t.name, t.do)
			}
			continue
		case !c.wants(t.set):
			continue
		}
		if f := t.set.onStart; f != nil && !c.step(ctx, u, "OnStart of "+t.name, f) {
			c.printf("   its tasks are left out: nobody got that far\n")
			continue
		}
		c.set(ctx, u, t.set)
		if f := t.set.onStop; f != nil {
			c.step(context.WithoutCancel(ctx), u, "OnStop of "+t.name, f)
		}
	}
}

// step runs one piece of the test and says how it went.
func (c *checker) step(ctx context.Context, u *User, what string, f behaviour) bool {
	c.tasks++
	before := c.failed
	defer func() { c.settle(c.failed > before) }()
	c.printf("\n ▸ %s\n", what)
	begun := time.Now()
	err := u.alone(ctx, f)
	u.endTask()
	took := format.Duration(time.Since(begun))
	switch {
	case err == nil && c.failed == before:
		c.printf("   ok, %s\n", took)
		return true
	case err == nil:
		c.printf("   failed: a request did, and the task went on, %s\n", took)
		return true
	case isWish(err):
		c.printf("   ok, %s: it asked to %v\n", took, err)
		return true
	}
	if !u.control(err) {
		c.fail(what, err)
		var p *panicError
		if errors.As(err, &p) {
			c.printf("%s\n", indent(mask.Text(p.stack), "   "))
		}
	}
	c.printf("   failed, %s: %s\n", took, mask.Text(briefError(err)))
	return false
}

func (c *checker) fail(what string, err error) {
	c.failed++
	c.failures = append(c.failures, mask.Text(what+": "+briefError(err)))
}

// Write prints a line of the test's log.
func (c *checker) Write(line []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.printf("      log       %s", line)
	return len(line), nil
}

// stop prints that the test wants the run to end.
func (c *checker) stop(reason string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.printf("   the test asked to stop the run: %s\n", reason)
}

// timeless leaves the time out of a log that is read while it is written.
func timeless(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 && a.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return a
}

// other prints something that the test measured itself.
func (c *checker) other(key stats.Key, s *stats.Sample, m *Sample, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.printf("\n   %s %s\n      time      %s\n", key.Type, key.Name, format.Duration(time.Duration(s.Done-s.Sent)))
	if s.BytesIn+s.BytesOut > 0 {
		c.printf("      size      %s sent, %s received\n", format.Bytes(s.BytesOut), format.Bytes(s.BytesIn))
	}
	if m != nil && m.Show != nil {
		for _, line := range m.Show() {
			c.printf("      %s\n", c.text(line))
		}
	}
	if !key.Apart() {
		c.requests++
	}
	if err == nil {
		return
	}
	c.printf("      FAILED    %s\n", mask.Text(briefError(err)))
	var seen *countedError
	if !errors.As(err, &seen) { // a step fails by a request that was counted before
		c.fail(key.Type+" "+key.Name, err)
	}
}
