package compare

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/format"
	"github.com/stampede-load/stampede/internal/verdict"
)

// invalid reports whether the numbers of a run cannot be trusted.
func invalid(r Run) bool { return r.Report.Verdict.Level == verdict.Invalid }

// trusted leaves the INVALID runs of a group out, and says which those are. A single run stays, and so does a group of nothing else: there is
// nothing to take in their place.
func trusted(runs []Run, o Options) (kept []Run, left []stampede.RunInfo) {
	if o.AllowInvalid || o.Anyway || len(runs) == 1 || !slices.ContainsFunc(runs, func(r Run) bool { return !invalid(r) }) {
		return runs, nil
	}
	for _, r := range runs {
		if invalid(r) {
			left = append(left, r.Report.Run)
		} else {
			kept = append(kept, r)
		}
	}
	return kept, left
}

// leftOut is the difference that tells of INVALID runs which are not compared.
func leftOut(old, fresh []stampede.RunInfo) Difference {
	names := func(runs []stampede.RunInfo) string {
		ids := make([]string, len(runs))
		for i := range runs {
			ids[i] = runs[i].ID
		}
		return orNone(ids)
	}
	return Difference{
		What: "INVALID runs left out", Old: names(old), New: names(fresh),
		Advice: "their numbers cannot be trusted: runs show says why, --anyway takes them in",
	}
}

// doubt takes back what was concluded of runs that cannot be trusted: the figures are shown, and nothing is judged by them. A change of all
// requests together that the disturbance cannot explain is told all the same.
func (r *Result) doubt(before, after []Run) {
	r.Doubted = true
	var names []string
	for _, run := range slices.Concat(before, after) {
		if invalid(run) {
			names = append(names, "run "+run.Report.Run.ID)
		}
	}
	verb := " is"
	if len(names) > 1 {
		verb = " are"
	}
	reason := strings.Join(names, " and ") + verb + " INVALID: the figures are shown and nothing is judged by them"
	var far []string
	for i := range r.Rows {
		row := &r.Rows[i]
		for k := range row.Figures {
			f := &row.Figures[k]
			if by, known := disturbance(f.Name, before, after); i == 0 && known && r.far(f, by) {
				f.Far = true
				far = append(far, fmt.Sprintf("%s went from %s to %s, and the disturbance explains at most %s of that", f.Name, f.Text(f.Old), f.Text(f.New),
					format.Duration(by[0]+by[1])))
			}
			f.Outcome, f.Reason = verdict.Inconclusive, reason
		}
		row.Outcome, row.Reason = verdict.Inconclusive, reason
	}
	r.Outcome, r.Reason = verdict.Inconclusive, reason
	if len(far) > 0 {
		r.Reason += "; yet " + strings.Join(far, "; ") + ": look at the site all the same"
	}
}

// disturbance is by how much the generator can have raised a time of each side. It is not known where a run is INVALID for want of
// something else than time.
func disturbance(name string, before, after []Run) (by [2]time.Duration, known bool) {
	for i, side := range [][]Run{before, after} {
		for _, run := range side {
			h := &run.Report.Verdict
			k := slices.IndexFunc(h.Shifts, func(s verdict.Shift) bool { return s.Name == name })
			switch {
			case k >= 0 && !h.Unbounded:
				by[i] = max(by[i], h.Shifts[k].By())
			case invalid(run):
				return by, false
			}
		}
	}
	return by, true
}

// far reports whether a time changed by more than matters even when all that the generator can have added is taken off the larger one, and
// whether that leaves at least half of the change.
func (r *Result) far(f *Figure, by [2]time.Duration) bool {
	if f.Outcome != verdict.Regressed && f.Outcome != verdict.Improved {
		return false
	}
	low, high, added := f.Old, f.New, by[1]
	if f.New < f.Old {
		low, high, added = f.New, f.Old, by[0]
	}
	least := high - float64(added)
	return least > low*(1+r.Limits.Limit) && least-low >= (high-low)/2
}

// Word is the outcome of a figure as tables show it: of doubted runs what can be said at all.
func (r *Result) Word(f *Figure) string {
	switch {
	case !r.Doubted:
		return f.Outcome.String()
	case f.Far:
		return "beyond the disturbance"
	default:
		return "not judged"
	}
}
