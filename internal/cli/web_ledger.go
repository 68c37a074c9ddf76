package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/compare"
	"github.com/stampede-load/stampede/internal/console"
	"github.com/stampede-load/stampede/internal/ledger"
	"github.com/stampede-load/stampede/internal/report"
	"github.com/stampede-load/stampede/internal/stats"
)

// pageLedger is the ledger as the console sees it.
type pageLedger struct {
	app    *app
	ledger *ledger.Ledger

	mu    sync.Mutex
	row   *ledger.Run // the one that was asked for last: a page asks for many parts of one run
	stamp string      // of the ledger when it was read
	at    time.Time

	list ledgerList
}

// refused is an error that whoever asked can do something about.
func refused(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w: %w", console.ErrRefused, err)
}

func (p *pageLedger) find(ctx context.Context, ref string) (*ledger.Run, error) {
	stamp := p.ledger.Stamp()
	p.mu.Lock()
	row, fresh := p.row, time.Since(p.at) < sureFor || stamp != "" && stamp == p.stamp
	p.mu.Unlock()
	if row != nil && fresh && row.ID == ref && row.State == ledger.Done {
		return row, nil
	}
	row, err := p.ledger.Find(ctx, ref)
	if err != nil {
		if inner := errors.Unwrap(err); inner != nil {
			err = inner
		}
		return nil, fmt.Errorf("%w: %w", console.ErrUnknown, err)
	}
	p.mu.Lock()
	p.row, p.stamp, p.at = row, stamp, time.Now()
	p.mu.Unlock()
	return row, nil
}

// forget makes the next look at a run a fresh one.
func (p *pageLedger) forget() {
	p.mu.Lock()
	p.row = nil
	p.mu.Unlock()
	p.list.forget()
}

// Runs implements console.Ledger.
func (p *pageLedger) Runs(ctx context.Context) ([]console.Entry, error) {
	return p.list.all(ctx, p.ledger)
}

func entryOf(r *ledger.Run, marks map[string]int64) console.Entry {
	number, marked := marks[r.PlanHash]
	return console.Entry{
		RunInfo: r.RunInfo, State: string(r.State), Results: r.Outcome(), Outcome: outcomeWord(r), Verdict: r.Verdict, Thresholds: r.Thresholds, Passed: r.Passed,
		Requests: r.Requests, Failures: r.Failures, Rate: r.Rate, P50: r.P50, P95: r.P95, P99: r.P99, Commit: r.Git.Commit,
		Baseline: marked && number == r.Number,
	}
}

func (p *pageLedger) entry(ctx context.Context, r *ledger.Run) (console.Entry, error) {
	marks, err := p.ledger.Baselines(ctx)
	return entryOf(r, marks), err
}

func (p *pageLedger) Find(ctx context.Context, ref string) (console.Entry, error) {
	row, err := p.find(ctx, ref)
	if err != nil {
		return console.Entry{}, err
	}
	return p.entry(ctx, row)
}

func (p *pageLedger) Report(ctx context.Context, ref string, course bool) (*stampede.Report, error) {
	row, err := p.figured(ctx, ref)
	if err != nil {
		return nil, err
	}
	if course {
		return p.ledger.Result(ctx, row)
	}
	return p.ledger.Totals(ctx, row)
}

func (p *pageLedger) Whole(ctx context.Context, ref string) (*stampede.Report, error) {
	row, err := p.figured(ctx, ref)
	if err != nil {
		return nil, err
	}
	return p.ledger.Report(ctx, row)
}

// figured finds a run that has figures.
func (p *pageLedger) figured(ctx context.Context, ref string) (*ledger.Run, error) {
	row, err := p.find(ctx, ref)
	if err == nil && row.State == ledger.Imported {
		err = refused(fmt.Errorf("run %s came from a spreadsheet and has no figures of its own", row.ID))
	}
	return row, err
}

func (p *pageLedger) Course(ctx context.Context, ref string, key stats.Key, from, to int) ([]stats.Point, error) {
	row, err := p.find(ctx, ref)
	if err != nil {
		return nil, err
	}
	return p.ledger.Course(ctx, row, key, from, to)
}

func (p *pageLedger) Write(ctx context.Context, ref string, c console.Change) (console.Entry, error) {
	row, err := p.find(ctx, ref)
	if err != nil {
		return console.Entry{}, err
	}
	n := ledger.Note{Was: c.WasNotes}
	for _, part := range []struct {
		from *string
		into *string
		part ledger.Part
	}{
		{c.Changes, &n.Changes, ledger.PartChanges},
		{c.Focus, &n.Focus, ledger.PartFocus},
		{c.Notes, &n.Notes, ledger.PartNotes},
		{c.Results, &n.Results, ledger.PartResults},
	} {
		if part.from != nil {
			*part.into = *part.from
			n.Replace = append(n.Replace, part.part)
		}
	}
	if c.Links != nil {
		n.Links, n.Replace = *c.Links, append(n.Replace, ledger.PartLinks)
	}
	if c.Tags != nil {
		n.Tags = *c.Tags
		n.Untag = slices.DeleteFunc(slices.Clone(row.Tags), func(t string) bool { return slices.Contains(n.Tags, t) })
	}
	after, err := p.ledger.Write(ctx, row, n)
	p.forget()
	if errors.Is(err, ledger.ErrChanged) {
		err = refused(err)
	}
	if err != nil {
		return console.Entry{}, err
	}
	return p.entry(ctx, after)
}

