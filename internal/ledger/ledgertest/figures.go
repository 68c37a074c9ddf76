package ledgertest

import (
	"math"
	"time"

	"github.com/stampede-load/stampede/internal/ledger"
	"github.com/stampede-load/stampede/internal/stats"
)

func (b *bench) figures() {
	stories := make([]*Story, 4)
	for i := range stories {
		stories[i] = Make(Load{
			Names: 1 + i, Seconds: 12, Seed: uint64(i), Paced: i == 1, Warmup: 3 * time.Second, Start: time.Date(2026, 11, 2, 19, i, 0, 0, time.UTC),
		})
		if i == 3 { // cut off: its result is made of its seconds
			b.record(stories[i], 9)
			b.open(ledger.Options{})
			break
		}
		b.all(stories[i])
	}
	runs, err := b.ledger.Runs(b.Context(), ledger.Filter{})
	if err != nil || len(runs) != 4 {
		b.Fatalf("%d runs, %v", len(runs), err)
	}
	key := stats.Key{Type: "GET", Name: "Page 001"} // the first run has not got it
	found, err := b.ledger.Figures(b.Context(), runs, key)
	if err != nil || len(found) != 3 {
		b.Fatalf("%d runs have the name, %v", len(found), err)
	}
	for i := range runs[1:] {
		run := &runs[i+1]
		rep := b.report(run.ID)
		want := rep.Judged.Row(key)
		got := found[run.Number]
		ns, _ := want.Quantile(run.Paced, 0.95)
		if got.Requests != want.Count || got.Failures != want.Failures || got.P95 != time.Duration(ns) || got.P50 > got.P95 || got.P95 > got.P99 {
			b.Errorf("run %s: the figures are %+v, and the row has %d requests, %d failed, p95 %v", run.ID, got, want.Count, want.Failures, time.Duration(ns))
		}
		if rate := want.Rate(rep.Judged.Seconds); math.Abs(got.Rate/rate-1) > 1e-9 {
			b.Errorf("run %s: the rate is %v, want %v", run.ID, got.Rate, rate)
		}
		if h := want.Headline(run.Paced); got.Timed != h.Count() {
			b.Errorf("run %s: %d times, want %d", run.ID, got.Timed, h.Count())
		}
	}
	if found, err = b.ledger.Figures(b.Context(), runs[:1], key); err != nil || len(found) != 0 {
		b.Errorf("a run without the name has %v, %v", found, err)
	}
	b.plans(runs[0].PlanHash)
}

// plans finds a plan and its names.
func (b *bench) plans(hash string) {
	for _, ref := range []string{hash, hash[:5]} {
		if got, err := b.ledger.Plan(b.Context(), ref); err != nil || got != hash {
			b.Errorf("the plan %q is %q, %v", ref, got, err)
		}
	}
	if got, err := b.ledger.Plan(b.Context(), "no such plan"); err != nil || got != "" {
		b.Errorf("a plan that is not there: %q, %v", got, err)
	}
	names, err := b.ledger.PlanNames(b.Context(), hash)
	if err != nil || len(names) != 4 || names[0] != (stats.Key{Type: "GET", Name: "Page 000"}) {
		b.Errorf("the names are %v, %v", names, err)
	}
}
