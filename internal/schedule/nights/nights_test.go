package nights_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stampede-load/stampede/internal/schedule/nights"
	"github.com/stampede-load/stampede/internal/schedule/nights/nightstest"
)

// series makes nights of one name's p95, in per cent of 100 ms.
func series(values ...float64) []nights.Night {
	var all []nights.Night
	for i, v := range values {
		all = append(all, nights.Night{
			Run: "run", At: time.Date(2026, 11, 1+i, 2, 30, 0, 0, time.UTC), Verdict: "VALID",
			Values: map[nights.Figure]nights.Value{{Kind: nights.P95, Name: "Log In"}: {Is: v, Requests: 1000}},
		})
	}
	return all
}

func levels(all []nights.Judgement) string {
	var words []string
	for i := range all {
		words = append(words, string(all[i].Level)[:3])
	}
	return strings.Join(words, " ")
}

var usual = []float64{100, 101, 99, 100.5, 99.5, 100, 101, 99, 100, 100.5}

func with(more ...float64) []float64 { return append(append([]float64(nil), usual...), more...) }

func TestNights(t *testing.T) {
	for _, tt := range []struct {
		what string
		all  []float64
		want string // of the nights after the usual ten
	}{
		{"nothing", []float64{100, 101}, "SAM SAM"},
		{"one odd night", []float64{140, 100}, "INC SAM"},
		{"a step", []float64{138, 137, 139}, "INC REG REG"},
		{"a step and back", []float64{138, 137, 100, 101, 100}, "INC REG REG SAM SAM"},
		{"better", []float64{80, 81, 80, 81}, "SAM IMP SAM SAM"},
		{"better and back", []float64{80, 81, 80, 81, 80, 100, 101}, "SAM IMP SAM SAM SAM INC REG"},
		{"too little to matter", []float64{104, 104}, "SAM SAM"},
	} {
		got := levels(nights.JudgeAll(series(with(tt.all...)...), nil, nights.Judging{})[len(usual):])
		if got != tt.want {
			t.Errorf("%s: %s, want %s", tt.what, got, tt.want)
		}
	}
	if got := levels(nights.JudgeAll(series(usual...), nil, nights.Judging{})); got != "INC INC INC INC INC SAM SAM SAM SAM SAM" {
		t.Errorf("what is normal is known too soon or too late: %s", got)
	}
	if j := nights.Judge(nil, nil, nights.Judging{}); j.Level != nights.Inconclusive {
		t.Errorf("no night: %+v", j)
	}
}

func TestWordsOfANight(t *testing.T) {
	all := series(with(138, 137, 139)...)
	all[10].Changes = "cache off\nand more"
	j := nights.Judge(all, nil, nights.Judging{})
	if got := j.Words(); got != "REGRESSED: p95 of Log In +38 % since 'cache off' (2026-11-11), 3 nights" {
		t.Error(got)
	}
	j = nights.Judge(all[:11], nil, nights.Judging{})
	if got := j.Words(); got != "INCONCLUSIVE: p95 of Log In +38 % since 'cache off' (2026-11-11), 1 night: one night is not enough, the next decides" {
		t.Error(got)
	}
}

// A level that was accepted alarms no more; a night that cannot be trusted neither alarms nor ends an alarm.
func TestAcceptedAndLeftOut(t *testing.T) {
	all := series(with(138, 137, 139, 138, 137, 139)...)
	all[12].Accepted = true
	if got := levels(nights.JudgeAll(all, nil, nights.Judging{})[10:]); got != "INC REG INC SAM SAM SAM" {
		t.Errorf("accepted: %s", got)
	}
	all = series(with(138, 500, 137, 139)...)
	all[11].Verdict = "SUSPECT"
	if got := levels(nights.JudgeAll(all, nil, nights.Judging{})[10:]); got != "INC INC REG REG" {
		t.Errorf("a SUSPECT night between: %s", got)
	}
	all[11].Verdict = "INVALID"
	if got := levels(nights.JudgeAll(all, nil, nights.Judging{})[10:]); got != "INC INV REG REG" {
		t.Errorf("an INVALID night between: %s", got)
	}
}