func (p *pageLedger) Delete(ctx context.Context, ref string) error {
	row, err := p.find(ctx, ref)
	if err != nil {
		return err
	}
	p.forget()
	if row.State == ledger.Running {
		return refused(fmt.Errorf("run %s still goes on: stop it first", row.ID))
	}
	err = p.ledger.Delete(ctx, *row)
	p.forget()
	return err
}

func (p *pageLedger) SetBaseline(ctx context.Context, ref string) (console.Entry, error) {
	row, err := p.find(ctx, ref)
	if err != nil {
		return console.Entry{}, err
	}
	if err := finished(row); err != nil {
		return console.Entry{}, refused(err)
	}
	if err := p.ledger.SetBaseline(ctx, row, ""); err != nil {
		return console.Entry{}, err
	}
	p.forget()
	return p.entry(ctx, row)
}

func (p *pageLedger) Import(ctx context.Context, name string, r io.Reader) (console.Imported, error) {
	tables, err := ledger.ReadTables(r, name)
	if err != nil {
		return console.Imported{}, refused(err)
	}
	var got console.Imported
	var entries []ledger.Entry
	for _, t := range tables {
		s, err := ledger.Understand(t, ledger.Reading{Zone: time.Local})
		if err != nil {
			got.Doubts = append(got.Doubts, fmt.Sprintf("sheet %q is left out: %s", t.Name, err))
			continue
		}
		entries, got.Doubts = append(entries, s.Entries...), append(got.Doubts, s.Doubts...)
	}
	if len(entries) == 0 {
		return got, refused(fmt.Errorf("it has no runs: %w", ledger.ErrNoHeads))
	}
	m, err := p.ledger.Match(ctx, entries)
	if err != nil {
		return got, err
	}
	got.Doubts = append(got.Doubts, m.Near...)
	added, err := p.ledger.Import(ctx, entries)
	p.forget()
	got.Added, got.Known = len(added), len(entries)-len(added)
	return got, err
}

func (p *pageLedger) Export(ctx context.Context, w io.Writer, format string) error {
	runs, err := p.ledger.Runs(ctx, ledger.Filter{})
	if err != nil {
		return err
	}
	switch format {
	case "csv":
		return writeRunsCSV(w, runs)
	case "json":
		return writeRunsJSON(w, runs)
	}
	return report.WriteLedger(w, func(yield func(report.LedgerRow) bool) {
		for i := range runs {
			if !yield(ledgerRow(&runs[i])) {
				return
			}
		}
	})
}

func (p *pageLedger) Carry(ctx context.Context, w io.Writer, ref string) error {
	row, err := p.find(ctx, ref)
	if err != nil {
		return err
	}
	if err = p.ledger.Carry(ctx, row, w); errors.Is(err, ledger.ErrGoesOn) {
		err = refused(err)
	}
	return err
}

func (p *pageLedger) Trend(ctx context.Context, w io.Writer, q console.TrendQuery) error {
	o := trendOptions{plan: q.Run, metric: q.Metric, name: q.Name, json: true}
	if q.Type != "" && q.Name != "" {
		o.name = q.Type + " " + q.Name
	}
	if o.metric == "" {
		o.metric = "p95"
	}
	t, err := p.app.trend(ctx, p.ledger, &o)
	if err != nil {
		return refused(err)
	}
	return writeTrendJSON(w, t)
}

func (p *pageLedger) Compare(ctx context.Context, w io.Writer, before, now []string, page bool) error {
	if page && len(before) == 1 && len(now) == 1 {
		return p.comparePage(ctx, w, before[0], now[0])
	}
	var sides [2][]compare.Run
	var rows [2][]ledger.Run
	for i, refs := range [][]string{before, now} {
		for _, ref := range refs {
			row, err := p.find(ctx, ref)
			if err != nil {
				return err
			}
			run, err := recordedRun(ctx, p.ledger, row)
			if err != nil {
				return refused(err)
			}
			sides[i], rows[i] = append(sides[i], run), append(rows[i], *row)
		}
	}
	if err := bothSides(rows[0], rows[1]); err != nil {
		return refused(err)
	}
	found, err := compare.Compare(sides[0], sides[1], compare.Options{})
	if err != nil {
		return refused(err)
	}
	return report.WriteComparison(w, found)
}

// comparePage is two runs as the page shows them: with the curves of both.
func (p *pageLedger) comparePage(ctx context.Context, w io.Writer, before, now string) error {
	var both [2]*stampede.Report
	for i, ref := range []string{before, now} {
		row, err := p.find(ctx, ref)
		if err == nil {
			err = refused(finished(row))
		}
		if err == nil {
			both[i], err = p.ledger.Report(ctx, row)
		}
		if err != nil {
			return err
		}
	}
	if both[0].Run.ID == both[1].Run.ID {
		return refused(fmt.Errorf("run %s is on both sides, and no different from itself: name another", both[0].Run.ID))
	}
	found, err := compare.Compare([]compare.Run{compare.Of(both[0])}, []compare.Run{compare.Of(both[1])}, compare.Options{})
	if err != nil {
		return refused(err)
	}
	var b bytes.Buffer
	if err := report.WritePageAgainst(&b, both[1], both[0], found); err != nil {
		return err
	}
	_, err = b.WriteTo(w)
	return err
}
