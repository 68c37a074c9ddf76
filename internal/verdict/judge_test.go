package verdict

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stampede-load/stampede/internal/fault"
	"github.com/stampede-load/stampede/internal/stats"
)

// busy is a run of 20 s: ten quick pages a second, two slow logins a second from second 5 on, some failures of every sort, a step.
func busy() []shot {
	shots := steady(home, 0, 20, 10, 100*milli)
	shots = append(shots, steady(logIn, 5, 20, 2, 800*milli)...)
	shots = append(shots, steady(buy, 0, 20, 1, 5*time.Second)...)
	for i := range 4 {
		shots = append(shots, shot{second: 10 + i, key: home, took: 50 * milli, kind: fault.Status, status: 500 + i, bytes: 1000})
	}
	return append(shots,
		shot{second: 12, key: home, took: 2 * time.Second, kind: fault.Timeout},
		shot{second: 12, key: home, took: 1 * time.Second, kind: fault.ConnectTimeout},
		shot{second: 12, key: home, took: 10 * milli, kind: fault.Check},
	)
}

func TestFinalOfWholeRuns(t *testing.T) {
	seconds := run(20, busy())
	// Home: 200 + 7 with 7 failures, 2 of them timeouts; Log In: 30. In all 237.
	for _, c := range []struct {
		expr   string
		passed bool
		value  float64
		text   string
	}{
		{`count = 237`, true, 237, "237"},
		{`"Home" count = 207`, true, 207, "207"},
		{`[POST] count = 30`, true, 30, "30"},
		{`"*o*" count = 237`, true, 237, "237"},
		{`[STEP] count = 20`, true, 20, "20"},
		{`"Buy" p50 > 4s`, true, 5000, "5.00 s"},
		{`rate > 11/s`, true, 11.85, "11.8/s"},
		{`rate >= 12/s`, false, 11.85, "11.8/s"},
		{`"Log In" p95 < 500ms`, false, 800, "800 ms"},
		{`"Home" p50 <= 101ms`, true, 100, "100.07 ms"},
		{`"Home" max < 2s`, false, 2000, "2.00 s"},
		{`"Home" max <= 2s`, true, 2000, "2.00 s"},
		{`"Home" min = 100ms`, true, 100, "100 ms"},
		{`failures < 3%`, true, 7.0 / 237, "3.0 %"},
		{`failures < 2%`, false, 7.0 / 237, "3.0 %"},
		{`failed = 7`, true, 7, "7"},
		{`failed(5xx) = 4`, true, 4, "4"},
		{`failed(503) = 1`, true, 1, "1"},
		{`failed(4xx) = 0`, true, 0, "0"},
		{`failed(timeout) = 2`, true, 2, "2"},
		{`failed(connect timeout) = 1`, true, 1, "1"},
		{`failed(check) = 1`, true, 1, "1"},
		{`failures(5xx) <= 1%`, false, 4.0 / 237, "1.7 %"},
		{`failed.max = 2s`, true, 2000, "2.00 s"},
		{`bytes >= 4KB`, true, 4000, "4.00 KB"},
		{`dropped = 0`, true, 0, "0"},
		{`users = 10`, true, 10, "10"},
		{`in_flight < 3`, false, 3, "3"},
		{`"Log In" first_byte.mean = 400ms`, true, 400, "400 ms"},
		{`seconds(p95 < 500ms) >= 20%`, true, 0.25, "25.0 %"},
		{`"Home" seconds(p95 < 500ms) >= 95%`, true, 0.95, "95.0 %"},
		{`"Log In" seconds(p50 < 1s and rate >= 2/s) = 100%`, true, 1, "100 %"},
		{`not "Home" max < 2s`, true, 2000, "2.00 s"},
		{`not failed > 7`, true, 7, "7"},
		{`not (failed > 7 or failed < 7)`, true, 7, "failed 7, failed 7"},
		{`"Log In" p95 < 500ms or "Home" p50 < 500ms`, true, 100, `"Log In" p95 800 ms, "Home" p50 100 ms`},
		{`"Log In" p95 < 500ms and "Home" p50 < 500ms`, false, 800, `"Log In" p95 800 ms, "Home" p50 100 ms`},
	} {
		got := judgeOf(t, JudgeOptions{}, seconds, c.expr).Final()[0]
		if got.Passed != c.passed || math.Abs(got.Value-c.value) > 0.005*c.value || got.ValueText != c.text {
			t.Errorf("%s: passed %v with %v (%s), want %v with %v (%s): %s", c.expr, got.Passed, got.Value, got.ValueText, c.passed, c.value, c.text, got.Reason)
		}
		if !got.Judged || got.Expr != c.expr || (got.Reason == "") != got.Passed || got.FirstBroken != 0 || got.Passed != (got.Margin >= 0) && got.Margin != 0 {
			t.Errorf("%s: %+v", c.expr, got)
		}
	}
}

