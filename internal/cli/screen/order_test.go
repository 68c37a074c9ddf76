package screen

import (
	"fmt"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/fault"
	"github.com/stampede-load/stampede/internal/stats"
	"github.com/stampede-load/stampede/internal/verdict"
)

// crowded is a run with 200 names, of which one fails and one is slow.
func crowded() stampede.Live {
	l := fanLive()
	l.Rows, l.Recent, l.Errors = nil, nil, nil
	for i := range 200 {
		row := spread("GET", fmt.Sprintf("page %03d", i), 100, 0, 20*ms)
		switch i {
		case 150:
			row = spread("GET", "the failing one", 100, 30, 20*ms)
		case 120:
			row = spread("GET", "the slow one", 100, 0, 900*ms)
		case 130:
			row = spread("GET", "the frequent one", 900, 0, 10*ms)
		}
		l.Rows, l.Recent = append(l.Rows, row), append(l.Recent, row.Clone())
	}
	return l
}

// first is the names that a dashboard shows, in order.
func first(d *Dashboard) []string {
	var names []string
	for line := range strings.Lines(d.String()) {
		for _, name := range []string{"page ", "the failing one", "the slow one", "the frequent one"} {
			if at := strings.Index(line, name); at >= 0 {
				names = append(names, strings.TrimSpace(line[at:min(at+16, len(line))]))
			}
		}
	}
	return names
}

func TestTroubleComesFirst(t *testing.T) {
	d := Dashboard{Live: crowded(), Width: 120, Height: 30}
	if got := first(&d); len(got) < 4 || got[0] != "the failing one" || got[1] != "the slow one" {
		t.Errorf("%q\n%s", got, d.String())
	}
	if !strings.Contains(d.String(), "more names, failing and slowest first; ") {
		t.Errorf("the order is not told\n%s", d.String())
	}
	for order, want := range map[Order]string{ByName: "page 000", ByCount: "the frequent one", BySlowness: "the slow one"} {
		d.Sort = order
		if got := first(&d); len(got) == 0 || !strings.HasPrefix(got[0], want) {
			t.Errorf("%v: %q", order, got)
		}
	}
	d.Sort, d.Filter = ByTrouble, "PAGE 19"
	if got := first(&d); len(got) == 0 || !strings.HasPrefix(got[0], "page 19") || strings.Contains(d.String(), "the slow one") {
		t.Errorf("filtered: %q", got)
	}
	d.Filter = "nothing"
	if !strings.Contains(d.String(), "no name has nothing in it") {
		t.Error(d.String())
	}
}

func TestKeysOfTheNames(t *testing.T) {
	w := &watcher{dashboard: Dashboard{Live: crowded(), Width: 100, Height: 40}}
	press := func(keys ...tea.KeyPressMsg) {
		for _, k := range keys {
			w.Update(k)
		}
	}
	letter := func(r rune) tea.KeyPressMsg { return tea.KeyPressMsg{Code: r, Text: string(r)} }
	press(letter('o'), letter('o'))
	if w.dashboard.Sort != ByCount {
		t.Errorf("sorted %v", w.dashboard.Sort)
	}
	press(tea.KeyPressMsg{Code: tea.KeyPgDown}, tea.KeyPressMsg{Code: tea.KeyPgDown}, tea.KeyPressMsg{Code: tea.KeyUp})
	if w.dashboard.Scroll != 47 {
		t.Errorf("scrolled by %d", w.dashboard.Scroll)
	}
	press(letter('/'), letter('q'), letter('s'), letter('x'), tea.KeyPressMsg{Code: tea.KeyBackspace}) // q and s are letters now
	if !w.dashboard.Typing || w.dashboard.Filter != "qs" || w.dashboard.Scroll != 0 || !strings.Contains(w.dashboard.String(), "names with: qs") {
		t.Errorf("%+v", w.dashboard.Filter)
	}
	press(tea.KeyPressMsg{Code: tea.KeyEnter})
	if w.dashboard.Typing || w.dashboard.Filter != "qs" {
		t.Error("enter keeps the filter")
	}
	press(tea.KeyPressMsg{Code: tea.KeyEscape})
	if w.dashboard.Filter != "" {
		t.Error("esc shows all")
	}
}

func TestProgressOfIterations(t *testing.T) {
	l := fanLive()
	l.Planned, l.Iterations, l.Sent = 0, 300, 150
	d := Dashboard{Live: l, Width: 80, Height: 24}
	if text := d.String(); strings.Count(text, "━") != 39 || !strings.Contains(text, "150 of 300") {
		t.Errorf("%d of 78\n%s", strings.Count(text, "━"), text)
	}
}

func TestErrorsSayWhatFailed(t *testing.T) {
	l := fanLive()
	l.Errors = []stats.ErrorRow{{Key: stats.Key{Type: "START", Name: "Fan"}, Kind: fault.Start, Text: "the door is shut", Count: 3}}
	l.Verdict = verdict.Health{Level: verdict.Invalid, Reasons: []string{"the generator stood still for 4.2 s (14 % of the run) while requests were under way; give it a machine of its own"}}
	d := Dashboard{Live: l, Width: 80, Height: 24}
	if text := d.String(); !strings.Contains(text, "3× start of Fan  the door is shut") || !strings.Contains(text, "give it a machine of its own") {
		t.Error(text)
	}
}
