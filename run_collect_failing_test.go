package stampede

import (
	"testing"

	"github.com/stampede-load/stampede/internal/fault"
	"github.com/stampede-load/stampede/internal/stats"
)

// secondOf is a second with so many requests, of which so many failed.
func secondOf(index int, count, failures int64, text string) *stats.Second {
	sec := &stats.Second{Index: index}
	sec.Total.Count, sec.Total.Failures = count, failures
	if failures > 0 {
		sec.Errors = []stats.ErrorRow{{Kind: fault.Status, Text: text, Count: failures}}
	}
	return sec
}

func TestFailingStretchIsAnEvent(t *testing.T) {
	var f failing
	var got []string
	for i, c := range []struct {
		count, failures int64
		text            string
	}{
		{10, 0, ""},
		{10, 10, "reset"},
		{10, 10, "503"}, // two seconds are no stretch
		{10, 9, "503"},
		{10, 10, "503"},
		{0, 0, ""},
		{10, 10, "503"},
		{10, 10, "reset"},
		{10, 10, "503"}, // one, with a second in which nothing ended
		{10, 1, "503"},
		{1, 1, "x"},
		{1, 1, "x"},
		{1, 1, "x"},
		{1, 1, "x"}, // too few until there are five
		{1, 1, "x"},
	} {
		if kind, text := f.add(secondOf(i, c.count, c.failures, c.text)); kind != "" {
			got = append(got, kind+": "+text)
		}
	}
	want := []string{
		"failing: every request has failed since 0:04: 503",
		"recovered: requests succeed again, after 5 s in which every one of 40 failed",
		"failing: every request has failed since 0:10: x",
	}
	if len(got) != len(want) {
		t.Fatalf("%q", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%q, want %q", got[i], want[i])
		}
	}
}

func TestExplainedByTheWarmup(t *testing.T) {
	key := stats.Key{Type: "GET", Name: "/"}
	judged := []stats.ErrorRow{{Key: key, Kind: fault.Status, Text: "500"}, {Key: key, Kind: fault.Status, Text: "404", Detail: "own"}}
	explained(judged, []stats.ErrorRow{{Key: key, Kind: fault.Status, Text: "404", Detail: "other"}, {Key: key, Kind: fault.Status, Text: "500", Detail: "down", Stack: "s"}})
	if judged[0].Detail != "down" || judged[0].Stack != "s" || judged[1].Detail != "own" {
		t.Errorf("%+v", judged)
	}
}
