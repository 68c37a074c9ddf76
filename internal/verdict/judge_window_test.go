package verdict

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stampede-load/stampede/internal/fault"
	"github.com/stampede-load/stampede/internal/hist"
	"github.com/stampede-load/stampede/internal/stats"
)

// slowFor is a run of quick requests with slow ones in the seconds [from, to).
func slowFor(n, from, to int) []*stats.Second {
	return run(n, append(append(steady(home, 0, from, 10, 100*milli), steady(home, from, to, 10, 900*milli)...), steady(home, to, n, 10, 100*milli)...))
}

func TestWindows(t *testing.T) {
	seconds := slowFor(30, 12, 15)
	for _, c := range []struct {
		expr        string
		passed      bool
		firstBroken int
		reason      string
	}{
		{`p50 < 500ms over 5s`, false, 15, "899 ms in the 5s up to second 15, not < 500 ms; 3 of 26 windows broke it"},
		{`p50 < 500ms over 6s`, true, 0, ""}, // half is no majority
		{`p95 < 500ms over 1s`, false, 13, "3 of 30 windows broke it"},
		{`max < 500ms over 10s`, false, 13, "12 of 21 windows broke it"},
		{`min < 500ms over 4s`, true, 0, ""},
		{`min < 500ms over 3s`, false, 15, "1 of 28 windows broke it"},
		{`mean < 400ms over 6s`, false, 15, "500 ms in the 6s up to second 15"},
		{`rate >= 10/s over 4s`, true, 0, ""},
		{`count = 40 over 4s`, true, 0, ""},
		{`users = 10 over 4s and in_flight = 3 over 2s`, true, 0, ""},
		{`seconds(p95 < 500ms) > 50% over 4s`, false, 14, "25.0 % in the 4s up to second 15"},
		{`not p50 > 500ms over 5s`, false, 15, "3 of 26 windows"},
		{`p50 < 500ms over 5s during steady`, true, 0, ""},
		{`p50 < 500ms over 30s`, true, 0, ""},
		// Joined: one of both at each moment.
		{`p50 < 500ms over 5s or p50 > 500ms over 5s`, true, 0, ""},
		{`p50 < 500ms over 1s or rate < 5/s over 1s`, false, 13, ""},
		{`max < 500ms over 1s or max < 500ms over 10s`, false, 13, ""}, // from second 10 on both have a window
		// A window with a condition judged at the end.
		{`p50 < 500ms over 5s or failed = 0`, true, 0, ""},
		{`p50 < 500ms over 5s or failed > 0`, false, 15, "failed was 0, not > 0"},
		{`p50 < 500ms over 5s and failed > 0`, false, 0, "failed was 0, not > 0"},
		{`p50 < 500ms over 5s and failed = 0`, false, 15, "3 of 26 windows"},
		{`p50 < 2s over 5s and failed = 0`, true, 0, ""},
		{`p50 < 2s over 60s or failed > 0`, false, 0, "no whole window of 1m; failed was 0"},
		{`p50 < 2s over 60s or failed = 0`, true, 0, ""},
		{`p50 < 2s over 60s or max < 500ms over 5s`, false, 13, "no whole window of 1m"},
		{`"Ghost" p50 < 2s over 5s or max < 500ms over 5s`, false, 13, ""},
	} {
		o := JudgeOptions{Phases: []Phase{{Name: "steady", From: 15 * time.Second}}}
		got := judgeOf(t, o, seconds, c.expr).Final()[0]
		if got.Passed != c.passed || got.FirstBroken != time.Duration(c.firstBroken)*time.Second || !strings.Contains(got.Reason, c.reason) {
			t.Errorf("%s: passed %v, first broken %v, want %v, %v s: %s", c.expr, got.Passed, got.FirstBroken, c.passed, c.firstBroken, got.Reason)
		}
	}
}

// Requests that are rare are judged where they are; a window without any has no quantile, but a rate.
func TestWindowsWithoutRequests(t *testing.T) {
	seconds := run(30, append(steady(home, 0, 30, 1, 100*milli), steady(logIn, 10, 12, 5, 100*milli)...))
	for expr, want := range map[string]bool{
		`"Log In" p95 < 1s over 3s`:                      true,
		`"Log In" rate >= 1/s over 3s`:                   false,
		`"Log In" count >= 5 over 1s during rush`:        true,
		`"Log In" p95 < 1s over 3s and rate > 0 over 3s`: true,
	} {
		j := judgeOf(t, JudgeOptions{Phases: []Phase{{Name: "rush", From: 8 * time.Second, To: 12 * time.Second}}}, seconds, expr)
		if got := j.Final()[0]; got.Passed != want {
			t.Errorf("%s: %+v", expr, got)
		}
	}
}

