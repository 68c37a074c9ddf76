package stats

import (
	"fmt"
	"testing"
	"time"
)

// The closed form of a server that freezes for P in a run of D, at a steady rate: quantile q of the response time is P - (1-q) D for
// q > 1 - P/D, and the freeze adds P^2/2D to the mean.
func TestFreezeClosedForm(t *testing.T) {
	for _, c := range []struct {
		rate     int
		run, frz time.Duration
	}{
		{1000, 30 * time.Second, 2 * time.Second},
		{200, 60 * time.Second, 5 * time.Second},
		{5000, 10 * time.Second, time.Second},
		{1000, 20 * time.Second, 4 * time.Second},
		{50, 100 * time.Second, 10 * time.Second},
	} {
		const base = ms
		r := NewRecorder(Options{})
		merger := NewMerger(MergeOptions{})
		gap := int64(time.Second) / int64(c.rate)
		freeze := int64(c.run) / 3
		second := 0
		for due := int64(1); due < int64(c.run); due += gap {
			s := Sample{Intended: due, Sent: due + 2000, Done: due + base}
			if due >= freeze && due < freeze+int64(c.frz) {
				s.Done = freeze + int64(c.frz) + base
			}
			s.FirstByte = s.Done
			r.Record(0, get, &s)
			if due/int64(time.Second) > int64(second) {
				merger.Add(drained(r, 0, second))
				second++
			}
		}
		merger.Add(drained(r, 0, second))
		merger.closeAll()
		whole := merger.Whole()
		h := whole.Total.Headline(true)
		p, d := float64(c.frz), float64(c.run)
		near := func(what string, got, want float64) {
			if got < 0.99*want || got > 1.01*want {
				t.Errorf("%d/s, %v, freeze of %v: %s = %v, want %v", c.rate, c.run, c.frz, what, time.Duration(got), time.Duration(want))
			}
		}
		near("mean", h.Mean(), float64(base)+p*p/(2*d))
		for _, q := range []float64{0.95, 0.99} {
			want := float64(base)
			if q > 1-p/d {
				want += p - (1-q)*d
			}
			near(fmt.Sprintf("p%v", 100*q), float64(h.Quantile(q)), want)
		}
		if affected := float64(h.CountAbove(2*base)) / float64(h.Count()); affected < 0.98*p/d || affected > 1.02*p/d {
			t.Errorf("%d/s: a share of %v was affected, want %v", c.rate, affected, p/d)
		}
	}
}
