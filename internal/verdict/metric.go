package verdict

import "strconv"

// Stat is the figure that a condition looks at.
type Stat uint8

// The figures. Shares are in percent inside the package.
const (
	StatQuantile Stat = iota + 1 // the quantile Metric.Percent of a time
	StatMean                     // the mean of a time, over what was measured
	StatMin                      // the shortest time
	StatMax                      // the longest time
	StatCount                    // requests done
	StatRate                     // requests done per second
	StatFailures                 // the share of the requests done that failed
	StatFailed                   // the number of requests that failed
	StatUsers                    // the most users running at the end of any second
	StatDropped                  // arrivals that could not start
	StatInFlight                 // the most requests in flight at the end of any second
	StatBytes                    // bytes received, on the wire
	StatSeconds                  // the share of the seconds that hold Metric.Inner
	StatServer                   // the figure Metric.Series of the server Metric.Server
)

// Timing says which time of a request a quantile, mean, min or max is taken of.
type Timing uint8

// The times. See the words lag, service time and response time in docs/truth.md.
const (
	TimeHeadline  Timing = iota // response time of a paced load, service time of an unpaced closed loop
	TimeResponse                // done - intended
	TimeService                 // done - sent
	TimeLag                     // sent - intended; a plan must have intended it
	TimeFirstByte               // first byte - sent
	TimeFailed                  // done - intended of the failures
)

// Metric names one figure of the requests a [Selector] picks. The zero value is not a metric; [Quantile] and its neighbours make them.
type Metric struct {
	Stat    Stat
	Percent float64     // for StatQuantile: 0 to 100
	Timing  Timing      // for StatQuantile, StatMean, StatMin and StatMax
	Fault   FaultFilter // for StatFailures and StatFailed; the zero value is every failure
	Inner   *Rule       // for StatSeconds: what each second must hold

	Server, Series string // for StatServer
	Unit           Unit   // for StatServer: what it is compared in
}

// Quantile is the time that percent of the requests stayed within: Quantile(99.9) is p99.9.
func Quantile(percent float64) Metric { return Metric{Stat: StatQuantile, Percent: percent} }

// Figure is a metric that needs no more than its name: Figure(StatMean), Figure(StatRate), Figure(StatFailures).
func Figure(s Stat) Metric { return Metric{Stat: s} }

// SecondsThat is the share of the seconds in which r holds. r has no window, no phase and no stop of its own.
func SecondsThat(r *Rule) Metric { return Metric{Stat: StatSeconds, Inner: r} }

// Of is the same figure of another time: Quantile(95).Of(TimeService) is service.p95.
func (m Metric) Of(t Timing) Metric {
	m.Timing = t
	return m
}

// By is the same figure of failures of one cause only.
func (m Metric) By(f FaultFilter) Metric {
	m.Fault = f
	return m
}

// statWords maps each plain figure to its word. StatQuantile and StatSeconds are spelled by code.
var statWords = [...]string{
	StatMean: "mean", StatMin: "min", StatMax: "max", StatCount: "count", StatRate: "rate", StatFailures: "failures",
	StatFailed: "failed", StatUsers: "users", StatDropped: "dropped", StatInFlight: "in_flight", StatBytes: "bytes",
}

// timingWords maps each time to its prefix.
var timingWords = [...]string{
	TimeResponse: "response", TimeService: "service", TimeLag: "lag", TimeFirstByte: "first_byte", TimeFailed: "failed",
}

// String is the metric as Parse reads it: "service.p95", "failures(5xx)".
func (m Metric) String() string {
	s := ""
	if m.Timing != TimeHeadline && int(m.Timing) < len(timingWords) {
		s = timingWords[m.Timing] + "."
	}
	switch {
	case m.Stat == StatQuantile:
		return s + "p" + strconv.FormatFloat(m.Percent, 'f', -1, 64)
	case m.Stat == StatSeconds && m.Inner != nil:
		return "seconds(" + m.Inner.String() + ")"
	case m.Stat == StatServer:
		return m.Server + "." + m.Series
	case int(m.Stat) >= len(statWords):
		return "metric " + strconv.Itoa(int(m.Stat))
	}
	s += statWords[m.Stat]
	if m.Fault != (FaultFilter{}) {
		s += "(" + m.Fault.String() + ")"
	}
	return s
}

// timed reports whether the metric is a figure of a time, so that a Timing means something.
func (m Metric) timed() bool {
	switch m.Stat {
	case StatQuantile, StatMean, StatMin, StatMax:
		return true
	}
	return false
}

// whole reports whether the metric belongs to the run and not to requests, so that a Selector means nothing.
func (m Metric) whole() bool {
	return m.Stat == StatUsers || m.Stat == StatInFlight || m.Stat == StatServer
}

// counts reports whether the metric can only grow as a run goes on.
func (m Metric) counts() bool {
	switch m.Stat {
	case StatCount, StatFailed, StatUsers, StatDropped, StatInFlight, StatBytes, StatMax:
		return true
	}
	return false
}

// unit is what values of the metric are measured in.
func (m Metric) unit() Unit {
	switch m.Stat {
	case StatQuantile, StatMean, StatMin, StatMax:
		return UnitTime
	case StatFailures, StatSeconds:
		return UnitShare
	case StatRate:
		return UnitRate
	case StatBytes:
		return UnitBytes
	case StatServer:
		return m.Unit
	}
	return UnitNone
}

// wrong says what is wrong with the metric itself; "" when nothing is.
func (m Metric) wrong() (msg, hint string) {
	switch {
	case m.Stat == 0 || m.Stat > StatServer:
		return "no metric is given", "use Quantile(95), Figure(StatMean) or another metric"
	case m.Stat == StatQuantile && !(m.Percent >= 0 && m.Percent <= 100): // also refuses NaN
		return "a quantile lies between p0 and p100", ""
	case m.Timing > TimeFailed:
		return "no such time", ""
	case m.Timing != TimeHeadline && !m.timed():
		return m.Stat.word() + " is not a figure of a time", "p0 to p100, mean, min and max are: " + timingWords[m.Timing] + ".p95"
	case m.Fault != (FaultFilter{}) && m.Stat != StatFailures && m.Stat != StatFailed:
		return m.Stat.word() + " has no causes", "failures(" + m.Fault.String() + ") and failed(" + m.Fault.String() + ") do"
	case m.Stat == StatServer && (m.Server == "" || m.Series == ""):
		return "a server's figure has the names of both", "write db.connections"
	case m.Stat == StatSeconds:
		return m.Inner.wrongInside()
	}
	return m.Fault.wrong()
}

// word is the figure without prefix or argument.
func (s Stat) word() string {
	switch {
	case s == StatQuantile:
		return "a quantile"
	case s == StatSeconds:
		return "seconds"
	case int(s) < len(statWords):
		return statWords[s]
	}
	return "metric " + strconv.Itoa(int(s))
}