func TestLive(t *testing.T) {
	j := judgeOf(t, JudgeOptions{}, nil, `p50 < 500ms over 5s`, `max < 500ms`, `"Log In" p95 < 1s`, `p50 < 500ms over 5s and count > 200`)
	for i, sec := range slowFor(30, 12, 15) {
		j.Second(sec)
		end := i + 1
		live := j.Live()
		window, total, missing, mixed := live[0], live[1], live[2], live[3]
		slow := end >= 15 && end <= 17
		if window.Judged != (end >= 5) || window.Passed != (end >= 5 && end < 15) || window.Provisional {
			t.Errorf("second %d: %+v", end, window)
		}
		if end >= 5 && (window.Value > 500) != slow || (window.Margin < 0) != slow {
			t.Errorf("second %d: shows %v, margin %v", end, window.Value, window.Margin)
		}
		if (window.FirstBroken == 15*time.Second) != (end >= 15) {
			t.Errorf("second %d: %+v", end, window)
		}
		if !total.Provisional || total.Passed != (end < 13) || total.FirstBroken != 0 {
			t.Errorf("second %d: %+v", end, total)
		}
		if missing.Judged || missing.Passed || missing.ValueText != "no data" {
			t.Errorf("second %d: %+v", end, missing)
		}
		if mixed.Passed || !mixed.Provisional || !mixed.Judged {
			t.Errorf("second %d: %+v", end, mixed)
		}
	}
	for i, final := range j.Final() {
		if live := j.Live()[i]; live.Passed != final.Passed || live.FirstBroken != final.FirstBroken || live.Judged != final.Judged {
			t.Errorf("at the end: live %+v, final %+v", live, final)
		}
	}
	if got := j.Final()[0]; got.Value < 800 {
		t.Errorf("the worst window is not shown: %+v", got)
	}
}

func TestStop(t *testing.T) {
	failing := func(n, from, each int) []*stats.Second {
		shots := steady(home, 0, n, 10, 100*milli)
		for s := from; s < n; s++ {
			for range each {
				shots = append(shots, shot{second: s, key: home, took: 2 * time.Second, kind: fault.Timeout})
			}
		}
		return run(n, shots)
	}
	for _, c := range []struct {
		expr    string
		seconds []*stats.Second
		at      int // 0: never
	}{
		{`p50 < 500ms over 5s stop`, slowFor(30, 12, 15), 15},
		{`p50 < 500ms over 5s`, slowFor(30, 12, 15), 0},
		{`max < 500ms stop`, slowFor(30, 12, 15), 13},
		{`failed = 0 stop`, failing(30, 7, 1), 8},
		{`failed < 5 stop`, failing(30, 7, 1), 12},
		{`count >= 1000 stop`, failing(30, 7, 1), 0},   // may still come
		{`rate >= 1000/s stop`, failing(30, 7, 1), 0},  // the same
		{`rate < 5/s stop`, failing(30, 7, 1), 1},      //
		{`failures < 1% stop`, failing(30, 3, 1), 10},  // a hundred requests after 10 s
		{`failures < 1% stop`, failing(30, 20, 5), 21}, //
		{`p95 < 1s stop`, failing(60, 0, 1), 19},       // 200 samples
		{`p100 < 1s stop`, failing(30, 5, 1), 6},
		{`p95 < 50ms and failed = 0 stop`, failing(30, 25, 1), 20},
		{`p95 < 50ms or failed = 0 stop`, failing(30, 25, 1), 26},
		{`not (failed > 3) stop`, failing(30, 5, 1), 9},
		{`seconds(max < 1s) > 90% stop`, failing(30, 0, 1), 10},
		{`"Log In" p95 < 1s stop`, failing(30, 0, 1), 0},
		{`p95 < 50ms during late stop`, failing(60, 60, 1), 40},
	} {
		j := judgeOf(t, JudgeOptions{Phases: []Phase{{Name: "late", From: 20 * time.Second}}}, nil, `rate > 0/s`, c.expr)
		at := 0
		for i, sec := range c.seconds {
			j.Second(sec)
			if r, stopped := j.Stopped(); stopped && at == 0 {
				at = i + 1
				if r.Expr != c.expr || r.Passed || !r.Stop || r.FirstBroken != time.Duration(at)*time.Second || r.Reason == "" {
					t.Errorf("%s: stopped by %+v", c.expr, r)
				}
			}
		}
		if at != c.at {
			t.Errorf("%s: stops at second %d, want %d", c.expr, at, c.at)
		}
		if final := j.Final()[1]; at > 0 && (final.Passed || final.FirstBroken != time.Duration(at)*time.Second) {
			t.Errorf("%s: a rule that stopped the run ends as %+v", c.expr, final)
		}
	}
}

