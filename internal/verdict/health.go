package verdict

import (
	"slices"
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

	// Shifts says by how much the generator can have raised the times that are shown, as far as that is known. Empty means that nothing is
	// known to have raised them, or that what is wrong with the run has no such measure (Unbounded).
	Shifts    []Shift
	Unbounded bool // an INVALID reason is about something other than late sends and standstills: what is missing, or a full processor
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
// clocks up. So are the last, partial second's vital signs. Standstills count from the first moment to the last: the requests they touch
// are judged.
type Monitor struct {
	opt MonitorOptions
	lim Limits

	seconds int // that were judged
	last    stats.Gauges
	base    stats.Gauges // totals at the end of what was left out

	lag, first       hist.Hist // sent - intended; first is of the first second
	response         hist.Hist
	service          hist.Hist
	begun            stats.Row // of the first second: its times
	calm             calm
	users            int   // most at a time
	failed           int64 // ns, sum of the times of failures
	done             int64
	inFlight         int64 // ns
	blocked          int64 // ns
	limited          int64 // requests that failed for want of descriptors, ports or memory here
	workers          map[int]*vitals
	arrivals         gapFit
	missing, tooLate int64
	names            map[int]string // what workers are called
	doubts           []string
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
	m.users = max(m.users, sec.Gauges.Users)
	each(sec, func(number int, g *stats.Gauges) {
		still := max(g.WakeLate, g.GCPause)
		m.worker(number).stills.add(m, sec, still)
		m.calm.still(sec.Index, still, int64(m.lim.Stall))
	})
	if time.Duration(sec.Index)*time.Second < m.opt.Warmup {
		m.base = sec.Gauges
		return
	}
	if sec.Index == 0 {
		m.first.Merge(&sec.Total.Lag)
		m.begun.Add(&sec.Total)
		return
	}
	m.seconds += sec.Width
	m.addTimes(sec)
	if !sec.Final {
		each(sec, m.addWorker)
	}
}

func (m *Monitor) addTimes(sec *stats.Second) {
	t := &sec.Total
	m.calm.add(sec)
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

// check is one look at the run. A bounded one is about late sends and standstills, whose effect on the times has a measure.
type check struct {
	look    func() (Level, string)
	bounded bool
}

func (m *Monitor) checks() []check {
	return []check{
		{m.checkPipeline, false},
		{m.checkCounts, false},
		{m.checkExhausted, false},
		{m.checkSent, false},
		{m.checkLag, true},
		{m.checkVeryLate, true},
		{m.checkFull, false},
		{m.checkStalls, true},
		{m.checkBusy, false},
		{m.checkThrottled, false},
		{m.checkScheduling, false},
		{m.checkBlocked, false},
		{m.checkLittle, false},
		{m.checkDescriptors, false},
		{m.checkUnlike, false},
		{m.checkArrivals, false},
	}
}

// Name says what a worker is called: "worker-3 (10.0.0.7)".
func (m *Monitor) Name(number int, name string) {
	if m.names == nil {
		m.names = map[int]string{}
	}
	m.names[number] = name
}

// Doubt makes the run SUSPECT for a reason that the figures do not show. The same reason counts once.
func (m *Monitor) Doubt(reason string) {
	if !slices.Contains(m.doubts, reason) {
		m.doubts = append(m.doubts, reason)
	}
}

// Health is the verdict up to now. It is the same in words for the same state, with the figures of now, and may be asked for at any
// time.
func (m *Monitor) Health() Health {
	var h Health
	var reasons [Invalid + 1][]string
	for _, c := range m.checks() {
		level, reason := c.look()
		if level == Valid {
			continue
		}
		h.Level = max(h.Level, level)
		h.Unbounded = h.Unbounded || level == Invalid && !c.bounded
		reasons[level] = append(reasons[level], reason)
	}
	if len(m.doubts) > 0 {
		h.Level = max(h.Level, Suspect)
		reasons[Suspect] = append(reasons[Suspect], m.doubts...)
	}
	h.Reasons = append(reasons[Invalid], reasons[Suspect]...)
	if h.Level != Valid {
		h.Shifts = m.shifts()
	}
	return h
}
