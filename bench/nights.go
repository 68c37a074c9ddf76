package main

import (
	"fmt"
	"runtime"
	"sync"

	"github.com/stampede-load/stampede/internal/schedule/nights/nightstest"
)

// nights judges simulated nights whose truth is known: years without a change, and jumps by 15 % of one name.
func (b *bench) nights() error {
	years := 28 // 10,220 nights of each kind
	if b.count > 0 {
		years = b.count
	}
	m := nightstest.Usual()
	fmt.Printf("%d names with p50, p95 and failures: a family of %d. Nights wander by %.1f %%, scatter by %.1f %% together and %.1f %% each, and one in %.0f is slow by %.0f %%.\n",
		m.Names, 3*m.Names, m.Wander*100, m.Common*100, m.Own*100, 1/m.Odd, m.OddBy*100)
	calm, err := b.years(m, years, 0)
	if err != nil {
		return err
	}
	fmt.Printf("  %d nights without a change: %d of them told of one, %.2f a year (wanted: at most 2), and of %d figures together\n",
		calm.Nights, calm.False, float64(calm.False)/float64(years), calm.Figures)
	jumps, err := b.years(m, years, 40)
	if err != nil {
		return err
	}
	fmt.Printf("  %d jumps by 15 %% of one name in %d nights: %d told within two nights, %.1f %% (wanted: at least 90 %%); beside them %.2f nights a year told of what was not\n",
		jumps.Jumps, jumps.Nights, jumps.Told, 100*float64(jumps.Told)/float64(max(jumps.Jumps, 1)), float64(jumps.False)/float64(years))
	return nil
}

// years adds up some years, several at a time.
func (b *bench) years(m nightstest.Model, n, gap int) (sum nightstest.Outcome, err error) {
	var mu sync.Mutex
	var work sync.WaitGroup
	seeds := make(chan uint64)
	for range runtime.GOMAXPROCS(0) {
		work.Go(func() {
			for seed := range seeds {
				if b.ctx.Err() != nil {
					continue
				}
				o := m.Year(seed, 365, gap, 0.15)
				mu.Lock()
				sum.Nights, sum.Jumps, sum.Told, sum.Late = sum.Nights+o.Nights, sum.Jumps+o.Jumps, sum.Told+o.Told, sum.Late+o.Late
				sum.False, sum.Figures, sum.Suspect = sum.False+o.False, sum.Figures+o.Figures, sum.Suspect+o.Suspect
				mu.Unlock()
			}
		})
	}
	for i := range n {
		seeds <- uint64(1000*gap + i + 1)
	}
	close(seeds)
	work.Wait()
	return sum, b.ctx.Err()
}
