package engine

import (
	"context"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stampede-load/stampede/internal/pace"
)

// TestNothingIsLostWhateverHappens runs open loads of several types and streams, with few users and a site that freezes, while somebody changes
// the rate, pauses, goes on and stops at any moment. Every arrival that was planned is sent or dropped, what was sent ran, and all who came
// have left.
func TestNothingIsLostWhateverHappens(t *testing.T) {
	for seed := range uint64(150) {
		synctest.Test(t, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(seed, 1))
			between := func(low, high time.Duration) time.Duration { return low + time.Duration(rng.Int64N(int64(high-low))) }
			types := 1 + rng.IntN(3)
			cfg := Config{
				Types: make([]Type, types), MaxUsers: 1 + rng.IntN(20), MaxWaiting: 1 + rng.IntN(300),
				Duration: between(time.Second, 5*time.Second), StopTimeout: time.Minute, Poisson: rng.IntN(2) == 0, Seed: seed,
			}
			visits := rng.IntN(3) == 0
			for range 1 + rng.IntN(2) {
				cfg.Streams = append(cfg.Streams, Stream{
					Rate: pace.Constant(float64(1 + rng.IntN(400))), After: time.Duration(rng.IntN(2)) * between(0, time.Second),
					Visits: visits && rng.IntN(2) == 0, Pick: func(k int) int { return k % types },
				})
			}
			freeze, thaw := between(0, time.Second), between(time.Second, 3*time.Second)
			r := newRig(t, cfg, nil, func(p *puppet, _ context.Context) Next {
				if now := p.now(); now > freeze && now < thaw && p.typ == 0 {
					time.Sleep(thaw - now)
				} else {
					time.Sleep(20 * time.Millisecond)
				}
				if visits {
					return Next{Leave: Visited}
				}
				return Next{}
			})
			steps := make([]time.Duration, rng.IntN(6))
			for i := range steps {
				steps[i] = between(0, 2*time.Second)
			}
			acts := make([]int, len(steps))
			for i := range acts {
				acts[i] = rng.IntN(7)
			}
			rate := float64(rng.IntN(800))
			ended := make(chan struct{})
			told := make(chan struct{})
			go func() {
				defer close(told)
				for i, wait := range steps {
					select {
					case <-time.After(wait):
					case <-ended:
						return
					}
					switch acts[i] {
					case 0, 1:
						r.Pause()
					case 2, 3:
						r.Resume()
					case 4, 5:
						_ = r.SetRate(rate * float64(i)) // refused when the other stream has more
					default:
						r.Stop("by hand")
					}
				}
				r.Resume()
			}()
			r.run(t)
			close(ended)
			<-told
			r.balance(t)
			if r.b.stops != len(r.b.starts) || r.live != 0 || r.open != 0 {
				t.Errorf("%d users started and %d stopped, %d are left (%d of open streams)", len(r.b.starts), r.b.stops, r.live, r.open)
			}
			if t.Failed() {
				t.Fatalf("seed %d", seed)
			}
		})
	}
}
