package ledger

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/format"
	"github.com/stampede-load/stampede/internal/stats"
	"github.com/stampede-load/stampede/internal/verdict"
)

// repair finds the runs that were cut off, gives each a result from what it had written, and says so.
func (b *Ledger) repair(ctx context.Context) error {
	var runs []Run
	err := b.look(ctx, func(v view) (err error) {
		runs, err = v.runs(ctx, "WHERE state = ? ORDER BY number", string(Running))
		return err
	})
	if err != nil {
		return err
	}
	for i := range runs {
		said, err := b.repairClaimed(ctx, &runs[i])
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			// One run that cannot be repaired (its seconds are damaged, the disk is full, somebody else is writing) must not shut the
			// ledger: the others are there to be read, and this one can be deleted.
			said = b.explain("repair run "+runs[i].ID+" in", err).Error() + "; it is left as it is"
		}
		if said != "" {
			b.opt.Warn(said)
		}
	}
	b.sweep()
	return nil
}

// repairClaimed repairs a run unless it is being recorded. It says what it did, "" when that is nothing.
func (b *Ledger) repairClaimed(ctx context.Context, run *Run) (said string, err error) {
	lock, err := b.claim(ctx, run.ID)
	if errors.Is(err, errHeld) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	defer lock.release()
	return b.repairRun(ctx, run)
}

// repairRun ends a run whose recorder is gone. It says what it did, "" when another process was quicker.
func (b *Ledger) repairRun(ctx context.Context, run *Run) (said string, err error) {
	err = b.change(ctx, func(tx *sql.Tx) error {
		v := view{b, tx}
		now, err := v.runs(ctx, "WHERE number = ?", run.Number)
		if err != nil || len(now) == 0 || now[0].State != Running {
			return err
		}
		rep, err := v.rebuild(ctx, run, true)
		if err != nil {
			return err
		}
		on := &written{run: *run}
		if on.fresh, err = v.seconds(ctx, run.Number); err != nil {
			return err
		}
		if on.names, err = v.numbers(ctx, run.Number); err != nil {
			return err
		}
		if err := b.compact(ctx, tx, on, true); err != nil {
			return err
		}
		p, err := b.packResult(rep, 0)
		if err != nil {
			return err
		}
		said = fmt.Sprintf("ledger: run %s was cut off; what it had measured in %s is in the ledger, marked interrupted", run.ID, format.Span(rep.Run.Duration))
		return b.writeResult(ctx, tx, run.Number, p, Interrupted)
	})
	return said, err
}

// numbers is the numbers of the names of a run.
func (v view) numbers(ctx context.Context, run int64) (map[stats.Key]int64, error) {
	known, err := v.names(ctx, run)
	out := make(map[stats.Key]int64, len(known))
	for n, k := range known {
		out[k] = n
	}
	return out, err
}

// rebuild makes the result of a run without one from the seconds it has: every figure but those that only the running process knew. over
// says that no more will come.
func (v view) rebuild(ctx context.Context, run *Run, over bool) (*stampede.Report, error) {
	var h header
	var data []byte
	if err := v.q.QueryRowContext(ctx, v.d.bind("SELECT head FROM run WHERE number = ?"), run.Number).Scan(&data); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(data, &h); err != nil {
		return nil, err
	}
	r := &stampede.Report{Run: run.RunInfo}
	r.Run.IO = h.IO
	sums := newSums(h.Warmup)
	monitor := verdict.NewMonitor(verdict.MonitorOptions{Paced: run.Paced, Open: run.Model != stampede.Closed, Warmup: h.Warmup})
	if err := v.walk(ctx, run.Number, func(sec *stats.Second) {
		sums.add(sec)
		monitor.Add(sec)
		g := &sec.Gauges
		r.Planned, r.Sent, r.Dropped, r.InFlight = g.Planned, g.Sent, g.Dropped, int64(g.InFlight)
		r.UsersStarted, r.StartFailed, r.Died = g.UsersStarted, g.StartFailed, g.Died
		r.NotStarted, r.Lost = g.NotStarted, g.Lost
		r.PeakUsers = max(r.PeakUsers, g.Users, int(g.PeakUsers))
		r.Run.Duration += sec.Lasted()
	}); err != nil {
		return nil, err
	}
	if h.CostHour > 0 {
		r.Run.Cost, r.Run.CostBasis = CostOf(h.CostHour, h.CostBasis, r.Run.Duration)
	}
	r.Judged, r.Whole = sums.totals()
	errs, err := v.allFailures(ctx, run.Number)
	if err != nil {
		return nil, err
	}
	r.Judged.Errors, r.Whole.Errors = errs, errs
	if r.Events, err = v.events(ctx, run.Number); err != nil {
		return nil, err
	}
	if h.Warmup > 0 {
		r.Phases = append(r.Phases, stampede.Phase{Name: verdict.PhaseWarmup, To: h.Warmup})
	}
	r.Verdict = monitor.Health()
	if r.Run.Model != stampede.Closed {
		r.Run.Users = max(r.Run.Users, r.PeakUsers)
	}
	if !over {
		r.InFlight = 0 // which counts what an end leaves behind
		r.Notices = append(r.Notices, "the run goes on: these are its figures so far; thresholds are judged at its end")
		return r, nil
	}
	why := cutOff(r)
	for _, expr := range h.Thresholds {
		r.Thresholds = append(r.Thresholds, verdict.Result{Expr: expr, ValueText: "not judged", Reason: why})
	}
	return r, nil
}

