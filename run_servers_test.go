package stampede_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/monitor"
)

// late is a server whose history has nothing until the run is over.
type late struct{ begun time.Time }

func (l *late) Range(_ context.Context, from, to time.Time) ([]monitor.Recorded, bool, error) {
	if to.Sub(l.begun) < 3*time.Second { // the run goes on
		return nil, false, nil
	}
	r := monitor.Recorded{Series: monitor.Series{Name: "cpu", Unit: "%"}}
	for at := l.begun; at.Before(to); at = at.Add(time.Second) {
		r.Times, r.Is = append(r.Times, at), append(r.Is, 97)
	}
	return []monitor.Recorded{r}, true, nil
}

func (*late) Grain() time.Duration { return time.Second }
func (*late) Cost() string         { return "" }
func (*late) Close() error         { return nil }

// A rule on figures that come after the run is judged with them.
func TestLateFigures(t *testing.T) {
	site := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer site.Close()
	plan := stampede.Plan{
		Test: stampede.Test{Name: "late", Users: []stampede.UserType{stampede.Pages(site.URL + "/")}},
		Host: site.URL, Rate: stampede.Level(20), Duration: 3 * time.Second,
		Servers: []stampede.WatchedServer{{Name: "rds", Kind: "test", Historian: &late{time.Now()}}},
		Thresholds: []stampede.Threshold{
			stampede.ParseThreshold("rds.cpu < 90% over 2s"), stampede.ParseThreshold("rds.cpu < 99%"), stampede.ParseThreshold("rds.memory < 5"),
		},
	}
	run, err := stampede.Start(t.Context(), plan)
	if err != nil {
		t.Fatal(err)
	}
	rep, err := run.Wait()
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"rds.cpu was 97.0 %", "", "rds has no series memory"} {
		r := rep.Thresholds[i]
		if r.Passed != (want == "") || !strings.Contains(r.Reason, want) {
			t.Errorf("%s: %+v", r.Expr, r)
		}
	}
}

// Servers are watched by the controller alone: a plan that goes to workers goes without them.
func TestServersStayAtHome(t *testing.T) {
	plan := stampede.Plan{Host: "http://127.0.0.1", Users: stampede.Level(1), Servers: []stampede.WatchedServer{{Name: "rds", Kind: "test", Historian: &late{}}}}
	b, err := plan.Carry()
	if err != nil {
		t.Fatal(err)
	}
	var worker stampede.Plan
	if err := worker.Receive(b); err != nil || worker.Servers != nil {
		t.Errorf("%v, %v", worker.Servers, err)
	}
}
