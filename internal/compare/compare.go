// Package compare holds runs against each other: is the new one worse than the old one, in which names, by how much, and how sure is that?
//
// It knows runs and no place where they are kept: a Run is a report and a way to its course, from the book or from memory. The statistics
// are those of package verdict; this one pairs names, leaves the warm-up out, corrects for many names, and says when two runs should not
// be compared at all.
package compare

import (
	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/stats"
	"github.com/stampede-load/stampede/internal/verdict"
)

// Run is one run as it is compared.
type Run struct {
	Report *stampede.Report // its totals, verdict and environment; of its Series nothing is read
	Names  []stats.Key      // sorted
	// Course is one name over time, in order, and of the zero key all names but steps together. The points are only read.
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
}

// Result is what a comparison of two sides found.
type Result struct {
	Old, New    []stampede.RunInfo // the runs of each side, by start
	Outcome     verdict.Outcome    // the worst of the rows; Inconclusive when the runs were refused
	Reason      string             // for Inconclusive: what would decide it; else ""
	Differences []Difference       // in what the sides differ besides their results
	Rows        []Row              // all requests together (the zero key), then each name of both sides, sorted
	Missing     []stats.Key        // names of one side only, sorted
}

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
	Outcome verdict.Outcome // the worst of its figures
	Figures []Figure        // in the order of Measures
}

// Figure is one figure of one name.
type Figure struct {
	Name string // "rate", "failures", "p50", "p95", "p99"
	verdict.Comparison
	P float64 // how probable such a change is by chance, corrected for all that was compared; NaN where it is not known
}
