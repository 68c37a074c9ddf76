package verdict

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stampede-load/stampede/internal/fault"
	"github.com/stampede-load/stampede/internal/stats"
)

// TestAnswersAfterTheLoad has, in the second after a load of 6 s, answers to what was asked for in its first half: they are part of that half
// and of the whole, and of no window until those are judged again.
func TestAnswersAfterTheLoad(t *testing.T) {
	seconds := run(7, steady(home, 0, 6, 10, 100*milli))
	slow := rowsOf(steady(home, 0, 1, 20, 5*time.Second))
	seconds[6].Earlier = []stats.Part{{Second: 1, Rows: slow, Total: totalOf(slow)}}
	seconds[6].Gauges.Users = 0
	o := JudgeOptions{Phases: []Phase{{Name: "first", To: 3 * time.Second}, {Name: "second", From: 3 * time.Second, To: 6 * time.Second}}, End: 6 * time.Second}
	j := judgeOf(t, o, seconds, "p95 < 1s", "p95 < 1s during first", "p95 < 1s during second", "p95 < 1s over 2s", "count = 50 during first", "count = 30 during second",
		"count = 80", "rate < 17/s during first", "users = 10 during second")
	want := []bool{false, false, true, true, true, true, true, true, true}
	for i, r := range j.Final() {
		if r.Passed != want[i] {
			t.Errorf("%s: passed %v with %s", r.Expr, r.Passed, r.ValueText)
		}
	}
}

// after is seconds of a run whose load ends with the given one, and which brings what was asked for before in the second after that.
func after(end int, shots, late []shot) []*stats.Second {
	seconds := run(end+1, shots)
	last := seconds[end]
	last.Gauges.Users = 0
	for at := range end {
		var rows []stats.Row
		for _, sec := range run(end, late)[at : at+1] {
			rows = sec.Rows
		}
		if len(rows) > 0 {
			last.Earlier = append(last.Earlier, stats.Part{Second: at, Rows: rows, Total: totalOf(rows)})
		}
	}
	return seconds
}

func seriesOf(seconds []*stats.Second) *stats.Series {
	s := stats.NewSeries(stats.SeriesOptions{})
	for _, sec := range seconds {
		s.Add(sec)
	}
	return s
}

// TestWindowsAgain has a site that stops to answer in the last three of twelve seconds. What was asked for in them is answered after the load,
// late or not at all: the windows that closed without a word of it are judged with it.
func TestWindowsAgain(t *testing.T) {
	late := append(steady(home, 9, 12, 4, 5*time.Second), steady(logIn, 9, 12, 4, 30*time.Second)...)
	for i := range late {
		if late[i].key == logIn {
			late[i].kind = fault.Timeout
		}
	}
	seconds := after(12, append(steady(home, 0, 9, 10, 100*milli), steady(logIn, 0, 9, 10, 100*milli)...), late)
	o := JudgeOptions{
		End: 12 * time.Second, Warmup: 2 * time.Second,
		Phases: []Phase{{Name: "first", To: 6 * time.Second}, {Name: "second", From: 6 * time.Second, To: 12 * time.Second}},
	}
	for _, tt := range []struct {
		rule         string
		before, then bool
		at           time.Duration // when it broke first
		reason       string
	}{
		{`p95 < 1s over 3s`, true, false, 10 * time.Second, "3 of 8 windows broke it"},
		{`p95 < 1s over 3s during first`, true, true, 0, ""},
		{`p95 < 1s over 3s during second`, true, false, 10 * time.Second, "3 of 4 windows broke it"},
		{`failures < 20% over 2s`, true, false, 11 * time.Second, "2 of 9 windows"},
		{`failures(timeout) < 20% over 2s`, true, false, 11 * time.Second, "2 of 9 windows"},
		{`failures(5xx) < 1% over 2s`, true, true, 0, ""},
		{`"Log In" max < 1s over 1s`, true, false, 10 * time.Second, "3 of 10 windows"},
		{`"Log In" failures < 1% over 4s`, true, false, 10 * time.Second, "3 of 7 windows"},
		{`"Home" failures < 1% over 4s`, true, true, 0, ""},
		{`count < 30 over 1s`, true, true, 0, ""},
		{`seconds(p95 < 1s) >= 90% over 3s`, true, false, 10 * time.Second, "3 of 8 windows"},
		{`p95 < 1s over 3s or failures < 60% over 3s`, true, true, 0, ""},
		{`p95 < 1s over 3s or failures < 10% over 3s`, true, false, 11 * time.Second, ""},
		{`p95 < 1s over 3s and count > 0`, true, false, 10 * time.Second, ""},
		{`p95 < 1s over 3s or count < 5`, true, false, 10 * time.Second, ""},
		{`p95 < 1s over 3s stop`, true, false, 10 * time.Second, ""},
		{`rate > 0 over 3s`, false, false, 12 * time.Second, "1 of 8 windows"}, // nobody was answered in those: that is not taken back
		{`users <= 10 over 3s`, true, true, 0, ""},
	} {
		j := judgeOf(t, o, seconds, tt.rule)
		if r := j.Final()[0]; r.Passed != tt.before {
			t.Errorf("%s, before: %+v", tt.rule, r)
		}
		for range 2 { // figures of servers may come later, and it is asked again
			j.Again(seriesOf(seconds))
			r := j.Final()[0]
			if r.Passed != tt.then || r.FirstBroken != tt.at || !strings.Contains(r.Reason, tt.reason) {
				t.Errorf("%s: %+v", tt.rule, r)
			}
		}
	}
}

// TestWindowsAgainOracle holds judging again against a judge that sees the whole course from its beginning.
func TestWindowsAgainOracle(t *testing.T) {
	rules := []string{
		`p90 < 400ms over 3s`, `"Log In" p50 < 300ms over 2s`, `failures < 30% over 4s`, `"Home" rate > 2/s over 3s`, `max < 900ms over 1s or failures < 10% over 2s`,
		`seconds(p50 < 500ms) >= 60% over 4s`, `count < 12 over 1s`, `mean < 350ms over 5s during late`,
	}
	for seed := range uint64(300) {
		rng := rand.New(rand.NewPCG(seed, 7))
		const end = 15
		o := JudgeOptions{End: end * time.Second, Phases: []Phase{{Name: "late", From: 7 * time.Second}}}
		var shots, late []shot
		for at := range end {
			for range rng.IntN(8) {
				s := shot{second: at, key: []stats.Key{home, logIn}[rng.IntN(2)], took: time.Duration(rng.IntN(1000)) * milli}
				if rng.IntN(5) == 0 {
					s.kind = fault.Timeout
				}
				if rng.IntN(end) < at-8 {
					late = append(late, s)
				} else {
					shots = append(shots, s)
				}
			}
		}
		seconds := after(end, shots, late)
		j, live, whole := judgeOf(t, o, seconds, rules...), judgeOf(t, o, seconds, rules...), judgeOf(t, o, nil, rules...)
		j.Again(seriesOf(seconds))
		for sec := range seriesOf(seconds).Seconds() {
			whole.Second(sec)
		}
		got, a, b := j.Final(), live.Final(), whole.Final()
		for i, r := range got {
			if want := a[i].Passed && (b[i].Passed || !b[i].Judged); r.Passed != want {
				t.Errorf("seed %d, %s: passed %v, want %v: %s (live %v, in all %v)", seed, r.Expr, r.Passed, want, r.Reason, a[i].Passed, b[i].Passed)
			}
		}
	}
}

func totalOf(rows []stats.Row) (total stats.Row) {
	for i := range rows {
		total.Add(&rows[i])
	}
	return total
}
