package verdict

import (
	"math"
	"testing"
	"time"

	"github.com/stampede-load/stampede/internal/fault"
)

func TestMargin(t *testing.T) {
	seconds := run(4, append(steady(home, 0, 4, 10, 400*milli), shot{second: 1, key: home, took: milli, kind: fault.Check}))
	for expr, want := range map[string]float64{ // max 400 ms, 1 failure of 41
		`max < 500ms`:                  0.2,
		`max < 200ms`:                  -1,
		`max > 200ms`:                  1,
		`max >= 500ms`:                 -0.2,
		`max = 400ms`:                  0,
		`max = 500ms`:                  -0.2,
		`max != 500ms`:                 0.2,
		`max <= 400ms`:                 0,
		`max < 400ms`:                  0,
		`failed = 0`:                   -1,
		`failed > 0`:                   1,
		`failed < 0`:                   -1,
		`dropped = 0`:                  0,
		`dropped > 0`:                  0,
		`max < 500ms and max < 800ms`:  0.2,
		`max < 500ms or max < 800ms`:   0.5,
		`not (max < 500ms)`:            -0.2,
		`max < 500ms and "x" max < 1s`: 0.2,
		`"x" max < 1s`:                 0,
	} {
		if got := judgeOf(t, JudgeOptions{}, seconds, expr).Final()[0]; math.Abs(got.Margin-want) > 1e-9 || math.Signbit(got.Margin) != (want < 0) {
			t.Errorf("%s: margin %v, want %v", expr, got.Margin, want)
		}
	}
}

// The worst window is the one farthest on the wrong side, whichever side that is.
func TestTheWorstWindow(t *testing.T) {
	shots := append(steady(home, 0, 1, 3, 100*milli), steady(home, 1, 2, 9, 100*milli)...)
	seconds := run(3, append(shots, steady(home, 2, 3, 5, 100*milli)...))
	for expr, want := range map[string]float64{
		`count < 100 over 1s`:     9,
		`count <= 100 over 1s`:    9,
		`count > 1 over 1s`:       3,
		`count >= 1 over 1s`:      3,
		`count = 5 over 1s`:       9,
		`count != 4 over 1s`:      3,
		`not count > 100 over 1s`: 9,
	} {
		if got := judgeOf(t, JudgeOptions{}, seconds, expr).Final()[0]; got.Value != want {
			t.Errorf("%s shows %v, want %v", expr, got.Value, want)
		}
	}
}

func TestValuesNearTheirLimitInEveryUnit(t *testing.T) {
	for _, c := range []struct {
		metric   Metric
		v, limit float64
		want     string
	}{
		{Quantile(50), float64(1500*time.Millisecond + 400*time.Microsecond), float64(1500 * time.Millisecond), "1.5004 s"},
		{Quantile(50), 80_100, 80_000, "80.1 us"},
		{Quantile(50), 80_000, 80_000, "80.0 us"},
		{Figure(StatFailures), 0.50001, 0.5, "0.50001 %"},
		{Figure(StatFailures), 0.5, 0.5, "0.5 %"},
		{Figure(StatRate), 949.97, 950, "949.97/s"},
		{Figure(StatRate), 900.123, 950, "900/s"},
		{Figure(StatBytes), 1_500_001, 1_500_000, "1.500001 MB"},
		{Figure(StatBytes), 501, 500, "501 B"},
		{Figure(StatCount), 9_999_999, 10_000_000, "9,999,999"},
		{Figure(StatUsers), 2, 2.5, "2"},
	} {
		l := &leaf{cond: condition{metric: c.metric}, limit: c.limit, hasLimit: true}
		if got := l.valueText(reading{value: c.v, has: true}); got != c.want {
			t.Errorf("%s %v near %v is written %q, want %q", c.metric, c.v, c.limit, got, c.want)
		}
	}
}
