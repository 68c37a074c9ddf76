package verdict

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/stampede-load/stampede/internal/hist"
	"github.com/stampede-load/stampede/internal/stats"
)

// vitals is what is known of one worker.
type vitals struct {
	seconds   int
	own       heat // share of its cores that it uses
	core      heat // the busiest core of its machine, while it is itself at work
	machine   heat // the same, whoever is at work
	throttled int64
	stills    standstills
	waits     hist.Hist // of each second: p99 of how long a goroutine waited for a processor
	fds, max  int64     // at the time nearest to the limit
	flown     int64     // ns in flight
	sent      int64
}

// heat watches a share of something in use, over a sliding window of seconds.
type heat struct {
	ring []float64
	seen int
	all  float64 // sum of everything
	sum  float64 // of the ring
	peak float64 // highest mean of a whole window
	hot  int     // seconds that were part of a window above the limit
	to   int     // the second up to which hot counts
}

// add takes the next second. A negative share is unknown and counts as nothing.
func (h *heat) add(share float64, window int, limit float64) {
	if share < 0 {
		return
	}
	h.seen++
	h.all += share
	h.sum += share
	if h.ring = append(h.ring, share); len(h.ring) > window {
		h.sum -= h.ring[0]
		h.ring = slices.Delete(h.ring, 0, 1)
	}
	if len(h.ring) < window {
		return
	}
	mean := h.sum / float64(window)
	h.peak = max(h.peak, mean)
	if mean > limit {
		h.hot += min(window, h.seen-h.to)
		h.to = h.seen
	}
}

// mean is that of the whole run; 0 when nothing is known.
func (h *heat) mean() float64 { return h.all / float64(max(1, h.seen)) }

// each calls f for the gauges of every worker of a second.
func each(sec *stats.Second, f func(number int, g *stats.Gauges)) {
	if len(sec.Workers) == 0 { // from a series: the fleet is one
		f(0, &sec.Gauges)
		return
	}
	for i := range sec.Workers {
		f(sec.Workers[i].Worker, &sec.Workers[i].Gauges)
	}
}

// worker is what is known of a worker so far.
func (m *Monitor) worker(number int) *vitals {
	v := m.workers[number]
	if v == nil {
		v = &vitals{}
		m.workers[number] = v
	}
	return v
}

func (m *Monitor) addWorker(number int, g *stats.Gauges) {
	v := m.worker(number)
	v.seconds++
	v.own.add(g.CPU, m.lim.FullFor, m.lim.FullCPU)
	core := g.MachineCPU
	if core >= 0 && g.CPU >= 0 && g.CPU < m.lim.BusyOwn {
		core = 0
	}
	v.core.add(core, m.lim.BusyFor, m.lim.BusyCore)
	v.machine.add(g.MachineCPU, m.lim.BusyFor, m.lim.BusyCore)
	v.throttled += max(0, g.Throttled)
	v.waits.Record(max(g.WakeP99, g.SchedP99, 0))
	if float64(g.FDs)*float64(v.max) >= float64(v.fds)*float64(g.FDMax) {
		v.fds, v.max = g.FDs, g.FDMax
	}
	v.flown += g.InFlightNS
	v.sent = g.Sent
}

// roughAbove is the wait for a processor above which a second of the worker is rough.
func (m *Monitor) roughAbove(v *vitals) int64 {
	matters := int64(float64(m.service.Quantile(0.5)) * m.lim.LagShare)
	return min(v.waits.Min(), int64(m.lim.RoughIdle)) + max(int64(m.lim.Rough), matters)
}

// roughShare is the share of rough seconds.
func (m *Monitor) roughShare(v *vitals) float64 {
	if v.seconds == 0 {
		return 0
	}
	return float64(v.waits.CountAbove(m.roughAbove(v))) / float64(v.seconds)
}

// worst is the worker for which a figure is the highest, and the figure. Without workers it is 0.
func (m *Monitor) worst(figure func(*vitals) float64) (number int, highest float64) {
	for i, n := range slices.Sorted(maps.Keys(m.workers)) {
		if x := figure(m.workers[n]); i == 0 || x > highest {
			number, highest = n, x
		}
	}
	return number, highest
}

