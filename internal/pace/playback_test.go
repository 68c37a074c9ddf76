package pace

import (
	"errors"
	"io"
	"math"
	"strings"
	"testing"
	"time"
)

const recording = `# tour announcement
time,rate,comment
0,10,before
1s,300/m,"five a second"
3,0.5
4,20/s
`

func TestPlayback(t *testing.T) {
	p := files(map[string]string{
		"a.csv":  recording,
		"my a":   recording,
		"dates":  "2026-11-03T10:00:00Z,5\n2026-11-03T10:00:10Z,7\n",
		"unix":   "1762164000,5\n1762164010.5,7\n",
		"uneven": "0,5\n1,7\n5,9\n",
		"marked": "\uFEFF0,5\r\n10,7\r\n", // as spreadsheets write it
	})
	s, err := p.Parse("playback(a.csv)")
	if err != nil {
		t.Fatal(err)
	}
	for at, want := range map[time.Duration]float64{0: 10, time.Second: 5, 2999 * ms: 5, 3 * time.Second: 0.5, 4 * time.Second: 20, time.Hour: 20} {
		if got := s.Level(at); got != want {
			t.Errorf("Level(%v) = %v, want %v", at, got, want)
		}
	}
	if end, ok := s.End(); end != 5*time.Second || !ok || s.Max() != 20 {
		t.Errorf("ends at %v, %v, the highest %v", end, ok, s.Max())
	}
	if got := s.Integral(5 * time.Second); math.Abs(got-(10+10+0.5+20)) > 1e-9 {
		t.Errorf("%v arrivals", got)
	}
	for text, want := range map[string]struct {
		text, inline string
		end          time.Duration
	}{
		"playback(a.csv)":              {"playback(a.csv)", "0:10,1s:10,1s:5,3s:5,3s:0.5,4s:0.5,4s:20,5s:20", 5 * time.Second},
		`playback("my a", speed=2)`:    {`playback("my a", speed=2)`, "0:10,500ms:10,500ms:5,1.5s:5,1.5s:0.5,2s:0.5,2s:20,2.5s:20", 2500 * ms},
		"playback(dates)":              {"playback(dates)", "rates(5, 7, every=10s)", 20 * time.Second},
		"playback(marked)":             {"playback(marked)", "rates(5, 7, every=10s)", 20 * time.Second},
		"2 * playback(dates) for 15s":  {"2 * playback(dates) for 15s", "2 * rates(5, 7, every=10s) for 15s", 15 * time.Second},
		"playback(unix)":               {"playback(unix)", "rates(5, 7, every=10.5s)", 21 * time.Second},
		"playback(uneven) then 5":      {"playback(uneven) then 5", "0:5,1s:5,1s:7,5s:7,5s:9,9s:9 then 5", 0},
		"playback(dates, speed=0.001)": {"playback(dates, speed=0.001)", "rates(5, 7, every=2h46m40s)", 20000 * time.Second},
	} {
		s, err := p.Parse(text)
		if err != nil {
			t.Error(err)
			continue
		}
		if s.String() != want.text || Inline(s) != want.inline {
			t.Errorf("%s: %v, inline %s", text, s, Inline(s))
		}
		if end, _ := s.End(); end != want.end {
			t.Errorf("%s ends at %v, want %v", text, end, want.end)
		}
		inline := parse(t, Inline(s))
		for at := time.Duration(0); at < 20*time.Second; at += 100 * ms {
			if inline.Level(at) != s.Level(at) {
				t.Errorf("%s: inline Level(%v) = %v, want %v", text, at, inline.Level(at), s.Level(at))
			}
		}
	}
}

func TestPlaybackErrors(t *testing.T) {
	for content, want := range map[string]string{
		"":                          "no rows",
		"time,rate\n":               "no rows",
		"0,5\n":                     "one row alone has no length",
		"0,5\n1,x\n":                `line 2: "x" is no level`,
		"0,5\nsoon,6\n":             `line 2: "soon" is no time`,
		"0,5\n1,-6\n":               "line 2: level -6 is below zero",
		"0,x\n1,6\n":                `line 1: "x" is no level`,
		"0,5\n1,6\n1,7\n":           "line 3: time 1 does not come after",
		"0,5\n2,6\n1,7\n":           "line 3: time 1 does not come after",
		"0,5\n0.0000001,6\n":        "less than a microsecond apart",
		"0\n1\n":                    "one column",
		"0,NaN\n1,6\n":              "no level a machine could reach",
		"0,5\n99999h,6\n":           "at most 8784h",
		"0,\"5\n":                   "extraneous or missing",
		"a,b\nc,d\n":                "line 2",
		"0,5\n1,1e12\n":             "too high",
		"2026-11-03 10:00,5\n1,5\n": "no time",
	} {
		_, err := Playback("x", strings.NewReader(content), 1)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", content, err, want)
		}
	}
	if _, err := Playback("x", strings.NewReader("0,1\n1,1"), 0); err == nil || !strings.Contains(err.Error(), "speed 0") {
		t.Errorf("speed 0: %v", err)
	}
	if _, err := files(nil).Parse("playback(a.csv)"); err == nil || !strings.Contains(err.Error(), "no such file (check the name") {
		t.Errorf("a missing file: %v", err)
	}
	if _, err := (Parser{Open: func(string) (io.ReadCloser, error) { return failing{}, nil }}).Parse("playback(a.csv)"); err == nil || !strings.Contains(err.Error(), "bad disk") {
		t.Errorf("a file that cannot be read: %v", err)
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New("bad disk") }
func (failing) Close() error             { return nil }

func FuzzPlayback(f *testing.F) {
	f.Add(recording, 1.0)
	f.Add("0,5\n1,7\n", 0.3)
	f.Fuzz(func(t *testing.T, content string, speed float64) {
		s, err := Playback("x", strings.NewReader(content), speed)
		if err != nil {
			return
		}
		checkShape(t, s)
		end, _ := s.End()
		again := parse(t, Inline(s))
		if a, b := s.Integral(end), again.Integral(end); math.Abs(a-b) > 1e-9*(1+a) {
			t.Fatalf("%v arrivals, inline %v", a, b)
		}
	})
}

func TestFunc(t *testing.T) {
	s, err := Func(func(t time.Duration) float64 { return 100 * math.Exp(-t.Seconds()) }, 10*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	if got := s.Integral(10 * time.Second); math.Abs(got-100*(1-math.Exp(-10))) > 1e-3 {
		t.Errorf("%v arrivals, want 99.995", got)
	}
	if again := parse(t, s.String()); again.Integral(time.Second) != s.Integral(time.Second) {
		t.Errorf("read back it differs")
	}
	checkShape(t, s)
	flat, err := Func(func(time.Duration) float64 { return 5 }, time.Hour)
	if err != nil || flat.String() != "0:5,1h:5" {
		t.Errorf("a level function: %v, %v", flat, err)
	}
	for want, f := range map[string]func(time.Duration) float64{
		"the function at 10ms: level -0.01 is below zero": func(t time.Duration) float64 { return -t.Seconds() },
		"not a number": func(time.Duration) float64 { return math.NaN() },
		"too high":     func(time.Duration) float64 { return math.Inf(1) },
	} {
		if _, err := Func(f, 10*time.Second); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	if _, err := Func(func(time.Duration) float64 { return 1 }, 0); err == nil {
		t.Error("a function over no time")
	}
}
