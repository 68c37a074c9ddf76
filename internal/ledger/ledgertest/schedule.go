package ledgertest

import (
	"errors"
	"reflect"
	"time"

	"github.com/stampede-load/stampede/internal/ledger"
)

// schedules keeps schedules and what became of them.
func (b *bench) schedules() {
	ctx, start := b.Context(), time.Date(2026, 11, 2, 19, 0, 0, 5, time.UTC)
	nightly := ledger.Schedule{
		Name: "nightly", Cron: "30 2 * * *", Zone: "Europe/Berlin", Settings: map[string][]string{"users": {"500"}, "thresholds": {"p95 < 1s", "failures < 1%"}},
		On: true, Late: time.Hour, Busy: true, Repeats: 3, Created: start, Since: start,
	}
	for _, s := range []ledger.Schedule{nightly, {Name: "a weekly one", Cron: "@weekly", Settings: map[string][]string{"header": {"Authorization: Bearer hunter2hunter2"}}}} {
		if err := b.ledger.AddSchedule(ctx, &s); err != nil {
			b.Fatal(err)
		}
	}
	if err := b.ledger.AddSchedule(ctx, &nightly); !errors.Is(err, ledger.ErrTaken) {
		b.Errorf("the same name twice: %v", err)
	}
	b.open(ledger.Options{}) // another program
	all, err := b.ledger.Schedules(ctx)
	if err != nil || len(all) != 2 || !reflect.DeepEqual(all[1], nightly) {
		b.Fatalf("%v: %+v", err, all)
	}
	if got := all[0].Settings["header"][0]; got == "Authorization: Bearer hunter2hunter2" {
		b.Errorf("a secret is kept: %s", got)
	}
	due := start.Add(8 * time.Hour)
	first := ledger.Turn{Schedule: "nightly", Due: due, Begun: due.Add(time.Second), State: ledger.TurnRunning, Missed: 0}
	if taken, err := b.ledger.BeginTurn(ctx, &first); err != nil || !taken {
		b.Fatalf("the first turn: %v, %v", taken, err)
	}
	second := first
	if taken, err := b.ledger.BeginTurn(ctx, &second); err != nil || taken {
		b.Errorf("another program takes the same turn: %v, %v", taken, err)
	}
	first.State, first.Run, first.Words, first.Ended = ledger.TurnRan, "20261103-030000-3f9a", "PASSED", due.Add(time.Minute)
	missed := ledger.Turn{Schedule: "nightly", Due: due.Add(72 * time.Hour), State: ledger.TurnMissed, Missed: 3, Begun: due.Add(80 * time.Hour), Ended: due.Add(80 * time.Hour), Words: "nobody was there", Again: true}
	if err := b.ledger.WriteTurn(ctx, &first); err != nil {
		b.Fatal(err)
	}
	if _, err := b.ledger.BeginTurn(ctx, &missed); err != nil {
		b.Fatal(err)
	}
	if err := b.ledger.AcceptTurn(ctx, "nightly", first.Run); err != nil {
		b.Error(err)
	}
	if err := b.ledger.AcceptTurn(ctx, "nightly", ""); err == nil {
		b.Error("a turn without a run is accepted")
	}
	first.Accepted = true
	turns, err := b.ledger.Turns(ctx, "nightly", 0)
	if err != nil || !reflect.DeepEqual(turns, []ledger.Turn{first, missed}) {
		b.Errorf("%v: %+v, want %+v", err, turns, []ledger.Turn{first, missed})
	}
	if turns, err := b.ledger.Turns(ctx, "", 1); err != nil || len(turns) != 1 || turns[0].Number != missed.Number {
		b.Errorf("the last turn: %v, %+v", err, turns)
	}
	if all, err := b.ledger.Schedules(ctx); err != nil || !all[1].Since.Equal(missed.Due) {
		b.Errorf("%v: all is taken care of up to %s, want %s", err, all[1].Since, missed.Due)
	}
	b.askAndSwitch(missed.Due)
}

