package stampede

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/stampede-load/stampede/internal/engine"
	"github.com/stampede-load/stampede/internal/mask"
	"github.com/stampede-load/stampede/internal/page"
	"github.com/stampede-load/stampede/internal/stats"
	"github.com/stampede-load/stampede/internal/vitals"
	"github.com/stampede-load/stampede/internal/wire"
)

// run is everything that the users of one run share. There is no other state: two runs never meet.
type run struct {
	*prepared
	start    time.Time
	wire     *wire.Engine
	engine   *engine.Engine // nil in a check, and where others run the users
	driver   Driver         // nil in a check
	recorder *stats.Recorder
	vitals   *vitals.Probe
	log      *slog.Logger // of the plan; nil when there is none
	silent   *slog.Logger // in its place
	targets  map[*userType]*wire.Target
	made     []atomic.Int64 // users of each type
	calls    sync.Pool      // of *call

	// What pages share.
	memory    *page.Memory
	loads     sync.Pool // of *pageLoad
	parts     partNames
	permitted sync.Map // origin to whether the guard lets it be asked
	foreign   foreignHosts
	pictures  pictures

	remote  bool                   // the users are elsewhere
	worker  int                    // number of this worker in its run
	watched bool                   // somebody wants to see each request
	onTrace func(trace)            // of a check
	onAsk   func(*HTTPUser, *call) // of a check: before a request is sent
	onPage  func(l *pageLoad, p *Page, err error)
	onOther func(key stats.Key, s *stats.Sample, m *Sample, err error)
	dialers sync.Map            // *User to *wire.Client, of users without HTTP that dial
	stopFn  func(reason string) // ends the run
	flying  atomic.Int64        // requests that the end of the run, or of their user's part in it, cut off
	own     atomic.Int64        // failures of the test's own code after OnStart
	oldest  atomic.Int64        // ns, the longest of those
	blocked int64               // ns users had waited for a connection at the last second
	closing sync.Once
	unanswered
}

// newRun opens what users need. close gives it back.
func newRun(p *prepared, start time.Time) (*run, error) {
	r := &run{
		prepared: p, start: start, recorder: stats.NewRecorder(stats.Options{}), targets: map[*userType]*wire.Target{},
		silent: slog.New(slog.DiscardHandler),
	}
	r.calls.New = func() any { return new(call) }
	r.memory = page.NewMemory()
	r.loads.New = func() any { return newPageLoad(r) }
	r.watched, r.log = p.plan.Test.OnSample != nil, p.plan.Log
	cfg := p.wireConfig()
	cfg.Start = r.start
	w, err := wire.New(cfg)
	if err != nil {
		return nil, err
	}
	r.wire = w
	for _, t := range p.types {
		if host := t.hostOf(r); host != "" {
			target, err := w.Target(host)
			if err != nil {
				w.Close()
				return nil, fmt.Errorf("host %s: %w", mask.Text(host), err)
			}
			r.targets[t] = target
		}
	}
	return r, nil
}

func (r *run) close() {
	r.closing.Do(func() {
		if r.vitals != nil {
			r.vitals.Close()
		}
		if r.wire != nil {
			r.wire.Close()
		}
	})
}

// wireConfig is how the run's users speak HTTP.
func (p *prepared) wireConfig() wire.Config {
	h := p.plan.HTTP
	agent := h.UserAgent
	if agent == "" {
		agent = "stampede/" + Version
	}
	return wire.Config{
		IO: h.IO, HTTP: h.Version, Allow: append(p.ownHosts(), h.AllowHosts...), Never: h.Never, Swap: h.Swap,
		ConnectTimeout: h.ConnectTimeout, FirstByteTimeout: h.FirstByte, Timeout: h.Timeout, MaxBody: h.MaxBody, UserAgent: agent,
		Insecure: h.Insecure, RootCAs: h.RootCAs, Certificates: h.Certificates, ServerName: h.ServerName,
		SourceIPs: h.SourceIPs, Resolve: h.Resolve, DNSTTL: h.DNSTTL, Proxy: h.Proxy, ProxyFor: h.ProxyFor, UnixSocket: h.UnixSocket, Fresh: h.Fresh, Dial: h.Dial,
		MaxRedirects: h.MaxRedirects, MaxConnsPerHost: h.MaxConnsPerHost,
	}
}

// ownHosts are the hosts a run may ask without being told: those of the plan and of its user types.
func (p *prepared) ownHosts() []string {
	var hosts []string
	hosts = append(hosts, hostOf(p.plan.Host)...)
	for _, t := range p.types {
		hosts = append(hosts, hostOf(t.host)...)
	}
	for _, to := range p.plan.HTTP.Swap {
		hosts = append(hosts, hostOf(to)...)
	}
	return hosts
}

// hostOf is the name of the host in a URL; none when it has none.
func hostOf(raw string) []string {
	if u, err := url.Parse(raw); err == nil && u.Host != "" {
		return []string{u.Hostname()}
	}
	return nil
}

func (r *run) now() int64 { return int64(time.Since(r.start)) }

