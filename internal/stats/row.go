package stats

import (
	"math"
	"slices"

	"github.com/stampede-load/stampede/internal/fault"
	"github.com/stampede-load/stampede/internal/hist"
)

// Row is what is known of one name over some stretch of time. Rows add up: see Add. The zero value is an empty row.
//
// Service and Response hold successes and timeouts (at the time waited), so quick errors cannot flatter the headline and slow ones
// cannot vanish from it; Failed holds every failure, timeouts included. See docs/truth.md.
type Row struct {
	Key
	Count, Failures, Timeouts int64 // Failures includes Timeouts; Count includes Failures
	Dropped                   int64 // arrivals that were never served: dropped, or their visitor never got in; not part of Count
	BytesIn, BytesOut         int64
	Decoded                   int64

	Service   hist.Hist // Done - Sent
	Response  hist.Hist // Done - Intended (equal to service for samples that nothing planned)
	Lag       hist.Hist // Sent - Intended, planned samples only, failures too
	FirstByte hist.Hist // FirstByte - Sent, of those in Service that got one
	Failed    hist.Hist // Done - Intended of failures
	TimedOut  hist.Hist // Done - Intended of timeouts, which are in Response and in Failed too

	Faults []FaultCount // sorted by Kind, then Status
}

// Add adds all that o knows; o and the key of r do not change.
func (r *Row) Add(o *Row) {
	from := o.counts()
	for i, n := range r.counts() {
		*n = addSat(*n, *from[i])
	}
	into := r.hists()
	for i, h := range o.hists() {
		into[i].Merge(h)
	}
	for _, f := range o.Faults {
		r.addFault(f)
	}
}

// counts is every count of the row, in the order of the wire form.
func (r *Row) counts() [7]*int64 {
	return [...]*int64{&r.Count, &r.Failures, &r.Timeouts, &r.BytesIn, &r.BytesOut, &r.Decoded, &r.Dropped}
}

// addSat is a + b for a, b >= 0, at most the largest int64.
func addSat(a, b int64) int64 {
	if s := a + b; s >= 0 {
		return s
	}
	return math.MaxInt64
}

// hists is every histogram of the row, in the order of the wire form.
func (r *Row) hists() [6]*hist.Hist {
	return [...]*hist.Hist{&r.Service, &r.Response, &r.Lag, &r.FirstByte, &r.Failed, &r.TimedOut}
}

func (r *Row) addFault(f FaultCount) {
	i, found := slices.BinarySearchFunc(r.Faults, f, FaultCount.compare)
	if found {
		r.Faults[i].Count = addSat(r.Faults[i].Count, f.Count)
		return
	}
	r.Faults = slices.Insert(r.Faults, i, f)
}

// Page is what became of the parts, for a row of PageType. They are among the faults, as counts of no kind, so that they add up and
// travel like everything else.
func (r *Row) Page() (p PageCounts) {
	for _, f := range r.Faults {
		if n := p.count(f); n != nil {
			*n = f.Count
		}
	}
	return p
}

// AddPage adds what became of the parts of pages.
func (r *Row) AddPage(p PageCounts) {
	for i := range 4 {
		f := FaultCount{Kind: fault.None, Status: i + 1}
		if f.Count = *p.count(f); f.Count > 0 {
			r.addFault(f)
		}
	}
}

// count is where a count among the faults belongs; nil for a fault.
func (p *PageCounts) count(f FaultCount) *int64 {
	if f.Kind != fault.None {
		return nil
	}
	switch f.Status {
	case 1:
		return &p.Requests
	case 2:
		return &p.Cached
	case 3:
		return &p.Revalidated
	case 4:
		return &p.Skipped
	}
	return nil
}

// compare orders by kind and status.
func (f FaultCount) compare(o FaultCount) int {
	if f.Kind != o.Kind {
		return int(f.Kind) - int(o.Kind)
	}
	return f.Status - o.Status
}

// IsEmpty reports whether nothing at all is known. A row without a Count may still hold bytes, or times, of samples that were being
// recorded while a second was drained, and whose count is in the second before.
func (r *Row) IsEmpty() bool {
	for _, h := range r.hists() {
		if !h.IsEmpty() {
			return false
		}
	}
	for _, n := range r.counts() {
		if *n != 0 {
			return false
		}
	}
	return len(r.Faults) == 0
}

// Clone is a copy that shares nothing.
func (r *Row) Clone() Row {
	c := *r
	c.Faults = slices.Clone(r.Faults)
	into := c.hists()
	for i, h := range r.hists() {
		*into[i] = h.Clone()
	}
	return c
}

// reset empties the row and keeps its memory. The key stays.
func (r *Row) reset() {
	for _, h := range r.hists() {
		h.Reset()
	}
	for _, n := range r.counts() {
		*n = 0
	}
	r.Faults = r.Faults[:0]
}

// Rate is Count per second over a stretch of so many seconds; 0 when that is not positive.
func (r *Row) Rate(seconds float64) float64 {
	if seconds <= 0 {
		return 0
	}
	return float64(r.Count) / seconds
}

// FailureShare is Failures / Count, from 0 to 1; 0 when nothing was counted.
func (r *Row) FailureShare() float64 {
	if r.Count == 0 {
		return 0
	}
	return float64(r.Failures) / float64(r.Count)
}

// Headline is the histogram that answers "how long does it take": the response time when the load was paced or open, so that the wait
// for a busy generator or site counts, and the service time for an unpaced closed loop, where nothing says when a request should have
// been sent. The histogram is the row's own.
func (r *Row) Headline(paced bool) *hist.Hist {
	if paced {
		return &r.Response
	}
	return &r.Service
}

// Quantile is quantile q of the headline in ns, with arrivals that were dropped as samples that never ended. beyond means that the
// quantile lies among those: the true value is greater than ns, which is then the maximum.
func (r *Row) Quantile(paced bool, q float64) (ns int64, beyond bool) {
	return r.Headline(paced).QuantileWith(r.Dropped, q)
}

// OK is the response times of the successes alone: Response without the timeouts.
func (r *Row) OK() hist.Hist {
	h := r.Response.Clone()
	h.Subtract(&r.TimedOut)
	return h
}

// FaultsOf is how many failures were of a kind and, when status is not 0, of that status.
func (r *Row) FaultsOf(kind fault.Kind, status int) int64 {
	var n int64
	for _, f := range r.Faults {
		if f.Kind == kind && (status == 0 || f.Status == status) {
			n += f.Count
		}
	}
	return n
}
