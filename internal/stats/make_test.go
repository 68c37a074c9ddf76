package stats

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stampede-load/stampede/internal/fault"
)

// keyed is a sample with its key.
type keyed struct {
	Key
	Sample
}

// someSamples makes n samples of a run of so many seconds as a site in trouble gives them, ordered by the time they were done.
func someSamples(seed uint64, n, seconds int) []keyed {
	r := rand.New(rand.NewPCG(seed, 77))
	kinds := []fault.Kind{fault.Timeout, fault.ConnectTimeout, fault.Status, fault.Reset, fault.Check}
	samples := make([]keyed, n)
	for i := range samples {
		k := Key{"GET", fmt.Sprintf("page %d", r.IntN(5))}
		if r.IntN(10) == 0 {
			k = Key{StepType, "buy a ticket"}
		}
		s := Sample{Sent: 1 + r.Int64N(int64(seconds)*1e9), BytesIn: r.Int64N(10_000), BytesOut: 300}
		s.Decoded = 3 * s.BytesIn
		s.FirstByte = s.Sent + int64(1e6*math.Exp(r.NormFloat64()))
		s.Done = s.FirstByte + int64(1e5*math.Exp(2*r.NormFloat64()))
		if r.IntN(2) == 0 {
			s.Intended = max(1, s.Sent-int64(1e4*r.ExpFloat64()))
		}
		if r.IntN(8) == 0 {
			s.Fault = kinds[r.IntN(len(kinds))]
			s.Err = fmt.Sprintf("%v of kind %d", s.Fault, r.IntN(3))
			if s.Fault == fault.Status {
				s.Status = 500 + r.IntN(4)
			}
			if s.Fault == fault.ConnectTimeout {
				s.FirstByte = 0
			}
		}
		samples[i] = keyed{k, s}
	}
	slices.SortFunc(samples, func(a, b keyed) int { return cmp.Compare(a.Done, b.Done) })
	return samples
}

// drained is one snapshot of a recorder.
func drained(r *Recorder, worker, second int) *Snapshot {
	s := &Snapshot{Run: "r", Worker: worker, Seq: uint64(second + 1), Second: second}
	r.Drain(s, int64(second+1)*1e9)
	return s
}

// diff says how two rows differ, "" when they do not.
func (r *Row) diff(o *Row) string {
	if r.Key != o.Key || r.Count != o.Count || r.Failures != o.Failures || r.Timeouts != o.Timeouts || r.Dropped != o.Dropped ||
		r.BytesIn != o.BytesIn || r.BytesOut != o.BytesOut || r.Decoded != o.Decoded || !slices.Equal(r.Faults, o.Faults) {
		return fmt.Sprintf("counts: %+v against %+v", *r, *o)
	}
	other := o.hists()
	for i, h := range r.hists() {
		if !h.Equal(other[i]) {
			return fmt.Sprintf("%v: histogram %d has %d values, sum %d, %d to %d, against %d, %d, %d to %d", r.Key, i,
				h.Count(), h.Sum(), h.Min(), h.Max(), other[i].Count(), other[i].Sum(), other[i].Min(), other[i].Max())
		}
	}
	return ""
}

func sameRows(t *testing.T, what string, got, want []Row) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d rows, want %d", what, len(got), len(want))
	}
	for i := range got {
		if d := got[i].diff(&want[i]); d != "" {
			t.Fatalf("%s: %s", what, d)
		}
	}
}

func sameErrors(t *testing.T, what string, got, want []ErrorRow) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d groups of errors, want %d", what, len(got), len(want))
	}
	for i := range got {
		g, w := got[i], want[i]
		if g.Key != w.Key || g.Kind != w.Kind || g.Text != w.Text || g.Count != w.Count || g.First != w.First || g.Last != w.Last || g.Stack != w.Stack {
			t.Fatalf("%s: errors %+v, want %+v", what, g, w)
		}
	}
}

// close takes every second that is complete.
func (b *Merger) closeAll() []*Second {
	var all []*Second
	for sec, ok := b.Next(); ok; sec, ok = b.Next() {
		all = append(all, sec)
	}
	return all
}

const ms = int64(time.Millisecond)
