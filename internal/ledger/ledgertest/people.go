package ledgertest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/ledger"
	"github.com/stampede-load/stampede/internal/stats"
)

// three records three runs, a day apart, the first last; the ids begin with 20261102, 20261103 and 20261104.
func (b *bench) three() []*Story {
	var all []*Story
	for _, day := range []int{1, 2, 0} {
		s := Make(Load{Seed: uint64(day), Start: time.Date(2026, 11, 2+day, 19, 0, 0, 0, time.UTC)})
		s.Info.Focus = []string{"log in", "STORE", "événement"}[day]
		s.Info.Tags = []string{"nightly", fmt.Sprintf("day-%d", day)}
		s.Report.Run.Focus, s.Report.Run.Tags = s.Info.Focus, s.Info.Tags
		b.all(s)
		all = append(all, s)
	}
	return all
}

func (b *bench) list() {
	b.three()
	for _, c := range []struct {
		filter ledger.Filter
		want   string
	}{
		{ledger.Filter{}, "20261102 20261103 20261104"},
		{ledger.Filter{Focus: "store"}, "20261103"},
		{ledger.Filter{Focus: "ÉVÉ"}, "20261104"},
		{ledger.Filter{Since: time.Date(2026, 11, 3, 19, 0, 0, 0, time.UTC)}, "20261103 20261104"},
		{ledger.Filter{Tag: "day-0"}, "20261102"},
		{ledger.Filter{Tag: "day"}, ""},
		{ledger.Filter{Host: "SHOP"}, "20261102 20261103 20261104"},
		{ledger.Filter{Host: "other"}, ""},
		{ledger.Filter{Verdict: "suspect"}, "20261102 20261103 20261104"},
		{ledger.Filter{Verdict: "valid"}, ""},
		{ledger.Filter{Plan: "0123456789abcdef", Name: "Tour announcement", Limit: 2}, "20261103 20261104"},
	} {
		runs, err := b.ledger.Runs(b.Context(), c.filter)
		if err != nil {
			b.Fatal(err)
		}
		var days []string
		for _, r := range runs {
			days = append(days, r.ID[:8])
		}
		if got := strings.Join(days, " "); got != c.want {
			b.Errorf("%+v: got %q, want %q", c.filter, got, c.want)
		}
	}
}

func (b *bench) find() {
	ctx := b.Context()
	_, err := b.ledger.Find(ctx, "last")
	b.wantError(err, "no runs yet")
	b.three()
	for ref, want := range map[string]string{
		"last": "20261102", "last~1": "20261104", "last~2": "20261103", "20261103": "20261103", " last ": "20261102", "Tour announcement": "20261104",
	} {
		if got := b.run(ref).ID[:8]; got != want {
			b.Errorf("%q is %s, want %s", ref, got, want)
		}
	}
	for ref, says := range map[string]string{
		"202611": "3 runs begin with it", "last~3": "fewer than 4", "last~x": "last~1", "": "name it by", "%": "none", "_": "none", "nobody": "runs list",
		"baseline": "no baseline",
	} {
		_, err := b.ledger.Find(ctx, ref)
		b.wantError(err, says)
	}
	if err := b.ledger.SetBaseline(ctx, b.run("last~1"), ""); err != nil {
		b.Fatal(err)
	}
	if got := b.run("baseline").ID[:8]; got != "20261104" {
		b.Errorf("the baseline is %s", got)
	}
	if err := b.ledger.SetBaseline(ctx, b.run("last"), "cafe"); err != nil {
		b.Fatal(err)
	}
	if got := b.run("baseline:cafe").ID[:8]; got != "20261102" {
		b.Errorf("the baseline of another plan is %s", got)
	}
}

func (b *bench) note() {
	b.all(Make(Load{}))
	run, err := b.ledger.Write(b.Context(), b.run("last"), ledger.Note{
		Notes: "it rained", Results: "the cache was cold", Links: []string{"https://a.example/", "https://a.example/"}, Tags: []string{"rain", "nightly"},
	})
	if err != nil {
		b.Fatal(err)
	}
	again := b.run("last")
	for _, r := range []*ledger.Run{run, again} {
		if r.Notes != "first\nit rained" || r.Changes != "cache off" || r.Outcome() != "results of "+r.ID+"\nthe cache was cold" ||
			!slices.Equal(r.Links, []string{"https://wiki.example.org/tour", "https://a.example/"}) || !slices.Equal(r.Tags, []string{"nightly", "rain"}) {
			b.Errorf("the run is %+v", r)
		}
	}
	if rep := b.report("last"); rep.Run.Notes != again.Notes {
		b.Errorf("the report's notes are %q", rep.Run.Notes)
	}
	run, err = b.ledger.Write(b.Context(), again, ledger.Note{
		Replace: []ledger.Part{ledger.PartNotes, ledger.PartFocus, ledger.PartLinks}, Focus: "new", Untag: []string{"nightly"},
	})
	if err != nil || run.Notes != "" || run.Focus != "new" || run.Changes != "cache off" || run.Added != "the cache was cold" || len(run.Links) != 0 ||
		!slices.Equal(run.Tags, []string{"rain"}) {
		b.Errorf("after replacing: %+v, %v", run, err)
	}
}

