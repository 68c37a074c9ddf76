package screen

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/stats"
	"github.com/stampede-load/stampede/internal/verdict"
)

// Nothing of a run may move the cursor or break a line, whatever the test and the site call things.
func TestHostileTexts(t *testing.T) {
	evil := "a\x1b[2J\nb\u202ec\x00" + strings.Repeat("界", 60)
	r := fanReport()
	r.Run.Name, r.Run.Host, r.Run.UsersText, r.Run.Stopped = evil, evil, evil, evil
	r.Judged.Rows[0].Name, r.Judged.Rows[0].Type = evil, evil
	for i := range r.Whole.Errors {
		r.Whole.Errors[i].Name, r.Whole.Errors[i].Text = evil, evil
	}
	r.Whole.Errors[2].Stack = evil + "\n\t" + evil
	r.Thresholds[1].Expr, r.Thresholds[1].Reason = evil, evil
	r.Verdict.Reasons, r.Notices, r.Warnings = []string{evil}, []string{evil}, []string{evil}
	l := fanLive()
	l.Run, l.Rows, l.Errors, l.Thresholds, l.Verdict = r.Run, r.Judged.Rows, r.Whole.Errors, r.Thresholds, r.Verdict
	d := Dashboard{Live: l, Width: 80, Height: 40}
	for name, text := range map[string]string{"summary": Summary(r, 80, false), "dashboard": d.String()} {
		for i, line := range strings.Split(text, "\n") {
			if strings.ContainsAny(line, "\x1b\x00\u202e\r") || width(line) > 80 {
				t.Errorf("%s, line %d: %q", name, i, line)
			}
		}
	}
}

// Colours change nothing but colours.
func TestColoursHaveNoWidth(t *testing.T) {
	plain, bright := Dashboard{Live: fanLive(), Width: 100, Height: 30}, Dashboard{Live: fanLive(), Width: 100, Height: 30, Colour: true}
	if !strings.Contains(bright.String(), "\x1b[") || stripped(bright.String()) != stripped(plain.String()) {
		t.Error("the dashboard with colours reads differently")
	}
	if got := Summary(fanReport(), 100, true); stripped(got) != stripped(Summary(fanReport(), 100, false)) {
		t.Errorf("the summary with colours reads differently:\n%s", got)
	}
}

func stripped(s string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(ansi.Strip(lines[i]), " ")
	}
	return strings.Join(lines, "\n")
}

