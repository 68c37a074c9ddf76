package pace

import (
	"errors"
	"io"
	"math"
	"strings"
	"testing"
	"time"
)

// parse reads a shape or ends the test.
func parse(t testing.TB, text string) Shape {
	t.Helper()
	s, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestParse(t *testing.T) {
	for _, tc := range []struct {
		text, want string // want "" means text
		end        time.Duration
		max        float64
		levels     map[time.Duration]float64
	}{
		{"500", "", 0, 500, map[time.Duration]float64{0: 500, time.Hour: 500}},
		{"50/s", "50", 0, 50, nil},
		{"300/m", "5", 0, 5, nil},
		{"9000/h", "2.5", 0, 2.5, nil},
		{"1e3", "1000", 0, 1000, nil},
		{"0", "", 0, 0, nil},
		{
			"0:0,30s:500,5m:500", "0:0,30s:500,5m:500", 5 * time.Minute, 500,
			map[time.Duration]float64{0: 0, 15 * time.Second: 250, 30 * time.Second: 500, time.Hour: 500},
		},
		{"0:0, 30:500/s, 1m:30000/m", "0:0,30s:500,1m:500", time.Minute, 500, nil},
		{
			"0:10,10s:10,10s:90,20s:90", "", 20 * time.Second, 90,
			map[time.Duration]float64{10*time.Second - 1: 10, 10 * time.Second: 90},
		},
		{"5m:500", "", 5 * time.Minute, 500, map[time.Duration]float64{0: 500}},
		{"ramp(0, 500, over=30s)", "", 30 * time.Second, 500, map[time.Duration]float64{6 * time.Second: 100, time.Minute: 500}},
		{"RAMP(0,500,OVER=30)", "ramp(0, 500, over=30s)", 30 * time.Second, 500, nil},
		{
			"steps(100, 500, by=100, every=30s)", "", 150 * time.Second, 500,
			map[time.Duration]float64{0: 100, 30*time.Second - 1: 100, 30 * time.Second: 200, 149 * time.Second: 500},
		},
		{"steps(50, 0, by=20, every=1s)", "", 4 * time.Second, 50, map[time.Duration]float64{2 * time.Second: 10, 3 * time.Second: 0}},
		{
			"spike(100, 2000, at=1m, for=10s)", "", 130 * time.Second, 2000,
			map[time.Duration]float64{0: 100, time.Minute - 1: 100, time.Minute: 2000, 70*time.Second - 1: 2000, 70 * time.Second: 100},
		},
		{
			"spike(100, 2000, at=1m, for=10s, rise=2s)", "", 134 * time.Second, 2000,
			map[time.Duration]float64{61 * time.Second: 1050, 62 * time.Second: 2000, 72 * time.Second: 2000, 73 * time.Second: 1050},
		},
		{"spike(1, 2, at=1m, for=10s, after=5s)", "", 75 * time.Second, 2, nil},
		{"sine(100, 500, period=1m)", "", 0, 500, map[time.Duration]float64{0: 100, 30 * time.Second: 500, time.Minute: 100, 75 * time.Second: 300}},
		{"rates(8, 5.5, 12, every=1s)", "", 3 * time.Second, 12, map[time.Duration]float64{time.Second: 5.5, 2 * time.Second: 12}},
		{"500 for 1m", "", time.Minute, 500, map[time.Duration]float64{2 * time.Minute: 500}},
		{"ramp(0, 500, over=30s) for 6s", "", 6 * time.Second, 100, map[time.Duration]float64{time.Hour: 100}},
		{
			"500 for 1m then ramp(0, 500, over=30s)", "", 90 * time.Second, 500,
			map[time.Duration]float64{time.Minute - 1: 500, time.Minute: 0, 66 * time.Second: 100},
		},
		{"ramp(0, 500, over=30s) then 20", "", 0, 500, map[time.Duration]float64{30 * time.Second: 20}},
		{"10 + spike(0, 90, at=5s, for=5s)", "", 0, 100, map[time.Duration]float64{4 * time.Second: 10, 5 * time.Second: 100, 10 * time.Second: 10}},
		{"2 * 0:0,30s:500", "", 30 * time.Second, 1000, map[time.Duration]float64{15 * time.Second: 500}},
		{"2 * (500 for 1m)", "", time.Minute, 1000, nil},
		{"(500 for 1m then 5 for 1m) + 20 for 30s", "", 2 * time.Minute, 520, map[time.Duration]float64{90 * time.Second: 25}},
		{"0:0,30s:500,1m:500 from 30s", "", 30 * time.Second, 500, map[time.Duration]float64{0: 500}},
		{"0:0,30s:500 from 6s for 6s", "", 6 * time.Second, 200, map[time.Duration]float64{0: 100}},
		{"((500))", "500", 0, 500, nil},
	} {
		t.Run(tc.text, func(t *testing.T) {
			s := parse(t, tc.text)
			want := tc.want
			if want == "" {
				want = tc.text
			}
			if s.String() != want {
				t.Errorf("String() = %s, want %s", s, want)
			}
			if end, ok := s.End(); end != tc.end || ok != (tc.end > 0) {
				t.Errorf("End() = %v, %v, want %v", end, ok, tc.end)
			}
			if s.Max() != tc.max {
				t.Errorf("Max() = %v, want %v", s.Max(), tc.max)
			}
			for at, level := range tc.levels {
				if got := s.Level(at); math.Abs(got-level) > 1e-4 {
					t.Errorf("Level(%v) = %v, want %v", at, got, level)
				}
			}
		})
	}
}

func TestParseErrors(t *testing.T) {
	for _, tc := range []struct{ text, want string }{
		{"", "at character 1: nothing is written"},
		{"  ", "nothing is written"},
		{"nan", "no level a machine could reach"},
		{"inf", "no level a machine could reach"},
		{"1e999", "no level a machine could reach"},
		{"-5", "level -5 is below zero"},
		{"1e12/s", "at most 1000000000"},
		{"50/fortnight", "per what? Write 50/s, 50/m or 50/h"},
		{"fast", `"fast" is no level: write a number`},
		{"ramp", `"ramp" is no level; write ramp(0, 500, over=30s)`},
		{"0:0,30s:500,20s:100", "at character 13: time goes back from 30s to 20s"},
		{"0:1,5s:1,5s:2,5s:3", "three levels at 5s"},
		{"0:500", "the last stage is at time 0"},
		{"0:0,30s", `stage "30s" has no level`},
		{"0:0,", "a stage is missing after the comma"},
		{"0:,", "a level is missing before \",\""},
		{"soon:5", `"soon" is no time`},
		{"-5s:5", "time -5s is below zero"},
		{"999999h:5", "is too long"},
		{"0:NaN,5s:1", "no level a machine could reach"},
		{"spik(1, 2, at=1m, for=1s)", `there is no shape "spik"; did you mean spike? For example spike(`},
		{"zigzag(1)", "there is no shape \"zigzag\"; there are ramp, steps, spike, sine, rates, playback"},
		{"ramp(0, 500)", "ramp lacks over=: write ramp(0, 500, over=30s)"},
		{"ramp(500, over=1s)", "ramp has one level: write ramp"},
		{"ramp(0, 500, over=0s)", "it needs some time"},
		{"ramp(0, 500, over=x)", `over=: "x" is no time`},
		{"ramp(0, 500, under=5)", "ramp has no under="},
		{"ramp(0, 5, over=5, over=6)", "over= is given twice"},
		{"ramp(0, 5, over=)", "over= has no value"},
		{"ramp(0 5, over=1s)", "a comma or a closing parenthesis is missing before \"5\""},
		{"ramp(0, 5, over=1s", "missing before the end"},
		{"steps(1, 5, by=0, every=1s)", "a step is a number above 0"},
		{"steps(0, 1e9, by=1, every=1s)", "too many or too long"},
		{"sine(1, 5, period=0)", "at least 1ms"},
		{"spike(1, 5, at=1s, for=0)", "lasts no time"},
		{"rates(every=1s)", "rates has 0 levels"},
		{"500 then 20", "500 has no end, so nothing can come after it: say how long, such as 500 for 1m"},
		{"500 for", "for needs a time"},
		{"500 for 0", "it needs some time"},
		{"0:0,30s:500 from 30s", "leaves nothing of a shape that ends at 30s"},
		{"(500", "a closing parenthesis is missing before the end"},
		{"500)", `")" is not expected here`},
		{"500 20", `"20" is not expected here`},
		{"1,000", "at character 2: a comma stands between stages alone, such as 0:0,30s:500; a number has none: 1000"},
		{"ramp(0, 500, 30s)", `at character 14: "30s" is a time without a name: write ramp(0, 500, over=30s)`},
		{"5 +", "a shape is missing before the end"},
		{"1e9 + 1", "too high"},
		{"2 * 1e9", "too high"},
		{"x * 5", `"x" is no factor`},
		{"playback(a.csv)", "not possible here"},
		{`playback("a.csv)`, "a quote that is not closed"},
		{"5\x00", "a character that cannot be read"},
		{strings.Repeat("(", 5000), "more than 100 parentheses"},
		{strings.Repeat("2*", 5000) + "1", "more than 100 factors"},
		{"1" + strings.Repeat(" for 1", 5000), "more than 100 of for and from"},
	} {
		_, err := Parse(tc.text)
		var syntax *SyntaxError
		if !errors.As(err, &syntax) {
			t.Errorf("%q: error %v is no SyntaxError", tc.text, err)
			continue
		}
		if !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%.40q: %v\nwant %q in it", tc.text, err, tc.want)
		}
	}
}