func TestNoDataFails(t *testing.T) {
	seconds := run(20, busy())
	phases := []Phase{{Name: "steady", From: 5 * time.Second}, {Name: "short", From: 1200 * milli, To: 1900 * milli}, {Name: "later", From: time.Hour}, {Name: "ramp", To: 5 * time.Second}}
	for _, c := range []struct{ expr, says string }{
		{`"Log in" p95 < 1s`, `no requests named "Log in" were measured; did you mean "Log In"? There are: [STEP "Buy"], [GET "Home"], [POST "Log In"]`},
		{`"Checkout" count = 0`, `no requests named "Checkout" were measured There are`},
		{`"Checkout" failures = 0`, `no requests named "Checkout"`},
		{`"Bu*" count > 0`, `[STEP "Buy"]`},
		{`[PUT] dropped = 0`, `no [PUT] requests were measured`},
		{`"Log In" p95 < 1s during ramp`, `no requests named "Log In" were measured during ramp`},
		{`p95 < 1s during later`, `no requests were measured during later`},
		{`users < 100 during later`, `during later`},
		{`p95 < 1s during short`, `no whole second`},
		{`lag.p99 < 5ms`, `no lag was measured: nothing planned`},
		{`"Log In" failed.p95 < 1s`, `so there is no time of failures; add: or failed = 0`},
		{`p95 < 1s over 30s`, `no whole window of 30s`},
		{`"Log In" p95 < 1s over 16s`, `no whole window of 16s`},
		{`p95 < 1s over 16s during steady`, `no whole window of 16s during steady`},
		{`"Log In" failed.p95 < 1s over 5s`, `so there is no time of failures`},
		{`p95 < baseline`, `no baseline`},
		{`p95 < 1h and "Checkout" p95 < 1s`, `no requests named "Checkout"`},
		{`not "Checkout" p95 > 1s`, `no requests named "Checkout"`},
		{`"Checkout" seconds(p95 < 1s) > 1%`, `nothing was measured in any second`},
		{`"Checkout" seconds(p95 < 1s) > 1% over 5s`, `nothing to take`},
		{`"Checkout" p95 < 1s or "Ghost" p95 < 1s`, `"Ghost"`},
	} {
		got := judgeOf(t, JudgeOptions{Phases: phases}, seconds, c.expr).Final()[0]
		if got.Passed || got.Judged || !strings.Contains(got.ValueText, "no data") || !strings.Contains(got.Reason, c.says) {
			t.Errorf("%s: passed %v, %s, reason %q; want %q", c.expr, got.Passed, got.ValueText, got.Reason, c.says)
		}
	}
	nothing := judgeOf(t, JudgeOptions{}, run(5, nil), `p95 < 1s`, `count = 0`, `failures = 0`, `rate < 5/s`, `dropped = 0`, `rate < 5/s over 2s`, `seconds(p95 < 1s) > 0`, `"x" p95 < 1s`)
	for _, got := range nothing.Final() {
		if got.Passed || got.Judged || got.Reason == "" {
			t.Errorf("a run without requests: %+v", got)
		}
	}
	for _, got := range judgeOf(t, JudgeOptions{}, nil, `p95 < 1s`, `users < 3`, `p95 < 1s over 2s`, `seconds(users > 1) > 1%`).Final() {
		if got.Passed || got.Judged {
			t.Errorf("a run without seconds: %+v", got)
		}
	}
}

