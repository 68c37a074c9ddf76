package stampede

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/stampede-load/stampede/internal/engine"
	"github.com/stampede-load/stampede/internal/format"
	"github.com/stampede-load/stampede/internal/monitor"
	"github.com/stampede-load/stampede/internal/pace"
	"github.com/stampede-load/stampede/internal/stats"
	"github.com/stampede-load/stampede/internal/vitals"
	"github.com/stampede-load/stampede/internal/wire"
)

// Running is a run in progress. Its methods may be called from any goroutine.
type Running struct {
	*going
	who string // who makes the changes that come this way; "" for nobody in particular
}

// going is what all handles of one run share.
type going struct {
	run     *run
	collect *collector
	done    chan struct{}
	report  *Report
	err     error

	servers  *monitor.Watcher   // nil when the plan has none
	patience context.Context    // ends when nobody wants to wait for late figures of servers
	hurry    context.CancelFunc // ends patience

	steering sync.Mutex // changes are told in the order in which they were made
}

// Start begins a run. Mistakes in the plan come back together before anything is started. When ctx ends the run stops in an orderly way,
// as if Stop("interrupted") had been called; the report is still made.
func Start(ctx context.Context, plan Plan) (*Running, error) {
	p, err := ready(ctx, plan)
	if err != nil {
		return nil, err
	}
	if err := p.checkCapacity(); err != nil {
		return nil, err
	}
	r, err := newRun(p, time.Now())
	if err != nil {
		return nil, err
	}
	r.identify()
	r.info.IO = r.wire.Backend()
	if !plan.virtual {
		r.vitals = vitals.New()
	}
	c, err := newCollector(r)
	if err == nil {
		r.engine, err = engine.New(r.engineConfig(ctx, func(s *stats.Snapshot) { c.add(s) }))
	}
	if err != nil {
		r.close()
		return nil, err
	}
	return r.begin(ctx, c, &local{Engine: r.engine, run: r}), nil
}

// checkCapacity raises the limit of descriptors and says what of this machine is too small for the plan.
func (p *prepared) checkCapacity() error {
	if p.plan.HTTP.Dial != nil {
		return nil
	}
	// Where the limit cannot be raised it may still do: Capacity knows.
	_, _, _ = wire.RaiseDescriptorLimit()
	d := wire.Demand{Users: p.connections(), Sources: len(p.plan.HTTP.SourceIPs), Targets: len(p.ownHosts())}
	if p.plan.HTTP.Proxy != nil || p.plan.HTTP.ProxyFor != nil {
		d.Targets = 1
	}
	d.NoPorts = p.plan.HTTP.UnixSocket != ""
	return wire.Capacity(d)
}

// connections is how many users of this process may be connected at a time.
func (p *prepared) connections() int {
	if !slices.ContainsFunc(p.types, func(t *userType) bool { return t.http }) {
		return 0
	}
	users, open := 0, false
	for _, s := range p.streams {
		if s.Rate != nil {
			open = true
			continue
		}
		users += int(math.Ceil(s.Users.Max()))
	}
	share := p.plan.Share
	if share.N > 0 {
		users = share.Count(users)
	}
	if open && p.plan.MaxUsers > 0 {
		users += max(1, share.Count(p.plan.MaxUsers))
	}
	return users
}

// main owns the run from its first user to its report.
func (r *Running) main(ctx context.Context) {
	defer close(r.done)
	unwatch := context.AfterFunc(ctx, func() { r.Stop(stoppedByContext) })
	var ended sync.WaitGroup
	ended.Go(func() {
		<-r.run.driver.Stopping()
		r.collect.loadEnded()
	})
	ending, err := r.run.driver.Run()
	unwatch()
	r.run.driver.Stop("failed") // a run that could not begin has not stopped either
	ended.Wait()
	r.report = r.collect.finish(ending)
	if r.finishServers(r.report) {
		r.collect.again(r.report)
	}
	r.err = err
	r.run.close()
	if after := r.run.plan.Test.After; after != nil {
		if err := hook(func() error { return after(context.WithoutCancel(ctx), &r.run.plan, r.report) }); err != nil {
			r.err = errors.Join(r.err, fmt.Errorf("after the run: %w", err))
		}
	}
	r.report.explainLimit()
	r.collect.end(r.report)
}

const stoppedByContext = "interrupted"

// Wait waits for the end and gives the report.
func (r *Running) Wait() (*Report, error) {
	<-r.done
	return r.report, r.err
}

// Done is closed when the report is there.
func (r *Running) Done() <-chan struct{} { return r.done }

