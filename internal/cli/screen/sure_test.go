package screen

import (
	"strings"
	"testing"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/stats"
	"github.com/stampede-load/stampede/internal/verdict"
)

// A bad stretch is one event, however many requests met it: ranks alone would be far too sure of the p95.
func TestSureBySecondsWhereTheLoadIsSteady(t *testing.T) {
	var all []stats.Row
	series := stats.NewSeries(stats.SeriesOptions{})
	for i := range 30 {
		middle := 10 * time.Millisecond
		if i >= 12 && i < 15 {
			middle = time.Second
		}
		row := spread("GET", "/", 500, 0, middle)
		all = append(all, row)
		series.Add(&stats.Second{Index: i, Width: 1, Span: time.Second, Rows: []stats.Row{row}, Total: row})
	}
	r := &stampede.Report{Series: series, Phases: []stampede.Phase{{Name: verdict.PhaseWarmup, To: time.Second}, {Name: "steady"}}}
	r.Judged.Total = sum(all)
	sure := func() string { s := summary{report: r}; return s.sure() }
	bySeconds := sure()
	r.Phases = append(r.Phases, stampede.Phase{Name: "spike"})
	byRanks := sure()
	if bySeconds == byRanks {
		t.Errorf("both ways give %s", byRanks)
	}
	width := func(text string) time.Duration {
		_, p95, found := strings.Cut(text, "p95 ")
		p95, _, _ = strings.Cut(p95, " · ")
		low, high, _ := strings.Cut(strings.ReplaceAll(p95, " ms", "ms"), " to ")
		from, err := time.ParseDuration(strings.ReplaceAll(low, " s", "s"))
		to, errTo := time.ParseDuration(strings.ReplaceAll(high, " s", "s"))
		if !found || err != nil || errTo != nil {
			t.Fatalf("%q: %v, %v", text, err, errTo)
		}
		return to - from
	}
	if a, b := width(bySeconds), width(byRanks); a < 3*b {
		t.Errorf("by seconds the p95 lies within %v, by ranks within %v: want far more", a, b)
	}
	for name, change := range map[string]func(){
		"changed by hand": func() { r.Phases = nil; r.Events = []stampede.Event{{Kind: "rate"}} },
		"without seconds": func() { r.Events, r.Series = nil, nil },
	} {
		if change(); sure() != byRanks {
			t.Errorf("%s: %s, want what ranks say", name, sure())
		}
	}
}
