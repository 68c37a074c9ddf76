package ledgertest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/ledger"
	"github.com/stampede-load/stampede/internal/stats"
	"github.com/stampede-load/stampede/internal/verdict"
)

func (b *bench) roundTrip() {
	s := Make(Load{Names: 3, Seconds: 12, Last: 400 * time.Millisecond, Paced: true})
	s.Report.Run.UsersText, s.Report.Run.RateText = "50, then 80", "5/s, then 9/s" // somebody changed it while it went on
	b.all(s)
	Same(b.T, b.report("last"), s.Report)
	run := b.run("last")
	if run.State != ledger.Done || run.Results != "results of "+s.Info.ID || run.Git != (ledger.Git{Commit: "3f9a", Dirty: true}) {
		b.Errorf("the row is %+v", run)
	}
	if run.UsersText != "50, then 80" || run.RateText != "5/s, then 9/s" {
		b.Errorf("the load is told as it was planned: %q, %q", run.UsersText, run.RateText)
	}
	if total := &s.Report.Judged.Total; run.Requests != total.Count || run.Failures != total.Failures || run.Passed != 1 || run.Thresholds != 2 {
		b.Errorf("the figures are %+v", run)
	}
	if ns, _ := s.Report.Judged.Total.Quantile(true, 0.95); run.P95 != time.Duration(ns) {
		b.Errorf("p95 is %v, want %v", run.P95, time.Duration(ns))
	}
	b.open(ledger.Options{}) // another program, later
	Same(b.T, b.report("last"), s.Report)
}

func (b *bench) warmup() {
	s := Make(Load{Names: 2, Seconds: 12, Warmup: 4 * time.Second})
	b.all(s)
	Same(b.T, b.report("last"), s.Report)
}

func (b *bench) blocks() {
	s := Make(Load{Names: 3, Seconds: 250, Rate: 3})
	b.all(s)
	Same(b.T, b.report("last"), s.Report)
	names, err := b.ledger.Names(b.Context(), b.run("last"))
	if err != nil || len(names) != 3 || names[0] != (stats.Key{Type: "GET", Name: "Page 000"}) {
		b.Errorf("the names are %v, %v", names, err)
	}
}

// drain has answers that came after the load: in seconds that are blocks by then, and in seconds that are not.
func (b *bench) drain() {
	for _, l := range []Load{
		{Names: 3, Seconds: 20, Drain: 5, Back: 9, Warmup: 3 * time.Second},
		{Names: 9, Seconds: 200, Drain: 30, Back: 170, Rate: 3},
		{Names: 2, Seconds: 61, Drain: 2, Back: 60},
	} {
		l.ID = fmt.Sprintf("20261102-180000-%04x", l.Seconds)
		s := Make(l)
		b.all(s)
		Same(b.T, b.report(l.ID), s.Report)
		run := b.run(l.ID)
		for _, key := range []stats.Key{{}, {Type: "GET", Name: "Page 001"}} {
			got, err := b.ledger.Window(b.Context(), run, key, 3, l.Seconds-l.Drain)
			want := s.Report.Series.Window(3, l.Seconds-l.Drain)
			sum := &want.Total
			if key.Name != "" {
				sum = want.Row(key)
			}
			if err != nil || row(&got) != row(sum) {
				b.Errorf("%v: %v, got %.200s\nwant %.200s", key, err, row(&got), row(sum))
			}
		}
	}
	s := Make(Load{ID: "20261102-180000-0000", Names: 4, Seconds: 200, Drain: 30, Back: 170})
	r := b.ledger.Record(ledger.Header{}, ledger.RecorderOptions{})
	s.Tell(r, 190) // it goes on, and is cut off
	if err := r.Flush(b.Context()); err != nil {
		b.Fatal(err)
	}
	check := func(when string) {
		want := stats.NewSeries(stats.SeriesOptions{})
		for _, sec := range s.Seconds[:190] {
			want.Add(sec)
		}
		if got := b.report(s.Info.ID).Series; !slices.Equal(course(got), course(want)) {
			b.Errorf("%s the seconds differ", when)
		}
		key := stats.Key{Type: "GET", Name: "Page 003"}
		got, err := b.ledger.Window(b.Context(), b.run(s.Info.ID), key, 10, 120)
		if sum := want.Window(10, 120).Row(key); err != nil || row(&got) != row(sum) {
			b.Errorf("%s: %v, got %.200s\nwant %.200s", when, err, row(&got), row(sum))
		}
	}
	check("while it goes on")
	b.close(r)
	b.open(ledger.Options{})
	check("after it was cut off")
}

