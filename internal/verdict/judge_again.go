package verdict

import (
	"slices"

	"github.com/stampede-load/stampede/internal/stats"
)

// Course is the seconds of a run, with what was answered after the load in the seconds in which it was asked for. A [stats.Series] is one.
type Course interface {
	// Window is what happened in the seconds [from, to); nil when nothing is known of them. Where seconds were rolled up it may be wider.
	Window(from, to int) *stats.Second
}

// Again judges once more, when the run is over, the windows in which something was asked for that was answered after the load: a window that was
// judged when it closed did not know those answers, and a site that stops to answer in the last seconds would break no rule. What a window was
// found to be before stays: a rule has to hold for both. Where the seconds are no longer there one by one, nothing is judged again.
func (j *Judge) Again(course Course) {
	longest := j.longest()
	if j.drained < 0 || longest == 0 || j.end <= 0 {
		return
	}
	again, err := NewJudge(j.rules, j.opt)
	if err != nil {
		return // it would have been the first one's too
	}
	again.end, again.pauses = j.end, j.pauses
	for i, placed := range j.placed {
		copy(again.placed[i], placed)
	}
	from := max(0, j.drained-longest+1)
	again.next = from
	if before := course.Window(from-1, from); from > 0 && before != nil {
		again.ownBefore = before.Gauges.StartFailed + before.Gauges.OwnFailed
	}
	for i, s := range j.find.selections {
		if s.first >= 0 && s.first < from {
			again.find.selections[i].first = s.first
		}
	}
	for at := from; at < int(j.end.Seconds()); at++ {
		if sec := course.Window(at, at+1); sec != nil {
			again.Second(sec)
		}
	}
	j.second = again
}

// longest is the length of the longest window on requests, in seconds; 0 without one.
func (j *Judge) longest() (n int) {
	for _, t := range j.trials {
		for _, l := range t.leaves {
			if l.gauge == nil {
				n = max(n, l.length)
			}
		}
	}
	return n
}

// join adds to the findings what judging again found.
func (j *Judge) join() {
	if j.second == nil {
		return
	}
	for i, t := range j.trials {
		u := j.second.trials[i]
		u.again(j.second.now())
		if t.held == nil && t.windowed > 0 {
			t.join(u)
		}
	}
}

// join adds what another trial of the rule found of its windows.
func (t *trial) join(u *trial) {
	for i, l := range t.leaves {
		m := u.leaves[i]
		if l.length == 0 || l.gauge != nil || m.judged.count() == 0 {
			continue
		}
		if l.judged.count() == 0 || l.worse(m.worst, l.worst) {
			l.worst = m.worst
		}
		l.judged.join(m.judged)
		l.violated.join(m.violated)
	}
	for states, end := range u.seen {
		if first, known := t.seen[states]; !known || end < first {
			t.seen[states] = end
		}
	}
	if t.brokenAt == 0 && t.windowed == len(t.leaves) {
		t.brokenAt = u.brokenAt
	}
}

// moments are seconds of a run, added in order. The latest are known one by one, as nothing older is judged again.
type moments struct {
	old    int // how many there were before
	recent spans
}

// mostMoments bounds the stretches that are kept.
const mostMoments = 1000

// add adds a second that ends at a time, once.
func (m *moments) add(end int) {
	if n := len(m.recent); n > 0 && end <= m.recent[n-1].to {
		return
	}
	m.recent = m.recent.and(end-1, end)
	if len(m.recent) > mostMoments {
		const half = mostMoments / 2
		m.old += moments{recent: m.recent[:half]}.count()
		m.recent = append(m.recent[:0], m.recent[half:]...)
	}
}

// join adds those of others that are not there yet.
func (m *moments) join(o moments) {
	all := slices.Concat(m.recent, o.recent)
	slices.SortFunc(all, func(a, b span) int { return a.from - b.from })
	m.recent = nil
	for _, p := range all {
		if n := len(m.recent); n > 0 && p.from <= m.recent[n-1].to {
			m.recent[n-1].to = max(m.recent[n-1].to, p.to)
			continue
		}
		m.recent = append(m.recent, p)
	}
}

// count is how many there are.
func (m moments) count() int {
	n := m.old
	for _, p := range m.recent {
		n += p.to - p.from
	}
	return n
}
