// Package compare holds runs against each other: is the new one worse than the old one, in which names, by how much, and how sure is that?
//
// It knows runs and no place where they are kept: a Run is a report and a way to its course, from the ledger or from memory. The statistics
// are those of package verdict; this one pairs names, leaves the warm-up out, corrects for many names, and says when two runs should not
// be compared at all.
package compare

import (
	"slices"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/stats"
	"github.com/stampede-load/stampede/internal/verdict"
)

// Run is one run as it is compared.
type Run struct {
	Report *stampede.Report // its totals, verdict and environment; of its Series nothing is read
	Names  []stats.Key      // sorted
	// Course is one name over time, in order, and of the zero key all names but steps together: of each row the counts and the headline. The
	// points are only read. It is called by several goroutines at once.
	Course func(stats.Key) ([]stats.Point, error)
}

// Of is a run whose whole course is in its report.
func Of(r *stampede.Report) Run {
	return Run{Report: r, Names: r.Series.Keys(), Course: func(k stats.Key) ([]stats.Point, error) {
		points := r.Series.Points(k)
		if k == (stats.Key{}) {
			points = r.Series.Total()
		}
		var out []stats.Point
		for p := range points {
			out = append(out, p)
		}
		return out, nil
	}}
}

// Options says what matters. The zero value is good.
type Options struct {
	verdict.CompareOptions
	// Anyway compares runs that differ in what makes them comparable. The differences are told all the same.
	Anyway bool
	// AllowInvalid judges runs whose verdict is INVALID as any others, and refuses for every other reason. Without it they are left out of
	// groups, and a side that has nothing else is compared and not judged.
	AllowInvalid bool
	// Names says which names to compare besides all requests together; nil means all.
	Names func(stats.Key) bool
}

// Result is what a comparison of two sides found.
type Result struct {
	Old, New    []stampede.RunInfo // the runs of each side, by start
	Outcome     verdict.Outcome    // of the rows: see Compare; Inconclusive when the runs were refused
	Reason      string             // for Inconclusive: what would decide it; else ""
	Doubted     bool               // a side is INVALID: there are rows, and every outcome is Inconclusive
	Differences []Difference       // in what the sides differ besides their results
	Rows        []Row              // all requests together (the zero key), then each name of both sides, sorted; none when refused
	Missing     []stats.Key        // names of one side only, sorted
	Gone        []stats.Key        // those of Missing that only the old side has; the others are new

	Spans  [2]Span                // what was compared of the first run of each side
	Paced  bool                   // the times are response times; else service times
	Limits verdict.CompareOptions // that decided, zero values filled in
}

// Refused reports whether the runs were not comparable.
func (r *Result) Refused() bool { return len(r.Rows) == 0 }

// Added is the names that only the new side has, sorted.
func (r *Result) Added() []stats.Key {
	return slices.DeleteFunc(slices.Clone(r.Missing), func(k stats.Key) bool { return slices.Contains(r.Gone, k) })
}

// Span is a stretch of a run, in seconds since its start; To is exclusive.
type Span struct{ From, To int }

// Difference is something in which the sides differ and that may be the cause of what the comparison finds.
type Difference struct {
	What     string // "users", "plan", "verdict of the generator"
	Old, New string
	Advice   string // what it means and what to do
	Refused  bool   // too large to compare in earnest
}

// Row is one name.
type Row struct {
	stats.Key
	Outcome verdict.Outcome // the worst of its figures: see Compare
	Reason  string          // for Inconclusive: what would decide it; else ""
	Figures []Figure        // in the order of Measures
}

// Figure is one figure of one name.
type Figure struct {
	Name string // "rate", "failures", "p50", "p95", "p99"
	verdict.Comparison
	P float64 // how probable such a change is by chance, corrected for all that was compared; NaN where it is not known
	// Doubtful is a change beyond the limit that is no larger than what chance brings about among all that was compared. Its outcome is
	// Inconclusive.
	Doubtful bool
	// Far is a change, where a side is INVALID, that is far more than the disturbance of the generator can explain. Its outcome is
	// Inconclusive.
	Far bool

	// Of several runs a side: the figure of each run that has it, by start, and whether the runs of a side differ from each other by
	// more than their own seconds explain. Nil and false for one run a side.
	OldRuns, NewRuns []float64
	Between          bool
}

// Figure finds a figure by its name. It is nil when there is none.
func (r *Row) Figure(name string) *Figure {
	for i := range r.Figures {
		if r.Figures[i].Name == name {
			return &r.Figures[i]
		}
	}
	return nil
}