func TestTheFirstOfSeveralStops(t *testing.T) {
	j := judgeOf(t, JudgeOptions{}, slowFor(30, 12, 15), `p50 < 500ms over 5s stop`, `max < 500ms stop`, `p99 < 500ms over 1s stop`)
	if r, _ := j.Stopped(); r.Expr != `max < 500ms stop` || r.FirstBroken != 13*time.Second || r.Value != 900 {
		t.Errorf("%+v", r)
	}
}

func TestInterruptedSeconds(t *testing.T) {
	seconds := slowFor(30, 12, 15)
	j := judgeOf(t, JudgeOptions{}, nil, `count = 50 over 5s`, `count = 270`)
	for i, sec := range seconds {
		if i >= 10 && i < 13 {
			continue // three seconds are missing
		}
		j.Second(sec)
		j.Second(sec) // once more: ignored
		j.Second(seconds[0])
	}
	for _, got := range j.Final() {
		if !got.Passed {
			t.Errorf("%+v", got)
		}
	}
	if n := j.trials[0].leaves[0].judged.count(); n != 6+13 {
		t.Errorf("%d windows were judged, want 6 before the gap and 13 after it", n)
	}
	// Seconds rolled up count, but are no windows.
	rolled := secondOf(0, rowsOf(steady(home, 0, 1, 100, 100*milli)))
	rolled.Width = 10
	j = judgeOf(t, JudgeOptions{}, []*stats.Second{rolled}, `rate = 10/s`, `seconds(rate = 10/s) = 100%`, `rate = 10/s over 10s`)
	if got := j.Final(); !got[0].Passed || !got[1].Passed || got[2].Judged {
		t.Errorf("%+v", got)
	}
}

// The sliding sums agree with a histogram made anew for each window, to the last nanosecond.
func TestWindowsAgainstAnOracle(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for trial := range 60 {
		n, length := 1+rng.IntN(60), 1+rng.IntN(12)
		perSecond := []int{0, 1, 3, 200}[rng.IntN(4)]
		var shots []shot
		for s := range n {
			for range rng.IntN(perSecond + 1) {
				x := shot{second: s, key: home, took: time.Duration(math.Exp(rng.NormFloat64()*2) * 1e7), bytes: rng.Int64N(1000)}
				switch rng.IntN(20) {
				case 0:
					x.kind, x.status = fault.Status, 500+rng.IntN(5)
				case 1:
					x.dropped = true
				}
				shots = append(shots, x)
			}
		}
		seconds := run(n, shots)
		q := []float64{0, 1, 50, 90, 99.9, 100}[rng.IntN(6)]
		exprs := []string{
			fmt.Sprintf("response.p%v < 20ms over %ds", q, length),
			fmt.Sprintf("failed(5xx) < 1 over %ds", length),
			fmt.Sprintf("response.mean < 20ms over %ds", length),
		}
		final := judgeOf(t, JudgeOptions{Paced: true}, seconds, exprs...).Final()
		var quantile, failed, mean oracle
		first := len(seconds)
		for i, sec := range seconds {
			if sec.Total.Count+sec.Total.Dropped > 0 {
				first = min(first, i)
			}
			if from := i + 1 - length; from >= first {
				var all stats.Row
				for _, s := range seconds[from : i+1] {
					all.Add(&s.Total)
				}
				quantile.see(i+1, all.Response.Count()+all.Dropped > 0, quantileOf(&all.Response, all.Dropped, q), 20e6)
				failed.see(i+1, true, float64(all.FaultsOf(fault.Status, 0)), 1)
				mean.see(i+1, all.Response.Count() > 0, all.Response.Mean(), 20e6)
			}
		}
		for i, o := range []oracle{quantile, failed, mean} {
			got := final[i]
			worst := o.worst / 1e6
			if i == 1 {
				worst = o.worst
			}
			if got.Judged != o.judged || got.Judged && (got.FirstBroken != o.firstBroken || got.Value != worst && !math.IsInf(worst, 0)) {
				t.Errorf("run %d, %s: %+v, want %+v", trial, exprs[i], got, o)
			}
		}
	}
}

// oracle is what the plain way of judging windows finds.
type oracle struct {
	judged      bool
	worst       float64
	firstBroken time.Duration
}

func (o *oracle) see(end int, has bool, v, limit float64) {
	if !has {
		return
	}
	if !o.judged || v > o.worst {
		o.worst = v
	}
	o.judged = true
	if v >= limit && o.firstBroken == 0 {
		o.firstBroken = time.Duration(end) * time.Second
	}
}

func quantileOf(h *hist.Hist, dropped int64, percent float64) float64 {
	ns, beyond := h.QuantileWith(dropped, percent/100)
	if beyond {
		return math.Inf(1)
	}
	return float64(ns)
}
