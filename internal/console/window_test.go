package console_test

import (
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/console"
	"github.com/stampede-load/stampede/internal/monitor"
	"github.com/stampede-load/stampede/internal/stats"
	"github.com/stampede-load/stampede/internal/suspect"
)

type windowBody struct {
	From    int         `json:"from_s"`
	To      int         `json:"to_s"`
	Seconds float64     `json:"seconds"`
	Total   windowRow   `json:"total"`
	Rows    []windowRow `json:"rows"`
}

type windowRow struct {
	Name     string `json:"name"`
	Count    int64  `json:"count"`
	Failures int64  `json:"failures"`
	Times    struct {
		Service [10]int64 `json:"service"`
	} `json:"times"`
}

// The table of a part of a run is its seconds together: counts add up, and quantiles are those of the merged histograms.
func TestTheTableOfAPartOfARun(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	id := r.watchMadeUp(madeUp(20))
	part := func(query string) (w windowBody) {
		t.Helper()
		r.into(&w, 200, "GET", "/api/v1/runs/"+id+"/rows"+query, "")
		return w
	}
	whole := part("")
	if whole.From != 0 || whole.To != 20 || whole.Seconds != 20 || whole.Total.Count != 2*210 || len(whole.Rows) != 2 {
		t.Fatalf("the whole run: %+v", whole)
	}
	some := part("?from=4&to=6") // 5 and 6 of each name
	if some.From != 4 || some.To != 6 || some.Seconds != 2 || some.Total.Count != 22 || some.Rows[0].Count != 11 || some.Rows[0].Failures != 2 {
		t.Errorf("two seconds: %+v", some)
	}
	if p50 := some.Rows[0].Times.Service[3]; p50 < 5.9e6 || p50 > 6.1e6 { // 5 of 5 ms, 6 of 6 ms
		t.Errorf("p50 of 5 and 6 ms: %d ns", p50)
	}
	if beyond := part("?from=50&to=60"); beyond.Total.Count != 0 || len(beyond.Rows) != 0 {
		t.Errorf("after the end: %+v", beyond)
	}
	if resp, text := r.ask("GET", "/api/v1/runs/"+id+"/rows?from=6&to=4", ""); resp.StatusCode != 422 || !strings.Contains(text, "to must be greater than from") {
		t.Errorf("backwards: %d %s", resp.StatusCode, text)
	}
}

// What the servers said is in the answer for them, thinned when that is asked for, and on the page of the run.
func TestServersOfARun(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	if resp, text := r.ask("GET", "/api/v1/servers", ""); resp.StatusCode != http.StatusOK || !strings.Contains(text, `"servers":[]`) {
		t.Errorf("before the first run: %d %s", resp.StatusCode, text)
	}
	if resp, text := r.ask("GET", "/api/v1/servers?run=last", ""); resp.StatusCode != http.StatusNotFound {
		t.Errorf("a run that is not there: %d %s", resp.StatusCode, text)
	}
	rep := madeUp(20)
	series := monitor.Series{Name: "connections", Limit: 43, Ceiling: true}
	for i := range 1000 {
		series.Points = append(series.Points, monitor.Point{At: time.Duration(i) * time.Second, Value: float64(i % 7)})
	}
	series.Points[500].Value = 43
	rep.Servers = []stampede.ServerFigures{{Name: "db <b>", Kind: "mysql", Series: []monitor.Series{series}}}
	rep.Suspects = &stampede.Suspects{Text: "db connections gave way first", Suspects: []suspect.Suspect{{Server: "db <b>", Series: "connections", Since: 9 * time.Second, Why: "it is at its limit", Score: 3}}}
	id := r.watchMadeUp(rep)
	var got struct {
		Servers []struct {
			Name   string
			Series []struct {
				Name   string
				Limit  float64
				Points [][2]float64
			}
		}
		Suspects []struct{ Series, Why string }
		Finding  struct{ Text string }
	}
	r.into(&got, 200, "GET", "/api/v1/servers", "")
	if len(got.Servers) != 1 || len(got.Servers[0].Series[0].Points) != 1000 || got.Servers[0].Series[0].Limit != 43 || got.Suspects[0].Why != "it is at its limit" || got.Finding.Text == "" {
		t.Errorf("all: %+v", got)
	}
	r.into(&got, 200, "GET", "/api/v1/servers?run="+id+"&points=20", "")
	most := 0.0
	for _, p := range got.Servers[0].Series[0].Points {
		most = max(most, p[1])
	}
	if n := len(got.Servers[0].Series[0].Points); n > 20 || n < 10 || most != 43 {
		t.Errorf("thinned to 20: %d points, the highest %v", n, most)
	}
	r.into(&got, 200, "GET", "/api/v1/servers?from=990", "")
	if p := got.Servers[0].Series[0].Points; len(p) != 10 || p[0][0] != 990 {
		t.Errorf("from 990 s: %v", p)
	}
	if resp, text := r.ask("GET", "/api/v1/runs/"+id+"/page", ""); resp.StatusCode != 200 || !strings.Contains(text, `"servers"`) || !strings.Contains(text, "it is at its limit") {
		t.Errorf("the page of the run: %d %.300s", resp.StatusCode, text)
	}
}

