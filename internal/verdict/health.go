package verdict

import (
	"time"

	"github.com/stampede-load/stampede/internal/hist"
	"github.com/stampede-load/stampede/internal/stats"
)

// Level says how far the numbers of a run can be trusted. It is about the generator, not about the site.
type Level uint8

// The levels, from good to bad.
const (
	Valid Level = iota
	Suspect
	Invalid
)

// String is VALID, SUSPECT or INVALID.
func (l Level) String() string {
	switch l {
	case Valid:
		return "VALID"
	case Suspect:
		return "SUSPECT"
	default:
		return "INVALID"
	}
}

// Health is a verdict with its reasons, worst first. Reasons is empty for Valid.
type Health struct {
	Level   Level
	Reasons []string // in words, with figures and what to do: "31 % of sends were more than 1 ms late; add workers or lower the rate"
}

// MonitorOptions says what kind of load is watched. The zero value is an unpaced closed loop with the default limits.
type MonitorOptions struct {
	Paced  bool          // something said when each request was due: the headline is response time
	Open   bool          // arrivals at a rate, whatever the site does
	Warmup time.Duration // seconds that begin before this are left out, as they are of the judged figures
	Limits Limits        // the zero value means DefaultLimits
}

// Monitor watches the generator of a run: one second after the other, over all workers, live and to the end. It is pure and not safe
// for concurrent use.
//
// The first second of a run is left out of everything that a start slows down: connections are new, memory is fresh, the processor
// clocks up. So are the last, partial second's vital signs.
type Monitor struct {
	opt MonitorOptions
	lim Limits

	seconds int // that were judged
	last    stats.Gauges
	base    stats.Gauges // totals at the end of what was left out

	lag, first       hist.Hist // sent - intended; first is of the first second
	response         hist.Hist
	service          hist.Hist
	failed           int64 // ns, sum of the times of failures
	done             int64
	inFlight         int64 // ns
	blocked          int64 // ns
	limited          int64 // requests that failed for want of descriptors, ports or memory here
	workers          map[int]*vitals
	arrivals         gapFit
	missing, tooLate int64
}

// NewMonitor starts watching.
func NewMonitor(o MonitorOptions) *Monitor {
	m := &Monitor{opt: o, lim: o.Limits, workers: map[int]*vitals{}}
	if m.lim == (Limits{}) {
		m.lim = DefaultLimits()
	}
	return m
}

// Add takes the next closed second. It keeps nothing of it.
func (m *Monitor) Add(sec *stats.Second) {
	m.last = sec.Gauges
	m.limited += limitFaults(&sec.Total)
	if time.Duration(sec.Index)*time.Second < m.opt.Warmup {
		m.base = sec.Gauges
		return
	}
	if sec.Index == 0 {
		m.first.Merge(&sec.Total.Lag)
		return
	}
	m.seconds += sec.Width
	m.addTimes(sec)
	if !sec.Final {
		m.addVitals(sec)
	}
}

func (m *Monitor) addTimes(sec *stats.Second) {
	t := &sec.Total
	m.lag.Merge(&t.Lag)
	m.response.Merge(&t.Response)
	m.service.Merge(&t.Service)
	m.failed += max(0, t.Failed.Sum()-t.TimedOut.Sum())
	m.done += t.Count
	m.inFlight += sec.Gauges.InFlightNS
	m.blocked += sec.Gauges.Blocked
}

// Pipeline says how many snapshots are known to be missing, and how many came after their second was closed.
func (m *Monitor) Pipeline(missing, late int64) { m.missing, m.tooLate = missing, late }

// Health is the verdict up to now. It is the same in words for the same state, with the figures of now, and may be asked for at any
// time.
func (m *Monitor) Health() Health {
	var h Health
	var reasons [Invalid + 1][]string
	for _, check := range []func() (Level, string){
		m.checkPipeline, m.checkExhausted, m.checkSent, m.checkLag, m.checkVeryLate, m.checkFull, m.checkStalls, m.checkBusy,
		m.checkThrottled, m.checkScheduling, m.checkBlocked, m.checkLittle, m.checkDescriptors, m.checkUnlike, m.checkArrivals,
	} {
		level, reason := check()
		if level == Valid {
			continue
		}
		h.Level = max(h.Level, level)
		reasons[level] = append(reasons[level], reason)
	}
	h.Reasons = append(reasons[Invalid], reasons[Suspect]...)
	return h
}
