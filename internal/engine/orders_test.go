package engine

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stampede-load/stampede/internal/pace"
	"github.com/stampede-load/stampede/internal/stats"
)

// company is several engines that run one plan, as the workers of a fleet do.
type company struct {
	deal  *pace.Deal
	rigs  map[int]*rig
	start time.Time
	wg    sync.WaitGroup
	ended map[int]chan struct{}
	log   []Order // what everybody was told, for those who come later
}

func newCompany(t *testing.T, workers int) *company {
	t.Helper()
	weights := make([]int64, workers)
	for i := range weights {
		weights[i] = pace.WeightOne
	}
	deal, err := pace.NewDeal(weights)
	if err != nil {
		t.Fatal(err)
	}
	return &company{deal: deal, rigs: map[int]*rig{}, ended: map[int]chan struct{}{}, start: time.Now()}
}

// add starts a worker with a share.
func (c *company) add(t *testing.T, i int, cfg Config, share pace.Share, iterate func(*puppet, context.Context) Next) *rig {
	t.Helper()
	cfg.Share, cfg.Worker, cfg.Hold = share, i, true
	r := newRig(t, cfg, nil, iterate)
	r.cfg.Start = c.start
	c.rigs[i] = r
	for _, o := range c.log {
		r.Take(o)
	}
	ended := make(chan struct{})
	c.ended[i] = ended
	c.wg.Go(func() {
		defer close(ended)
		r.run(t)
	})
	return r
}

// all gives everybody an order.
func (c *company) all(o Order) {
	c.log = append(c.log, o)
	for _, r := range c.rigs {
		r.Take(o)
	}
}

// shares tells everybody its share after a change.
func (c *company) shares(at time.Duration, moved pace.Share, rate float64) {
	for _, i := range c.deal.Workers() {
		c.rigs[i].Take(Order{At: at, Kind: OrderShare, Share: c.deal.Share(i), Moved: moved, SpawnRate: rate})
	}
}

func visit(*puppet, context.Context) Next { return Next{Leave: Visited} }

// Whatever happens to a fleet, each arrival is sent once: by whoever owned it when it was due.
func TestEachArrivalOnceWhateverHappens(t *testing.T) {
	for seed := range uint64(60) {
		synctest.Test(t, func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 1))
			c := newCompany(t, 1+r.IntN(4))
			cfg := Config{Streams: []Stream{{Rate: pace.Constant(50 + 200*r.Float64()), Visits: true}}, Duration: 20 * time.Second, Poisson: r.IntN(3) == 0, Seed: seed}
			for _, i := range c.deal.Workers() {
				c.add(t, i, cfg, c.deal.Share(i), visit)
			}
			paused, next := false, len(c.rigs)
			var story []string
			for at := 500 * time.Millisecond; at < 18*time.Second; at += time.Duration(200+r.IntN(2500)) * time.Millisecond {
				lead := time.Duration(r.IntN(400)-50) * time.Millisecond // some come late
				time.Sleep(at - lead - time.Since(c.start))
				what := r.IntN(6)
				story = append(story, fmt.Sprintf("%v: %d (lead %v)", at, what, lead))
				switch ws := c.deal.Workers(); {
				case what == 0 && len(ws) > 1 && lead > 0:
					gone := ws[r.IntN(len(ws))]
					moved, err := c.deal.Leave(gone)
					if err != nil {
						t.Fatal(err)
					}
					c.rigs[gone].Take(Order{At: at, Kind: OrderShare, Share: pace.Nothing(), Moved: moved})
					if r.IntN(2) == 0 { // the others may hear of it late
						time.Sleep(lead + 30*time.Millisecond)
					}
					c.shares(at, moved, 0)
				case what == 1 && len(ws) < 6 && lead > 0: // who gives says that it knows, before anybody takes
					c.add(t, next, cfg, pace.Nothing(), visit)
					moved, err := c.deal.Join(next, int64(500+r.IntN(3000)))
					if err != nil {
						t.Fatal(err)
					}
					c.shares(at, moved, 0)
					next++
				case what == 2 && lead > 0: // a pause that comes late has let something through
					kind := OrderPause
					if paused {
						kind = OrderResume
					}
					paused = !paused
					c.all(Order{At: at, Kind: kind})
				case what == 3:
					c.all(Order{At: at, Kind: OrderRate, Rate: 300 * r.Float64()})
				}
			}
			if paused {
				c.all(Order{At: 19 * time.Second, Kind: OrderResume})
			}
			c.wg.Wait()
			c.check(t, seed, story)
		})
	}
}

// check wants the arrivals 0 to n-1, each once, and the sums to agree.
func (c *company) check(t *testing.T, seed uint64, story []string) {
	t.Helper()
	var all []int
	var sum stats.Gauges
	for _, r := range c.rigs {
		var g stats.Gauges
		r.Gauges(&g)
		sum.Planned, sum.Sent, sum.Dropped = sum.Planned+g.Planned, sum.Sent+g.Sent, sum.Dropped+g.Dropped
		all = append(all, r.b.nums...)
	}
	slices.Sort(all)
	for i, n := range all {
		if n != i {
			t.Fatalf("seed %d: arrival %d stands in place %d of %d: one is missing or was sent twice\n%q", seed, n, i, len(all), story)
		}
	}
	if int(sum.Sent) != len(all) || sum.Planned != sum.Sent+sum.Dropped {
		t.Fatalf("seed %d: %d sent, planned %d, sent %d, dropped %d\n%q", seed, len(all), sum.Planned, sum.Sent, sum.Dropped, story)
	}
}

