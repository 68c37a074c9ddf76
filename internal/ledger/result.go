package ledger

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/stats"
)

// packed is a result ready to be written. Making it touches the report; writing it does not.
type packed struct {
	run                 Run // its row, with the figures
	meta, judged, whole []byte
	events              []stampede.Event
}

// packResult makes a result ready to be written. nothing of the report is kept.
func (b *Ledger) packResult(rep *stampede.Report, lost int) (*packed, error) {
	p := &packed{events: cleanEvents(rep.Events)}
	p.run.judge(rep, lost, &b.opt)
	m := metaOf(rep)
	b.addServers(&m, rep)
	text, err := json.Marshal(&m)
	if err != nil {
		return nil, fmt.Errorf("a figure of the result cannot be kept: %w", err)
	}
	var names cleaner
	p.meta = b.pack.pack(text)
	p.judged = b.packTotals(&rep.Judged, &names)
	if rep.HadWarmup() {
		p.whole = b.packTotals(&rep.Whole, &names)
	}
	return p, nil
}

// packTotals keeps totals in the form of a snapshot, which has all they have. The total is the sum of the rows.
func (b *Ledger) packTotals(t *stats.Totals, names *cleaner) []byte {
	s := stats.Snapshot{Rows: names.rows(t.Rows), Errors: names.errors(t.Errors)}
	return b.pack.pack(s.AppendBinary(nil))
}

func (b *Ledger) unpackTotals(data []byte, seconds float64) (stats.Totals, error) {
	t := stats.Totals{Seconds: seconds}
	raw, err := b.pack.unpack(data)
	if err != nil {
		return t, err
	}
	s, err := stats.DecodeSnapshot(raw)
	if err != nil {
		return t, err
	}
	t.Rows, t.Errors = s.Rows, s.Errors
	for i := range t.Rows {
		if !t.Rows[i].Apart() {
			t.Total.Add(&t.Rows[i])
		}
	}
	return t, nil
}

func cleanEvents(events []stampede.Event) []stampede.Event {
	out := make([]stampede.Event, len(events))
	for i, e := range events {
		out[i] = stampede.Event{At: e.At, Kind: clean(e.Kind), Text: clean(e.Text)}
	}
	return out
}

// writeResult writes the end of a run whose row is there. What a person wrote meanwhile stays.
func (b *Ledger) writeResult(ctx context.Context, tx *sql.Tx, run int64, p *packed, state State) error {
	r := p.run
	r.Number, r.State = run, state
	if err := b.updateRun(ctx, tx, &r, "state", "duration", "users", "users_text", "rate_text", "stopped", "results", "verdict", "judgement", "thresholds", "passed",
		"requests", "failures", "rate", "p50", "p95", "p99", "lost", "cost", "cost_basis"); err != nil {
		return err
	}
	if err := b.exec(ctx, tx, "DELETE FROM result WHERE run = ?", run); err != nil {
		return err
	}
	if err := b.exec(ctx, tx, "INSERT INTO result (run, meta, judged, whole) VALUES (?, ?, ?, ?)", run, p.meta, p.judged, p.whole); err != nil {
		return err
	}
	return b.writeEvents(ctx, tx, run, 0, p.events)
}

// writeEvents writes events in order, the first of which is number from; those that were there from that one on are replaced.
func (b *Ledger) writeEvents(ctx context.Context, tx *sql.Tx, run int64, from int, events []stampede.Event) error {
	if err := b.exec(ctx, tx, "DELETE FROM event WHERE run = ? AND number >= ?", run, from); err != nil {
		return err
	}
	for i, e := range events {
		err := b.exec(ctx, tx, "INSERT INTO event (run, number, at, kind, text) VALUES (?, ?, ?, ?, ?)", run, from+i, int64(e.At), e.Kind, e.Text)
		if err != nil {
			return err
		}
	}
	return nil
}

// errNoResult says that a run has no figures.
var errNoResult = errors.New("it has no figures")

// Report is the whole result of a run, as it was when it ended, with what people wrote since and with its course. A run in progress gives
// what it has so far; one that was imported from a spreadsheet has no figures and gives an error.
func (b *Ledger) Report(ctx context.Context, run *Run) (*stampede.Report, error) {
	return b.readResult(ctx, run, view.series)
}

// Result is Report with the course of all requests together, and not that of each name: it takes milliseconds where Report takes seconds
// for a long run of many names.
func (b *Ledger) Result(ctx context.Context, run *Run) (*stampede.Report, error) {
	return b.readResult(ctx, run, view.totalSeries)
}

func (b *Ledger) readResult(ctx context.Context, run *Run, series func(view, context.Context, int64) (*stats.Series, error)) (*stampede.Report, error) {
	var r *stampede.Report
	err := b.look(ctx, func(v view) (err error) {
		if r, err = v.result(ctx, run); err == nil {
			r.Series, err = series(v, ctx, run.Number)
		}
		return err
	})
	if err != nil {
		return nil, b.explain("read run "+run.ID+" in", err)
	}
	return r, nil
}

func (v view) result(ctx context.Context, run *Run) (*stampede.Report, error) {
	var metaData, judged, whole []byte
	err := v.q.QueryRowContext(ctx, v.d.bind("SELECT meta, judged, whole FROM result WHERE run = ?"), run.Number).Scan(&metaData, &judged, &whole)
	switch {
	case errors.Is(err, sql.ErrNoRows) && run.State == Running:
		return v.rebuild(ctx, run, false)
	case errors.Is(err, sql.ErrNoRows):
		return nil, fmt.Errorf("%w: it came from a spreadsheet", errNoResult)
	case err != nil:
		return nil, err
	}
	var m meta
	if err := v.unpackJSON(metaData, &m); err != nil {
		return nil, err
	}
	if m.Version > metaVersion {
		return nil, fmt.Errorf("its result has version %d, and this program reads version %d: use a newer stampede", m.Version, metaVersion)
	}
	r := m.report()
	r.Run = run.RunInfo
	r.Run.IO, r.Run.Load = m.IO, m.Load
	if err := v.takeServers(&m, r); err != nil {
		return nil, err
	}
	if r.Judged, err = v.unpackTotals(judged, m.JudgedSeconds); err != nil {
		return nil, err
	}
	r.Whole = r.Judged
	if whole != nil {
		if r.Whole, err = v.unpackTotals(whole, m.WholeSeconds); err != nil {
			return nil, err
		}
	}
	r.Events, err = v.events(ctx, run.Number)
	return r, err
}

func (b *Ledger) unpackJSON(data []byte, into any) error {
	raw, err := b.pack.unpack(data)
	if err != nil {
		return err
	}
	return json.Unmarshal(raw, into)
}

func (v view) events(ctx context.Context, run int64) (events []stampede.Event, err error) {
	err = v.each(ctx, func(rows *sql.Rows) error {
		var e stampede.Event
		var at int64
		if err := rows.Scan(&at, &e.Kind, &e.Text); err != nil {
			return err
		}
		e.At = time.Duration(at)
		events = append(events, e)
		return nil
	}, "SELECT at, kind, text FROM event WHERE run = ? ORDER BY number", run)
	return events, err
}
