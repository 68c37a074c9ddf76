package compare

import (
	"errors"
	"math"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/stats"
	"github.com/stampede-load/stampede/internal/verdict"
)

// alpha is the probability of a single false alarm among everything that one comparison looks at.
const alpha = 0.05

// Compare holds the runs of one side against those of the other: all requests together and each name, by rate, failures, p50, p95 and p99.
// Nothing of the runs is changed or kept. An error is one of a Course, or that a side has no run.
//
// One run a side: the unit is the second, by [verdict.Compare]. Several: the unit is the run, by [verdict.CompareRuns]; the figures then
// also say how much the runs of a side differ from each other.
//
// What many comparisons at once find by chance is taken out: a figure is REGRESSED or IMPROVED when its 95 % interval lies beyond the
// limit and its P is at most 5 %, where P is the chance of such a change where nothing changed, adjusted by Holm's method. All requests
// together get half of the 5 %, for they are what matters most, and the names share the other half (with a single name all are one
// family). So the probability that anything at all is called changed between two equal runs is at most 5 %, however many names they have.
//
// The outcome of a row is REGRESSED when a figure is, else IMPROVED when one is, else INCONCLUSIVE when one that rests on enough requests
// is, else SAME; a row with too few requests for any figure is INCONCLUSIVE. The outcome of the whole is REGRESSED when a row is, else
// IMPROVED when one is, else that of all requests together: a rare name that cannot be judged does not leave the whole undecided.
func Compare(before, after []Run, o Options) (*Result, error) {
	if len(before) == 0 || len(after) == 0 {
		return nil, errors.New("compare: a side has no run: name at least one run a side")
	}
	before, after = byStart(before), byStart(after)
	before, oldLeft := trusted(before, o)
	after, freshLeft := trusted(after, o)
	r := &Result{
		Old: infos(before), New: infos(after), Differences: differences(before, after, o), Paced: after[0].Report.Run.Paced,
		Limits: o.Filled(),
	}
	if len(oldLeft)+len(freshLeft) > 0 {
		r.Differences = append([]Difference{leftOut(oldLeft, freshLeft)}, r.Differences...)
	}
	spans, freshSpans := spansOf(before, after)
	r.Spans = [2]Span{spans[0], freshSpans[0]}
	if why := refusal(r.Differences); why != "" && !o.Anyway {
		r.Reason = why
		return r, nil
	}
	old, err := newSide(before, spans)
	if err != nil {
		return nil, err
	}
	fresh, err := newSide(after, freshSpans)
	if err != nil {
		return nil, err
	}
	keys, missing, gone := names(old, fresh, o.Names)
	r.Missing, r.Gone = missing, gone
	j := judge{old: old, fresh: fresh, opt: o, sameLoad: sameLoad(r.Differences)}
	if r.Rows, err = j.rows(append([]stats.Key{{}}, keys...)); err != nil {
		return nil, err
	}
	correct(r.Rows)
	for i := range r.Rows {
		j.conclude(&r.Rows[i])
	}
	r.Outcome, r.Reason = overall(r.Rows)
	if !o.AllowInvalid && !o.Anyway && slices.ContainsFunc(slices.Concat(before, after), invalid) {
		r.doubt(before, after)
	}
	return r, nil
}

func byStart(runs []Run) []Run {
	runs = slices.Clone(runs)
	slices.SortStableFunc(runs, func(a, b Run) int { return a.Report.Run.Started.Compare(b.Report.Run.Started) })
	return runs
}

func infos(runs []Run) []stampede.RunInfo {
	out := make([]stampede.RunInfo, len(runs))
	for i := range runs {
		out[i] = runs[i].Report.Run
	}
	return out
}

// judge compares names.
type judge struct {
	old, fresh *side
	opt        Options
	sameLoad   bool // the plans ask for the same
}

// rows reads and compares the names, as many at a time as there are processors.
func (j *judge) rows(keys []stats.Key) ([]Row, error) {
	rows, wrong := make([]Row, len(keys)), make([]error, len(keys))
	var working sync.WaitGroup
	var failed atomic.Bool
	free := make(chan struct{}, runtime.GOMAXPROCS(0))
	for i, key := range keys {
		free <- struct{}{}
		if failed.Load() {
			break
		}
		working.Go(func() {
			if rows[i], wrong[i] = j.read(key); wrong[i] != nil {
				failed.Store(true)
			}
			<-free
		})
	}
	working.Wait()
	for _, err := range wrong {
		if err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// read reads one name of both sides and compares it.
func (j *judge) read(key stats.Key) (Row, error) {
	before, err := j.old.all(key)
	if err != nil {
		return Row{}, err
	}
	after, err := j.fresh.all(key)
	if err != nil {
		return Row{}, err
	}
	return j.row(key, before, after), nil
}

// all is one name in every run of the side.
func (s *side) all(key stats.Key) ([][]verdict.Window, error) {
	out := make([][]verdict.Window, len(s.runs))
	for i := range s.runs {
		var err error
		if out[i], err = s.windows(i, key); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (j *judge) row(key stats.Key, before, after [][]verdict.Window) Row {
	row := Row{Key: key}
	for _, runs := range [][][]verdict.Window{before, after} {
		for i := range runs {
			runs[i] = verdict.Joined(runs[i])
		}
	}
	var single []verdict.Comparison
	if len(before) == 1 && len(after) == 1 {
		single = verdict.CompareAll(before[0], after[0], measuresOf(Measures()), j.opt.CompareOptions)
	}
	for i, m := range Measures() {
		f := Figure{Name: m.Name, P: math.NaN()}
		if single != nil {
			f.Comparison = single[i]
		} else {
			f.repeated(before, after, m, j.opt.CompareOptions)
		}
		if m.Share && f.Known() { // no share is below none or above all
			f.Low, f.High = max(f.Low, -f.Old), min(f.High, 1-f.Old)
		}
		row.Figures = append(row.Figures, f)
	}
	return row
}