func TestRunsOfOneSort(t *testing.T) {
	failing := []shot{}
	for i := range 5 {
		failing = append(failing, shot{second: i, key: home, took: 10 * milli, kind: fault.Refused})
	}
	for _, c := range []struct {
		name, expr string
		shots      []shot
		passed     bool
		says       string
	}{
		{"all failures", `p95 < 1s`, failing, false, "no time was measured: all 5 requests failed"},
		{"all failures", `"Home" p95 < 1s`, failing, false, `all 5 requests named "Home" failed`},
		{"all failures", `failures < 1%`, failing, false, "failures was 100 %, not < 1 %"},
		{"all failures", `failures(refused) = 100%`, failing, true, ""},
		{"all failures", `failed.p95 < 1s`, failing, true, ""},
		{"one request", `p99.9 < 1s`, []shot{{key: home, took: 10 * milli}}, true, ""},
		{"one request", `p99.9 < 1s over 1s`, []shot{{key: home, took: 10 * milli}}, true, ""},
		{"one request", `dropped = 0`, []shot{{key: home, took: 10 * milli}}, true, ""},
		{"all dropped", `p95 < 1s`, []shot{{key: home, dropped: true}}, false, "dropped arrivals never got an answer"},
		{"all dropped", `dropped = 0`, []shot{{key: home, dropped: true}}, false, "dropped was 1, not = 0"},
		{"all dropped", `failures = 0`, []shot{{key: home, dropped: true}}, false, "all 1 arrivals were dropped"},
		{"all dropped", `mean < 1s`, []shot{{key: home, dropped: true}}, false, "all 1 arrivals were dropped"},
	} {
		got := judgeOf(t, JudgeOptions{Paced: true}, run(5, c.shots), c.expr).Final()[0]
		if got.Passed != c.passed || !strings.Contains(got.Reason, c.says) {
			t.Errorf("%s, %s: passed %v, reason %q; want %v, %q", c.name, c.expr, got.Passed, got.Reason, c.passed, c.says)
		}
		if math.IsInf(got.Value, 0) || math.IsNaN(got.Value) || math.IsInf(got.Margin, 0) || math.IsNaN(got.Margin) {
			t.Errorf("%s, %s: numbers must be finite: %+v", c.name, c.expr, got)
		}
	}
}

func TestDroppedArrivalsAreInfinitelySlow(t *testing.T) {
	shots := steady(home, 0, 10, 9, 100*milli)
	for s := range 10 {
		shots = append(shots, shot{second: s, key: home, dropped: true}) // one in ten
	}
	for _, c := range []struct {
		expr   string
		passed bool
		beyond bool
	}{
		{`p90 < 1s`, true, false},
		{`p91 < 1s`, false, true},
		{`p91 < 1s over 5s`, false, true},
		{`p91 > 1s`, true, true},
		{`max < 1h`, false, true},
		{`response.max < 1h`, false, true},
		{`service.max < 1h`, true, false},
		{`mean < 1s`, true, false},
		{`dropped < 5`, false, false},
	} {
		got := judgeOf(t, JudgeOptions{Paced: true}, run(10, shots), c.expr).Final()[0]
		if got.Passed != c.passed || got.Beyond != c.beyond || got.Beyond != strings.HasPrefix(got.ValueText, "> 100 ms") {
			t.Errorf("%s: %+v", c.expr, got)
		}
		if !c.passed && got.Margin > 0 {
			t.Errorf("%s: margin %v of a broken rule", c.expr, got.Margin)
		}
	}
}

func TestHeadline(t *testing.T) {
	shots := []shot{{key: home, took: 100 * milli, lag: 900 * milli}}
	for _, c := range []struct {
		paced bool
		want  float64
	}{{true, 1000}, {false, 100}} {
		j := judgeOf(t, JudgeOptions{Paced: c.paced}, run(1, shots), `p50 < 1h`, `response.p50 < 1h`, `service.p50 < 1h`, `lag.p50 < 1h`)
		for i, want := range []float64{c.want, 1000, 100, 900} {
			if got := j.Final()[i]; math.Abs(got.Value-want) > 4 {
				t.Errorf("paced %v: %s is %v ms, want %v", c.paced, got.Expr, got.Value, want)
			}
		}
	}
}

