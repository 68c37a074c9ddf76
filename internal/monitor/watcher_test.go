package monitor

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unsafe"
)

// script is a source that answers what it is told.
type script struct {
	grain  time.Duration
	read   func(n int, at time.Duration) (Reading, error)
	begun  time.Time
	n      int
	closed bool
}

func (s *script) Grain() time.Duration { return s.grain }
func (s *script) Close() error         { s.closed = true; return nil }
func (s *script) Read(ctx context.Context) (Reading, error) {
	s.n++
	return s.read(s.n, time.Since(s.begun))
}

func watchFor(t *testing.T, d time.Duration, s *script) Server {
	t.Helper()
	s.begun = time.Now()
	w := Watch(t.Context(), s.begun, []Watched{{Name: "db", Kind: "test", Source: s}})
	time.Sleep(d)
	w.Stop()
	if !s.closed {
		t.Error("the source was not closed")
	}
	return w.Servers()[0]
}

// Servers are read one after another within a second, not all at once.
func TestServersTakeTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun, read := time.Now(), make([][]time.Duration, 4)
		var servers []Watched
		for i := range read {
			servers = append(servers, Watched{Name: fmt.Sprint(i), Source: &script{begun: begun, read: func(_ int, at time.Duration) (Reading, error) {
				read[i] = append(read[i], at)
				return Reading{}, nil
			}}})
		}
		w := Watch(t.Context(), begun, servers)
		time.Sleep(1900 * time.Millisecond)
		w.Stop()
		for i, got := range read {
			turn := time.Duration(i) * time.Second / 4
			if want := []time.Duration{turn, turn + time.Second}; !slices.Equal(got, want) {
				t.Errorf("server %d of 4 was read at %v, want %v", i, got, want)
			}
		}
	})
}

func TestCountersBecomeRates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// A hundred a second; restarted at 5 s; not there from 8 to 10 s.
		s := watchFor(t, 12500*time.Millisecond, &script{read: func(_ int, at time.Duration) (Reading, error) {
			sec := at.Seconds()
			if sec >= 8 && sec < 10 {
				return Reading{}, errors.New("ask db: connection refused")
			}
			count := 1000 + 100*sec
			if sec >= 5 {
				count = 100 * (sec - 5)
			}
			return Reading{Values: []Value{
				{Name: "queries", Value: count, Counter: true},
				{Name: "cpu", Unit: "%", Value: sec / 2, Counter: true, Scale: 100, Limit: 100},
				{Name: "connections", Value: 7, Limit: 50},
				{Name: "odd", Value: math.NaN()},
			}}, nil
		}})
		if s.Asked != 13 || s.Failed != 2 || len(s.Notes) != 1 || !strings.Contains(s.Notes[0], "8s") {
			t.Errorf("asked %d, failed %d, notes %q", s.Asked, s.Failed, s.Notes)
		}
		series := map[string]Series{}
		for _, one := range s.Series {
			series[one.Name] = one
		}
		want := []time.Duration{1, 2, 3, 4, 6, 7, 11, 12} // 0: nothing to compare with; 5: reset; 8, 9: gone; 10: the first again
		q := series["queries"]
		if q.Unit != "/s" || len(q.Points) != len(want) {
			t.Fatalf("queries in %q: %v", q.Unit, q.Points)
		}
		for i, p := range q.Points {
			if p.At != want[i]*time.Second || math.Abs(p.Value-100) > 1e-6 {
				t.Errorf("point %d is %v at %v, want 100 at %v s", i, p.Value, p.At, want[i])
			}
		}
		if c := series["cpu"]; c.Unit != "%" || math.Abs(c.Points[0].Value-50) > 1e-6 || c.Limit != 100 {
			t.Errorf("cpu %+v", c)
		}
		if c := series["connections"]; len(c.Points) != 11 || c.Points[0].Value != 7 || c.Limit != 50 {
			t.Errorf("connections %+v", c)
		}
		if len(series["odd"].Points) != 0 {
			t.Errorf("what is not known has points: %+v", series["odd"])
		}
	})
}

// TestSlowServers neither make up for turns that they missed nor hold anything up.
func TestSlowServers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := watchFor(t, 10*time.Second, &script{read: func(int, time.Duration) (Reading, error) {
			time.Sleep(2500 * time.Millisecond)
			return Reading{Values: []Value{{Name: "x", Value: 1}}}, nil
		}})
		if s.Asked != 3 {
			t.Errorf("asked %d times in ten seconds with answers of 2.5 s", s.Asked)
		}
		if at := s.Series[0].Points[0].At; at != 1250*time.Millisecond {
			t.Errorf("the first point stands at %v, want the middle of its reading", at)
		}
		if a := s.Series[1]; a.Name != AnswerTime || a.Unit != "ms" || len(a.Points) != 3 || a.Points[0].Value != 2500 {
			t.Errorf("how long it took: %+v", a)
		}
	})
}

