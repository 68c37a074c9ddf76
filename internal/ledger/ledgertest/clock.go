package ledgertest

import (
	"time"

	"github.com/stampede-load/stampede/internal/ledger"
)

// clockBack sets the clock of the machine back by two hours during a run, which is then cut off: its start lies in the future of all that
// comes after.
func (b *bench) clockBack() {
	now := time.Now()
	ahead := Make(Load{Seed: 1, Start: now.Add(2 * time.Hour), Seconds: 100})
	b.record(ahead, 75)
	b.open(ledger.Options{}) // repairs it
	run := b.run("last")
	if run.State != ledger.Interrupted || run.Duration != 75*time.Second || !run.Started.Equal(ahead.Info.Started) {
		b.Errorf("the run began %v, lasted %v and is %s", run.Started, run.Duration, run.State)
	}
	if rep := b.report("last"); rep.Whole.Seconds != 75 {
		b.Errorf("it measured %v s", rep.Whole.Seconds)
	}
	after := Make(Load{Seed: 2, Start: now.Add(time.Minute), Seconds: 20})
	b.all(after)
	if run := b.run("last"); run.ID != after.Info.ID {
		b.Errorf("the last run is %s, want %s: the order in which runs came into the ledger counts, not their clocks", run.ID, after.Info.ID)
	}
	Same(b.T, b.report("last"), after.Report)
	if n, err := b.ledger.Tidy(b.Context(), now, ledger.Ages{}); n != 0 || err != nil {
		b.Errorf("%d minutes of runs from the future were rolled up, %v", n, err)
	}
	if old, err := b.ledger.Beyond(b.Context(), ledger.Keep{Age: time.Hour}, now); len(old) != 0 || err != nil {
		b.Errorf("%d runs from the future are old, %v", len(old), err)
	}
}

// winter records a run from 02:59:30 in summer time to 02:00:40 in winter time.
func (b *bench) winter() {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		b.Fatal(err)
	}
	start := time.Date(2026, time.October, 25, 0, 59, 30, 0, time.UTC).In(berlin)
	if end := start.Add(70 * time.Second); start.Format("15:04 MST") != "02:59 CEST" || end.Format("15:04 MST") != "02:00 CET" {
		b.Fatalf("from %v to %v: the clocks of this machine know no winter time", start, end)
	}
	s := Make(Load{Start: start, Seconds: 70})
	b.all(s)
	Same(b.T, b.report("last"), s.Report)
	if run := b.run("last"); run.Duration != 70*time.Second || run.Started.Format("15:04:05 MST") != "02:59:30 CEST" {
		b.Errorf("the run began %v and lasted %v", run.Started, run.Duration)
	}
}