// whose is "the generator", or "worker 3" where there are several.
func (m *Monitor) whose(number int) string {
	if len(m.workers) <= 1 {
		return "the generator"
	}
	return m.called(number)
}

// called is the name of a worker.
func (m *Monitor) called(number int) string {
	if name := m.names[number]; name != "" {
		return name
	}
	return fmt.Sprintf("worker %d", number)
}

// long reports whether so many hot seconds are enough of the run to matter.
func (m *Monitor) long(hot, window int) bool {
	return hot >= window && float64(hot) >= m.lim.HotShare*float64(m.seconds)
}

// advice says what to do about a worker that is too slow: who needs more of its processors, itself or a neighbour?
func (m *Monitor) advice(v *vitals) string {
	if v != nil && v.machine.hot > 0 && v.own.mean() < m.lim.BusyOwn {
		return fmt.Sprintf("something else keeps its machine busy (up to %s of a core; the generator used %s of all): stop that, or move one of the two",
			shareWords(v.machine.peak), shareWords(v.own.mean()))
	}
	return "add workers or lower the rate"
}

// checkFull finds a generator that used all it had.
func (m *Monitor) checkFull() (Level, string) {
	n, hot := m.worst(func(v *vitals) float64 { return float64(v.own.hot) })
	if !m.long(int(hot), m.lim.FullFor) {
		return Valid, ""
	}
	return Invalid, fmt.Sprintf("%s used %s of its CPU for %.0f s: the times hold its own queue; add workers or lower the rate",
		m.whose(n), shareWords(m.workers[n].own.peak), hot)
}

// checkBusy finds a generator on a machine with little to spare.
func (m *Monitor) checkBusy() (Level, string) {
	n, hot := m.worst(func(v *vitals) float64 { return float64(v.core.hot) })
	if !m.long(int(hot), m.lim.BusyFor) {
		return Valid, ""
	}
	return Suspect, fmt.Sprintf("the busiest core of %s was at %s for %.0f s, so requests may have waited for a processor: "+
		"add workers, lower the rate, or move the site to another machine", m.whose(n), shareWords(m.workers[n].core.peak), hot)
}

// checkThrottled finds a container whose CPU quota was used up.
func (m *Monitor) checkThrottled() (Level, string) {
	n, ns := m.worst(func(v *vitals) float64 { return float64(v.throttled) })
	if m.seconds == 0 || ns/1e9 <= m.lim.Throttled*float64(m.seconds) {
		return Valid, ""
	}
	return Suspect, fmt.Sprintf("the container's CPU quota held %s up for %s: raise the quota or add workers",
		m.whose(n), timeWords(time.Duration(ns)))
}

// checkScheduling finds a generator whose goroutines wait for a processor.
func (m *Monitor) checkScheduling() (Level, string) {
	n, share := m.worst(m.roughShare)
	if share < m.lim.RoughShare || m.workers[n].waits.CountAbove(m.roughAbove(m.workers[n])) < 3 {
		return Valid, ""
	}
	v := m.workers[n]
	return Suspect, fmt.Sprintf("%s was slow to wake in %s of the seconds (p99 up to %s, at rest %s): %s",
		m.whose(n), shareWords(share), timeWords(time.Duration(v.waits.Max())), timeWords(time.Duration(v.waits.Min())), m.advice(v))
}

// checkDescriptors finds a generator near its limit of open files.
func (m *Monitor) checkDescriptors() (Level, string) {
	n, share := m.worst(func(v *vitals) float64 { return float64(v.fds) / float64(max(1, v.max)) })
	if len(m.workers) == 0 || m.workers[n].max <= 0 || share <= m.lim.Descriptors {
		return Valid, ""
	}
	v := m.workers[n]
	level := Suspect
	if v.fds >= v.max {
		level = Invalid
	}
	return level, fmt.Sprintf("%s had %d of its %d descriptors open: raise the limit (ulimit -n) or add workers", m.whose(n), min(v.fds, v.max), v.max) // what the process has open besides connections is a guess
}

// checkExhausted finds requests that the generator could not make.
func (m *Monitor) checkExhausted() (Level, string) {
	if m.limited == 0 {
		return Valid, ""
	}
	return Invalid, fmt.Sprintf("%s failed because the generator was out of descriptors, ports or memory: raise its limits or add workers",
		countWords(m.limited, "request"))
}