// elapsed is now for people: a run that is to begin in a moment has not begun to count.
func (r *run) elapsed() time.Duration { return time.Duration(max(0, r.now())) }

// planNow is now without the time for which the run was paused.
func (r *run) planNow() int64 {
	if r.engine == nil { // a check is never paused
		return r.now()
	}
	return r.now() - int64(r.engine.Stood())
}

func (r *run) share() Share {
	if r.engine != nil {
		return r.engine.Share()
	}
	if r.plan.Share.N == 0 {
		return Share{I: 0, N: 1}
	}
	return r.plan.Share
}

func (r *run) stop(reason string) {
	if r.stopFn != nil {
		r.stopFn(reason)
	}
}

// cancelled reports whether the tasks of the run have been cancelled.
func (r *run) cancelled() bool { return r.engine != nil && r.engine.Cancelled() }

// inFlightAtEnd counts a request that the end of the run cut off.
func (r *run) inFlightAtEnd(age int64) {
	r.flying.Add(1)
	for {
		old := r.oldest.Load()
		if age <= old || r.oldest.CompareAndSwap(old, age) {
			return
		}
	}
}

// engineConfig is the run as the engine sees it.
func (r *run) engineConfig(ctx context.Context, emit func(*stats.Snapshot)) engine.Config {
	cfg := engine.Config{
		Run: r.info.ID, Start: r.start, Streams: r.streams, Share: r.share(), Worker: r.worker,
		Poisson: r.plan.Poisson, Seed: r.plan.Seed, MaxUsers: r.plan.MaxUsers, MaxWaiting: r.plan.MaxWaiting,
		Duration: r.length, StopTimeout: r.plan.StopTimeout, Recorder: r.recorder, Emit: emit, Virtual: r.plan.virtual,
		Limited: r.plan.Iterations > 0, Values: ctx,
	}
	cfg.Iterations = cfg.Share.Before(r.plan.Iterations)
	cfg.Probe = r.probe
	cfg.Emit = func(s *stats.Snapshot) {
		r.saw(s)
		emit(s)
	}
	r.made = make([]atomic.Int64, len(r.types))
	for i, t := range r.types {
		cfg.Types = append(cfg.Types, engine.Type{
			Name: t.name, StartTries: t.starts, DropKey: stats.Key{Type: "USER", Name: t.name},
			New: func(number int) engine.User {
				r.made[i].Add(1)
				return (*life)(r.newUser(t, number))
			},
		})
	}
	return cfg
}

// absent are the user types of which fewer users were there than the test asks for, in words: a run with too few users says nothing of them.
func (r *run) absent(made []int64) []string {
	if len(made) < len(r.types) {
		return nil // nobody knows: a worker that was lost may have had them
	}
	var out []string
	for i, t := range r.types {
		switch n := made[i]; {
		case n == 0:
			out = append(out, fmt.Sprintf("no user of type %q was there: the run had too few users for its weight, or was too short", t.name))
		case n < int64(t.fixed):
			out = append(out, fmt.Sprintf("%d of %d users of type %q were there: the run had fewer users than the fixed counts want", n, t.fixed, t.name))
		}
	}
	return out
}

// probe adds what the generator knows of itself.
func (r *run) probe(snap *stats.Snapshot) {
	g := &snap.Gauges
	g.CutOff, g.Oldest, g.OwnFailed = r.flying.Load(), r.oldest.Load(), r.own.Load()
	if r.vitals == nil {
		return
	}
	r.vitals.Read(g)
	made := int64(0)
	for i := range snap.Rows {
		made += snap.Rows[i].Count
	}
	r.vitals.Follow(made)
	c := r.wire.Counters()
	g.FDs = c.Open + ownDescriptors
	g.Blocked += c.BlockedNS - r.blocked
	r.blocked = c.BlockedNS
}

// gapRate is the highest rate at which the gaps between arrivals are looked at. The clock fires together what is due within a tenth of a
// millisecond; above this rate that alone shows in the gaps, and the lag says all there is to say.
const gapRate = 200

// arrivalGaps are the gaps between the first random arrivals of the only stream, each in arrivals that the plan had due in it: exponential
// with mean 1 when the generator kept to the plan. nil when there is nothing to look at.
func (r *run) arrivalGaps() []float64 {
	if r.engine == nil || !r.plan.Poisson || len(r.streams) != 1 || r.streams[0].Rate == nil || r.streams[0].Rate.Max() > gapRate || r.share().N != 1 {
		return nil
	}
	times := r.engine.Arrivals()
	shape, after := r.streams[0].Rate, r.streams[0].After
	var gaps []float64
	for i := 1; i < len(times); i++ {
		gaps = append(gaps, shape.Integral(times[i]-after)-shape.Integral(times[i-1]-after))
	}
	return gaps
}

// ownDescriptors is about what a process has open besides the connections of users.
const ownDescriptors = 16

// Run runs a plan to its end. The report is there also when the run was interrupted; the error says what kept it from running, or what
// Test.After returned.
func Run(ctx context.Context, plan Plan) (*Report, error) {
	r, err := Start(ctx, plan)
	if err != nil {
		return nil, err
	}
	return r.Wait()
}
