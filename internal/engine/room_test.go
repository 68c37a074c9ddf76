package engine

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stampede-load/stampede/internal/pace"
)

// turns picks the types 0 and 1 in turn.
func turns(k int) int { return k % 2 }

func TestEachTypeGetsAUser(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// One user at most and two types: a user of one cannot do the tasks of the other, so they take turns.
		ran := [2]int{}
		cfg := Config{Types: make([]Type, 2), Streams: []Stream{{Rate: pace.Constant(10), Pick: turns}}, MaxUsers: 1, Duration: 10 * time.Second}
		r := newRig(t, cfg, nil, func(p *puppet, _ context.Context) Next {
			p.b.mu.Lock()
			ran[p.typ]++
			p.b.mu.Unlock()
			time.Sleep(10 * time.Millisecond)
			return Next{}
		})
		r.run(t)
		if g := r.balance(t); g.Dropped != 0 || ran != [2]int{50, 50} {
			t.Errorf("ran %v, dropped %d; want 50 of each type and none dropped", ran, g.Dropped)
		}
	})
}

func TestAFreezeLeavesRoomForEachType(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// One arrival in ten is of type 1, which answers at once. Type 0 freezes before any of type 1 has come, and takes every user there may be.
		ran := [2]int{}
		cfg := Config{
			Types: make([]Type, 2), MaxUsers: 20, Duration: 20 * time.Second,
			Streams: []Stream{{Rate: pace.Constant(100), Pick: func(k int) int {
				if k > 50 && k%10 == 0 {
					return 1
				}
				return 0
			}}},
		}
		r := newRig(t, cfg, nil, func(p *puppet, _ context.Context) Next {
			p.b.mu.Lock()
			ran[p.typ]++
			p.b.mu.Unlock()
			if now := p.now(); p.typ == 0 && now < 5*time.Second {
				time.Sleep(5*time.Second - now)
			}
			return Next{}
		})
		r.run(t)
		if g := r.balance(t); g.Dropped != 0 || ran[1] != 194 {
			t.Errorf("%d tasks of the second type, %d dropped; want all 194: the site has long recovered", ran[1], g.Dropped)
		}
		if n := len(r.b.starts); n > 100 {
			t.Errorf("%d users were made for 2000 arrivals, want the 20 and few in place of others", n)
		}
	})
}

func TestStreamsShareTheRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// Visits of one type and iterations of another, and one user at most.
		ran := [2]int{}
		pick := func(typ int) func(int) int { return func(int) int { return typ } }
		cfg := Config{
			Types: make([]Type, 2), MaxUsers: 1, Duration: 10 * time.Second,
			Streams: []Stream{{Rate: pace.Constant(5), Visits: true, Pick: pick(0)}, {Rate: pace.Constant(5), Pick: pick(1)}},
		}
		r := newRig(t, cfg, nil, func(p *puppet, _ context.Context) Next {
			p.b.mu.Lock()
			ran[p.typ]++
			p.b.mu.Unlock()
			time.Sleep(20 * time.Millisecond)
			if p.typ == 0 {
				return Next{Leave: Visited}
			}
			return Next{}
		})
		r.run(t)
		if g := r.balance(t); g.Dropped != 0 || ran != [2]int{50, 50} {
			t.Errorf("ran %v, dropped %d; want 50 of each and none dropped", ran, g.Dropped)
		}
	})
}

func TestVisitsWaitInTheOrderTheyCame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// Twice as many visits as three users can live: both types wait the same, and every visitor has a number of its own.
		cfg := Config{
			Types: make([]Type, 2), MaxUsers: 3, MaxWaiting: 20, Duration: 30 * time.Second,
			Streams: []Stream{{Rate: pace.Constant(6), Visits: true, Pick: turns}},
		}
		r := newRig(t, cfg, nil, func(*puppet, context.Context) Next { time.Sleep(time.Second); return Next{Leave: Visited} })
		r.run(t)
		if g := r.balance(t); g.Dropped < 60 {
			t.Errorf("%d dropped, want about half of 180", g.Dropped)
		}
		var at, before, latest time.Duration // before: the latest that was due of those who started earlier than at
		for i, due := range r.b.wanted {
			if r.b.starts[i] > at {
				at, before = r.b.starts[i], latest
			}
			if latest = max(latest, due); due < before {
				t.Errorf("the visit of %v began after that of %v", due, before)
			}
		}
		numbers := slices.Sorted(slices.Values(r.b.nums))
		if n := len(slices.Compact(numbers)); n != len(r.b.nums) {
			t.Errorf("%d visitors share %d numbers", len(r.b.nums), n)
		}
	})
}

func TestIterationsOfAnOpenRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// Of 20,000 a second many are due at the same wake of the clock as the last one that is wanted.
		for _, users := range []int{0, 2} {
			r := newRig(t, Config{Streams: []Stream{{Rate: pace.Constant(20_000)}}, MaxUsers: users, Limited: true, Iterations: 101}, nil, takes(time.Millisecond))
			sum := r.run(t)
			if g := r.balance(t); g.Planned != 101 || g.Dropped != 0 || sum.Reason != "iterations" {
				t.Errorf("at most %d users: planned %d, dropped %d, ended by %q; want just the 101", users, g.Planned, g.Dropped, sum.Reason)
			}
		}
	})
}

func TestARateFarBeyondTheMachine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// A thousand million a second: nobody can walk over all that was missed, and each must be counted all the same.
		cfg := Config{
			Types: make([]Type, 2), Streams: []Stream{{Rate: pace.Constant(pace.MaxLevel), Pick: turns}},
			MaxUsers: 2, MaxWaiting: 10, Duration: 2 * time.Second,
		}
		r := newRig(t, cfg, nil, takes(time.Second))
		go func() {
			time.Sleep(time.Second)
			if err := r.SetRate(1000); err != nil {
				t.Error(err)
			}
		}()
		r.run(t)
		if g := r.balance(t); g.Planned < 1e9+990 || g.Planned > 1e9+1010 {
			t.Errorf("planned %d, want 1,000,000,000 in the first second and 1,000 in the other", g.Planned)
		}
	})
}