func TestWarmupAndPhases(t *testing.T) {
	shots := append(steady(home, 0, 10, 5, time.Second), steady(home, 10, 30, 10, 100*milli)...)
	o := JudgeOptions{
		Warmup: 10 * time.Second,
		Phases: []Phase{
			{Name: "warm-up", To: 10 * time.Second},
			{Name: "steady", To: 20 * time.Second},
			{Name: "dip", From: 20 * time.Second, To: 25 * time.Second},
			{Name: "steady", From: 25 * time.Second},
		},
	}
	for expr, want := range map[string]float64{
		`count > 0`:                          200,
		`count > 0 during warm-up`:           50,
		`count > 0 during steady`:            150,
		`count > 0 during dip`:               50,
		`rate > 0/s`:                         10,
		`rate > 0/s during steady`:           10,
		`rate > 0/s during warm-up`:          5,
		`max < 1h`:                           100,
		`max < 1h during warm-up`:            1000,
		`max < 1h over 5s`:                   100,
		`max < 1h over 10s during warm-up`:   1000,
		`seconds(max < 500ms) > 0`:           1,
		`rate > 0/s over 5s during steady`:   10,
		`count < 1000 over 5s during dip`:    50,
		`seconds(rate < 7/s) during warm-up`: 1,
	} {
		if strings.HasPrefix(expr, "seconds(rate") {
			expr = `seconds(rate < 7/s) > 0 during warm-up`
		}
		got := judgeOf(t, o, run(30, shots), expr).Final()[0]
		if !got.Passed || math.Abs(got.Value-want) > 0.004*want {
			t.Errorf("%s: %v (%s), want %v", expr, got.Value, got.Reason, want)
		}
	}
	_, err := NewJudge(rulesOf(t, `p95 < 1s during warmup`, `p95 < 1s`), o)
	var syntax *SyntaxError
	if !errors.As(err, &syntax) || syntax.Pos != 16 || !strings.Contains(err.Error(), "did you mean warm-up? It has: warm-up, steady, dip") {
		t.Errorf("an unknown phase is refused with %v", err)
	}
	_, err = NewJudge([]*Rule{NewRule(Figure(StatCount), Selector{}, Less, Number(5)).During("x y")}, o)
	if err == nil || !strings.Contains(err.Error(), `the run has no phase "x y"; it has: warm-up, steady, dip`) {
		t.Errorf("an unknown phase is refused with %v", err)
	}
	if _, err = NewJudge(rulesOf(t, `p95 < 1s during steady`), JudgeOptions{}); err == nil || !strings.Contains(err.Error(), "no phases") {
		t.Errorf("a phase of a run without phases is refused with %v", err)
	}
}

// After the load ended its last requests still come in: they count, but they are neither a slow second nor a longer run.
func TestTheEndOfTheLoad(t *testing.T) {
	shots := append(steady(home, 0, 10, 100, 100*milli), shot{second: 12, key: home, took: 3 * time.Second, kind: fault.Timeout})
	exprs := []string{`rate >= 99.8/s`, `rate >= 100/s over 5s stop`, `max < 1s`, `max < 1s during steady`, `rate >= 99.5/s during steady`, `seconds(rate >= 99/s) = 100%`, `max < 1s over 2s`}
	want := []bool{true, true, false, false, true, true, true}
	phases := []Phase{{Name: "steady", From: 2 * time.Second, To: 10 * time.Second}}
	for name, o := range map[string]JudgeOptions{"planned": {Phases: phases, End: 10 * time.Second}, "told": {Phases: phases}} {
		j := judgeOf(t, o, nil, exprs...)
		for i, sec := range run(14, shots) {
			if name == "told" && i == 10 {
				j.LoadEnded(10*time.Second + 20*milli)
			}
			j.Second(sec)
		}
		for i, got := range j.Final() {
			if got.Passed != want[i] {
				t.Errorf("%s end: %+v, want passed %v", name, got, want[i])
			}
		}
		if r, stopped := j.Stopped(); stopped {
			t.Errorf("%s end: the end of the load stops the run: %+v", name, r)
		}
	}
	// Nobody knows when the load ended: the rest of a second at the end is at least no window, and lasts no longer than it did.
	seconds := run(10, steady(home, 0, 9, 100, 100*milli))
	seconds[9].Final, seconds[9].Span = true, 20*milli
	for _, got := range judgeOf(t, JudgeOptions{}, seconds, `rate >= 99.7/s`, `rate >= 100/s over 3s`, `seconds(rate >= 99/s) = 100%`).Final() {
		if !got.Passed {
			t.Errorf("%+v", got)
		}
	}
}

func TestFinalTakesTheTotalsOfTheMerger(t *testing.T) {
	j := judgeOf(t, JudgeOptions{Warmup: 2 * time.Second}, run(10, steady(home, 0, 10, 10, 100*milli)),
		`count = 81`, `"Home" max < 1s`, `"Log In" count = 1`, `rate < 10.2/s`, `max < 1s over 2s`, `users = 10`, `[STEP] count = 1`)
	late := rowsOf(append(steady(home, 0, 8, 10, 100*milli), shot{key: logIn, took: 2 * time.Second}, shot{key: buy, took: 1}))
	all := stats.Totals{Rows: late, Seconds: 8}
	for i := range late {
		if late[i].Type != stats.StepType {
			all.Total.Add(&late[i])
		}
	}
	for _, got := range j.Final(all) {
		if !got.Passed {
			t.Errorf("%+v", got)
		}
	}
}

