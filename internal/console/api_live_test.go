package console_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stampede-load/stampede/internal/console"
	"github.com/stampede-load/stampede/internal/report"
)

type secondsBody struct {
	Seconds []console.Second `json:"seconds"`
	To      int              `json:"to_s"`
}

// A run is started, watched, changed, annotated, paused and stopped by its API; what was done is in its report, with names.
func TestARunByItsAPI(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	var status console.Status
	r.into(&status, 200, "GET", "/api/v1/status", "")
	if status.State != "ready" || status.Run != "" {
		t.Fatalf("before the first run: %+v", status)
	}
	id := r.start(`{"users":3}`)
	if resp, text := r.ask("POST", "/api/v1/runs", `{"users":1}`); resp.StatusCode != http.StatusConflict {
		t.Errorf("a second run: %d %s", resp.StatusCode, text)
	}
	path := "/api/v1/runs/" + id
	var got secondsBody
	for range 500 {
		if r.into(&got, 200, "GET", path+"/seconds?names=*", ""); len(got.Seconds) >= 2 {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if len(got.Seconds) < 2 || len(got.Seconds[0].Requests) != 2 || got.Seconds[0].Total.Count == 0 || got.Seconds[0].Gauges.Users != 3 {
		t.Fatalf("seconds: %+v", got)
	}
	r.into(&status, 200, "POST", path+"/load", `{"users":5,"spawn-rate":100}`, "X-Stampede-Who", "Ann")
	r.into(&status, 200, "POST", path+"/annotate", `{"text":"deployed <cache>"}`, "X-Stampede-Who", "Ann")
	r.into(&status, 200, "POST", path+"/pause", "", "X-Stampede-Who", "Bob")
	if status.State != "paused" {
		t.Errorf("paused: %+v", status)
	}
	r.into(&status, 200, "POST", path+"/resume", "")
	if resp, text := r.ask("POST", path+"/load", `{"rate":5}`); resp.StatusCode != 422 || !strings.Contains(text, "a number of users, not a rate") {
		t.Errorf("a rate for a closed run: %d %s", resp.StatusCode, text)
	}
	for _, file := range []string{"report.json", "report.html", "stats.csv", "page"} {
		if resp, text := r.ask("GET", path+"/"+file, ""); resp.StatusCode != 200 || len(text) < 50 {
			t.Errorf("%s while it runs: %d %.200s", file, resp.StatusCode, text)
		}
	}
	if resp, text := r.ask("GET", "/metrics", ""); resp.StatusCode != 200 || !strings.Contains(text, `stampede_requests_total{type="READ",name="page <b>one</b>"} `) {
		t.Errorf("metrics: %d %s", resp.StatusCode, text)
	}
	r.into(&status, 200, "POST", path+"/stop", "", "X-Stampede-Who", "Bob")
	r.until("done")
	resp, text := r.ask("GET", path+"/report.json", "")
	rep, err := report.ReadJSON(strings.NewReader(text))
	if err != nil || resp.StatusCode != 200 {
		t.Fatal(resp.StatusCode, err)
	}
	var events []string
	for _, e := range rep.Events {
		events = append(events, e.Kind+": "+e.Text)
	}
	all := strings.Join(events, "\n")
	for _, want := range []string{"users: users set to 5 at 100/s (from 3), by Ann", "note: deployed <cache>, by Ann", "pause: paused, by Bob", "resume: resumed", "stop: stopped by Bob"} {
		if !strings.Contains(all, want) {
			t.Errorf("no event %q in\n%s", want, all)
		}
	}
	for _, verb := range []string{"stop", "pause", "load", "annotate"} {
		body := map[string]string{"load": `{"users":1}`, "annotate": `{"text":"x"}`}[verb]
		if resp, text := r.ask("POST", path+"/"+verb, body); resp.StatusCode != http.StatusConflict {
			t.Errorf("%s of a run that is over: %d %s", verb, resp.StatusCode, text)
		}
	}
	if second := r.start(`{"users":1}`); second == id {
		t.Error("two runs have one id")
	}
}

// The seconds of a run are the same whether they come from memory, from the ledger or from a result file.
func TestSecondsAgree(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`{"users":4,"run-time":2}`, `{"rate":"50/s","run-time":2}`} {
		r := newRig(t, nil)
		id := r.start(body)
		r.until("done")
		var live secondsBody
		r.into(&live, 200, "GET", "/api/v1/runs/"+id+"/seconds?names=*&step=1", "")
		_, text := r.ask("GET", "/api/v1/runs/"+id+"/report.json", "")
		var file struct {
			Series []struct {
				From     int `json:"from_s"`
				Width    int `json:"width_s"`
				Total    map[string]any
				Requests []map[string]any
				Gauges   map[string]any
			}
		}
		if err := json.Unmarshal([]byte(text), &file); err != nil {
			t.Fatal(err)
		}
		if len(file.Series) != len(live.Seconds) || len(live.Seconds) < 2 {
			t.Fatalf("%s: %d seconds by the API, %d in the file", body, len(live.Seconds), len(file.Series))
		}
		for i, sec := range live.Seconds {
			f := file.Series[i]
			if f.From != sec.From || f.Width != sec.Width {
				t.Errorf("second %d is [%d+%d), and [%d+%d) in the file", i, sec.From, sec.Width, f.From, f.Width)
			}
			agree(t, f.Total, sec.Total)
			agree(t, f.Gauges, sec.Gauges)
			for _, row := range f.Requests {
				for _, p := range sec.Requests {
					if p.Name == row["name"] {
						agree(t, row, p)
					}
				}
			}
		}
		again := r.start(`{"users":1,"run-time":1}`) // now the first one is of the ledger
		r.until("done")
		var recorded secondsBody
		r.into(&recorded, 200, "GET", "/api/v1/runs/"+id+"/seconds?names=*&step=1", "")
		if a, b := asJSON(t, live), asJSON(t, recorded); a != b {
			t.Errorf("run %s after %s:\nmemory %s\nledger %s", id, again, a, b)
		}
	}
}

// agree wants each figure that both have to be the same.
func agree(t *testing.T, file map[string]any, v any) {
	t.Helper()
	var api map[string]any
	if err := json.Unmarshal([]byte(asJSON(t, v)), &api); err != nil {
		t.Fatal(err)
	}
	both := 0
	for k, want := range file {
		if got, ok := api[k]; ok {
			if both++; got != want {
				t.Errorf("%s is %v by the API and %v in the file", k, got, want)
			}
		}
	}
	if both < 5 {
		t.Errorf("only %d figures are in both", both)
	}
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// A run is among the runs from the moment that its start is answered, whenever the ledger has its row, and once: who ends machines asks there
// whether something goes on.
func TestStartedIsListed(t *testing.T) {
	r := newRig(t, nil)
	id := r.start(`{"users":1,"run-time":"10m"}`)
	list := func(state string) {
		t.Helper()
		var all struct {
			Runs []struct{ ID, State string }
			All  int
		}
		r.into(&all, http.StatusOK, "GET", "/api/v1/runs", "")
		if len(all.Runs) != 1 || all.All != 1 || all.Runs[0].ID != id || all.Runs[0].State != state {
			t.Errorf("listed are %+v, not %s as %s", all, id, state)
		}
	}
	list("running")
	r.ask("POST", "/api/v1/runs/"+id+"/stop", "")
	r.until("done")
	list("done")
}
