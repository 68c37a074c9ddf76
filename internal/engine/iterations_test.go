package engine

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stampede-load/stampede/internal/pace"
	"github.com/stampede-load/stampede/internal/stats"
)

func tenth(p *puppet, _ context.Context) Next { return Next{At: int64(p.now() + 100*time.Millisecond)} }

// A worker among others that has begun all its iterations waits with its users, and goes on when others' are dealt out to it.
func TestMoreIterations(t *testing.T) {
	for _, paused := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			c := newCompany(t, 2)
			dry := 0
			cfg := Config{Streams: []Stream{{Users: pace.Constant(10)}}, Limited: true, Iterations: 50, Dry: func() { dry++ }}
			r := c.add(t, 0, cfg, c.deal.Share(0), tenth)
			time.Sleep(2 * time.Second)
			synctest.Wait()
			if len(r.b.tasks) != 50 || len(r.b.starts) != 5 || r.b.stops != 0 || !r.Spent() || dry != 1 || isClosed(r.Stopping()) {
				t.Errorf("%d tasks of %d users, %d left, dry %d times: want 50 of 5 who wait", len(r.b.tasks), len(r.b.starts), r.b.stops, dry)
			}
			if paused {
				r.Take(Order{At: 2100 * time.Millisecond, Kind: OrderPause})
			}
			r.Take(Order{At: 3 * time.Second, Kind: OrderMore, More: 25})
			if r.Spent() {
				t.Error("it takes itself for done while more is on its way")
			}
			if paused {
				time.Sleep(2 * time.Second)
				synctest.Wait()
				if len(r.b.tasks) != 50 {
					t.Errorf("%d tasks in a pause", len(r.b.tasks))
				}
				r.Take(Order{At: 4500 * time.Millisecond, Kind: OrderResume})
			}
			time.Sleep(6*time.Second - time.Since(c.start))
			synctest.Wait()
			if first := r.b.tasks[50]; len(r.b.tasks) != 75 || first < 3*time.Second || first > 5*time.Second || len(r.b.starts) != 5 || r.b.stops != 0 || dry != 2 {
				t.Errorf("%d tasks, the first of the others at %v; %d users, %d left, dry %d times", len(r.b.tasks), first, len(r.b.starts), r.b.stops, dry)
			}
			last := r.b.tasks[74]
			r.Take(Order{At: 7 * time.Second, Kind: OrderStop, Reason: "iterations"})
			c.wg.Wait()
			if g := r.balance(t); g.Iterations != 75 || r.b.stops != 5 {
				t.Errorf("%d iterations, %d users left", g.Iterations, r.b.stops)
			}
			if end := r.loadEnd(7 * time.Second); end != last {
				t.Errorf("the load ended at %v, want %v: when it waits nothing is asked for", end, last)
			}
		})
	}
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// What a worker gives back it does not do; what it has begun stays its own.
func TestGiveBackIterations(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCompany(t, 2)
		dry := 0
		r := c.add(t, 0, Config{Streams: []Stream{{Users: pace.Constant(10)}}, Limited: true, Iterations: 50, Dry: func() { dry++ }}, c.deal.Share(0), tenth)
		time.Sleep(450 * time.Millisecond)
		synctest.Wait()
		begun := len(r.b.tasks)
		if n := r.GiveBack(0.4); begun != 25 || n != 10 {
			t.Errorf("gave %d back of 50, %d begun: want 10 and 25", n, begun)
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if n := r.GiveBack(1); n != 0 || len(r.b.tasks) != 40 || dry != 1 || !r.Spent() {
			t.Errorf("%d tasks, dry %d times, %d more given back: want 40", len(r.b.tasks), dry, n)
		}
		r.Take(Order{At: 3 * time.Second, Kind: OrderMore, More: 20})
		time.Sleep(3*time.Second + 50*time.Millisecond - time.Since(c.start))
		synctest.Wait()
		if n := r.GiveBack(1); n != 15 || dry != 2 || !r.Spent() {
			t.Errorf("gave %d back of 20, dry %d times: want all but those of its 5 users", n, dry)
		}
		time.Sleep(time.Second)
		r.Take(Order{At: 4500 * time.Millisecond, Kind: OrderStop, Reason: "iterations"})
		c.wg.Wait()
		if g := r.balance(t); g.Iterations != 45 || len(r.b.tasks) != 45 {
			t.Errorf("%d iterations, %d tasks: want 45", g.Iterations, len(r.b.tasks))
		}
	})
}

// However begin and give back fall together, each iteration is one or the other.
func TestGiveBackBesideClaims(t *testing.T) {
	const limit = 100_000
	e, err := New(Config{Types: []Type{{}}, Streams: []Stream{{Users: pace.Constant(1)}}, Limited: true, Hold: true, Iterations: limit, Start: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	var begun, given atomic.Int64
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for e.claim() {
				if n := begun.Add(1); n%1000 == 0 {
					given.Add(e.GiveBack(0.05))
				}
			}
		})
	}
	all.Wait()
	if b, g := begun.Load(), given.Load(); b+g != limit || g == 0 || !e.spent() {
		t.Errorf("%d begun and %d given back of %d", b, g, limit)
	}
}