func TestManySeriesAndPoints(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := watchFor(t, 3*time.Second, &script{read: func(int, time.Duration) (Reading, error) {
			var r Reading
			for i := range MaxSeries + 30 {
				r.Values = append(r.Values, Value{Name: "s" + strings.Repeat("x", i), Value: 1})
			}
			return r, nil
		}})
		if len(s.Series) != MaxSeries+1 || len(s.Notes) != 1 || !strings.Contains(s.Notes[0], "left out") {
			t.Errorf("%d series, %q", len(s.Series), s.Notes)
		}
	})
	one := track{}
	for i := range 100_000 {
		one.keep(Point{At: time.Duration(i) * time.Second, Value: float64(i)})
	}
	if n := len(one.series.Points); n >= maxPoints || n < maxPoints/4 {
		t.Errorf("%d points are kept of 100,000", n)
	}
	for i := 1; i < len(one.series.Points); i++ {
		if one.series.Points[i].At <= one.series.Points[i-1].At {
			t.Fatalf("points %d and %d are out of order", i-1, i)
		}
	}
}

// TestBudget: ten thousand series of two hours take no more than 40 MB, and of each the latest points are there as they were read.
func TestBudget(t *testing.T) {
	all := tracks{byName: map[string]*track{}, budget: &budget{}}
	for i := range 10_000 {
		all.begin(Series{Name: fmt.Sprint(i)}, false)
	}
	one := all.byName["7"]
	for i := range 7200 {
		one.keep(Point{At: time.Duration(i) * time.Second, Value: float64(i)})
	}
	points := one.series.Points
	if bytes := cap(points) * int(unsafe.Sizeof(Point{})) * 10_000; bytes > 40<<20 {
		t.Errorf("they take %d MB", bytes>>20)
	}
	if n := len(points); n < leastPoints/2 || points[0].At > 20*time.Minute {
		t.Errorf("%d points from %v", n, points[0].At)
	}
	for i := range 30 {
		if at := points[len(points)-1-i].At; at != time.Duration(7199-i)*time.Second {
			t.Errorf("the last but %d is at %v", i, at)
		}
	}
}

// late is a historian whose points come two minutes late, first with a wrong value.
type late struct {
	begun  time.Time
	calls  int
	broken bool
}

func (h *late) Grain() time.Duration { return time.Minute }
func (h *late) Cost() string         { return "17 calls" }
func (h *late) Close() error         { return nil }
func (h *late) Range(_ context.Context, from, to time.Time) ([]Recorded, bool, error) {
	h.calls++
	if h.broken {
		return nil, false, errors.New("ask late: expired token")
	}
	r := Recorded{Series: Series{Name: "cpu", Unit: "%", Limit: 100}}
	complete := true
	for at := h.begun; !at.After(to); at = at.Add(time.Minute) {
		if at.Before(from.Add(-time.Minute)) {
			continue
		}
		age := time.Since(at)
		switch {
		case age >= 3*time.Minute:
			r.Times, r.Is = append(r.Times, at), append(r.Is, at.Sub(h.begun).Minutes())
		case age >= 2*time.Minute:
			r.Times, r.Is = append(r.Times, at), append(r.Is, -1)
			complete = false
		default:
			complete = false
		}
	}
	return []Recorded{r}, complete, nil
}

func TestLatePoints(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &late{begun: time.Now()}
		w := Watch(t.Context(), h.begun, []Watched{{Name: "rds", Kind: "cloudwatch", Historian: h}})
		time.Sleep(10*time.Minute + time.Second)
		w.Stop()
		during := len(w.Servers()[0].Series[0].Points)
		if during >= 10 {
			t.Errorf("%d points were there at once", during)
		}
		if missing := w.Late(t.Context(), 10*time.Minute, 10*time.Minute); len(missing) > 0 {
			t.Errorf("missing after ten more minutes: %v", missing)
		}
		points := w.Servers()[0].Series[0].Points
		if len(points) < 10 {
			t.Fatalf("%d points", len(points))
		}
		for i, p := range points {
			if p.At != time.Duration(i)*time.Minute || p.Value != float64(i) {
				t.Errorf("point %d is %v at %v", i, p.Value, p.At)
			}
		}
		if c := w.Costs(); len(c) != 1 || c[0] != "rds: 17 calls" {
			t.Errorf("%q", c)
		}
		w.Close()
	})
}

func TestLatePointsThatNeverCome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &late{begun: time.Now(), broken: true}
		w := Watch(t.Context(), h.begun, []Watched{{Name: "rds", Historian: h}})
		time.Sleep(3 * time.Minute)
		w.Stop()
		if missing := w.Late(t.Context(), 3*time.Minute, 5*time.Minute); len(missing) != 1 || missing[0] != "rds" {
			t.Errorf("missing %v", missing)
		}
		if h.calls > 12 {
			t.Errorf("it was asked %d times", h.calls)
		}
		if notes := w.Servers()[0].Notes; len(notes) != 1 || !strings.Contains(notes[0], "expired token") {
			t.Errorf("%q", notes)
		}
	})
}

