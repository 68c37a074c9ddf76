package report

import (
	"encoding/json"
	"io"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/compare"
	"github.com/stampede-load/stampede/internal/stats"
)

// WritePage writes what the page shows of a run but for its course, as JSON: for a page that is served, and asks for the course as it needs
// it. It takes as long as there are names, whatever the length of the run.
func WritePage(w io.Writer, r *stampede.Report) error {
	bare := *r
	bare.Series = nil
	return writePayload(w, &bare, &HTMLOptions{})
}

// WritePageAgainst writes two runs and what a comparison found between them, with the course of both, as JSON. found may be nil.
func WritePageAgainst(w io.Writer, now, before *stampede.Report, found *compare.Result) error {
	return writePayload(w, now, &HTMLOptions{Baseline: before, Comparison: found})
}

// PageRow is one row as WritePage has it, but for its curves by nines: they are drawn when a run is over, and cost more than all the rest.
func PageRow(row *stats.Row) ([]byte, error) { return json.Marshal(pageFiguresOf(row)) }
