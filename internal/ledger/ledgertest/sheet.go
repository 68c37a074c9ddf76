package ledgertest

import (
	"strings"
	"time"

	"github.com/stampede-load/stampede/internal/ledger"
)

// imported takes rows of a spreadsheet in, twice.
func (b *bench) imported() {
	zone := time.FixedZone("CET", 3600)
	sheet, err := ledger.Understand(ledger.Table{Cells: [][]string{
		{"our runs"},
		{"Notes", "Date", "Time", "Users", "Focus", "Changes", "Users / Second", "Links"},
		{"fine", "25/12/2025", "7:30 PM", "1,200", "log in 🎟️", "cache", "2.5", "https://a.example/ https://b.example/"},
		{},
		{"", "", "20:15", "about 50", "store"},
	}}, ledger.Reading{Zone: zone})
	if err != nil {
		b.Fatal(err)
	}
	for range 2 {
		if _, err := b.ledger.Import(b.Context(), sheet.Entries); err != nil {
			b.Fatal(err)
		}
	}
	runs, err := b.ledger.Runs(b.Context(), ledger.Filter{})
	if err != nil || len(runs) != 2 {
		b.Fatalf("%d runs, %v", len(runs), err)
	}
	first, second := runs[0], runs[1]
	if !first.Started.Equal(time.Date(2025, 12, 25, 19, 30, 0, 0, zone)) || first.Users != 1200 || first.SpawnRate != 2.5 || len(first.Links) != 2 ||
		first.State != ledger.Imported || first.Focus != "log in 🎟️" {
		b.Errorf("the first is %+v", first)
	}
	if !second.Started.Equal(time.Date(2025, 12, 25, 20, 15, 0, 0, zone)) || second.Users != 50 || len(sheet.Doubts) != 2 {
		b.Errorf("the second is %+v, the doubts are %q", second, sheet.Doubts)
	}
	b.thereAlready(sheet.Entries, zone)
	_, err = b.ledger.Report(b.Context(), &first)
	b.wantError(err, "spreadsheet")
	_, err = b.ledger.Find(b.Context(), "last")
	b.wantError(err, "no runs yet")
}

// thereAlready wants rows to be known again that somebody has written on since, and those that were exported from the ledger and come back,
// read in another zone.
func (b *bench) thereAlready(entries []ledger.Entry, zone *time.Location) {
	ctx := b.Context()
	if _, err := b.ledger.Write(ctx, b.run("log in 🎟️"), ledger.Note{Notes: "added later"}); err != nil {
		b.Fatal(err)
	}
	s := Make(Load{Start: time.Date(2026, 11, 2, 19, 0, 7, 0, zone)})
	b.all(s)
	run := b.run("last")
	exported := ledger.Entry{
		Line: 2, Started: time.Date(2026, 11, 2, 19, 0, 7, 0, time.UTC), Changes: run.Changes, Focus: run.Focus, Users: run.Users, Results: run.Outcome(),
		Notes: run.Notes, Links: run.Links, RateText: "all at once",
	}
	edited := exported
	edited.Line, edited.Notes = 3, "something else"
	m, err := b.ledger.Match(ctx, append(entries, exported, edited))
	if err != nil || m.Known != len(entries)+1 || len(m.New) != 1 || m.New[0].Line != 3 {
		b.Fatalf("%v: %+v", err, m)
	}
	if len(m.Near) != 0 { // the run is one row, and that was found
		b.Errorf("doubts about %q", m.Near)
	}
	if m, err = b.ledger.Match(ctx, []ledger.Entry{edited}); err != nil || len(m.Near) != 1 || !strings.Contains(m.Near[0], "line 3: run "+run.ID) {
		b.Errorf("%v: a row that was edited: %+v", err, m)
	}
	missing, err := b.ledger.Missing(ctx, append(entries, exported, edited))
	if err != nil || len(missing) != 1 || missing[0].Line != edited.Line {
		b.Errorf("%v: the ledger is said not to have %+v", err, missing)
	}
	for _, want := range []int{2, 0} {
		added, err := b.ledger.Import(ctx, []ledger.Entry{edited, edited, exported})
		if err != nil || len(added) != want {
			b.Errorf("%v: %d rows were new, want %d", err, len(added), want)
		}
	}
	if err := b.ledger.Delete(ctx, *run); err != nil {
		b.Fatal(err)
	}
}
