package ledgertest

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/ledger"
)

// patience is how long a test waits for what takes milliseconds.
const patience = time.Minute

// Run tests a kind of ledger. fresh gives the place of a new and empty one.
func Run(t *testing.T, fresh func(t *testing.T) (where string)) {
	for _, test := range []struct {
		name string
		run  func(*bench)
	}{
		{"a run comes back as it was", (*bench).roundTrip},
		{"a warm-up comes back apart", (*bench).warmup},
		{"a long run is kept in blocks", (*bench).blocks},
		{"a window is exact", (*bench).window},
		{"answers after the load are in their seconds", (*bench).drain},
		{"a large run is rolled up without loss", (*bench).makeRoom},
		{"a run in progress can be read", (*bench).inProgress},
		{"a run that was cut off is repaired", (*bench).cutOff},
		{"a run that is recorded is left alone", (*bench).leftAlone},
		{"runs are listed by start", (*bench).list},
		{"runs are found by what people write", (*bench).find},
		{"people add to a run", (*bench).note},
		{"people write at the same time", (*bench).noteTogether},
		{"texts of all kinds come back", (*bench).texts},
		{"secrets are taken out", (*bench).secrets},
		{"deleting takes all of a run", (*bench).deleting},
		{"a run is carried from one ledger to another", (*bench).carried},
		{"what a run costs is kept with it", (*bench).cost},
		{"two runs in one second", (*bench).sameSecond},
		{"many recorders at once", (*bench).together},
		{"a clock that is set back changes no run", (*bench).clockBack},
		{"the change to winter time changes no run", (*bench).winter},
		{"old runs are rolled up", (*bench).tidy},
		{"rows of a spreadsheet are runs", (*bench).imported},
		{"one name is read out of many runs", (*bench).figures},
		{"schedules and their turns", (*bench).schedules},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := &bench{T: t, where: fresh(t)}
			b.open(ledger.Options{})
			test.run(b)
		})
	}
}

// bench is one test of one ledger.
type bench struct {
	*testing.T
	where  string
	ledger *ledger.Ledger
	said   []string
}

// open opens the ledger (again).
func (b *bench) open(o ledger.Options) *ledger.Ledger {
	b.Helper()
	o.Warn = func(text string) { b.said = append(b.said, text) }
	if o.Results == nil {
		o.Results = func(r *stampede.Report) string { return "results of " + r.Run.ID }
	}
	led, err := ledger.Open(b.Context(), b.where, o)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := led.Close(); err != nil {
			b.Error(err)
		}
	})
	b.ledger = led
	return led
}

// record records so many seconds of a story: all of them, or fewer and no end.
func (b *bench) record(s *Story, seconds int) {
	b.Helper()
	r := b.ledger.Record(ledger.Header{Git: ledger.Git{Commit: "3f9a", Dirty: true}, Thresholds: []string{"p95 < 500ms"}}, ledger.RecorderOptions{})
	s.Tell(r, seconds)
	b.close(r)
}

func (b *bench) close(r *ledger.Recorder) {
	b.Helper()
	ctx, stop := context.WithTimeout(context.WithoutCancel(b.Context()), patience)
	defer stop()
	if err := r.Close(ctx); err != nil {
		b.Fatal(err)
	}
}

func (b *bench) all(s *Story) { b.Helper(); b.record(s, len(s.Seconds)) }

func (b *bench) run(ref string) *ledger.Run {
	b.Helper()
	run, err := b.ledger.Find(b.Context(), ref)
	if err != nil {
		b.Fatal(err)
	}
	return run
}

func (b *bench) report(ref string) *stampede.Report {
	b.Helper()
	r, err := b.ledger.Report(b.Context(), b.run(ref))
	if err != nil {
		b.Fatal(err)
	}
	return r
}

// wantError wants an error that says all of the words.
func (b *bench) wantError(err error, words ...string) {
	b.Helper()
	if err == nil {
		b.Fatalf("no error; want one that says %q", words)
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			b.Errorf("the error is %q, and does not say %q", err, w)
		}
	}
}