// What no two nights show: a small step by the trend, a slow way by the baseline.
func TestSlowChanges(t *testing.T) {
	small := append([]float64(nil), usual...)
	for range 15 {
		small = append(small, 109, 108.5, 109.5)
	}
	j := nights.Judge(series(small...), nil, nights.Judging{})
	if j.Level != nights.Regressed {
		t.Errorf("a small step that stays: %s", j.Words())
	}
	var slow []float64
	for i := range 60 {
		slow = append(slow, 100+0.25*float64(i)+usual[i%10]-100)
	}
	all := series(slow...)
	if j := nights.Judge(all, &all[0], nights.Judging{}); j.Level != nights.Regressed {
		t.Errorf("a quarter of a per cent a night, for two months: %s", j.Words())
	}
}

// How often nights are judged wrongly, over simulated ones: a small part of what bench nights counts.
func TestSimulatedNights(t *testing.T) {
	m := nightstest.Usual()
	m.Names = 4
	calm := m.Year(1, 365, 0, 0)
	if calm.False > 4 {
		t.Errorf("%d false alarms in a year", calm.False)
	}
	jumps := m.Year(2, 600, 30, 0.15)
	if jumps.Jumps < 15 || float64(jumps.Told) < 0.8*float64(jumps.Jumps) {
		t.Errorf("%d of %d jumps by 15 %% were told within two nights", jumps.Told, jumps.Jumps)
	}
	t.Logf("calm %+v, jumps %+v", calm, jumps)
}

// The runs of a night are one night: the median of those that can be trusted most.
func TestPool(t *testing.T) {
	f := nights.Figure{Kind: nights.P95, Name: "Log In"}
	run := func(name, verdict string, p95 float64) nights.Night {
		return nights.Night{Run: name, Verdict: verdict, Values: map[nights.Figure]nights.Value{f: {Is: p95, Requests: 100}}}
	}
	for _, tt := range []struct {
		runs     []nights.Night
		verdict  string
		is       float64
		requests int64
	}{
		{[]nights.Night{run("a", "VALID", 140), run("b", "VALID", 101), run("c", "VALID", 100)}, "VALID", 101, 300},
		{[]nights.Night{run("a", "SUSPECT", 300), run("b", "VALID", 100)}, "VALID", 100, 100},
		{[]nights.Night{run("a", "INVALID", 300), run("b", "SUSPECT", 100), run("c", "SUSPECT", 110)}, "SUSPECT", 105, 200},
		{[]nights.Night{run("a", "VALID", 100)}, "VALID", 100, 100},
	} {
		tt.runs[len(tt.runs)-1].Accepted = true
		got := nights.Pool(tt.runs)
		if v := got.Values[f]; got.Verdict != tt.verdict || v.Is != tt.is || v.Requests != tt.requests || got.Run != "a" || !got.Accepted {
			t.Errorf("%+v: %+v", tt.runs, got)
		}
	}
	// A night whose second and third run are normal is one; a night that stays slow waits for the next.
	all := series(usual...)
	all = append(all, nights.Pool([]nights.Night{series(140)[0], series(100)[0], series(101)[0]}))
	if j := nights.Judge(all, nil, nights.Judging{}); j.Level != nights.Same || j.Unsure() {
		t.Errorf("an odd run makes the night %s", j.Words())
	}
	all[len(all)-1] = nights.Pool([]nights.Night{series(140)[0], series(141)[0]})
	if j := nights.Judge(all, nil, nights.Judging{}); j.Level != nights.Inconclusive || !j.Unsure() {
		t.Errorf("a slow night is %s", j.Words())
	}
}

// A night that was slow as a whole, and alone, is no trend; one that lasts is.
func TestOddNightIsNoTrend(t *testing.T) {
	got := levels(nights.JudgeAll(series(with(130, 100, 101, 99, 100, 130, 100, 100.5)...), nil, nights.Judging{})[len(usual):])
	if got != "INC SAM SAM SAM SAM INC SAM SAM" {
		t.Errorf("odd nights are %s", got)
	}
}
