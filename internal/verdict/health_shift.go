package verdict

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/stampede-load/stampede/internal/hist"
)

// Shift is by how much the generator can have raised a time that is shown.
type Shift struct {
	Name  string        // "p50", "p95", "p99"
	Shown time.Duration // as it stands in the report
	Least time.Duration // as it would be had the generator done all at once, at the least
}

// By is how much of the time shown the generator can have added.
func (s Shift) By() time.Duration { return s.Shown - s.Least }

// shifts are those of the headline's percentiles, none where nothing was measured.
//
// Late sends are measured: response less service time is what they added. (Where users were busy a send is late because of the site, and it
// stays in.) What standstills added is estimated: see stillAdded. Where enough was measured in seconds that no standstill touched, what they
// show is no lower than the truth by more than chance, and counts when it is more.
func (m *Monitor) shifts() []Shift {
	shown, ideal := m.times()
	if shown.IsEmpty() {
		return nil
	}
	stills := m.stillParts(shown.Count())
	below := cumulate(&ideal)
	var out []Shift
	for _, q := range []struct {
		name string
		q    float64
	}{{"p50", 0.50}, {"p95", 0.95}, {"p99", 0.99}} {
		s := Shift{Name: q.name, Shown: time.Duration(shown.Quantile(q.q))}
		s.Least = time.Duration(below.without(stills, q.q))
		if calm := m.calmTimes(); calm.Beyond(q.q) >= calmLeast {
			s.Least = max(s.Least, time.Duration(calm.Quantile(q.q)))
		}
		s.Least = min(s.Least, s.Shown)
		out = append(out, s)
	}
	return out
}

// times are the headline of all that is judged, and the same without late sends.
func (m *Monitor) times() (shown, ideal hist.Hist) {
	busy := m.opt.Paced && m.usersWereBusy()
	for _, r := range []struct{ response, service *hist.Hist }{{&m.response, &m.service}, {&m.begun.Response, &m.begun.Service}} {
		if m.opt.Paced {
			shown.Merge(r.response)
		} else {
			shown.Merge(r.service)
		}
		if busy {
			ideal.Merge(r.response)
		} else {
			ideal.Merge(r.service)
		}
	}
	return shown, ideal
}

// calmLeast is how many requests beyond a percentile are enough to trust it.
const calmLeast = 10

// calmTimes are the ideal times of the seconds that no standstill touched.
func (m *Monitor) calmTimes() *hist.Hist {
	if m.opt.Paced && m.usersWereBusy() {
		return &m.calm.response
	}
	return &m.calm.service
}

// stillPart is standstills of about one length, and the share of all requests that fell into one.
type stillPart struct {
	share  float64
	length float64 // ns
}

// stillParts are the standstills of all workers, by length.
func (m *Monitor) stillParts(samples int64) []stillPart {
	var steps [stallSteps]stillStep
	for _, v := range m.workers {
		for i, s := range v.stills.steps {
			steps[i].ns += s.ns
			steps[i].longest = max(steps[i].longest, s.longest)
		}
	}
	perSecond := float64(samples) / float64(max(1, m.judgedSeconds())) / float64(max(1, len(m.workers)))
	var out []stillPart
	for _, s := range steps {
		if s.ns == 0 {
			continue
		}
		touched := perSecond * float64(s.ns) / 1e9
		switch {
		case m.opt.Paced && m.usersWereBusy():
			touched *= 2 // the sends in it as well
		case !m.opt.Paced: // a user has one request under way
			touched = min(touched, float64(m.users)*math.Ceil(float64(s.ns)/float64(s.longest)))
		}
		out = append(out, stillPart{min(1, touched/float64(samples)), float64(s.longest)})
	}
	return out
}

// spoiled reports whether late sends and standstills can have moved a figure by more than it is sure, and by so much that it matters.
func (m *Monitor) spoiled() bool {
	if m.lim.ShiftShare < 0 {
		return true
	}
	shown, _ := m.times()
	n := float64(shown.Count())
	for _, s := range m.shifts() {
		q, limit := 0.50, m.lim.ShiftShare
		switch s.Name {
		case "p95":
			q = 0.95
		case "p99":
			q, limit = 0.99, m.lim.ShiftTail
		}
		low := time.Duration(shown.Quantile(max(0, q-1.96*math.Sqrt(q*(1-q)/n)))) // as far as chance may move it: see hist.Interval
		if s.Least < low && float64(s.By()) > limit*float64(s.Shown) {
			return true
		}
	}
	return false
}

// shiftWords says which figures the generator can have raised by a twentieth or more, and by how much: a text to put behind a reason.
func (m *Monitor) shiftWords() string {
	var parts []string
	for _, s := range m.shifts() {
		if float64(s.By()) > 0.05*float64(s.Shown) {
			parts = append(parts, fmt.Sprintf("%s by up to %s of %s", s.Name, timeWords(s.By()), timeWords(s.Shown)))
		}
	}
	if len(parts) == 0 {
		return "; p50, p95 and p99 hardly show it"
	}
	return "; it can have raised " + strings.Join(parts, ", ")
}