// noteTogether lets several people write at once: each word must be there in the end.
func (b *bench) noteTogether() {
	b.all(Make(Load{}))
	run := b.run("last")
	const people, words = 4, 5
	var all sync.WaitGroup
	for i := range people {
		led := b.open(ledger.Options{})
		all.Go(func() {
			for j := range words {
				if _, err := led.Write(b.Context(), run, ledger.Note{Notes: fmt.Sprintf("person %d, word %d", i, j)}); err != nil {
					b.Error(err)
				}
			}
		})
	}
	all.Wait()
	notes := b.run("last").Notes
	if got := len(strings.Split(notes, "\n")); got != people*words+1 {
		b.Errorf("of %d lines %d are there:\n%s", people*words+1, got, notes)
	}
	was := "what it was before"
	_, err := b.ledger.Write(b.Context(), run, ledger.Note{Notes: "edited", Was: &was, Replace: []ledger.Part{ledger.PartNotes}})
	if !errors.Is(err, ledger.ErrChanged) || b.run("last").Notes != notes {
		b.Errorf("notes that somebody else changed were replaced: %v", err)
	}
	if _, err = b.ledger.Write(b.Context(), run, ledger.Note{Notes: "edited", Was: &notes, Replace: []ledger.Part{ledger.PartNotes}}); err != nil {
		b.Error(err)
	}
	if got := b.run("last").Notes; got != "edited" {
		b.Errorf("the notes are %q", got)
	}
}

// tryingTexts are hard to keep.
func tryingTexts() []string {
	return []string{
		"emoji 🎟️ 👩‍👩‍👧", "שלום עולם", "right\u202eto left", "two\nlines\r\nand\ttabs", `quotes " ' and \ and %`, "'; DROP TABLE run; --", "ß ﬀ İ", "=1+1",
	}
}

func (b *bench) texts() {
	for i, text := range tryingTexts() {
		s := Make(Load{ID: fmt.Sprintf("text-%d", i)})
		s.Info.Name, s.Info.Changes, s.Info.Focus, s.Info.Notes = text, text, text, text
		s.Info.Links, s.Info.Tags = []string{text}, []string{text}
		s.Report.Run.Name, s.Report.Run.Changes, s.Report.Run.Focus, s.Report.Run.Notes = text, text, text, text
		s.Report.Run.Links, s.Report.Run.Tags = s.Info.Links, s.Info.Tags
		b.all(s)
		Same(b.T, b.report(s.Info.ID), s.Report)
		if run := b.run(text); run.ID != s.Info.ID {
			b.Errorf("%q finds %s", text, run.ID)
		}
	}
	bad := Make(Load{ID: "bad"})
	bad.Info.Notes = "nul\x00 and \xff"
	b.all(bad)
	if got := b.run("bad").Notes; got != "nul\uFFFD and \uFFFD" {
		b.Errorf("bytes that are no text became %q", got)
	}
	long := strings.Repeat("all work and no play 🎟️\n", 400_000) // 10 MB
	run, err := b.ledger.Write(b.Context(), b.run("bad"), ledger.Note{Replace: []ledger.Part{ledger.PartNotes}, Notes: long})
	if err != nil || run.Notes != long || b.run("bad").Notes != long {
		b.Errorf("10 MB of notes did not come back: %v", err)
	}
}

func (b *bench) secrets() {
	const secret = "hunter2hunter2"
	s := Make(Load{Seconds: 70})
	texts := []string{
		"https://user:" + secret + "@shop.example.org/", "Authorization: Bearer " + secret, "Cookie: session=" + secret, "password=" + secret + "&x=1",
		"Authorization: Basic " + secret, `{"access_token":"` + secret + `"}`, "postgres://me:" + secret + "@db/x", "Set-Cookie: a=" + secret + "; Path=/",
	}
	s.Info.Host, s.Info.Name, s.Info.Changes, s.Info.Focus = texts[0], texts[1], texts[2], texts[3]
	s.Info.Notes, s.Info.Links, s.Info.Tags = strings.Join(texts, "\n"), texts, texts
	s.Report.Run, s.Report.Verdict.Reasons, s.Report.Warnings, s.Report.Notices = s.Info, texts, texts, texts
	for i, text := range texts {
		s.Events = append(s.Events, stampede.Event{Kind: "warning", Text: text})
		s.Report.Environment = append(s.Report.Environment, stampede.Setting{Name: fmt.Sprint(i), Value: text})
		for _, sec := range s.Seconds {
			sec.Rows = append(sec.Rows, stats.Row{Key: stats.Key{Type: "GET", Name: text}, Count: 1})
			sec.Errors = append(sec.Errors, stats.ErrorRow{Key: stats.Key{Type: "GET", Name: text}, Text: text, Count: 1, Stack: text})
		}
	}
	s.Report.Events = s.Events
	s.Report.Judged.Rows, s.Report.Judged.Errors = s.Seconds[0].Rows, s.Seconds[0].Errors
	r := b.ledger.Record(ledger.Header{Thresholds: texts, Command: texts[3], Git: ledger.Git{Commit: texts[2]}}, ledger.RecorderOptions{})
	s.Tell(r, len(s.Seconds))
	b.close(r)
	run, err := b.ledger.Write(b.Context(), b.run("last"), ledger.Note{Notes: texts[1], Results: texts[2], Links: texts, Tags: texts})
	if err != nil {
		b.Fatal(err)
	}
	if !strings.Contains(run.Notes, "password=***&x=1") || run.Host != "https://shop.example.org/" {
		b.Errorf("the notes are %q, the host is %q", run.Notes, run.Host)
	}
	for _, line := range append(Describe(b.report("last")), fmt.Sprintf("%+v", run)) {
		if strings.Contains(line, secret) {
			b.Errorf("the secret is in %.200s", line)
		}
	}
}

