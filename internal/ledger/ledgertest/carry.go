package ledgertest

import (
	"bytes"
	"errors"
	"math"
	"strings"
	"time"

	"github.com/stampede-load/stampede/internal/ledger"
)

// carried takes runs out of a ledger and puts them in again: they come back as they were, once, and what is damaged does not come in.
func (b *bench) carried() {
	whole := Make(Load{ID: "20261102-190000-0001", Names: 3, Seconds: 150, Rate: 20})
	b.all(whole)
	cut := Make(Load{ID: "20261102-200000-0002", Names: 2, Seconds: 40})
	b.record(cut, 25)
	r := b.ledger.Record(ledger.Header{}, ledger.RecorderOptions{})
	going := Make(Load{ID: "20261102-210000-0003", Seconds: 20})
	going.Tell(r, 10)
	if err := r.Flush(b.Context()); err != nil {
		b.Fatal(err)
	}
	if err := b.ledger.Carry(b.Context(), b.run(going.Info.ID), &bytes.Buffer{}); !errors.Is(err, ledger.ErrGoesOn) {
		b.Errorf("a run that goes on is carried: %v", err)
	}
	b.close(r)
	b.open(ledger.Options{}) // repairs what was cut off
	for _, s := range []*Story{whole, cut} {
		run, before := b.run(s.Info.ID), b.report(s.Info.ID)
		var text bytes.Buffer
		if err := b.ledger.Carry(b.Context(), run, &text); err != nil {
			b.Fatal(err)
		}
		if _, added, err := b.ledger.TakeIn(b.Context(), bytes.NewReader(text.Bytes())); err != nil || added {
			b.Errorf("it is there: %v, %v", added, err)
		}
		if err := b.ledger.Delete(b.Context(), *run); err != nil {
			b.Fatal(err)
		}
		for what, change := range map[string][2]string{
			"another kind": {`"stampede":"run"`, `"stampede":"hen"`}, "an older schema": {`"schema":`, `"schema":1,"was":`}, "a newer one": {`"schema":`, `"schema":1000,"was":`},
			"no id": {`"id":"`, `"id":"../../`}, "another state": {`"state":"`, `"state":"un`}, "a damaged result": {`"judged":"`, `"judged":"AAAA`},
			"a damaged course": {`"width":1,"data":"`, `"width":1,"data":"AAAA`}, "half of it": {text.String()[text.Len()/2:], ""},
		} {
			if bad := strings.Replace(text.String(), change[0], change[1], 1); bad == text.String() {
				b.Errorf("%s: nothing is changed", what)
			} else if run, added, err := b.ledger.TakeIn(b.Context(), strings.NewReader(bad)); err == nil || added {
				b.Errorf("%s is taken in as %+v", what, run)
			}
			if _, err := b.ledger.Find(b.Context(), s.Info.ID); err == nil {
				b.Fatalf("%s: a part of it is kept", what)
			}
		}
		after, added, err := b.ledger.TakeIn(b.Context(), &text)
		if err != nil || !added || after.ID != run.ID || after.Results != run.Results || after.State != run.State || after.Git != run.Git {
			b.Fatalf("%v, %v: %+v", err, added, after)
		}
		Same(b.T, b.report(s.Info.ID), before)
	}
}

// cost is that of the machines for as long as the run took, and what is known of it later.
func (b *bench) cost() {
	for i, seconds := range []int{90, 45} { // to its end, and cut off
		s := Make(Load{ID: []string{"20261102-190000-0001", "20261102-200000-0002"}[i], Seconds: 90})
		r := b.ledger.Record(ledger.Header{CostHour: 0.8, CostBasis: "10 x c7g.large"}, ledger.RecorderOptions{})
		s.Tell(r, seconds)
		b.close(r)
		b.open(ledger.Options{})
		run := b.run(s.Info.ID)
		want := 0.8 * run.Duration.Hours()
		if run.Duration < 40*time.Second || math.Abs(run.Cost-want) > 1e-9 || !strings.Contains(run.CostBasis, "0.8 USD an hour: 10 x c7g.large") {
			b.Errorf("%s took %s and cost %v (%s), want %v", run.ID, run.Duration, run.Cost, run.CostBasis, want)
		}
		if err := b.ledger.WriteCost(b.Context(), run, 1.25, "all of it"); err != nil {
			b.Fatal(err)
		}
		if again := b.run(s.Info.ID); again.Cost != 1.25 || again.CostBasis != "all of it" || b.report(s.Info.ID).Run.Cost != 1.25 {
			b.Errorf("it is kept as %v, %q", again.Cost, again.CostBasis)
		}
	}
}