func (b *bench) window() {
	s := Make(Load{Names: 3, Seconds: 250, Rate: 5})
	b.all(s)
	run := b.run("last")
	key := stats.Key{Type: "GET", Name: "Page 001"}
	for _, w := range []struct{ from, to int }{{0, 0}, {0, 1}, {59, 61}, {17, 203}, {120, 180}, {240, 999}, {300, 400}} {
		to := w.to
		if to == 0 {
			to = 250
		}
		want, all := stats.Row{Key: key}, stats.Row{}
		for _, sec := range s.Seconds[min(w.from, 250):min(to, 250)] {
			want.Add(sec.Row(key))
			all.Add(&sec.Total)
		}
		got, err := b.ledger.Window(b.Context(), run, key, w.from, w.to)
		if err != nil || row(&got) != row(&want) {
			b.Errorf("%v: %v, got %.200s\nwant %.200s", w, err, row(&got), row(&want))
		}
		if got, err = b.ledger.Window(b.Context(), run, stats.Key{}, w.from, w.to); err != nil || row(&got) != row(&all) {
			b.Errorf("all names, %v: %v, got %.200s\nwant %.200s", w, err, row(&got), row(&all))
		}
	}
	if got, err := b.ledger.Window(b.Context(), run, stats.Key{Name: "nobody"}, 0, 0); err != nil || !got.IsEmpty() {
		b.Errorf("a name that is not there: %v, %v", got, err)
	}
}

func (b *bench) makeRoom() {
	b.open(ledger.Options{RunBytes: 40_000})
	s := Make(Load{Names: 4, Seconds: 1500, Rate: 5})
	b.all(s)
	run := b.run("last")
	key := stats.Key{Type: "GET", Name: "Page 002"}
	points, err := b.ledger.Course(b.Context(), run, key, 0, 0)
	if err != nil {
		b.Fatal(err)
	}
	widths, sum := map[int]int{}, stats.Row{Key: key}
	for _, p := range points {
		widths[p.Width]++
		sum.Add(&p.Row)
	}
	if widths[60] == 0 || len(points) > 700 {
		b.Errorf("the stretches are %v", widths)
	}
	if want := s.Report.Whole.Row(key); row(&sum) != row(want) {
		b.Errorf("the sum is %.200s\nwant %.200s", row(&sum), row(want))
	}
	whole, err := b.ledger.Window(b.Context(), run, stats.Key{}, 0, 0)
	if err != nil || row(&whole) != row(&s.Report.Whole.Total) {
		b.Errorf("%v: the sum of all is %.200s\nwant %.200s", err, row(&whole), row(&s.Report.Whole.Total))
	}
}

func (b *bench) inProgress() {
	s := Make(Load{Names: 2, Seconds: 100})
	r := b.ledger.Record(ledger.Header{Thresholds: []string{"p95 < 500ms"}}, ledger.RecorderOptions{})
	s.Tell(r, 75)
	if err := r.Flush(b.Context()); err != nil {
		b.Fatal(err)
	}
	rep := b.report("last")
	if run := b.run("last"); run.State != ledger.Running || run.Changes != "cache off" {
		b.Errorf("the row is %+v", run)
	}
	if text := strings.Join(rep.Notices, "\n"); rep.Run.Interrupted || strings.Contains(strings.Join(rep.Verdict.Reasons, "\n"), "cut off") ||
		!strings.Contains(text, "goes on") || len(rep.Thresholds) > 0 {
		b.Errorf("a run in progress is said to be cut off: %+v, %q", rep.Verdict, text)
	}
	var want stats.Row
	for _, sec := range s.Seconds[:75] {
		want.Add(&sec.Total)
	}
	if row(&rep.Whole.Total) != row(&want) || rep.Run.Duration != 75*time.Second {
		b.Errorf("after 75 s the run has lasted %v and has %d requests, want %d", rep.Run.Duration, rep.Whole.Total.Count, want.Count)
	}
	b.close(r)
}