// The users of an open load have numbers, too: when others get these, no user of the same number is left behind.
func TestNumbersOfAnOpenLoadMove(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCompany(t, 2)
		cfg := Config{Streams: []Stream{{Rate: pace.Constant(200)}}, Duration: 12 * time.Second, MaxUsers: 300}
		busy := func(*puppet, context.Context) Next { time.Sleep(150 * time.Millisecond); return Next{} }
		for _, i := range c.deal.Workers() {
			c.add(t, i, cfg, c.deal.Share(i), busy)
		}
		once := func(when time.Duration) {
			time.Sleep(when - time.Since(c.start))
			owner := map[int]int{}
			for i, r := range c.rigs {
				r.b.mu.Lock()
				for n := range r.b.here {
					if other, twice := owner[n]; twice {
						t.Errorf("%v: user %d is at worker %d and at worker %d", when, n, other, i)
					}
					owner[n] = i
				}
				r.b.mu.Unlock()
			}
			if len(owner) < 25 {
				t.Errorf("%v: %d users, want the 30 that are busy all the time", when, len(owner))
			}
		}
		once(3 * time.Second)
		c.add(t, 2, cfg, pace.Nothing(), busy)
		moved, err := c.deal.Join(2, pace.WeightOne)
		if err != nil {
			t.Fatal(err)
		}
		c.shares(4*time.Second, moved, 100)
		once(4500 * time.Millisecond)
		once(6 * time.Second)
		if moved, err = c.deal.Leave(0); err != nil {
			t.Fatal(err)
		}
		c.rigs[0].Take(Order{At: 7 * time.Second, Kind: OrderShare, Share: pace.Nothing(), Moved: moved})
		c.shares(7*time.Second, moved, 100)
		once(7500 * time.Millisecond)
		once(10 * time.Second)
		c.wg.Wait()
		sent := 0
		for _, r := range c.rigs {
			sent += len(r.b.tasks)
		}
		if sent != 2400 {
			t.Errorf("%d arrivals of 2400 were begun", sent)
		}
	})
}

// Users of a worker that goes are made anew elsewhere, at the given rate, and nobody else's leave.
func TestUsersMoveAtTheSpawnRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCompany(t, 3)
		cfg := Config{Streams: []Stream{{Users: pace.Constant(90)}}, Duration: 20 * time.Second}
		for _, i := range c.deal.Workers() {
			c.add(t, i, cfg, c.deal.Share(i), nil)
		}
		time.Sleep(4 * time.Second)
		moved, err := c.deal.Leave(1)
		if err != nil {
			t.Fatal(err)
		}
		c.rigs[1].Take(Order{At: 5 * time.Second, Kind: OrderShare, Share: pace.Nothing(), Moved: moved, SpawnRate: 10})
		c.shares(5*time.Second, moved, 10)
		users := func() (n int) {
			for _, r := range c.rigs {
				n += int(r.users.Load())
			}
			return n
		}
		for range 4 {
			time.Sleep(1100 * time.Millisecond)
			if n := users(); n < 87 || n > 91 {
				t.Errorf("%v: %d users, want 90 all the time", time.Since(c.start), n)
			}
		}
		c.add(t, 3, cfg, pace.Nothing(), nil)
		if moved, err = c.deal.Join(3, pace.WeightOne); err != nil {
			t.Fatal(err)
		}
		c.shares(10*time.Second, moved, 100)
		time.Sleep(14*time.Second - time.Since(c.start))
		for i, want := range map[int]int{0: 30, 1: 0, 2: 30, 3: 30} {
			if n := int(c.rigs[i].users.Load()); n < want-1 || n > want+1 {
				t.Errorf("worker %d has %d users, want %d", i, n, want)
			}
		}
		c.all(Order{At: 15 * time.Second, Kind: OrderUsers, Users: 30})
		time.Sleep(16*time.Second - time.Since(c.start))
		if n := users(); n != 30 {
			t.Errorf("%d users, want 30", n)
		}
		c.all(Order{At: 17 * time.Second, Kind: OrderStop, Reason: "by hand"})
		c.wg.Wait()
		var starts []time.Duration
		for _, i := range []int{0, 2} {
			for _, at := range c.rigs[i].b.starts {
				if at > time.Second && at < 9*time.Second {
					starts = append(starts, at)
				}
			}
		}
		slices.Sort(starts)
		if len(starts) != 30 || starts[0] < 5*time.Second || starts[29] < 7800*time.Millisecond || starts[29] > 8*time.Second {
			t.Errorf("%d users were made anew: %v; want 30, ten a second from 5 s on", len(starts), starts)
		}
	})
}
