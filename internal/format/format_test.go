package format

import (
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func TestNumbers(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{Count(0), "0"},
		{Count(7), "7"},
		{Count(999), "999"},
		{Count(1204), "1,204"},
		{Count(-3000000), "-3,000,000"},
		{Count(math.MinInt64), "-9,223,372,036,854,775,808"},
		{Count(math.MaxInt64), "9,223,372,036,854,775,807"},
		{Plural(1, "user", "users"), "1 user"},
		{Plural(1500, "user", "users"), "1,500 users"},
		{Plural(0, "user", "users"), "0 users"},
		{Number(0), "0"},
		{Number(0.00123), "0.00123"},
		{Number(9.999), "10.0"},
		{Number(12.34), "12.3"},
		{Number(99.96), "100"},
		{Number(1204.4), "1,204"},
		{Number(-1.5), "-1.50"},
		{Number(math.NaN()), "-"},
		{Number(math.Inf(1)), "infinite"},
		{Number(math.Inf(-1)), "infinite"},
		{Number(1e-12), "0.000000000"},
		{Rate(1204.4), "1,204/s"},
		{Rate(12.34), "12.3/s"},
		{Rate(0.5), "0.50/s"},
		{Rate(0), "0/s"},
		{Rate(0.0012), "0.00120/s"},
		{Rate(math.NaN()), "-"},
		{Rate(0.999), "0.999/s"},
		{Percent(0), "0 %"},
		{Percent(1), "100 %"},
		{Percent(0.002), "0.2 %"},
		{Percent(0.1234), "12.3 %"},
		{Percent(0.0003), "0.03 %"},
		{Percent(0.00003), "0.003 %"},
		{Percent(1e-9), "< 0.0001 %"},
		{Percent(0.9999), "99.99 %"},
		{Percent(0.99999999), "> 99.9999 %"},
		{Percent(0.9995), "99.95 %"},
		{Percent(0.5), "50.0 %"},
		{Percent(1.2), "120.0 %"},
		{Percent(-0.01), "-1.0 %"},
		{Percent(math.NaN()), "-"},
		{Percent(0.000001), "0.0001 %"},
		{Percent(0.999999), "99.9999 %"},
		{Change(0.032), "+3.2 %"},
		{Change(-0.12), "-12.0 %"},
		{Change(0), "0 %"},
		{Change(math.Inf(1)), "-"},
		{Bytes(0), "0 B"},
		{Bytes(512), "512 B"},
		{Bytes(1200), "1.20 KB"},
		{Bytes(34100000), "34.1 MB"},
		{Bytes(999999), "1.00 MB"},
		{Bytes(-2000), "-2.00 KB"},
		{Bytes(math.MaxInt64), "9.22 EB"},
		{Bytes(math.MinInt64), "-9.22 EB"},
		{Decimal(1204, 3), "1204"},
		{Decimal(0.25, 6), "0.25"},
		{Decimal(-0.0000001, 3), "0"},
		{Decimal(math.NaN(), 3), "0"},
		{Decimal(1e21, 2), "1000000000000000000000"},
		{Decimal(100, 0), "100"},
		{Decimal(1.0006, 3), "1.001"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestTimes(t *testing.T) {
	ms := time.Millisecond
	for _, c := range []struct{ got, want string }{
		{Duration(0), "0 ms"},
		{Duration(5), "5.00 ns"},
		{Duration(850 * time.Microsecond), "850 us"},
		{Duration(999600), "1.00 ms"},
		{Duration(4123 * time.Microsecond), "4.12 ms"},
		{Duration(412 * ms), "412 ms"},
		{Duration(1700 * ms), "1.70 s"},
		{Duration(999499 * time.Microsecond), "999 ms"},
		{Duration(999500 * time.Microsecond), "1.00 s"},
		{Duration(125 * time.Second), "125 s"},
		{Duration(20 * time.Minute), "20 min"},
		{Duration(-time.Second), "-1.00 s"},
		{Span(0), "0 s"},
		{Span(1500 * ms), "1.5 s"},
		{Span(30 * time.Second), "30 s"},
		{Span(59960 * ms), "1 min"},
		{Span(5 * time.Minute), "5 min"},
		{Span(125 * time.Second), "2 min 5 s"},
		{Span(80 * time.Minute), "1 h 20 min"},
		{Span(3599600 * ms), "1 h"},
		{Span(51 * time.Hour), "2 d 3 h"},
		{Span(24*time.Hour - time.Second), "1 d"},
		{Span(-time.Second), "-1 s"},
		{Clock(7 * time.Second), "0:07"},
		{Clock(750 * time.Second), "12:30"},
		{Clock(3723 * time.Second), "1:02:03"},
		{Clock(-7 * time.Second), "-0:07"},
		{QuantileName(0.5), "p50"},
		{QuantileName(0.999), "p99.9"},
		{QuantileName(0.99999), "p99.999"},
		{QuantileName(1), "p100"},
		{Quantile(412*ms, false, false), "412 ms"},
		{Quantile(412*ms, true, false), "412 ms *"},
		{Quantile(2100*ms, true, true), "> 2.10 s"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
	if got := Millis(412345678); got != 412.346 {
		t.Errorf("Millis = %v", got)
	}
	if got := WholeMillis(412500000); got != 413 {
		t.Errorf("WholeMillis = %v", got)
	}
	if got := Seconds(1500400000); got != 1.5 {
		t.Errorf("Seconds = %v", got)
	}
	for _, d := range []time.Duration{math.MaxInt64, math.MinInt64} {
		if Duration(d) == "" || Span(d) == "" || Clock(d) == "" {
			t.Errorf("%d prints as nothing", d)
		}
	}
}

// A larger time never prints as a smaller one, and no more than three digits are significant below 1,000 s.
func TestDurationKeepsOrder(t *testing.T) {
	parse := func(s string) float64 {
		number, unit, _ := strings.Cut(s, " ")
		v, err := strconv.ParseFloat(number, 64)
		if err != nil {
			t.Fatalf("%q: %v", s, err)
		}
		return v * map[string]float64{"ns": 1, "us": 1e3, "ms": 1e6, "s": 1e9}[unit]
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for range 20000 {
		d := time.Duration(math.Exp(rng.Float64() * math.Log(900e9)))
		if got := parse(Duration(d)); math.Abs(got-float64(d)) > float64(d)*0.0051 {
			t.Fatalf("%d ns prints as %s", d, Duration(d))
		}
		if a, b := parse(Duration(d)), parse(Duration(d+d/1000+1)); a > b {
			t.Fatalf("%d prints as %s, more than %s", d, Duration(d), Duration(d+d/1000+1))
		}
	}
}

func TestPercentNeverLies(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 20000 {
		share := math.Exp(-rng.Float64() * 18)
		for _, v := range []float64{share, 1 - share} {
			text := strings.TrimSuffix(Percent(v), " %")
			if v > 0 && strings.Trim(text, "0.") == "" || v < 1 && strings.TrimRight(text, "0") == "100." || v < 1 && text == "100" {
				t.Fatalf("%v prints as %s %%", v, text)
			}
		}
	}
}

func TestText(t *testing.T) {
	for _, c := range []struct {
		in    string
		limit int
		want  string
	}{
		{"Log In", 0, "Log In"},
		{"", 5, ""},
		{"abcdef", 4, "abc…"},
		{"abcd", 4, "abcd"},
		{"日本語テキスト", 8, "日本語…"},
		{"日本語テキスト", 7, "日本語…"},
		{"日本語", 6, "日本語"},
		{"日本語", 5, "日本…"},
		{"日本", 1, "…"},
		{"ab🎉", 4, "ab🎉"},
		{"ab🎉", 3, "ab…"},
		{"a\x1b[31mred\nb\x00", 0, "a␛[31mred␊b␀"},
		{"x\u202egnp.exe", 0, "x\ufffdgnp.exe"},
		{"bad\xffutf8", 0, "bad\ufffdutf8"},
		{"\u0085\u2028\x7f", 0, "\ufffd\ufffd␡"},
		{"🎉 שלום", 0, "🎉 שלום"},
	} {
		if got := Text(c.in, c.limit); got != c.want {
			t.Errorf("Text(%q, %d) = %q, want %q", c.in, c.limit, got, c.want)
		}
	}
}

func FuzzText(f *testing.F) {
	f.Add("a\x1b[2J", 3)
	f.Fuzz(func(t *testing.T, s string, limit int) {
		got := Text(s, limit)
		if !utf8.ValidString(got) || strings.ContainsAny(got, "\n\r\t\x00\x1b\u202e\u2028") {
			t.Fatalf("Text(%q) = %q", s, got)
		}
		columns := 0
		for _, r := range got {
			columns += Columns(r)
		}
		if limit > 0 && columns > limit {
			t.Fatalf("Text(%q, %d) = %q: too wide", s, limit, got)
		}
	})
}

func TestArrivals(t *testing.T) {
	for text, want := range map[string]string{
		"500": "500/s", "0.5": "0.5/s", "8.333333333333334": "8.33/s", "0.0002777777777777778": "0.000278/s", "1000000000": "1,000,000,000/s",
		"1234567.8": "1,234,568/s", "300/m": "300/m", "5/s for 1m": "", "0:0,30s:500": "", "5 + 3": "", "": "", "1e5": "", "-5": "",
	} {
		got, plain := Arrivals(text)
		if plain != (want != "") || plain && got != want || !plain && got != text {
			t.Errorf("Arrivals(%q) = %q, %v, want %q", text, got, plain, want)
		}
	}
}

// A clock shows the same of a time and of what a file keeps of it.
func TestClockOfWhatFilesKeep(t *testing.T) {
	for _, d := range []time.Duration{11_999_600_000, 11_999_400_000, 12_000_400_000, 59_999_999_999, 3_599_999_500_001, 0, 499_999} {
		kept := time.Duration(Seconds(d) * 1e9)
		if Clock(d) != Clock(kept) {
			t.Errorf("%v is %s, and %s when it was read back", d, Clock(d), Clock(kept))
		}
	}
}

func TestAmount(t *testing.T) {
	for _, c := range []struct {
		v    float64
		unit string
		want string
	}{
		{151, "", "151"}, {1204, "", "1,204"}, {10, "/s", "10 /s"}, {98.25, "%", "98.2 %"}, {1.81e9, "B", "1.81 GB"}, {0.0123, "s", "0.0123 s"}, {0, "", "0"}, {-3, "", "-3"},
	} {
		if got := Amount(c.v, c.unit); got != c.want {
			t.Errorf("%v %q is %q, want %q", c.v, c.unit, got, c.want)
		}
	}
}