func (b *bench) cutOff() {
	s := Make(Load{Names: 2, Seconds: 100})
	r := b.ledger.Record(ledger.Header{Warmup: 5 * time.Second, Thresholds: []string{"p95 < 500ms"}}, ledger.RecorderOptions{})
	s.Tell(r, 75)
	b.close(r) // without an end
	b.open(ledger.Options{})
	if len(b.said) != 1 || !strings.Contains(b.said[0], s.Info.ID) || !strings.Contains(b.said[0], "cut off") {
		b.Errorf("it said %q", b.said)
	}
	run := b.run("last")
	rep := b.report("last")
	var whole, judged stats.Row
	for i, sec := range s.Seconds[:75] {
		whole.Add(&sec.Total)
		if i >= 5 {
			judged.Add(&sec.Total)
		}
	}
	if row(&rep.Whole.Total) != row(&whole) || row(&rep.Judged.Total) != row(&judged) || rep.Judged.Seconds != 70 {
		b.Errorf("it has %d and %d requests, want %d and %d", rep.Whole.Total.Count, rep.Judged.Total.Count, whole.Count, judged.Count)
	}
	if run.State != ledger.Interrupted || !rep.Run.Interrupted || rep.Verdict.Level < verdict.Suspect || rep.Thresholds[0].Judged {
		b.Errorf("the row is %+v", run)
	}
	var failed int64
	for _, e := range rep.Whole.Errors {
		failed += e.Count
	}
	if failed != whole.Failures {
		b.Errorf("the errors count %d failures, want %d", failed, whole.Failures)
	}
	b.said = nil
	b.open(ledger.Options{})
	if len(b.said) != 0 {
		b.Errorf("it repaired twice: %q", b.said)
	}
}

func (b *bench) leftAlone() {
	s := Make(Load{Seconds: 20})
	r := b.ledger.Record(ledger.Header{}, ledger.RecorderOptions{})
	s.Tell(r, 10)
	if err := r.Flush(b.Context()); err != nil {
		b.Fatal(err)
	}
	b.open(ledger.Options{})
	if len(b.said) != 0 || b.run("last").State != ledger.Running {
		b.Errorf("a run that goes on was repaired: %q", b.said)
	}
	b.wantError(b.ledger.Delete(b.Context(), *b.run("last")), "being recorded")
	if _, err := b.ledger.Write(b.Context(), b.run("last"), ledger.Note{Notes: "it rains", Results: "slow already", Links: []string{"https://a.example/"}}); err != nil {
		b.Fatal(err)
	}
	s.Report.Run.Notes += "\nit rains"
	s.Report.Run.Links = append(slices.Clone(s.Report.Run.Links), "https://a.example/")
	for _, sec := range s.Seconds[10:] {
		r.Second(sec)
	}
	r.End(s.Report)
	b.close(r)
	Same(b.T, b.report("last"), s.Report)
	if run := b.run("last"); run.Outcome() != "results of "+run.ID+"\nslow already" {
		b.Errorf("what a person wrote meanwhile became %q", run.Outcome())
	}
}

func (b *bench) together() {
	const runs = 4
	recorders, stories := make([]*ledger.Recorder, runs), make([]*Story, runs)
	for i := range runs {
		stories[i] = Make(Load{Names: 2, Seconds: 70, Seed: uint64(i), Start: time.Date(2026, 11, 2, 19, i, 0, 0, time.UTC)})
		recorders[i] = b.open(ledger.Options{}).Record(ledger.Header{}, ledger.RecorderOptions{})
	}
	for i, r := range recorders {
		r.Begin(stories[i].Info)
	}
	for at := range 70 {
		for i, r := range recorders {
			r.Second(stories[i].Seconds[at])
		}
	}
	for i, r := range recorders {
		stories[i].Report.Events = nil
		r.End(stories[i].Report)
		b.close(r)
	}
	for _, s := range stories {
		Same(b.T, b.report(s.Info.ID), s.Report)
	}
}

var _ stampede.Observer = (*ledger.Recorder)(nil)
