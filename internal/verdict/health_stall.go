package verdict

import (
	"fmt"
	"math"
	"time"

	"github.com/stampede-load/stampede/internal/hist"
	"github.com/stampede-load/stampede/internal/stats"
)

// standstills are the moments in which a worker did nothing at all, sorted into steps of length: each is longer than the one before by half
// of an octave, and the last takes all that are longer.
type standstills struct {
	ns, longest int64
	at          int // second of the longest
	steps       [stallSteps]stillStep
}

// stillStep is the standstills of one length.
type stillStep struct {
	ns      int64
	longest int64
}

const stallSteps = 24 // from 100 ms to seven minutes

// add takes the longest standstill of a second. One that reaches from the warm-up into the time that is judged counts by what it has there:
// the second in which it began holds all of it, and it began in the middle of that, as far as is known.
func (s *standstills) add(m *Monitor, sec *stats.Second, ns int64) {
	if ns <= int64(m.lim.Stall) {
		return
	}
	if begun := time.Duration(sec.Index) * time.Second; begun < m.opt.Warmup {
		ns = min(ns, int64(begun+time.Second/2-m.opt.Warmup)+ns)
		if ns <= int64(m.lim.Stall) {
			return
		}
	}
	s.ns += ns
	if ns > s.longest {
		s.longest, s.at = ns, sec.Index
	}
	step := &s.steps[min(stallSteps-1, int(2*math.Log2(float64(ns)/float64(m.lim.Stall))))]
	step.ns += ns
	step.longest = max(step.longest, ns)
}

// calm is the times of the seconds that no standstill touched.
type calm struct {
	response, service hist.Hist
	from              int // the first second that none touched so far
}

// still takes note of the longest standstill of a second. What was due in it came at its end, in a second that was over before it was read or in
// the one after.
func (c *calm) still(second int, ns, limit int64) {
	if ns > limit {
		c.from = max(c.from, second+2+int(ns/int64(time.Second)))
	}
}

func (c *calm) add(sec *stats.Second) {
	if sec.Index >= c.from {
		c.response.Merge(&sec.Total.Response)
		c.service.Merge(&sec.Total.Service)
	}
}

// checkStalls finds standstills of the generator. How bad one is depends on what it can have done to the times that are shown: half a second
// is a catastrophe for answers of 5 ms and goes unseen in answers of 3 s. See spoiled.
func (m *Monitor) checkStalls() (Level, string) {
	n, ns := m.worst(func(v *vitals) float64 { return float64(v.stills.ns) })
	if ns == 0 {
		return Valid, ""
	}
	s := &m.workers[n].stills
	share := ns / 1e9 / float64(max(1, m.judgedSeconds()))
	level := Suspect
	switch {
	case share >= m.lim.StallInvalid && (s.longest >= int64(m.lim.StallLong) || m.spoiled()):
		level = Invalid
	case share < m.lim.StallSuspect && s.longest < int64(time.Second):
		return Valid, ""
	}
	return level, fmt.Sprintf("%s stood still for up to %s (at %d s; %s of the run in all), and every request then under way seems slower "+
		"by that%s: look for what else ran on its machine", m.whose(n), timeWords(time.Duration(s.longest)), s.at, shareWords(min(1, share)), m.shiftWords())
}

// judgedSeconds is how long the time that is judged has lasted.
func (m *Monitor) judgedSeconds() int {
	if m.opt.Warmup > 0 {
		return m.seconds
	}
	return m.seconds + 1 // and the first
}
