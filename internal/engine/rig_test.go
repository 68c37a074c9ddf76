package engine

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stampede-load/stampede/internal/stats"
)

// journal notes what users did, in order.
type journal struct {
	mu     sync.Mutex
	starts []time.Duration
	wanted []time.Duration // when each start was due
	tasks  []time.Duration // when each task began
	due    []time.Duration // when each was due, 0 when nothing planned it
	stops  int
	cut    int // contexts cancelled on the way down
	exited int
	types  []int
	nums   []int
	here   map[int]bool // numbers of those who are there
}

// puppet is a user whose life is given by functions; nil ones do nothing.
type puppet struct {
	b       *journal
	e       **Engine
	number  int
	typ     int
	start   func(p *puppet, ctx context.Context) Next
	iterate func(p *puppet, ctx context.Context) Next
	tasks   int
}

func (p *puppet) now() time.Duration { return time.Duration((*p.e).Now()) }

func (p *puppet) Start(ctx context.Context, intended int64) Next {
	p.b.mu.Lock()
	p.b.starts = append(p.b.starts, p.now())
	p.b.wanted = append(p.b.wanted, time.Duration(intended))
	p.b.types = append(p.b.types, p.typ)
	p.b.nums = append(p.b.nums, p.number)
	if p.b.here == nil {
		p.b.here = map[int]bool{}
	}
	p.b.here[p.number] = true
	p.b.mu.Unlock()
	if p.start != nil {
		return p.start(p, ctx)
	}
	return Next{}
}

func (p *puppet) Iterate(ctx context.Context, intended int64) Next {
	p.b.mu.Lock()
	p.b.tasks = append(p.b.tasks, p.now())
	p.b.due = append(p.b.due, time.Duration(intended))
	p.b.mu.Unlock()
	p.tasks++
	if p.iterate != nil {
		return p.iterate(p, ctx)
	}
	return Next{At: int64(p.now() + time.Second)}
}

func (p *puppet) Stop(context.Context, bool) {
	p.b.mu.Lock()
	p.b.stops++
	delete(p.b.here, p.number)
	p.b.mu.Unlock()
}

func (p *puppet) CutOff() {
	p.b.mu.Lock()
	p.b.cut++
	p.b.mu.Unlock()
}

func (p *puppet) Exited() {
	p.b.mu.Lock()
	p.b.exited++
	p.b.mu.Unlock()
}

// rig is an engine with puppets in virtual time.
type rig struct {
	*Engine
	b     *journal
	snaps []*stats.Snapshot
}

func newRig(t *testing.T, cfg Config, start, iterate func(*puppet, context.Context) Next) *rig {
	t.Helper()
	r := &rig{b: &journal{}}
	cfg.Virtual, cfg.Start, cfg.Recorder = true, time.Now(), stats.NewRecorder(stats.Options{})
	cfg.Emit = func(s *stats.Snapshot) { r.snaps = append(r.snaps, s) }
	if cfg.StopTimeout == 0 {
		cfg.StopTimeout = 10 * time.Second
	}
	types := max(1, len(cfg.Types))
	tries := 0
	if len(cfg.Types) > 0 {
		tries = cfg.Types[0].StartTries
	}
	cfg.Types = nil
	var e *Engine
	for typ := range types {
		cfg.Types = append(cfg.Types, Type{Name: fmt.Sprint(typ), StartTries: tries, New: func(n int) User {
			return &puppet{b: r.b, e: &e, number: n, typ: typ, start: start, iterate: iterate}
		}})
	}
	for i := range cfg.Streams {
		if cfg.Streams[i].Pick == nil {
			cfg.Streams[i].Pick = func(int) int { return 0 }
		}
	}
	e, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	r.Engine = e
	return r
}

func (r *rig) run(t *testing.T) Summary {
	t.Helper()
	s, err := r.Engine.Run()
	if err != nil {
		t.Fatal(err)
	}
	return s
}
