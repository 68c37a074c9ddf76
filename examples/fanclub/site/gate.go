package site

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"
)

// gate lets requests through at the rate the capacity model allows. All of a site's requests meet here, for well under a microsecond.
type gate struct {
	origin  time.Time     // when the site was made; times below count from here
	service time.Duration // mean service time; zero means every request is answered at once
	fixed   bool          // service times do not vary

	mu     sync.Mutex
	clock  clock
	line   line
	random *rand.Rand
	counts counts
}

// counts is what the gate has seen. Each admitted request ends as served or as abandoned.
type counts struct {
	requests  int64
	served    int64
	rejected  int64
	abandoned int64
}

func newGate(c Config) *gate {
	return &gate{
		origin:  time.Now(),
		service: c.ServiceTime,
		fixed:   c.Distribution == Fixed,
		line:    newLine(c.Workers, c.Queue),
		random:  rand.New(rand.NewPCG(c.Seed, c.Seed)),
	}
}

// admit gives a request that arrives now its place and returns the site time at which its answer is ready. If it is turned away, ok is
// false, ready is now, and retry is when the queue as it stands will have been worked off.
func (g *gate) admit() (ready, retry time.Duration, ok bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.clock.site(time.Since(g.origin))
	g.counts.requests++
	if g.service == 0 {
		return now, 0, true
	}
	ready, ok = g.line.arrive(now, g.draw())
	if !ok {
		g.counts.rejected++
		return now, ready - now, false
	}
	return ready, 0, true
}

// pass counts a request that needs no worker: style sheets and images.
func (g *gate) pass() (ready time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.counts.requests++
	return g.clock.site(time.Since(g.origin))
}

// draw is the service time of the next request.
func (g *gate) draw() time.Duration {
	if g.fixed {
		return g.service
	}
	return time.Duration(g.random.ExpFloat64() * float64(g.service))
}

// wait returns when site time reaches ready, or with ctx's error if that comes first. The worker stays occupied either way: a server
// rarely notices that the one who asked has gone.
func (g *gate) wait(ctx context.Context, ready time.Duration) error {
	for {
		left := g.left(ready)
		if left <= 0 {
			return nil
		}
		timer := time.NewTimer(left)
		select {
		case <-timer.C:
			// Look again: a freeze may have come in the meantime.
		case <-ctx.Done():
			timer.Stop()
			return context.Cause(ctx)
		}
	}
}

// left is the real time until site time has reached ready and no freeze is on.
func (g *gate) left(ready time.Duration) time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	return max(g.clock.real(ready), g.clock.thaw) - time.Since(g.origin)
}

// finish counts the end of an admitted request.
func (g *gate) finish(served bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if served {
		g.counts.served++
	} else {
		g.counts.abandoned++
	}
}

func (g *gate) freeze(d time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.clock.freeze(time.Since(g.origin), d)
}

// stats is a consistent picture of this moment.
func (g *gate) stats() Stats {
	g.mu.Lock()
	defer g.mu.Unlock()
	since := time.Since(g.origin)
	now := g.clock.site(since)
	g.line.advance(now)
	return Stats{
		Requests:  g.counts.requests,
		Served:    g.counts.served,
		Rejected:  g.counts.rejected,
		Abandoned: g.counts.abandoned,
		Busy:      g.line.busy(now),
		Queue:     g.line.length,
		MaxQueue:  g.line.longest,
		Frozen:    since < g.clock.thaw,
	}
}
