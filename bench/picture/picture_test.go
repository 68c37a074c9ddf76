package main

import (
	"encoding/xml"
	"errors"
	"io"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/compare"
	"github.com/stampede-load/stampede/internal/verdict"
)

// through is a run of an even load through a standstill from 10 s to 12 s, as arithmetic has it.
func through(gap time.Duration, paced bool) *seen {
	s := &seen{from: freezeAt, until: freezeAt + freeze, report: &stampede.Report{}}
	s.report.Run.Paced = paced
	for at := time.Duration(0); at < length; at += gap {
		took := time.Duration(100_000)
		if at >= s.from && at < s.until {
			took += s.until - at
		}
		s.dots = append(s.dots, dot{at, took})
		s.report.Whole.Total.Response.Record(int64(took))
		s.report.Whole.Total.Service.Record(int64(took))
	}
	return s
}

// TestPictures wants well-formed pictures that stay small however many requests there were.
func TestPictures(t *testing.T) {
	closed, open := through(time.Second, false), through(time.Millisecond, true)
	if n := open.held(); n != 2000 {
		t.Errorf("%d requests were held up, want 2000", n)
	}
	for name, picture := range map[string]string{"over time": overTime(closed, open), "percentiles": percentiles(closed, open)} {
		wantPicture(t, name, picture, "1.70 s")
	}
}

// TestPicturesOfComparisons draws a change that is larger than the axis, a second without requests, and a level that changed.
func TestPicturesOfComparisons(t *testing.T) {
	even := []float64{20, 21, math.NaN(), 19, 20}
	same := compare.Figure{Comparison: verdict.Comparison{Outcome: verdict.Same, Old: 20e6, New: 20e6, Change: 1, Low: 0.98, High: 1.02}}
	worse := compare.Figure{Comparison: verdict.Comparison{Outcome: verdict.Regressed, Old: 20e6, New: 40e6, Change: 2, Low: 1.9, High: 2.1}}
	wantPicture(t, "pairs", comparison([]pair{{"A", even, even, same, 0.05}, {"B", even, []float64{40, 41}, worse, 0.05}}),
		"A: SAME", "B: REGRESSED", "from +90.0 to +110.0 %", "all of it lies within ±5 %")
	level := &trended{p95: []float64{20, 21, 20, 30, 31, 30}, changes: []string{"a", "a", "a", "b < c", "d", "d"}}
	level.points = verdict.ChangePoints(level.p95, verdict.ChangeOptions{})
	wantPicture(t, "trend", level.draw(), "+49 % with “b &lt; c”", "6 runs")
}

func wantPicture(t *testing.T, name, picture string, words ...string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(picture))
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	if len(picture) > 32<<10 || strings.Contains(picture, "NaN") {
		t.Errorf("%s has %d bytes, or holds what is no number", name, len(picture))
	}
	for _, want := range append(words, "prefers-color-scheme:dark") {
		if !strings.Contains(picture, want) {
			t.Errorf("%s lacks %q", name, want)
		}
	}
}

func TestWords(t *testing.T) {
	for d, want := range map[time.Duration]string{1704 * time.Millisecond: "1.70 s", 556 * time.Millisecond: "556 ms", 702 * time.Microsecond: "0.7 ms", 0: "0 ms"} {
		if got := words(d); got != want {
			t.Errorf("%v is %q, want %q", d, got, want)
		}
	}
	if got := thousands(2001); got != "2,001" {
		t.Errorf("2001 is %q", got)
	}
}