// What users log is on the page while the run is the current one: the latest lines, each once.
func TestTheLogOfARun(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	w := r.console.Watch()
	rep := madeUp(1)
	w.Begin(rep.Run)
	w.Going(finished{rep})
	log := slog.New(w.Log())
	log.Debug("too little")
	log.Warn("slow <b>answer</b>", "user", 7)
	type page struct {
		Lines []console.LogLine
		Next  int
	}
	var got page
	r.into(&got, 200, "GET", "/api/v1/runs/current/log", "")
	if len(got.Lines) != 1 || got.Next != 1 || got.Lines[0].Level != "WARN" || got.Lines[0].Text != `msg="slow <b>answer</b>" user=7` {
		t.Fatalf("one line: %+v", got)
	}
	for i := range 3000 {
		log.Info("line", "n", i)
	}
	r.into(&got, 200, "GET", "/api/v1/runs/made-up/log?after=1", "")
	if last := got.Lines[len(got.Lines)-1]; got.Next != 3001 || len(got.Lines) < 1000 || len(got.Lines) > 1250 || last.Number != 3000 || last.Text != "msg=line n=2999" {
		t.Errorf("many lines: %d of them, next %d, the last %+v", len(got.Lines), got.Next, last)
	}
	if r.into(&got, 200, "GET", "/api/v1/runs/made-up/log?after=3001", ""); len(got.Lines) != 0 {
		t.Errorf("nothing new: %+v", got.Lines)
	}
	if resp, text := r.ask("GET", "/api/v1/runs/another/log", ""); resp.StatusCode != 404 || !strings.Contains(text, "--log FILE") {
		t.Errorf("of another run: %d %s", resp.StatusCode, text)
	}
}

// madeUp is a run of two names: in second i each had i+1 requests of i+1 ms, of which one failed.
func madeUp(seconds int) *stampede.Report {
	series := stats.NewSeries(stats.SeriesOptions{})
	for i := range seconds {
		sec := stats.Second{Index: i, Width: 1}
		for _, name := range []string{"/a", "/b"} {
			row := stats.Row{Key: stats.Key{Type: "GET", Name: name}, Count: int64(i + 1), Failures: 1}
			for range i + 1 {
				row.Service.Record(int64(i+1) * 1e6)
			}
			sec.Total.Add(&row)
			sec.Rows = append(sec.Rows, row)
		}
		series.Add(&sec)
	}
	return &stampede.Report{Run: stampede.RunInfo{ID: "made-up", Name: "Made up", Started: time.Now(), Duration: time.Duration(seconds) * time.Second}, Series: series}
}

// watchMadeUp makes a report the current run, which is over.
func (r *rig) watchMadeUp(rep *stampede.Report) (id string) {
	w := r.console.Watch()
	w.Begin(rep.Run)
	w.Going(finished{rep})
	w.End(rep)
	return rep.Run.ID
}

// finished is a run that is over.
type finished struct{ report *stampede.Report }

func (f finished) Progress() stampede.Progress         { return stampede.Progress{State: "done"} }
func (f finished) SoFar() *stampede.Report             { return f.report }
func (f finished) Series() *stats.Series               { return f.report.Series }
func (f finished) SetUsers(string, int, float64) error { return nil }
func (f finished) SetRate(string, float64) error       { return nil }
func (f finished) Pause(string)                        {}
func (f finished) Resume(string)                       {}
func (f finished) Stop(string)                         {}
func (f finished) Annotate(string, string)             {}
func (f finished) Done() <-chan struct{}               { return nil }
func (f finished) Servers() []stampede.ServerFigures   { return nil }

var _ console.Run = finished{}