// A run that measured nothing, and one in its first moment, have screens too.
func TestNothingYet(t *testing.T) {
	got := Summary(&stampede.Report{Run: stampede.RunInfo{Name: "test"}, Verdict: verdict.Health{}, StartFailed: 3}, 80, false)
	for _, want := range []string{"no request was measured", "no user could start at all"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	d := Dashboard{Live: stampede.Live{State: "starting"}, Width: 80, Height: 24}
	if got := d.String(); !strings.Contains(got, "all requests") {
		t.Errorf("the first screen:\n%s", got)
	}
	if got := Summary(&stampede.Report{Judged: stats.Totals{Rows: []stats.Row{spread(stats.StepType, "Buy", 3, 0, ms)}}}, 80, false); !strings.Contains(got, "Buy") {
		t.Errorf("steps alone:\n%s", got)
	}
}

func TestDropsAreShown(t *testing.T) {
	r := fanReport()
	r.Run.Model, r.Run.Paced, r.Run.RateText, r.Dropped, r.Planned = stampede.Open, true, "1000", 600, 56130
	r.Judged.Rows[1].Dropped, r.Judged.Total.Dropped = 600, 600
	got := Summary(r, 140, false)
	for _, want := range []string{"dropped", "> 307 s", "600 arrivals were dropped of 56,130 (1.1 %)", "arrivals 1000/s", "open model: response time"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	l := fanLive()
	l.Dropped, l.Waiting, l.Died, l.StartFailed = 600, 12, 1, 2
	d := Dashboard{Live: l, Width: 120, Height: 30}
	for _, want := range []string{"dropped 600", "waiting 12", "died 1", "starts failed 2"} {
		if got := d.String(); !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}

func TestLiveChangesAreShown(t *testing.T) {
	l := fanLive()
	l.Events = []stampede.Event{{Kind: "users", Text: "users set to 600"}, {Kind: "phase", Text: "steady"}}
	d := Dashboard{Live: l, Width: 100, Height: 24}
	if got := d.String(); !strings.Contains(got, "500 users, 20 more each second, then users set to 600 · closed loop") {
		t.Errorf("got\n%s", got)
	}
}

func TestStates(t *testing.T) {
	for state, want := range map[string]string{"running": "● running steady", "paused": "‖ paused", "stopping": "■ stopping", "done": "● done"} {
		l := fanLive()
		l.State = state
		d := Dashboard{Live: l, Width: 80, Height: 24}
		if got := d.String(); !strings.Contains(got, want) {
			t.Errorf("%s:\n%s", state, got)
		}
	}
}

// plotted keeps the worst second of a column, and never invents one.
func TestPlotted(t *testing.T) {
	long := make([]float64, 100)
	long[57] = 9
	if got := plotted(long, 100, 10, worst); len(got) != 10 || got[5] != 9 {
		t.Errorf("folded: %v", got)
	}
	if got := plotted([]float64{1, 2}, 4, 8, mean); len(got) != 4 || got[1] != 1 || got[3] != 2 {
		t.Errorf("stretched: %v", got)
	}
	if got := plotted(nil, 10, 5, worst); len(got) != 0 {
		t.Errorf("empty: %v", got)
	}
}

func TestCeiling(t *testing.T) {
	for v, want := range map[float64]float64{0: 1, 1: 1, 1.2: 1.5, 7: 8, 99: 100, 0.03: 0.03, 1250: 1500, math.Inf(1): 1} {
		if got := ceiling(v); math.Abs(got-want) > want*1e-9 {
			t.Errorf("ceiling(%v) = %v, want %v", v, got, want)
		}
	}
}

func TestCurveAndArea(t *testing.T) {
	if got := strings.Join(area([]float64{0, 1, 4, 8}, 1, 8), "|"); got != " ▁▄█" {
		t.Errorf("area %q", got)
	}
	if got := strings.Join(area([]float64{0.001}, 2, 8), "|"); got != " |▁" {
		t.Errorf("the least that is not nothing is seen: %q", got)
	}
	same := func(s string) string { return s }
	got := overlay(curve([]float64{-1, -1, 0, 0}, 1, 8), curve([]float64{0, 8, -1, 0}, 1, 8), same, same)
	if got[0] != "⡸⣀" {
		t.Errorf("curve %q", got[0])
	}
}

func TestFitting(t *testing.T) {
	for _, c := range [][2]string{
		{fit("abcdef", 4), "abc…"},
		{fit("abc", 3), "abc"},
		{fit("abc", 0), ""},
		{squeeze("/demo/a/long/poster.jpg", 12), "/demo/a….jpg"},
		{squeeze("abcdefghij", 5), "abcd…"},
		{pad("ab", 4), "ab  "},
		{padLeft("ab", 4), "  ab"},
		{apart("left", "right", 12), "left   right"},
		{apart("left left", "right", 10), "lef… right"},
		{apart("l", "right", 3), "ri…"},
		{compact("12.3 ms"), "12.3ms"},
	} {
		if c[0] != c[1] {
			t.Errorf("got %q, want %q", c[0], c[1])
		}
	}
}

func TestStackHead(t *testing.T) {
	stack := "goroutine 7 [running]:\nmain.(*Fan).Store(0xc000)\n\t/src/main.go:41 +0x1d\na\nb\nc\nd\ne\n"
	got := strings.Join(stackHead(stack), "|")
	if got != "main.(*Fan).Store(0xc000)  /src/main.go:41|a|b|c" {
		t.Errorf("got %q", got)
	}
}

func TestLoadInWords(t *testing.T) {
	for _, c := range []struct {
		run  stampede.RunInfo
		want string
	}{
		{stampede.RunInfo{Users: 1, UsersText: "1"}, "1 user"},
		{stampede.RunInfo{Users: 500, SpawnRate: 0.5, UsersText: "500"}, "500 users, 0.5 more each second"},
		{stampede.RunInfo{Users: 500, UsersText: "0:0,30s:500"}, "users 0:0,30s:500"},
		{stampede.RunInfo{RateText: "1000"}, "arrivals 1000/s"},
		{stampede.RunInfo{RateText: "0:0,1m:1000"}, "arrivals 0:0,1m:1000"},
		{stampede.RunInfo{RateText: "8.333333333333334"}, "arrivals 8.33/s"},
		{stampede.RunInfo{RateText: "5 + 3 for 1m"}, "arrivals 5 + 3 for 1m"},
		{stampede.RunInfo{RateText: "0.5", UsersText: "20"}, "arrivals 0.5/s, users 20"},
	} {
		if got := load(&c.run); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
	if got := between(&stats.ErrorRow{First: time.Second, Last: 1200 * ms}); got != "at 0:01" {
		t.Errorf("got %q", got)
	}
}
