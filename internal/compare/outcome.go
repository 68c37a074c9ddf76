package compare

import (
	"fmt"
	"slices"

	"github.com/stampede-load/stampede/internal/format"
	"github.com/stampede-load/stampede/internal/verdict"
)

// conclude makes outcomes of what was found: those that chance explains are taken back, and what is undecided says what would decide it.
func (j *judge) conclude(row *Row) {
	for i := range row.Figures {
		f := &row.Figures[i]
		m := Measures()[i]
		switch changed := f.Outcome == verdict.Regressed || f.Outcome == verdict.Improved; {
		case f.Name == rate && !j.sameLoad:
			f.Outcome, f.Reason = verdict.Inconclusive, "the plans ask for different loads, so the rate says nothing of the site"
		case changed && !(f.P <= alpha):
			f.Outcome, f.Doubtful = verdict.Inconclusive, true
			f.Reason = fmt.Sprintf("a change like this (%s) comes about by chance in %s of such comparisons, which look at so many figures: %s",
				f.ChangeText(f.Change), format.Percent(f.P), j.more(f, m))
		case f.Outcome == verdict.Inconclusive && f.Known():
			f.Reason = j.undecided(f, m)
		case f.Outcome == verdict.Inconclusive:
			f.Reason = j.tooLittle(f, m)
		}
	}
	row.Outcome, row.Reason = j.rowOutcome(row.Figures)
}

// rowOutcome is the worst of the figures that can be judged. Of several that are undecided one that looks like a change gives the reason, the
// least by chance first, else the one that needs most.
func (j *judge) rowOutcome(figures []Figure) (verdict.Outcome, string) {
	judged := slices.DeleteFunc(slices.Clone(figures), func(f Figure) bool { return f.Name == rate && !j.sameLoad })
	known := slices.DeleteFunc(slices.Clone(judged), func(f Figure) bool { return !f.Known() })
	if len(known) == 0 {
		return verdict.Inconclusive, judged[0].Reason
	}
	for _, o := range []verdict.Outcome{verdict.Regressed, verdict.Improved} {
		if slices.ContainsFunc(known, func(f Figure) bool { return f.Outcome == o }) {
			return o, ""
		}
	}
	if f := j.undecidedFirst(known); f != nil {
		return verdict.Inconclusive, f.Name + ": " + f.Reason
	}
	return verdict.Same, ""
}

// undecidedFirst is the figure that says most of those that are undecided; nil when none is.
func (j *judge) undecidedFirst(known []Figure) *Figure {
	var first *Figure
	for i := range known {
		f := &known[i]
		switch {
		case f.Outcome != verdict.Inconclusive:
		case first == nil, f.Doubtful && (!first.Doubtful || f.P < first.P),
			!f.Doubtful && !first.Doubtful && j.factor(f, f.measure()) > j.factor(first, first.measure()):
			first = f
		}
	}
	return first
}

// overall is the outcome of all rows.
func overall(rows []Row) (verdict.Outcome, string) {
	for _, o := range []verdict.Outcome{verdict.Regressed, verdict.Improved} {
		if slices.ContainsFunc(rows, func(r Row) bool { return r.Outcome == o }) {
			return o, ""
		}
	}
	return rows[0].Outcome, rows[0].Reason
}