// turnsAlone takes a turn while others go on, or seem to: cut is one whose run nobody records, young one whose run has not begun.
func (b *bench) turnsAlone(cut, young *ledger.Turn) {
	ctx := b.Context()
	soon := young.Begun.Add(time.Second)
	next := ledger.Turn{Schedule: "weekly", Due: soon, Begun: soon, State: ledger.TurnRunning}
	if on, err := b.ledger.TurnGoesOn(ctx, soon); err != nil || !on {
		b.Errorf("%v: a turn goes on: %v", err, on)
	}
	if on, err := b.ledger.TurnGoesOn(ctx, soon.Add(10*time.Minute)); err != nil || on {
		b.Errorf("%v: nobody carries anything out, and a turn goes on: %v", err, on)
	}
	for _, one := range []*ledger.Turn{cut, young} { // each holds up
		other := cut
		if one == cut {
			other = young
		}
		ended := *other
		ended.State = ledger.TurnFailed
		if err := b.ledger.WriteTurn(ctx, &ended); err != nil {
			b.Fatal(err)
		}
		if taken, err := b.ledger.BeginTurnAlone(ctx, &next); err != nil || taken {
			b.Errorf("%v: beside %+v a turn is taken: %v", err, one, taken)
		}
		if err := b.ledger.WriteTurn(ctx, other); err != nil {
			b.Fatal(err)
		}
	}
}

func (b *bench) askAndSwitch(now time.Time) {
	ctx := b.Context()
	for _, err := range []error{b.ledger.AskSchedule(ctx, "nightly", now.Add(time.Hour)), b.ledger.SwitchSchedule(ctx, "nightly", false, now.Add(2*time.Hour))} {
		if err != nil {
			b.Fatal(err)
		}
	}
	all, err := b.ledger.Schedules(ctx)
	if err != nil || all[1].On || !all[1].Since.Equal(now.Add(2*time.Hour)) || !all[1].Asked.Equal(now.Add(time.Hour)) {
		b.Fatalf("%v: %+v", err, all[1])
	}
	cut := ledger.Turn{Schedule: "nightly", Due: now.Add(time.Hour), Begun: now.Add(time.Hour), State: ledger.TurnRunning, Run: "20200101-000000-0000"}
	young := ledger.Turn{Schedule: "nightly", Due: now.Add(24 * time.Hour), Begun: now.Add(24 * time.Hour), State: ledger.TurnRunning}
	for _, t := range []*ledger.Turn{&cut, &young} {
		if _, err := b.ledger.BeginTurn(ctx, t); err != nil {
			b.Fatal(err)
		}
	}
	if all, err = b.ledger.Schedules(ctx); err != nil || !all[1].Asked.IsZero() {
		b.Errorf("%v: what was asked for is done, and still stands: %+v", err, all[1])
	}
	b.turnsAlone(&cut, &young)
	ended, err := b.ledger.EndCutTurns(ctx, now.Add(24*time.Hour+time.Minute))
	if err != nil || len(ended) != 1 || ended[0].Number != cut.Number || ended[0].State != ledger.TurnFailed {
		b.Errorf("%v: cut off were %+v", err, ended)
	}
	if err := b.ledger.RemoveSchedule(ctx, "nightly"); err != nil {
		b.Fatal(err)
	}
	for what, err := range map[string]error{
		"remove": b.ledger.RemoveSchedule(ctx, "nightly"), "switch": b.ledger.SwitchSchedule(ctx, "nightly", true, now), "ask": b.ledger.AskSchedule(ctx, "nope", now),
	} {
		if !errors.Is(err, ledger.ErrNoSchedule) {
			b.Errorf("%s what is not there: %v", what, err)
		}
	}
	if turns, err := b.ledger.Turns(ctx, "", 0); err != nil || len(turns) != 0 {
		b.Errorf("its turns are left: %v, %+v", err, turns)
	}
}