// Stop ends the run in two steps: nothing more starts, tasks may end within the plan's StopTimeout, then they are cancelled. The first
// reason given is the one in the report. It returns at once.
func (r *Running) Stop(reason string) {
	r.run.driver.Stop(reason)
}

// Cancel ends the run without waiting for tasks, or for figures of servers that come late. It returns at once.
func (r *Running) Cancel(reason string) {
	r.run.driver.Cancel(reason)
	r.hurry()
}

// SetUsers changes the number of users of a closed run, at spawnRate users a second; 0 means at once. The rest of the plan's shape is
// given up. All users count: where several user types have a load of their own, the first takes the change and the others keep theirs.
func (r *Running) SetUsers(n int, spawnRate float64) error {
	if n < 0 || n > mostUsers || !(spawnRate >= 0) {
		return fmt.Errorf("set users to %d at %v/s: use numbers from 0 up, and at most %d users", n, spawnRate, mostUsers)
	}
	r.steering.Lock()
	defer r.steering.Unlock()
	var before stats.Gauges
	r.run.driver.Gauges(&before)
	switch err := r.run.driver.SetUsers(n, spawnRate); {
	case errors.Is(err, engine.ErrModel):
		return fmt.Errorf("set users to %d: this run has a rate of arrivals, not a number of users: change its rate", n)
	case err != nil:
		return fmt.Errorf("set users to %d: %w", n, err)
	}
	r.collect.became.users.to(strconv.Itoa(n))
	text := fmt.Sprintf("users set to %d", n)
	if spawnRate > 0 {
		text += fmt.Sprintf(" at %v/s", Level(spawnRate))
	}
	r.tell("users", fmt.Sprintf("%s (from %d)", text, before.Target))
	return nil
}

// mostUsers is how many users can be asked for: more than any machine holds.
const mostUsers = 1 << 30

// SetRate changes the arrivals per second of an open run. The rest of the plan's shape is given up. All arrivals count: where several user
// types have a rate of their own, the first takes the change and the others keep theirs.
func (r *Running) SetRate(perSecond float64) error {
	if err := pace.CheckLevel(perSecond); err != nil {
		return fmt.Errorf("set the rate to %v/s: %w", perSecond, err)
	}
	rate := Level(perSecond)
	r.steering.Lock()
	defer r.steering.Unlock()
	before := Level(r.run.driver.Rate())
	switch err := r.run.driver.SetRate(perSecond); {
	case errors.Is(err, engine.ErrModel):
		return fmt.Errorf("set the rate to %v/s: this run has a number of users, not a rate: change its users", rate)
	case err != nil:
		return fmt.Errorf("set the rate to %v/s: %w", rate, err)
	}
	r.collect.became.rate.to(fmt.Sprintf("%v/s", rate))
	r.tell("rate", fmt.Sprintf("rate set to %v/s (from %v/s)", rate, before))
	return nil
}

// Pause stands the plan still: nothing more starts until Resume; tasks in progress go on. What would have been due in the meantime comes
// as much later.
func (r *Running) Pause() {
	r.steering.Lock()
	defer r.steering.Unlock()
	if at, ok := r.run.driver.Pause(); ok {
		r.collect.paused(at, r.by("paused"))
	}
}

// Resume goes on after Pause.
func (r *Running) Resume() {
	r.steering.Lock()
	defer r.steering.Unlock()
	if at, by, ok := r.run.driver.Resume(); ok {
		r.collect.resumed(at, by, r.by("resumed"))
	}
}

// As is the same run for somebody who changes it: the events of changes that are made this way name them, "users set to 50 (from 10), by
// Ann". An empty name is nobody.
func (r *Running) As(who string) *Running {
	return &Running{going: r.going, who: format.Text(who, mostWho)}
}

// Annotate adds a note to the events of the run, at this moment: "deployed the cache". A long one is cut.
func (r *Running) Annotate(text string) {
	r.steering.Lock()
	defer r.steering.Unlock()
	r.tell("note", format.Text(text, mostNote))
}

// How long a name and a note may be, in characters.
const (
	mostWho  = 60
	mostNote = 500
)

// tell adds an event that names who brought it about. steering is held.
func (r *Running) tell(kind, text string) { r.collect.event(kind, r.by(text)) }

func (r *Running) by(text string) string {
	if r.who == "" {
		return text
	}
	return text + ", by " + r.who
}

// NewRunID makes a name for a run that is to begin now.
func NewRunID() string { return newRunID(time.Now()) }

// newRunID names a run so that names sort by start.
func newRunID(at time.Time) string {
	var b [2]byte
	rand.Read(b[:])
	return at.UTC().Format("20060102-150405") + "-" + hex.EncodeToString(b[:])
}
