package pace

import (
	"math/rand/v2"
	"testing"
	"time"
)

// A worker that was ahead, since it heard of a change late, hands out each number once, and misses none that is its own.
func TestPartThatWasAhead(t *testing.T) {
	for seed := range uint64(3000) {
		r := rand.New(rand.NewPCG(seed, 5))
		weights := []int64{1000 * (1 + r.Int64N(3)), 1000 * (1 + r.Int64N(3))}
		deal, err := NewDeal(weights)
		if err != nil {
			t.Fatal(err)
		}
		between := func(a, b time.Duration) time.Duration { return a + time.Duration(r.Int64N(int64(b-a))) }
		p := NewPart(Constant(40), Options{Share: Nothing(), Until: 16 * time.Second})
		if _, err := deal.Join(2, 1000*(1+r.Int64N(3))); err != nil {
			t.Fatal(err)
		}
		joins := between(time.Second, 5*time.Second)
		leaves := joins + between(0, 500*time.Millisecond)
		ahead := leaves + between(0, 3*time.Second)
		switches := between(leaves, 9*time.Second)
		rate := Constant(float64(1 + r.IntN(90)))
		got := map[int64]int{}
		take := func(until time.Duration) {
			for {
				n, due, ok := p.Peek()
				if !ok || due >= until {
					return
				}
				p.Next()
				got[n]++
			}
		}
		first := deal.Share(2)
		p.Reshare(joins, first)
		take(ahead)
		if _, err := deal.Leave(1); err != nil {
			t.Fatal(err)
		}
		second := deal.Share(2)
		p.Reshare(leaves, second)
		take(switches)
		p.Switch(switches, rate)
		take(time.Hour)
		all := NewPart(Constant(40), Options{Until: 16 * time.Second})
		owner := first
		for switched := false; ; {
			n, due, ok := all.Peek()
			if (!ok || due >= switches) && !switched {
				all.Switch(switches, rate)
				switched = true
				continue
			}
			if !ok {
				break
			}
			if all.Next(); due >= leaves {
				owner = second
			}
			want := due >= joins && owner.Owns(int(n))
			if early := due >= joins && due < ahead && first.Owns(int(n)); got[n] > 1 || want && got[n] != 1 || !want && !early && got[n] > 0 {
				t.Fatalf("seed %d: number %d, due at %v, was handed out %d times (its own: %v, early: %v); joins %v, leaves %v, ahead to %v, switch at %v to %v",
					seed, n, due, got[n], want, early, joins, leaves, ahead, switches, rate)
			}
		}
	}
}