// endless is a historian that has a point every five seconds, up to now, and counts how many it was asked for.
type endless struct {
	begun time.Time
	most  int
	first time.Time // of the last question
}

func (h *endless) Grain() time.Duration { return 5 * time.Second }
func (h *endless) Close() error         { return nil }
func (h *endless) Cost() string         { return "" }
func (h *endless) Range(_ context.Context, from, to time.Time) ([]Recorded, bool, error) {
	r, n := Recorded{Series: Series{Name: "cpu"}}, 0
	for at := from; !at.After(to) && !at.After(time.Now()); at = at.Add(5 * time.Second) {
		r.Times, r.Is, n = append(r.Times, at), append(r.Is, at.Sub(h.begun).Seconds()), n+1
	}
	h.most, h.first = max(h.most, n), from
	return []Recorded{r}, time.Since(to) > 15*time.Second, nil
}

// TestLongHistory: a run of a day asks for its last minutes each time, since Prometheus gives 11,000 points at most; none is missing or there twice, and no
// more are kept than of other series.
func TestLongHistory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &endless{begun: time.Now()}
		w := Watch(t.Context(), h.begun, []Watched{{Name: "prom", Historian: h}})
		time.Sleep(12*time.Hour + time.Second)
		if s, _, _ := w.Since("prom", "cpu", 12*time.Hour-time.Minute); len(s.Points) != 13 || s.Points[12].At != 12*time.Hour {
			t.Errorf("the last minute: %v", s.Points)
		}
		time.Sleep(24 * time.Hour)
		w.Stop()
		if missing := w.Late(t.Context(), 36*time.Hour, time.Minute); len(missing) > 0 || h.most > 100 {
			t.Errorf("missing %v, asked for up to %d points", missing, h.most)
		}
		points := w.Servers()[0].Series[0].Points
		if n := len(points); n > maxPoints || n < maxPoints/4 || points[0].At != 0 || points[n-1].At < 36*time.Hour {
			t.Errorf("%d points, from %v to %v", n, points[0].At, points[n-1].At)
		}
		for i := 1; i < len(points); i++ {
			if points[i].At <= points[i-1].At || points[i].Value != points[i].At.Seconds() {
				t.Fatalf("point %d is %v at %v after %v", i, points[i].Value, points[i].At, points[i-1].At)
			}
		}
	})
}

// TestTwiceInAReading: two figures of one name are not mixed.
func TestTwiceInAReading(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := watchFor(t, 3500*time.Millisecond, &script{read: func(n int, _ time.Duration) (Reading, error) {
			return Reading{Values: []Value{{Name: "x", Value: float64(10 * n), Counter: true}, {Name: "x", Value: 7, Counter: true}}}, nil
		}})
		if x := s.Series[0]; len(s.Series) != 2 || len(x.Points) != 3 || math.Abs(x.Points[0].Value-10) > 1e-6 || math.Abs(x.Points[2].Value-10) > 1e-6 {
			t.Errorf("%+v", s.Series)
		}
		if len(s.Notes) != 1 || !strings.Contains(s.Notes[0], "x came more than once") {
			t.Errorf("%q", s.Notes)
		}
	})
}

func TestParseSpec(t *testing.T) {
	kinds := []string{"apache", "mysql"}
	s, err := ParseSpec("web=apache:http://u:geheim@h/server-status?auto&token=geheim", kinds)
	if err != nil || s.Name != "web" || s.Kind != "apache" || s.URL != "http://u:geheim@h/server-status?auto&token=geheim" {
		t.Errorf("%+v, %v", s, err)
	}
	if text := s.String(); strings.Contains(text, "geheim") || text != "web=apache:http://h/server-status" {
		t.Errorf("printed as %q", text)
	}
	for text, want := range map[string]string{
		"http://x":           "write NAME=KIND:URL",
		"=apache:x":          "write NAME=KIND:URL",
		"a b=apache:x":       "letters, digits",
		"web=lighttpd:x":     `no kind "lighttpd"`,
		"web=\x1b[31m:x":     "there are apache, mysql",
		"web=apache\x1b[31m": "no kind",
	} {
		if _, err := ParseSpec(text, kinds); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\x1b") {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
	for in, want := range map[string]string{"a b": "a_b", "": "_", "ü": "_", "x%/y": "x_y", "ok-1.2_3": "ok-1.2_3"} {
		if got := CleanName(in); got != want || CleanName(got) != got {
			t.Errorf("%q is called %q, want %q", in, got, want)
		}
	}
}
