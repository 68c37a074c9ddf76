package main

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stampede-load/stampede"
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
		d := xml.NewDecoder(strings.NewReader(picture))
		for {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		if len(picture) > 32<<10 {
			t.Errorf("%s has %d bytes", name, len(picture))
		}
		for _, want := range []string{"1.70 s", "prefers-color-scheme:dark"} {
			if !strings.Contains(picture, want) {
				t.Errorf("%s lacks %q", name, want)
			}
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
