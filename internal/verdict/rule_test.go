package verdict

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stampede-load/stampede/internal/fault"
)

func TestRulesBuiltInGoEqualParsedOnes(t *testing.T) {
	p95 := NewRule(Quantile(95), Selector{}, Less, Time(500*time.Millisecond))
	for expr, built := range map[string]*Rule{
		`p95 < 500ms`:                                      p95,
		`p95 < 500ms stop`:                                 p95.Stop(),
		`p95 < 500ms over 10s`:                             p95.Over(10 * time.Second),
		`p95 < 500ms during steady`:                        p95.During("steady"),
		`p95 < 500ms during "the \* end"`:                  p95.During("the * end"),
		`"Log In" p99.9 < 1s over 10s during steady stop`:  NewRule(Quantile(99.9), Named("Log In"), Less, Time(time.Second)).Stop().During("steady").Over(10 * time.Second),
		`[GET "Log*"] failures(5xx) <= 0.5%`:               NewRule(Figure(StatFailures).By(FaultFilter{Hundred: 5}), Typed("GET", "Log*"), AtMost, Percent(0.5)),
		`"2 \* 2" failed(connect timeout) = 0`:             NewRule(Figure(StatFailed).By(FaultFilter{Kind: fault.ConnectTimeout}), Named(Literal("2 * 2")), Equal, Number(0)),
		`failures < 7%`:                                    NewRule(Figure(StatFailures), Selector{}, Less, Share(0.07)),
		`rate >= 950/s`:                                    NewRule(Figure(StatRate), Named("*"), AtLeast, PerSecond(950)),
		`bytes > 1.5MB`:                                    NewRule(Figure(StatBytes), Selector{}, Greater, Bytes(1_500_000)),
		`lag.p99 != 0`:                                     NewRule(Quantile(99).Of(TimeLag), Selector{}, NotEqual, Number(0)),
		`p95 <= baseline * 1.1`:                            NewRule(Quantile(95), Selector{}, AtMost, TimesBaseline(1.1)),
		`"Buy" seconds(p95 < 500ms) >= 99%`:                NewRule(SecondsThat(p95), Named("Buy"), AtLeast, Percent(99)),
		`p95 < 500ms and (rate > 1/s or not users > 3)`:    And(p95, Or(NewRule(Figure(StatRate), Selector{}, Greater, PerSecond(1)), Not(NewRule(Figure(StatUsers), Selector{}, Greater, Number(3))))),
		`(p95 < 500ms or p95 < 500ms over 5s) over 1m`:     Or(p95, p95.Over(5*time.Second)).Over(time.Minute),
		`not (p95 < 500ms and p95 < 500ms) during x stop`:  Not(And(p95, p95.Stop())).During("x").Stop(),
		`not p95 < 500ms and not not service.mean > 1.5us`: And(Not(p95), NewRule(Figure(StatMean).Of(TimeService), Selector{}, Greater, Time(1500))),
	} {
		parsed, err := Parse(expr)
		if err != nil {
			t.Errorf("%v", err)
			continue
		}
		if built.Err() != nil || !built.Equal(parsed) || built.Stops() != parsed.Stops() {
			t.Errorf("built %s (%v), parsed %s", built, built.Err(), parsed)
		}
		if built.Expr() != parsed.String() {
			t.Errorf("Expr() of %s is %q", built, built.Expr())
		}
	}
	if got := p95.String(); got != "p95 < 500ms" {
		t.Errorf("a rule was changed by those made from it: %s", got)
	}
}

