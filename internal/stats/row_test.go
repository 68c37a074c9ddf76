package stats

import (
	"testing"

	"github.com/stampede-load/stampede/internal/fault"
)

func TestRowOfSuccessesAlone(t *testing.T) {
	r := NewRecorder(Options{})
	for i := range int64(90) {
		r.Record(0, get, &Sample{Sent: 1, Done: 1 + (i+1)*ms})
	}
	for range 10 {
		r.Record(0, get, &Sample{Sent: 1, Done: 1 + 1000*ms, Fault: fault.Timeout})
		r.Record(0, get, &Sample{Sent: 1, Done: 1 + 50*ms, Fault: fault.Reset}) // among the times of successes
	}
	row := drained(r, 0, 0).Rows[0]
	ok := row.OK()
	if ok.Count() != 90 || ok.Max() < 89*ms || ok.Max() > 91*ms || row.Response.Count() != 100 || row.Failed.Count() != 20 {
		t.Errorf("%d successes up to %d, %d in response, %d failed", ok.Count(), ok.Max(), row.Response.Count(), row.Failed.Count())
	}
	if got := row.FailureShare(); got != 20.0/110 {
		t.Errorf("a share of %v failed", got)
	}
	if row.FaultsOf(fault.Timeout, 0) != 10 || row.FaultsOf(fault.Status, 503) != 0 {
		t.Errorf("faults %v", row.Faults)
	}
	if row.Rate(11) != 10 || row.Rate(0) != 0 || new(Row).FailureShare() != 0 {
		t.Errorf("rate %v", row.Rate(11))
	}
}

func TestHeadline(t *testing.T) {
	row := one(t, Sample{Intended: ms, Sent: 3 * ms, Done: 4 * ms})
	if row.Headline(true).Max() != 3*ms || row.Headline(false).Max() != ms {
		t.Errorf("headlines %d and %d", row.Headline(true).Max(), row.Headline(false).Max())
	}
}

// Arrivals that were dropped are waits without end.
func TestQuantileWithDrops(t *testing.T) {
	var row Row
	row.Response.RecordN(ms, 98)
	row.Dropped = 2
	if ns, beyond := row.Quantile(true, 0.98); ns != ms || beyond {
		t.Errorf("p98 = %d, %t", ns, beyond)
	}
	if ns, beyond := row.Quantile(true, 0.99); ns != ms || !beyond {
		t.Errorf("p99 = %d, %t, want > max", ns, beyond)
	}
}

func TestRowCloneSharesNothing(t *testing.T) {
	a := one(t, Sample{Intended: ms, Sent: 2 * ms, FirstByte: 3 * ms, Done: 4 * ms, Fault: fault.Timeout})
	b := a.Clone()
	b.Add(&a)
	c := one(t, Sample{Intended: ms, Sent: 2 * ms, FirstByte: 3 * ms, Done: 4 * ms, Fault: fault.Timeout})
	if d := a.diff(&c); d != "" {
		t.Error(d)
	}
	if b.Count != 2 || b.Faults[0].Count != 2 || b.TimedOut.Count() != 2 {
		t.Errorf("twice: %+v", b)
	}
	key := b.Key
	if b.reset(); !b.IsEmpty() || b.Key != key {
		t.Errorf("after reset: %+v", b)
	}
}