// A worker without an iteration of its own does nothing until it gets some.
func TestNoIterationsAtAll(t *testing.T) {
	for _, hold := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			r := newRig(t, Config{Streams: []Stream{{Users: pace.Constant(3)}}, Limited: true, Hold: hold}, nil, tenth)
			time.AfterFunc(5*time.Second, func() { r.Stop("by hand") })
			sum := r.run(t)
			if want := map[bool]string{false: "iterations", true: "by hand"}[hold]; len(r.b.tasks) != 0 || sum.Reason != want {
				t.Errorf("%d tasks, ended by %q; want none and %q", len(r.b.tasks), sum.Reason, want)
			}
		})
	}
}

// Whatever happens to a fleet that does a number of iterations, each is done once: what one that leaves has left undone is done by the others.
func TestEachIterationOnceWhateverHappens(t *testing.T) {
	for seed := range uint64(60) {
		synctest.Test(t, func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 3))
			c := newCompany(t, 1+r.IntN(4))
			want := int64(1 + r.IntN(2000))
			cfg := Config{Limited: true, Seed: seed, StopTimeout: time.Minute}
			kind := r.IntN(3)
			switch kind {
			case 0:
				cfg.Streams = []Stream{{Users: pace.Constant(float64(4 + r.IntN(40)))}}
			default:
				cfg.Streams = []Stream{{Rate: pace.Constant(20 + 300*r.Float64()), Visits: kind == 2}}
				cfg.MaxUsers, cfg.Poisson = 4+r.IntN(40), r.IntN(2) == 0
			}
			limits := map[int]int64{}
			for _, i := range c.deal.Workers() {
				cfg.Iterations = c.deal.Share(i).Before(want)
				limits[i] = cfg.Iterations
				c.add(t, i, cfg, c.deal.Share(i), doesAFew(kind == 2))
			}
			story := []string{fmt.Sprintf("%d iterations, kind %d, %v", want, kind, limits)}
			paused := false
			owing := -1 // who has left, and what it had left undone is not dealt out yet
			for at := 400 * time.Millisecond; at < time.Hour; at += time.Duration(200+r.IntN(1500)) * time.Millisecond {
				time.Sleep(at - 100*time.Millisecond - time.Since(c.start))
				if owing >= 0 {
					<-c.ended[owing]
					left := limits[owing] - c.rigs[owing].claimed.Load()
					for _, i := range c.deal.Workers() {
						n := c.deal.Share(i).Before(left)
						limits[i] += n
						c.rigs[i].Take(Order{At: at, Kind: OrderMore, More: n})
					}
					owing = -1
					continue
				}
				what := r.IntN(8)
				story = append(story, fmt.Sprintf("%v: %d", at, what))
				switch ws := c.deal.Workers(); {
				case what == 0 && len(ws) > 1:
					owing = ws[r.IntN(len(ws))]
					moved, err := c.deal.Leave(owing)
					if err != nil {
						t.Fatal(err)
					}
					c.rigs[owing].Take(Order{At: at, Kind: OrderShare, Share: pace.Nothing(), Moved: moved})
					c.rigs[owing].Take(Order{At: at, Kind: OrderStop, Reason: "it leaves"})
					c.shares(at, moved, 0)
				case what == 1 || paused:
					order := Order{At: at, Kind: OrderPause}
					if paused {
						order.Kind = OrderResume
					}
					paused = !paused
					c.all(order)
				case what == 2 && kind > 0:
					c.all(Order{At: at, Kind: OrderRate, Rate: 10 + 300*r.Float64()})
				case c.allSpent():
					c.all(Order{At: at, Kind: OrderStop, Reason: "iterations"})
					at = time.Hour
				}
			}
			c.wg.Wait()
			var begun, done int64
			for _, r := range c.rigs {
				begun, done = begun+r.claimed.Load(), done+int64(len(r.b.tasks))
				var g stats.Gauges
				if r.Gauges(&g); g.Planned != g.Sent+g.Dropped+g.NotStarted || g.Waiting != 0 {
					t.Errorf("planned %d, sent %d, dropped %d, not started %d, waiting %d", g.Planned, g.Sent, g.Dropped, g.NotStarted, g.Waiting)
				}
			}
			if begun != want || done != want {
				t.Errorf("%d iterations were counted and %d done, want %d", begun, done, want)
			}
			if t.Failed() {
				t.Fatalf("seed %d: %q", seed, story)
			}
		})
	}
}

// doesAFew is a user that does a task of a few milliseconds now and then; a visitor leaves after three.
func doesAFew(visits bool) func(*puppet, context.Context) Next {
	return func(p *puppet, _ context.Context) Next {
		time.Sleep(time.Duration(3+p.number%7) * time.Millisecond)
		if visits && p.tasks == 3 {
			return Next{Leave: Visited}
		}
		return Next{At: int64(p.now() + time.Duration(20+p.number%50)*time.Millisecond)}
	}
}

func (c *company) allSpent() bool {
	for _, i := range c.deal.Workers() {
		if !c.rigs[i].Spent() {
			return false
		}
	}
	return true
}