// cutOff marks a rebuilt result as what it is, and gives the reason for what is missing in it.
func cutOff(r *stampede.Report) (why string) {
	why = "the run was cut off before its end: its process died, or the machine did"
	r.Run.Interrupted, r.Run.Stopped = true, "interrupted"
	r.Verdict.Level = max(r.Verdict.Level, verdict.Suspect)
	r.Verdict.Reasons = append(r.Verdict.Reasons, why)
	return why
}

// allFailures is the failures of a run without a result.
func (v view) allFailures(ctx context.Context, run int64) ([]stats.ErrorRow, error) {
	sum, err := v.failures(ctx, run)
	if err != nil {
		return nil, err
	}
	fresh, err := v.seconds(ctx, run)
	for _, s := range fresh {
		sum = addErrors(sum, s.Errors)
	}
	return sum, err
}

// sums adds seconds up, with and without the warm-up.
type sums struct {
	warmup        time.Duration
	judged, whole map[stats.Key]*stats.Row
	end           time.Duration
	// Gauges.Loaded of the last second, and of the last of the warm-up: what rates are per, where it is known.
	loaded, warmLoaded time.Duration
}

func newSums(warmup time.Duration) *sums {
	return &sums{warmup: warmup, judged: map[stats.Key]*stats.Row{}, whole: map[stats.Key]*stats.Row{}}
}

func (s *sums) add(sec *stats.Second) {
	begun := time.Duration(sec.Index) * time.Second
	s.end = max(s.end, begun+sec.Lasted())
	addRows(s.whole, sec.Rows)
	s.loaded = time.Duration(sec.Gauges.Loaded)
	if begun >= s.warmup {
		addRows(s.judged, sec.Rows)
	} else {
		s.warmLoaded = s.loaded
	}
}

func addRows(sum map[stats.Key]*stats.Row, rows []stats.Row) {
	for i := range rows {
		into := sum[rows[i].Key]
		if into == nil {
			into = &stats.Row{Key: rows[i].Key}
			sum[into.Key] = into
		}
		into.Add(&rows[i])
	}
}

func (s *sums) totals() (judged, whole stats.Totals) {
	warm := (s.warmup + time.Second - 1).Truncate(time.Second)
	if s.loaded > 0 {
		return totalsOf(s.judged, s.loaded-s.warmLoaded), totalsOf(s.whole, s.loaded)
	}
	return totalsOf(s.judged, s.end-warm), totalsOf(s.whole, s.end)
}

func totalsOf(rows map[stats.Key]*stats.Row, length time.Duration) stats.Totals {
	t := stats.Totals{Seconds: max(length, 0).Seconds()}
	for _, r := range rows {
		t.Rows = append(t.Rows, *r)
		if !r.Apart() {
			t.Total.Add(r)
		}
	}
	sortRows(t.Rows)
	return t
}
