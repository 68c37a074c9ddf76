package cli

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"github.com/stampede-load/stampede/internal/report"
)

func TestParseChanges(t *testing.T) {
	for _, tc := range []struct {
		text, err string
		want      []change
	}{
		{"host=http://127.0.0.1:8002", "", []change{{"host", []string{"http://127.0.0.1:8002"}}}},
		{`--users=5, changes="new, large cache"`, "", []change{{"users", []string{"5"}}, {"changes", []string{"new, large cache"}}}},
		{"tag=a,focus=,tag=b", "", []change{{"tag", []string{"a", "b"}}, {"focus", []string{""}}}},
		{"users=spike(100, 2000, at=1m)", "", []change{{"users", []string{"spike(100, 2000, at=1m)"}}}},
		{"threshold=p95 < 5ms", "", []change{{"threshold", []string{"p95 < 5ms"}}}},
		{"users", `"users": write SETTING=VALUE`, nil},
		{"=5", `"=5": write SETTING=VALUE`, nil},
		{" ", "nothing is changed", nil},
	} {
		got, err := parseChanges(tc.text)
		if tc.err == "" && (err != nil || !reflect.DeepEqual(got, tc.want)) || tc.err != "" && (err == nil || !strings.Contains(err.Error(), tc.err)) {
			t.Errorf("%q: %v, %v", tc.text, got, err)
		}
	}
}

// Both sides come as early and as late as each other, so a drift that is even over the series takes no side.
func TestOrder(t *testing.T) {
	s := series{repeatOptions: repeatOptions{times: 4, interleave: "users=3"}}
	if got, want := s.order(), []int{0, 1, 1, 0, 0, 1, 1, 0}; !slices.Equal(got, want) {
		t.Errorf("the order is %v, want %v", got, want)
	}
	if got := s.mark(1, 2); got != "b3" {
		t.Errorf("the third of B is %s", got)
	}
	s.interleave = ""
	if got, want := s.order(), []int{0, 0, 0, 0}; !slices.Equal(got, want) || s.mark(0, 2) != "3" {
		t.Errorf("the order is %v, want %v", got, want)
	}
}

// The status of a series is that which makes the others meaningless.
func TestWorse(t *testing.T) {
	var s series
	for _, tc := range []struct{ next, want int }{
		{0, 0}, {2, 2}, {1, 1}, {0, 1}, {int(report.Regression), 4}, {1, 4}, {3, 3}, {4, 3}, {6, 6}, {3, 6}, {5, 5}, {130, 130}, {6, 130},
	} {
		if s.worse(tc.next); s.status != tc.want {
			t.Errorf("after %d the status is %d, want %d", tc.next, s.status, tc.want)
		}
	}
}

func TestNumbered(t *testing.T) {
	var e exports
	for i, f := range formats() { // none may be forgotten: its file would be overwritten by the next run
		e.set(f.name, fmt.Sprintf("out.d/run%d%s", i, f.extension))
	}
	e.numbered("a1")
	for i, f := range formats() {
		if want := fmt.Sprintf("out.d/run%d-a1%s", i, f.extension); e.paths[f.name] != want {
			t.Errorf("%s: %q, want %q", f.name, e.paths[f.name], want)
		}
	}
	e = exports{paths: map[string]string{formatCSV: "a.b/c.d", formatJSON: "-"}}
	e.numbered("b2")
	if e.paths[formatCSV] != "a.b/c.d-b2" || e.paths[formatJSON] != "-" || e.wants(formatXLSX) {
		t.Errorf("%+v", e.paths)
	}
}

// Flags of the test's own are its variables: what B changed is taken back for A.
func TestResetOwn(t *testing.T) {
	a := newTestApp(t)
	n := a.own.Int("n", 7, "")
	list := a.own.StringSlice("list", []string{"a", "b"}, "")
	empty := a.own.StringSlice("empty", nil, "")
	word := a.own.String("word", "", "")
	for range 2 {
		a.resetOwn()
		if *n != 7 || !slices.Equal(*list, []string{"a", "b"}) || len(*empty) != 0 || *word != "" {
			t.Errorf("%d %q %q %q", *n, *list, *empty, *word)
		}
		for name, text := range map[string]string{"n": "3", "list": "c", "empty": "d", "word": "e"} {
			a.own.VisitAll(func(f *pflag.Flag) {
				if f.Name == name && f.Value.Set(text) != nil {
					t.Fatal(name)
				}
			})
		}
		if *n != 3 || !slices.Equal(*empty, []string{"d"}) {
			t.Errorf("%d %q", *n, *empty)
		}
	}
}

func TestWrapped(t *testing.T) {
	got := wrapped("a p95 that is 5 % worse: run --repeat 10", 14, 2)
	if want := "a p95 that is\n  5 % worse:\n  run --repeat\n  10"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