func TestBaseline(t *testing.T) {
	before := run(20, append(steady(home, 0, 20, 10, 100*milli), steady(logIn, 0, 20, 1, time.Second)...))
	now := run(20, append(steady(home, 0, 20, 10, 108*milli), steady(logIn, 0, 10, 1, time.Second)...))
	exprs := []string{
		`"Home" p95 <= baseline * 1.1`, `"Home" p95 <= baseline * 1.05`, `"Home" p95 <= baseline * 1.1 over 5s during steady`,
		`rate >= baseline`, `"Home" seconds(p95 < baseline) = 0`, `"New" p95 <= baseline`, `p95 <= baseline during other`,
	}
	o := JudgeOptions{Phases: []Phase{{Name: "steady", From: 5 * time.Second}, {Name: "other"}}}
	was := JudgeOptions{Phases: o.Phases[:1]}
	base, err := Replay(rulesOf(t, exprs...), was, func(yield func(*stats.Second) bool) {
		for _, sec := range before {
			if !yield(sec) {
				return
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	o.Baseline = base
	want := []struct {
		passed bool
		limit  string
		reason string
	}{
		{true, "110 ms (baseline * 1.1)", ""},
		{false, "105 ms (baseline * 1.05)", "not <= 105 ms (baseline * 1.05)"},
		{true, "110 ms (baseline * 1.1)", ""},
		{false, "11.0/s (baseline)", "rate was 10.5/s"},
		{true, "0 %", ""},
		{false, "baseline (no baseline)", `the baseline has no "New" p95 to compare with`},
		{false, "baseline (no baseline)", `the baseline has no p95 during other to compare with`},
	}
	for i, got := range judgeOf(t, o, now, exprs...).Final() {
		if got.Passed != want[i].passed || got.LimitText != want[i].limit || !strings.Contains(got.Reason, want[i].reason) {
			t.Errorf("%+v, want %+v", got, want[i])
		}
	}
}

func TestFiguresNearTheLimitCanBeToldApart(t *testing.T) {
	seconds := run(1, []shot{{key: home, took: 500*milli + 300*time.Microsecond}})
	got := judgeOf(t, JudgeOptions{}, seconds, `max < 500ms`).Final()[0]
	if got.ValueText != "500.3 ms" || got.LimitText != "500 ms" || got.Reason != "max was 500.3 ms, not < 500 ms" {
		t.Errorf("%+v", got)
	}
	seconds = run(1, []shot{{key: home, took: time.Second + 1}})
	if got := judgeOf(t, JudgeOptions{}, seconds, `max <= 1s`).Final()[0]; got.ValueText != "1.000000001 s" {
		t.Errorf("%+v", got)
	}
	for expr, limit := range map[string]string{
		`p95 < 1500us`: "1.5 ms", `p95 < 90s`: "1m30s", `p95 > 0`: "0 ms", `failures <= 0.25%`: "0.25 %", `rate >= 950/s`: "950/s",
		`bytes > 1.5MB`: "1.5 MB", `count > 100000`: "100,000", `p95 < 1s and failed = 0`: "< 1 s, = 0",
	} {
		if got := judgeOf(t, JudgeOptions{}, seconds, expr).Final()[0]; got.LimitText != limit {
			t.Errorf("%s: limit %q, want %q", expr, got.LimitText, limit)
		}
	}
}

func TestManyNames(t *testing.T) {
	var shots []shot
	for i := range 10_000 {
		shots = append(shots, shot{second: i % 3, key: stats.Key{Type: "GET", Name: fmt.Sprintf("page %05d", i)}, took: 10 * milli})
	}
	j := judgeOf(t, JudgeOptions{}, run(3, shots), `"page *" count = 10000`, `"page 00042" count = 1`, `"pgae 00042" count = 1`, `"page 1*" p95 < 1s`)
	got := j.Final()
	if !got[0].Passed || !got[1].Passed || got[2].Passed || got[3].Passed {
		t.Errorf("%+v", got)
	}
	if !strings.Contains(got[2].Reason, `did you mean "page 00042"?`) || !strings.Contains(got[2].Reason, "and 9,992 more") || len(got[2].Reason) > 500 {
		t.Errorf("a wrong name among 10,000: %s", got[2].Reason)
	}
}
