package suspect

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stampede-load/stampede/internal/monitor"
)

// told is a series by the second.
func told(server string, s monitor.Series, value func(i int) float64) Series {
	for i := range 60 {
		s.Points = append(s.Points, monitor.Point{At: time.Duration(i) * time.Second, Value: value(i)})
	}
	return Series{server, s}
}

// from is a value that changes at second 30.
func from(before, after float64) func(int) float64 {
	return func(i int) float64 {
		if i < 30 {
			return before
		}
		return after
	}
}

// sick is a run at equal load that is slow from second 30 on, or fails.
func sick(failing bool) Run {
	r := Run{}
	for i := range 60 {
		r.Users, r.Rate = append(r.Users, 20), append(r.Rate, from(40, 5)(i))
		latency, failures := from(0.02, 2)(i), 0.0
		if failing {
			latency, failures = 0.02, from(0, 0.6)(i)
		}
		r.Latency, r.Failures = append(r.Latency, latency), append(r.Failures, failures)
	}
	return r
}

// TestSigns come before what merely moved: a locked table, refused connections, a store that became full.
func TestSigns(t *testing.T) {
	idle := told("php", monitor.Series{Name: "idle", Follows: true}, from(39, 22))
	reads := told("db", monitor.Series{Name: "rows_read", Unit: "/s"}, from(1000, 9000))
	waiting := told("db", monitor.Series{Name: "waiting", Sign: true}, from(0, 17))
	never := told("here", monitor.Series{Name: "listen_overflows", Unit: "/s", Sign: true}, from(0, 0))
	usual := told("db", monitor.Series{Name: "refused", Unit: "/s", Sign: true}, from(5, 5.5)) // always some
	fills := told("cache", monitor.Series{Name: "memory", Unit: "B", Limit: 100, Ceiling: true}, func(i int) float64 { return min(100, 10+3*float64(i)) })
	full := told("here", monitor.Series{Name: "memory", Unit: "B", Limit: 100, Ceiling: true}, from(99, 99)) // it always was

	f := Find(sick(false), []Series{reads, idle, never, usual, full, waiting})
	if f.Rising || len(f.Suspects) != 2 || f.Suspects[0].Series != "waiting" || f.Suspects[1].Series != "rows_read" {
		t.Errorf("%+v", f)
	}
	if !strings.HasPrefix(f.Text, "db.waiting gave way first: 17, before 0, from 0:30") {
		t.Errorf("%q", f.Text)
	}
	f = Find(sick(true), []Series{never, usual, full, fills})
	if len(f.Suspects) != 1 || f.Suspects[0].Server != "cache" || f.What != "60 % failed" {
		t.Errorf("%+v", f)
	}
	rise := sick(true)
	for i := range rise.Users {
		rise.Users[i] = float64(i)
	}
	f = Find(rise, []Series{never, full, told("db", monitor.Series{Name: "refused", Unit: "/s", Sign: true}, from(0, 12))})
	busy := told("here", monitor.Series{Name: "cpu", Unit: "%", Limit: 100, Ceiling: true}, from(99, 100)) // somebody else's work
	if g := Find(rise, []Series{busy}); len(g.Suspects) != 0 {
		t.Errorf("%+v", g)
	}
	if !f.Rising || len(f.Suspects) == 0 || f.Suspects[0].Series != "refused" {
		t.Errorf("%+v", f)
	}
}

// TestWhoseLimit: what the servers say of a run that measured its own generator explains nothing.
func TestWhoseLimit(t *testing.T) {
	run := sick(false)
	for i := range run.Rate {
		run.Generator = append(run.Generator, from(0.4, 0.93)(i))
	}
	g := Find(run, []Series{told("db", monitor.Series{Name: "waiting", Sign: true}, from(0, 17))})
	if !g.Ours || len(g.Suspects) != 0 || !strings.Contains(g.Text, "the generator itself gave way: it used 93 % of its processors") {
		t.Errorf("%+v", g)
	}
	run.Disturbed = "40 % of sends were late"
	f := Find(run, []Series{told("db", monitor.Series{Name: "waiting", Sign: true}, from(0, 17))})
	if !f.Ours || !f.Slow || len(f.Suspects) != 0 || !strings.Contains(f.Text, "the generator itself gave way: 40 % of sends were late") {
		t.Errorf("%+v", f)
	}
}

// TestNoAnswer: where everybody waits there is no answer that could be slow, and no throughput.
func TestNoAnswer(t *testing.T) {
	run := sick(false)
	for i := 30; i < 42; i++ {
		run.Rate[i], run.Latency[i] = 0, math.NaN()
	}
	for i := 42; i < 60; i++ { // it is well again
		run.Rate[i], run.Latency[i] = 40, 0.02
	}
	ping := told("cache", monitor.Series{Name: "answer_time", Unit: "ms"}, func(i int) float64 {
		if i >= 30 && i < 42 {
			return 1500
		}
		return 0.5 + float64(i%7)/4
	})
	ping.Points = slices.DeleteFunc(ping.Points, func(p monitor.Point) bool { // while it is held up it answers every third second
		i := int(p.At / time.Second)
		return i >= 30 && i < 42 && i%3 > 0
	})
	jitter := told("db", monitor.Series{Name: "answer_time", Unit: "ms"}, from(0.5, 4)) // no reason for seconds
	idle := told("host", monitor.Series{Name: "cpu", Unit: "%", Ceiling: true}, from(2, 20))
	fewer := told("db", monitor.Series{Name: "selects", Unit: "/s"}, from(40, 0))
	f := Find(run, []Series{jitter, idle, fewer, ping})
	if f.Rising || f.Knee != 30*time.Second || len(f.Suspects) != 1 || f.Suspects[0].Server != "cache" {
		t.Errorf("%+v", f)
	}
	if !strings.Contains(f.Text, "no answer came, of 40 a second before, from 0:30") {
		t.Errorf("%q", f.Text)
	}
}

// TestFallingLoad: what became less when the load did is no suspect, whatever its distance from what was usual.
func TestFallingLoad(t *testing.T) {
	run := sick(false)
	for i := range run.Users {
		run.Users[i] = 60 - float64(i)
	}
	f := Find(run, []Series{
		told("db", monitor.Series{Name: "rows_read", Unit: "/s"}, func(i int) float64 { return 9000 - 100*float64(i) }),
		told("host", monitor.Series{Name: "memory", Unit: "B", Limit: 100, Ceiling: true}, from(85, 88)),
	})
	if !f.Slow || !f.Rising || len(f.Suspects) != 0 {
		t.Errorf("%+v", f)
	}
}

// TestWorstKnee: a site that is a little slow from early on, as on a busy machine, and then stands still, is asked why it stands still.
func TestWorstKnee(t *testing.T) {
	run := sick(false)
	for i := range run.Latency {
		run.Latency[i] = 0.012
		if i >= 8 {
			run.Latency[i] = 0.03
		}
		if i >= 40 && i < 50 {
			run.Latency[i], run.Rate[i] = 1.5, 8
		}
	}
	f := Find(run, []Series{told("db", monitor.Series{Name: "waiting", Sign: true}, func(i int) float64 {
		if i >= 40 && i < 50 {
			return 12
		}
		return 0
	})})
	if f.Knee != 40*time.Second || len(f.Suspects) != 1 || !strings.Contains(f.What, "to 1.50 s") {
		t.Errorf("%+v", f)
	}
}
