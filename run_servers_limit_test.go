package stampede

import (
	"strings"
	"testing"
	"time"

	"github.com/stampede-load/stampede/internal/hist"
	"github.com/stampede-load/stampede/internal/limit"
	"github.com/stampede-load/stampede/internal/monitor"
	"github.com/stampede-load/stampede/internal/stats"
)

// A search is read as one rise of the load: what is at its limit beyond it is named, at the time of the run at which it was.
func TestBeyondTheLimit(t *testing.T) {
	loads := []float64{10, 20, 40, 80, 60} // 80 breaks first, then 60
	rep := &Report{Run: RunInfo{Model: Open, Paced: true}, Series: stats.NewSeries(stats.SeriesOptions{})}
	search := &limit.Answer{Rule: "p95 < 500ms", Unit: "/s", Whose: limit.Site, Value: 50, Low: 40, High: 60, Done: true}
	db := monitor.Series{Name: "connections", Limit: 50, Ceiling: true, Follows: true}
	cpu := monitor.Series{Name: "cpu", Unit: "%", Limit: 100, Ceiling: true}
	planned := int64(0)
	for k, load := range loads {
		from := time.Duration(20*k) * time.Second
		search.Steps = append(search.Steps, limit.Step{Load: load, Holds: load <= 40, From: from, To: from + 20*time.Second})
		for i := range 20 {
			at := 20*k + i
			took, done, conns := 50*time.Millisecond, int64(load), load
			if load > 50 {
				took, done, conns = 2*time.Second, 50, 50
			}
			planned += int64(load)
			row := stats.Row{Key: stats.Key{Type: "GET", Name: "Home"}, Count: done}
			var h hist.Hist
			h.RecordN(int64(took), done)
			row.Response, row.Service = h, h
			sec := &stats.Second{Index: at, Width: 1, Rows: []stats.Row{row}, Gauges: stats.Gauges{Planned: planned}}
			sec.Total.Add(&row)
			rep.Series.Add(sec)
			when := time.Duration(at)*time.Second + 5*time.Millisecond
			db.Points = append(db.Points, monitor.Point{At: when, Value: conns})
			cpu.Points = append(cpu.Points, monitor.Point{At: when, Value: 0.6 * float64(done)})
		}
	}
	rep.Limit, rep.Servers = search, []ServerFigures{{Name: "db", Kind: "mysql", Series: []monitor.Series{cpu, db}}}
	rep.explainLimit()
	if want := "db.connections gave way first: 50 of 50 from 1:0"; !strings.HasPrefix(rep.Limit.Beyond, want) {
		t.Errorf("%q; %+v", rep.Limit.Beyond, rep.Suspects)
	}
	rep.Limit.Beyond, rep.Limit.Whose = "", limit.Generator
	if rep.explainLimit(); rep.Limit.Beyond != "" {
		t.Errorf("the generator's limit is explained by the site: %q", rep.Limit.Beyond)
	}
}