func (b *bench) deleting() {
	b.three()
	ctx := b.Context()
	run := b.run("last~1")
	if err := b.ledger.SetBaseline(ctx, run, ""); err != nil {
		b.Fatal(err)
	}
	old, err := b.ledger.Beyond(ctx, ledger.Keep{Runs: 1}, time.Now())
	if err != nil || len(old) != 2 {
		b.Errorf("keep 1 of 3: %d go, %v", len(old), err)
	}
	if err := b.ledger.SetBaseline(ctx, b.run("20261102"), ""); err != nil {
		b.Fatal(err)
	}
	if old, err = b.ledger.Beyond(ctx, ledger.Keep{Age: 24 * time.Hour}, time.Date(2026, 11, 4, 20, 0, 0, 0, time.UTC)); err != nil || len(old) != 1 {
		b.Errorf("keep a day, and the baseline: %d go, %v", len(old), err)
	}
	if err := b.ledger.Delete(ctx, *run); err != nil {
		b.Fatal(err)
	}
	_, err = b.ledger.Find(ctx, run.ID)
	b.wantError(err, "none")
	if runs, err := b.ledger.Runs(ctx, ledger.Filter{}); err != nil || len(runs) != 2 {
		b.Errorf("%d runs are left, %v", len(runs), err)
	}
	if err := b.ledger.Delete(ctx, *run); err != nil {
		b.Errorf("deleting what is gone: %v", err)
	}
}

func (b *bench) sameSecond() {
	b.all(Make(Load{}))
	s := Make(Load{})
	r := b.ledger.Record(ledger.Header{}, ledger.RecorderOptions{}) // goes on
	s.Tell(r, 1)
	if err := r.Flush(b.Context()); err != nil {
		b.Fatal(err)
	}
	b.open(ledger.Options{}) // another program
	b.all(Make(Load{}))
	if len(b.said) != 0 {
		b.Errorf("a run that goes on was repaired: %q", b.said)
	}
	b.close(r)
	runs, err := b.ledger.Runs(b.Context(), ledger.Filter{})
	if err != nil || len(runs) != 3 || runs[0].ID == runs[1].ID || runs[1].ID == runs[2].ID {
		b.Errorf("%v: %d runs", err, len(runs))
	}
	for _, r := range runs {
		if got := b.run(r.ID); got.Number != r.Number {
			b.Errorf("%s is run %d, want %d", r.ID, got.Number, r.Number)
		}
	}
}

func (b *bench) tidy() {
	ctx, day := b.Context(), 24*time.Hour
	b.all(Make(Load{Names: 1, Seconds: 70, Seed: 1}))
	baseline := b.run("last")
	if err := b.ledger.SetBaseline(ctx, baseline, ""); err != nil { // keeps its seconds
		b.Fatal(err)
	}
	s := Make(Load{Names: 2, Seconds: 200})
	b.all(s)
	before := b.report("last")
	for _, c := range []struct {
		age            time.Duration
		minutes, width int
	}{{29 * day, 0, 1}, {31 * day, 4, 10}, {31 * day, 0, 10}, {181 * day, 4, 60}, {999 * day, 0, 60}} {
		n, err := b.ledger.Tidy(ctx, s.Info.Started.Add(c.age), ledger.Ages{})
		if err != nil || n != c.minutes {
			b.Errorf("after %v: %d minutes, want %d (%v)", c.age, n, c.minutes, err)
		}
		points, err := b.ledger.Course(ctx, b.run("last"), stats.Key{}, 0, 0)
		if err != nil || points[0].Width != c.width {
			b.Errorf("after %v: stretches of %d s, want %d (%v)", c.age, points[0].Width, c.width, err)
		}
	}
	if points, err := b.ledger.Course(ctx, baseline, stats.Key{}, 0, 0); err != nil || points[0].Width != 1 {
		b.Errorf("the baseline was rolled up to stretches of %d s (%v)", points[0].Width, err)
	}
	after := b.report("last")
	whole, err := b.ledger.Window(ctx, b.run("last"), stats.Key{}, 0, 0)
	if err != nil || row(&whole) != row(&s.Report.Whole.Total) {
		b.Errorf("%v: rolling up changed the sum", err)
	}
	before.Series, after.Series = stats.NewSeries(stats.SeriesOptions{}), stats.NewSeries(stats.SeriesOptions{})
	Same(b.T, after, before)
}
