package verdict

import (
	"math"
	"slices"

	"github.com/stampede-load/stampede/internal/stats"
)

// selection is the requests that one selector picks: shared by all conditions with the same selector.
type selection struct {
	Selector
	need   needs
	rows   []*stats.Row // of this second
	now    tally        // of this second, added up
	first  int          // the second of the first sample; -1 before it
	totals []*total
	ring   ring
}

// total is a selection added up over the stretches that a condition without window is judged on.
type total struct {
	spans spans
	sum   tally
	began bool // a second of the stretches was closed
}

// total finds or makes the total over some stretches.
func (s *selection) total(over spans) *total {
	key := over.key()
	for _, t := range s.totals {
		if t.spans.key() == key {
			return t
		}
	}
	t := &total{spans: over}
	s.totals = append(s.totals, t)
	return t
}

// gather adds up the rows of this second.
func (s *selection) gather(sec *stats.Second, own ownFailures) {
	s.now.reset()
	s.now.room(&s.need)
	if s.IsZero() {
		s.now.addRow(&sec.Total, &s.need)
		s.now.addOwn(own, &s.need)
		s.now.users, s.now.inFlight = max(sec.Gauges.Users, int(sec.Gauges.PeakUsers)), atOnce(sec)
	}
	for _, r := range s.rows {
		s.now.addRow(r, &s.need)
	}
	s.rows = s.rows[:0]
	if s.first < 0 && s.now.active() {
		s.first = sec.Index
	}
}

// atOnce is how many requests a second saw in flight at once: so many as at its end, or on average. A run of milliseconds has no other end than the
// one at which all is answered.
func atOnce(sec *stats.Second) int {
	const noise = 0.01 // of summed times
	mean := float64(sec.Gauges.InFlightNS) / float64(sec.Lasted())
	return max(sec.Gauges.InFlight, int(math.Ceil(mean-noise)))
}

// take accounts for the second that was gathered.
func (s *selection) take(at stretch) {
	s.takeTotals(at)
	s.takeWindow(at)
}

// takeTotals is take of what has no window.
func (s *selection) takeTotals(at stretch) {
	for _, t := range s.totals {
		if at.in(t.spans) {
			t.began = true
			t.sum.add(&s.now, &s.need)
		}
	}
}

// takeWindow is take of the windows.
func (s *selection) takeWindow(at stretch) {
	if len(s.ring.windows) == 0 {
		return
	}
	if at.gap {
		s.ring.forget()
	}
	if at.whole {
		s.ring.push(&s.now)
	}
}

// replace puts the totals of a whole stretch in the place of what its seconds added up to.
func (s *selection) replace(over spans, all *stats.Totals) {
	for _, t := range s.totals {
		if t.spans.key() != over.key() {
			continue
		}
		users, inFlight, own, ownFaults := t.sum.users, t.sum.inFlight, t.sum.own, slices.Clone(t.sum.ownFaults)
		t.sum.reset()
		t.sum.users, t.sum.inFlight, t.sum.own = users, inFlight, own // which the totals do not know
		t.sum.room(&s.need)
		copy(t.sum.ownFaults, ownFaults)
		if s.IsZero() {
			t.sum.addRow(&all.Total, &s.need)
		}
		for _, r := range s.rows {
			t.sum.addRow(r, &s.need)
		}
	}
	s.rows = s.rows[:0]
}

// finder tells which selections pick a name. It looks at each name once and remembers, so its memory is that of the names, which the
// recorders bound.
type finder struct {
	selections []*selection
	byKey      map[stats.Key][]*selection
}

// selection finds or makes the selection of a selector.
func (f *finder) selection(sel Selector) *selection {
	for _, s := range f.selections {
		if s.Selector == sel {
			return s
		}
	}
	s := &selection{Selector: sel, first: -1}
	s.ring.need = &s.need
	f.selections = append(f.selections, s)
	return s
}

// pickers is the selections that pick k, but the one that picks every request.
func (f *finder) pickers(k stats.Key) []*selection {
	picked, known := f.byKey[k]
	if known {
		return picked
	}
	for _, s := range f.selections {
		if !s.IsZero() && s.Match(k) {
			picked = append(picked, s)
		}
	}
	f.byKey[k] = picked
	return picked
}

// deal gives each selection the rows of a second that it picks.
func (f *finder) deal(rows []stats.Row) {
	for i := range rows {
		for _, s := range f.pickers(rows[i].Key) {
			s.rows = append(s.rows, &rows[i])
		}
	}
}