func TestRulesBuiltWrongTell(t *testing.T) {
	fine := NewRule(Quantile(95), Selector{}, Less, Time(time.Second))
	wrong := NewRule(Quantile(101), Selector{}, Less, Time(time.Second))
	for says, r := range map[string]*Rule{
		"between p0 and p100":       wrong,
		"p95 is a time":             NewRule(Quantile(95), Selector{}, Less, Percent(5)),
		"failures is a share":       NewRule(Figure(StatFailures), Selector{}, Less, Number(5)),
		"cannot be negative":        NewRule(Quantile(95), Selector{}, Less, Time(-1)),
		"too large":                 NewRule(Figure(StatCount), Selector{}, Less, Number(1e300)),
		"no metric":                 NewRule(Metric{}, Selector{}, Less, Number(1)),
		"no comparison":             NewRule(Quantile(95), Selector{}, 0, Time(1)),
		"not by name":               NewRule(Figure(StatUsers), Named("x"), Less, Number(1)),
		"not a figure of a time":    NewRule(Figure(StatCount).Of(TimeLag), Selector{}, Less, Number(1)),
		"has no causes":             NewRule(Figure(StatCount).By(FaultFilter{Hundred: 5}), Selector{}, Less, Number(1)),
		"400 or above":              NewRule(Figure(StatFailed).By(FaultFilter{Status: 200}), Selector{}, Less, Number(1)),
		"one cause":                 NewRule(Figure(StatFailed).By(FaultFilter{Status: 500, Hundred: 5}), Selector{}, Less, Number(1)),
		"no such kind":              NewRule(Figure(StatFailed).By(FaultFilter{Kind: 250}), Selector{}, Less, Number(1)),
		"no such time":              NewRule(Quantile(5).Of(99), Selector{}, Less, Time(1)),
		"backslash":                 NewRule(Quantile(95), Named(`\d`), Less, Time(1)),
		"whole seconds":             fine.Over(1500 * time.Millisecond),
		"at most one hour":          fine.Over(2 * time.Hour),
		"the phase has no name":     fine.During(""),
		"seconds has no condition":  NewRule(SecondsThat(nil), Selector{}, AtLeast, Percent(5)),
		"over and during cannot":    NewRule(SecondsThat(fine.Over(time.Second)), Selector{}, AtLeast, Percent(5)),
		"stop cannot stand inside":  NewRule(SecondsThat(fine.Stop()), Selector{}, AtLeast, Percent(5)),
		"no rules were given":       And(),
		"the rule is nil":           And(fine, nil),
		"write 0":                   NewRule(Quantile(95), Selector{}, Less, TimesBaseline(0)),
		"a value cannot be":         NewRule(Figure(StatCount), Selector{}, Less, Number(math.NaN())),
		"lies between 0% and 100%":  NewRule(Figure(StatFailures), Selector{}, Less, Percent(101)),
		"p0 and p100":               Not(And(fine, Or(wrong))).Stop(),
		"at most 32 conditions":     And(many(fine, 33)...),
		"seconds cannot stand":      NewRule(SecondsThat(NewRule(SecondsThat(fine), Selector{}, AtLeast, Percent(5))), Selector{}, AtLeast, Percent(5)),
		"a quantile lies between p": NewRule(SecondsThat(wrong), Selector{}, AtLeast, Percent(5)),
	} {
		if r.Err() == nil || !strings.Contains(r.Err().Error(), says) {
			t.Errorf("%s: error %v, want it to say %q", r, r.Err(), says)
		}
		if _, err := NewJudge([]*Rule{fine, r}, JudgeOptions{Phases: []Phase{{Name: "steady"}}}); err == nil {
			t.Errorf("%s: a judge takes it", r)
		}
	}
	for _, r := range []*Rule{nil, {}} {
		if _, err := NewJudge([]*Rule{r}, JudgeOptions{}); err == nil {
			t.Errorf("a judge takes the rule %v", r)
		}
	}
}

func many(r *Rule, n int) []*Rule {
	out := make([]*Rule, n)
	for i := range out {
		out[i] = r
	}
	return out
}

func TestValueTextLosesNothing(t *testing.T) {
	for _, d := range []time.Duration{1, 999, 1000, 1500, 123_456_789, time.Second, 61 * time.Second, time.Hour, 90 * time.Minute, 25*time.Hour + 1} {
		r, err := Parse("p95 < " + Time(d).String())
		if err != nil || r.root.cond.value != Time(d) {
			t.Errorf("%v is written %s and read as %v, %v", d, Time(d), r, err)
		}
	}
	for _, n := range []int64{1, 999, 1000, 1001, 1_234_567, 5_000_000_000, 1<<50 - 1} {
		r, err := Parse("bytes < " + Bytes(n).String())
		if err != nil || r.root.cond.value != Bytes(n) {
			t.Errorf("%d bytes are written %s and read as %v, %v", n, Bytes(n), r, err)
		}
	}
}
