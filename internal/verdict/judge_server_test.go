package verdict

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stampede-load/stampede/internal/stats"
)

// told is servers that say what a test has them say.
type told map[string]map[string]ServerSeries

func (s told) Names() (names []string) {
	for name := range s {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func (s told) Has(server string) (names []string) {
	for name := range s[server] {
		names = append(names, name)
	}
	return names
}

func (s told) Series(server, name string, from time.Duration) (ServerSeries, bool) {
	one, found := s[server][name]
	points := one.Points
	one.Points = nil
	for _, p := range points {
		if p.At >= from {
			one.Points = append(one.Points, p)
		}
	}
	return one, found
}

// eachSecond is a series with a value a second, read a little after its beginning.
func eachSecond(unit string, limit float64, values ...float64) ServerSeries {
	s := ServerSeries{Unit: unit, Limit: limit}
	for i, v := range values {
		s.Points = append(s.Points, ServerPoint{time.Duration(i)*time.Second + 3*time.Millisecond, v})
	}
	return s
}

func repeated(v float64, n int) []float64 { return slices.Repeat([]float64{v}, n) }

// database is full from second 10 to 15 of 30.
func database() told {
	connections := slices.Concat(repeated(50, 10), repeated(151, 5), repeated(60, 15))
	return told{
		"db": {
			"connections": eachSecond("", 151, connections...), "running": eachSecond("", 0, repeated(4, 30)...), "behind": eachSecond("s", 0, repeated(2, 30)...),
			"sent": eachSecond("B/s", 0, repeated(5e6, 30)...), "questions": eachSecond("/s", 0, repeated(800, 30)...), "never": {Unit: "%"},
			"lock_time": eachSecond("ms/s", 0, repeated(40, 30)...), "wait": eachSecond("ms", 0, repeated(250, 30)...),
		},
		"rds": {"cpu": {Unit: "%", Grain: time.Minute, Points: []ServerPoint{{0, 97}}}},
	}
}

func TestServersFigures(t *testing.T) {
	seconds := run(30, steady(home, 0, 30, 10, 100*milli))
	for _, c := range []struct {
		expr        string
		passed      bool
		firstBroken int
		want        string // in the value, the limit or the reason
	}{
		{`db.connections < 90% of limit`, false, 0, "db.connections was 151 of 151, not < 90 % of 151"},
		{`db.connections <= limit`, true, 0, "151 of 151"},
		{`db.connections < 200`, true, 0, "151"},
		{`db.connections < 90% of limit over 10s`, true, 0, "106 of 151"},
		{`db.connections < 90% of limit over 5s`, false, 15, "1 of 26 windows broke it"},
		{`db.connections < 90% of limit over 1s`, false, 11, "151 of 151 in the 1s up to second 11"},
		{`db.connections > 100 for 5s`, false, 15, "db.connections was never better than 151 in the 5s up to second 15, not <= 100"},
		{`db.connections > 100 for 6s`, true, 0, ""},
		{`db.connections < 55 for 10s`, false, 10, "never better than 50"},
		{`not db.connections > 140`, false, 0, "151"},
		{`db.connections > 100`, false, 0, "50"},
		{`db.behind < 3s`, true, 0, "2.00 s"},
		{`db.behind < 1500ms`, false, 0, "2.00 s, not < 1.5 s"},
		{`db.wait < 300ms over 5s`, true, 0, "250 ms"},
		{`db.sent < 6MB`, true, 0, "5.00 MB"},
		{`db.questions >= 900/s over 10s`, false, 10, "800/s"},
		{`db.questions > 700`, true, 0, "800 /s"},
		{`db.lock_time < 50`, true, 0, "40 ms/s"},
		{`db.connections < 90% of limit during steady`, true, 0, "60 of 151"},
		// Joined, at each moment.
		{`p95 < 500ms over 1s and db.connections < 150 over 1s`, false, 11, "db.connections was 151"},
		{`p95 > 500ms over 1s or db.connections < 150 over 1s`, false, 11, "db.connections was 151"},
		{`p95 < 500ms over 1s or db.connections < 150 over 1s`, true, 0, ""},
		{`p95 < 500ms and db.connections < 150`, false, 0, "db.connections was 151"},
		// A point of a coarse series stands for its grain.
		{`rds.cpu > 95% for 20s`, false, 20, "97.0 %"},
		{`rds.cpu < 98% over 10s`, true, 0, "97.0 %"},
		// What cannot be judged fails, and says why.
		{`db.conections < 10`, false, 0, "inconclusive: db has no series conections; did you mean connections?"},
		{`db.never < 10%`, false, 0, "inconclusive: db never had a value of never"},
		{`db.running < 90% of limit`, false, 0, "db does not say how much running can become"},
		{`db.connections < 90%`, false, 0, "is in a plain number, and cannot be compared with 90%"},
		{`db.connections < 10 over 1m`, false, 0, "was not read over a whole window of 1m"},
		{`rds.cpu < 10% during steady`, false, 0, "had no value during steady"},
	} {
		o := JudgeOptions{Phases: []Phase{{Name: "steady", From: 15 * time.Second}}, Servers: database()}
		j := judgeOf(t, o, seconds, c.expr)
		for _, how := range []string{"first", "again"} {
			got := j.Final()[0]
			text := strings.Join([]string{got.ValueText, got.LimitText, got.Reason}, "; ")
			if got.Passed != c.passed || got.FirstBroken != time.Duration(c.firstBroken)*time.Second || !strings.Contains(text, c.want) {
				t.Errorf("%s, %s: passed %v, first broken %v, %s", c.expr, how, got.Passed, got.FirstBroken, text)
			}
		}
	}
}

// A rule with stop ends the run as soon as the figures say so, however late they are; what the server says afterwards does not undo it.
func TestServersStop(t *testing.T) {
	seconds := run(30, steady(home, 0, 30, 10, 100*milli))
	for expr, want := range map[string]int{
		`db.connections < 90% of limit over 3s stop`: 15, // two seconds late
		`db.connections < 90% of limit stop`:         13,
		`db.connections > 140 for 4s stop`:           16,
		`db.connections < 200 stop`:                  0,
	} {
		all := database()["db"]["connections"]
		late := told{"db": {}}
		j := judgeOf(t, JudgeOptions{Servers: late}, nil, expr)
		at := 0
		for i, sec := range seconds {
			s := all
			s.Points = all.Points[:max(0, i-1)]
			late["db"]["connections"] = s
			j.Second(sec)
			if r, stopped := j.Stopped(); stopped && at == 0 {
				if at = i + 1; r.Passed || !r.Stop {
					t.Errorf("%s: stopped by %+v", expr, r)
				}
			}
		}
		// The window that broke it ended two seconds before it was known.
		if at != want {
			t.Errorf("%s: stopped after second %d, want %d", expr, at, want)
		}
		if r := j.Final()[0]; r.Passed != (want == 0) {
			t.Errorf("%s: at the end %+v", expr, r)
		}
	}
}

// Figures that came after the run are judged as if they had been there.
func TestServersLate(t *testing.T) {
	seconds := run(30, steady(home, 0, 30, 10, 100*milli))
	for _, expr := range []string{`db.connections < 150 over 2s`, `p95 < 1s over 2s and db.connections < 150 over 2s`, `db.connections < 150`} {
		nothing := told{"db": {}}
		j := judgeOf(t, JudgeOptions{Servers: nothing}, seconds, expr)
		if r := j.Final()[0]; r.Passed || r.FirstBroken != 0 {
			t.Errorf("%s, before: %+v", expr, r)
		}
		nothing["db"] = database()["db"]
		r := j.Final()[0]
		if r.Passed || strings.Contains(expr, "over") && r.FirstBroken != 12*time.Second || !strings.Contains(r.Reason, "151") {
			t.Errorf("%s, after: %+v", expr, r)
		}
	}
}

func TestServersUnknown(t *testing.T) {
	for expr, want := range map[string]string{
		`bd.connections < 5`:           "no server is named bd; did you mean db?",
		`p95 < 1s and x.y < 5 over 1s`: "no server is named x; those that are watched: db, rds",
	} {
		r, err := Parse(expr)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := NewJudge([]*Rule{r}, JudgeOptions{Servers: database()}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", expr, err)
		}
		if _, err := NewJudge([]*Rule{r}, JudgeOptions{}); err == nil || !strings.Contains(err.Error(), "no server is watched; name it with --server") {
			t.Errorf("%s, without servers: %v", expr, err)
		}
	}
	j := judgeOf(t, JudgeOptions{Servers: database()}, run(3, steady(home, 0, 3, 1, milli)), `db.conections < 5`)
	if u := j.Unknown(); len(u) != 1 || !strings.Contains(u[0], "did you mean connections") {
		t.Errorf("%q", u)
	}
}

func TestServersParse(t *testing.T) {
	for expr, canonical := range map[string]string{
		`db.connections < 90 % of limit over 10s`: `db.connections < 90% of limit over 10s`,
		`db.connections<limit`:                    `db.connections < limit`,
		`rds.cpu > 95% for 3m stop`:               `rds.cpu > 95% for 3m stop`,
		`prom.a.b-c_d >= 1m30s during steady`:     `prom.a.b-c_d >= 1m30s during steady`,
		`web.requests > 5/min or db.x = 0`:        `web.requests > 0.08333333333333333/s or db.x = 0`,
		`p99.9 < 1s`:                              `p99.9 < 1s`,
	} {
		r, err := Parse(expr)
		if err != nil {
			t.Errorf("%s: %v", expr, err)
			continue
		}
		again, err := Parse(r.String())
		if r.String() != canonical || err != nil || !again.Equal(r) {
			t.Errorf("%s is written %s (%v)", expr, r, err)
		}
	}
	for expr, want := range map[string]string{
		`db.x < 90 of limit`:              "write 90% of limit",
		`db.x < 5s of limit`:              "is a share",
		`db.x < 5% of it`:                 "limit is expected after of",
		`db.x < 5 quux`:                   "quux is no unit",
		`db.x <`:                          "a value is missing",
		`db.x < baseline`:                 "cannot compare a server's figure",
		`"Log In" db.x < 5`:               "not of requests",
		`seconds(db.x < 5) > 90%`:         "cannot stand inside seconds",
		`p95 < 1s for 10s`:                "write over 10s",
		`not db.x > 5 for 10s`:            "says already what must not be",
		`(db.x > 5 and db.y > 5) for 10s`: "for stands behind one figure",
		`db.x < 5 over 10s for 10s`:       "for is given twice",
		`db.x < 5 for 10`:                 "10 has no unit",
		`srevice.p95 < 1s`:                "did you mean",
	} {
		if _, err := Parse(expr); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", expr, err)
		}
	}
	for _, name := range []string{"service", "p99", "1db", "a.b", "over", ""} {
		if !Reserved(name) {
			t.Errorf("%q can name a server", name)
		}
	}
	if Reserved("db-1_x") {
		t.Error("db-1_x cannot")
	}
}

// Judging an hour with a window of ten minutes must not take long: every window is looked at.
func TestServersCost(t *testing.T) {
	s := told{"db": {"connections": eachSecond("", 151, repeated(50, 3600)...)}}
	j := judgeOf(t, JudgeOptions{Servers: s}, []*stats.Second{}, `db.connections < 90% of limit over 10m`)
	for _, sec := range run(3600, steady(home, 0, 3600, 1, milli)) {
		j.Second(sec)
	}
	if r := j.Final()[0]; !r.Passed || r.Value < 0.33 || r.Value > 0.34 {
		t.Errorf("%+v", r)
	}
}
