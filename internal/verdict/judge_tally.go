package verdict

import (
	"slices"

	"github.com/stampede-load/stampede/internal/hist"
	"github.com/stampede-load/stampede/internal/stats"
)

// needs says what of the rows must be added up for the conditions that will look at it. Merging a histogram is most of the cost of
// judging; what nobody asks for is not merged.
type needs struct {
	timings []Timing // never TimeHeadline
	faults  []FaultFilter
}

// take adds what a metric needs.
func (n *needs) take(m Metric, headline Timing) {
	if m.timed() {
		if t := resolved(m.Timing, headline); !slices.Contains(n.timings, t) {
			n.timings = append(n.timings, t)
		}
	}
	if m.Fault != (FaultFilter{}) && !slices.Contains(n.faults, m.Fault) {
		n.faults = append(n.faults, m.Fault)
	}
}

// resolved is the time that the headline stands for.
func resolved(t, headline Timing) Timing {
	if t == TimeHeadline {
		return headline
	}
	return t
}

// tally is what the conditions need to know of some requests over some seconds. Tallies of different seconds add up.
type tally struct {
	count, failures, dropped, bytes int64
	own                             int64   // failures that are no requests, see ownFailures
	faults                          []int64 // for each of needs.faults
	ownFaults                       []int64 // the same of own
	times                           [TimeFailed + 1]hist.Hist
	users, inFlight                 int // the most at the end of any second

	good, bad int // seconds that held and did not hold a condition: see secondsLeaf
}

// reset empties the tally and keeps its memory.
func (t *tally) reset() {
	for i := range t.times {
		t.times[i].Reset()
	}
	clear(t.faults)
	clear(t.ownFaults)
	*t = tally{faults: t.faults, ownFaults: t.ownFaults, times: t.times}
}

// addRow adds what is needed of a row.
func (t *tally) addRow(r *stats.Row, n *needs) {
	t.count += r.Count
	t.failures += r.Failures
	t.dropped += r.Dropped
	t.bytes += r.BytesIn
	for _, timing := range n.timings {
		t.times[timing].Merge(rowTimes(r, timing))
	}
	t.room(n)
	for i, filter := range n.faults {
		for _, f := range r.Faults {
			if filter.picks(f.Kind, f.Status) {
				t.faults[i] += f.Count
			}
		}
	}
}

// room makes place for a count of each filter.
func (t *tally) room(n *needs) {
	for len(t.faults) < len(n.faults) {
		t.faults, t.ownFaults = append(t.faults, 0), append(t.ownFaults, 0)
	}
}

// add adds a tally made for the same needs.
func (t *tally) add(o *tally, n *needs) {
	t.shift(o, n, 1)
	for _, timing := range n.timings {
		t.times[timing].Merge(&o.times[timing])
	}
	t.users, t.inFlight = max(t.users, o.users), max(t.inFlight, o.inFlight)
}

// shift moves the counts by those of o, up or down.
func (t *tally) shift(o *tally, n *needs, sign int64) {
	t.count += sign * o.count
	t.failures += sign * o.failures
	t.own += sign * o.own
	t.dropped += sign * o.dropped
	t.bytes += sign * o.bytes
	t.good += int(sign) * o.good
	t.bad += int(sign) * o.bad
	t.room(n)
	for i := range n.faults {
		if i < len(o.faults) {
			t.faults[i] += sign * o.faults[i]
			t.ownFaults[i] += sign * o.ownFaults[i]
		}
	}
}

// active reports whether anything happened: something was done, or an arrival or a user could not start.
func (t *tally) active() bool { return t.count > 0 || t.dropped > 0 || t.own > 0 }

// failed is the number of failures with the cause that m names.
func (t *tally) failed(m Metric, n *needs) int64 {
	if m.Fault == (FaultFilter{}) {
		return t.failures + t.own
	}
	if i := slices.Index(n.faults, m.Fault); i >= 0 && i < len(t.faults) {
		return t.faults[i] + t.ownFaults[i]
	}
	return 0
}

// failedOwn is how many of those are no requests.
func (t *tally) failedOwn(m Metric, n *needs) int64 {
	if i := slices.Index(n.faults, m.Fault); i >= 0 && i < len(t.ownFaults) {
		return t.ownFaults[i]
	}
	return 0
}

// rowTimes is the histogram of a row for a time.
func rowTimes(r *stats.Row, t Timing) *hist.Hist {
	switch t {
	case TimeResponse:
		return &r.Response
	case TimeLag:
		return &r.Lag
	case TimeFirstByte:
		return &r.FirstByte
	case TimeFailed:
		return &r.Failed
	default:
		return &r.Service
	}
}