func TestParseUsers(t *testing.T) {
	p := Parser{Users: true}
	if _, err := p.Parse("0:0,30s:50"); err != nil {
		t.Error(err)
	}
	if _, err := p.Parse("50/s"); err == nil || !strings.Contains(err.Error(), "write 50, or give the rate as arrivals") {
		t.Errorf("a rate for users: %v", err)
	}
}

// files opens files by name from memory.
func files(content map[string]string) Parser {
	return Parser{Open: func(name string) (io.ReadCloser, error) {
		text, ok := content[name]
		if !ok {
			return nil, errors.New("no such file")
		}
		return io.NopCloser(strings.NewReader(text)), nil
	}}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"500", "300/m", "0:0,30s:500,5m:500", "spike(100, 2000, at=1m, for=10s, rise=2s)", "steps(100, 500, by=100, every=30s)",
		"ramp(0, 500, over=30s) then 2 * sine(100, 500, period=1m) for 1h", "rates(1, 2, every=1s) + 5 from 3s", "playback(a.csv, speed=2)",
		"(1 + 2 then 3) for 5", "1e-9", "1e+06", "µs", "1µs:1,2us:2", `playback("a.csv") for 1s then 0`,
	} {
		f.Add(seed)
	}
	p := files(map[string]string{"a.csv": "time,rate\n0,5\n1,7\n2,0\n"})
	f.Fuzz(func(t *testing.T, text string) {
		s, err := p.Parse(text)
		if err != nil {
			var syntax *SyntaxError
			if !errors.As(err, &syntax) || syntax.Pos < 0 || syntax.Pos > len(text) {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		again, err := p.Parse(s.String())
		if err != nil {
			t.Fatalf("%q was written as %q: %v", text, s, err)
		}
		if again.String() != s.String() {
			t.Fatalf("%q was written as %q and that as %q", text, s, again)
		}
		checkShape(t, s)
		for _, at := range []time.Duration{0, 1, time.Millisecond, time.Second, 5*time.Second + 1, time.Hour} {
			if a, b := s.Level(at), again.Level(at); math.Abs(a-b) > 1e-9*(1+a) {
				t.Fatalf("%q: Level(%v) = %v, read back %v", text, at, a, b)
			}
		}
	})
}

// checkShape checks what holds for any shape.
func checkShape(t *testing.T, s Shape) {
	t.Helper()
	last := 0.0
	for _, at := range []time.Duration{0, 1, time.Microsecond, time.Second, time.Minute, time.Hour, 30 * time.Hour} {
		level, n := s.Level(at), s.Integral(at)
		if !(level >= 0) || level > s.Max()*(1+1e-9) {
			t.Fatalf("%v: Level(%v) = %v, the highest is %v", s, at, level, s.Max())
		}
		if !(n >= last-slack(last)) {
			t.Fatalf("%v: Integral(%v) = %v after %v", s, at, n, last)
		}
		last = n
	}
	end, ends := s.End()
	phases := s.Phases()
	if len(phases) == 0 || phases[0].From != 0 {
		t.Fatalf("%v: phases %v", s, phases)
	}
	for i, p := range phases {
		switch {
		case p.Name == "":
			t.Fatalf("%v: a phase without a name in %v", s, phases)
		case i < len(phases)-1 && (p.To <= p.From || p.To != phases[i+1].From):
			t.Fatalf("%v: phases with a gap or out of order: %v", s, phases)
		case i == len(phases)-1 && ends && p.To != end, i == len(phases)-1 && !ends && p.To != 0:
			t.Fatalf("%v: ends at %v (%v), its phases %v", s, end, ends, phases)
		}
	}
}
