package stats

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stampede-load/stampede/internal/fault"
)

var get = Key{"GET", "/"}

// one is the row of a single sample.
func one(t *testing.T, s Sample) Row {
	t.Helper()
	r := NewRecorder(Options{})
	r.Record(3, get, &s)
	snap := drained(r, 0, 0)
	if len(snap.Rows) != 1 || snap.Rows[0].Key != get || snap.Rows[0].Count != 1 {
		t.Fatalf("rows of one sample: %+v", snap.Rows)
	}
	return snap.Rows[0]
}

// What goes into which histogram.
func TestWhatIsRecordedWhere(t *testing.T) {
	const none = -1
	base := Sample{Intended: 2 * ms, Sent: 5 * ms, FirstByte: 8 * ms, Done: 15 * ms}
	for _, c := range []struct {
		name                                            string
		change                                          func(*Sample)
		service, response, lag, first, failed, timedOut int64 // ms
		failures, timeouts                              int64
	}{
		{"planned", func(*Sample) {}, 10, 13, 3, 3, none, none, 0, 0},
		{"not planned", func(s *Sample) { s.Intended = 0 }, 10, 10, none, 3, none, none, 0, 0},
		{"sent at once", func(s *Sample) { s.Intended = s.Sent }, 10, 10, 0, 3, none, none, 0, 0},
		{"sent before it was due", func(s *Sample) { s.Intended = 6 * ms }, 10, 10, 0, 3, none, none, 0, 0},
		{"no first byte", func(s *Sample) { s.FirstByte = 0 }, 10, 13, 3, none, none, none, 0, 0},
		{"status", func(s *Sample) { s.Fault, s.Status = fault.Status, 503 }, none, none, 3, none, 13, none, 1, 0},
		{"reset, not planned", func(s *Sample) { s.Fault, s.Intended = fault.Reset, 0 }, none, none, none, none, 10, none, 1, 0},
		{"timeout", func(s *Sample) { s.Fault, s.FirstByte = fault.FirstByteTimeout, 0 }, 10, 13, 3, none, 13, 13, 1, 1},
		{"timeout of the body", func(s *Sample) { s.Fault = fault.Timeout }, 10, 13, 3, 3, 13, 13, 1, 1},
		{"clock set back", func(s *Sample) { s.Done, s.FirstByte, s.Intended = 1, 2, 0 }, 0, 0, none, 0, none, none, 0, 0},
	} {
		s := base
		c.change(&s)
		r := one(t, s)
		if r.Failures != c.failures || r.Timeouts != c.timeouts {
			t.Errorf("%s: %d failures, %d timeouts", c.name, r.Failures, r.Timeouts)
		}
		wants := []int64{c.service, c.response, c.lag, c.first, c.failed, c.timedOut}
		for i, h := range r.hists() {
			switch want := wants[i]; {
			case want == none && !h.IsEmpty():
				t.Errorf("%s: histogram %d has %d values, want none", c.name, i, h.Count())
			case want != none && (h.Count() != 1 || h.Max() != want*ms):
				t.Errorf("%s: histogram %d has %d values up to %v, want one of %d ms", c.name, i, h.Count(), time.Duration(h.Max()), want)
			}
		}
	}
}

func TestBytesAndFaults(t *testing.T) {
	r := NewRecorder(Options{})
	ok := Sample{Sent: 1, Done: 2, BytesIn: 100, BytesOut: 10, Decoded: 300}
	for _, s := range []Sample{
		ok, ok,
		{Sent: 1, Done: 2, BytesIn: 7, Fault: fault.Status, Status: 503},
		{Sent: 1, Done: 2, Fault: fault.Status, Status: 404},
		{Sent: 1, Done: 2, Fault: fault.Status, Status: 503},
		{Sent: 1, Done: 2, Fault: fault.Check, Status: 200}, // the status of a failed check says nothing
	} {
		r.Record(0, get, &s)
	}
	r.Drop(get, 5)
	r.Drop(get, 0)
	row := drained(r, 0, 0).Rows[0]
	if row.Count != 6 || row.Failures != 4 || row.BytesIn != 207 || row.BytesOut != 20 || row.Decoded != 600 || row.Dropped != 5 {
		t.Errorf("row %+v", row)
	}
	want := []FaultCount{{fault.Status, 404, 1}, {fault.Status, 503, 2}, {fault.Check, 0, 1}}
	if !slices.Equal(row.Faults, want) {
		t.Errorf("faults %v, want %v", row.Faults, want)
	}
	if again := drained(r, 0, 1); len(again.Rows) != 0 || len(again.Errors) != 0 {
		t.Errorf("a second without samples has %+v", again)
	}
	r.Drop(get, 2)
	if again := drained(r, 0, 2); len(again.Rows) != 1 || again.Rows[0].Dropped != 2 || again.Rows[0].Count != 0 {
		t.Errorf("a second of drops has %+v", again.Rows)
	}
}

// A test may report nonsense; the row must still travel and roll up.
func TestNonsenseIsBounded(t *testing.T) {
	r := NewRecorder(Options{})
	for _, kind := range []fault.Kind{fault.None, fault.Timeout, 250} {
		for _, n := range []int64{math.MinInt64, -1, 0, 1, math.MaxInt64} {
			r.Record(int(n), get, &Sample{Intended: n, Sent: n, FirstByte: -n, Done: n, BytesIn: n, BytesOut: n, Decoded: n, Fault: kind, Status: int(n)})
			r.Record(-1, get, &Sample{Sent: -n, Done: n, Fault: kind})
			r.Drop(get, n)
		}
	}
	b := NewMerger(MergeOptions{})
	s, err := DecodeSnapshot(drained(r, 0, 0).AppendBinary(nil))
	if err != nil {
		t.Fatal(err)
	}
	b.Add(s)
	series := NewSeries(SeriesOptions{})
	series.Add(b.closeAll()[0])
	row := series.Window(0, 1).Total
	if row.Count != 30 || row.Failures != 20 || row.BytesIn != 3*(maxBytes+1) || row.Dropped != math.MaxInt64 || row.Service.Min() != 0 {
		t.Errorf("row %+v", row)
	}
}

func TestRowsAreSortedAndOnlyActive(t *testing.T) {
	r := NewRecorder(Options{})
	keys := []Key{{"POST", "a"}, {"GET", "b"}, {"GET", "a"}, {"GET", ""}, {StepType, "z"}}
	for _, k := range keys {
		r.Record(0, k, &Sample{Sent: 1, Done: 2})
	}
	snap := drained(r, 0, 0)
	if !slices.IsSortedFunc(snap.Rows, func(a, b Row) int { return a.Key.Compare(b.Key) }) || len(snap.Rows) != len(keys) {
		t.Errorf("rows %+v", snap.Rows)
	}
	r.Record(0, keys[1], &Sample{Sent: 1, Done: 2})
	if snap = drained(r, 0, 1); len(snap.Rows) != 1 || snap.Rows[0].Key != keys[1] {
		t.Errorf("rows %+v", snap.Rows)
	}
}

func TestNamesAreFolded(t *testing.T) {
	r := NewRecorder(Options{MaxNames: 10})
	s := Sample{Sent: 1, Done: 2}
	for range 2 {
		for i := range 100 {
			r.Record(0, Key{"GET", fmt.Sprintf("user %d", i)}, &s)
			r.Record(0, Key{StepType, fmt.Sprintf("user %d", i)}, &s)
		}
	}
	snap := drained(r, 0, 0)
	counts := map[Key]int64{}
	for i := range snap.Rows {
		counts[snap.Rows[i].Key] = snap.Rows[i].Count
	}
	if len(counts) != 12 || counts[Key{"GET", "user 0"}] != 2 || counts[Key{"", OtherNames}] != 190 || counts[Key{StepType, OtherNames}] != 190 {
		t.Errorf("rows %v", counts)
	}
	if n := len(*r.names.known.Load()); n > 12 {
		t.Errorf("%d names are kept", n)
	}
}

func TestNamesAreMadeHarmless(t *testing.T) {
	r := NewRecorder(Options{MaxNames: 20})
	s := Sample{Sent: 1, Done: 2}
	long := strings.Repeat("x", 10_000)
	for i := range 50 {
		r.Record(0, Key{"GET", long + fmt.Sprint(i)}, &s)
		r.Record(0, Key{"GET", "\x1b" + strings.Repeat("\n", i%3)}, &s)
	}
	snap := drained(r, 0, 0)
	if len(snap.Rows) != 4 || snap.Rows[3].Name != long[:maxName-len(cutMark)]+cutMark || snap.Rows[3].Count != 50 {
		t.Errorf("rows %+v", snap.Rows)
	}
	if name := snap.Rows[1].Name; name != `\x1b ` || snap.Rows[1].Count != 17 {
		t.Errorf("row %q with %d", name, snap.Rows[1].Count)
	}
	if n := len(*r.names.known.Load()); n > 40 {
		t.Errorf("%d names are kept", n)
	}
}

// Recording, draining and new names all at once: every sample is in one snapshot.
func TestRecordConcurrently(t *testing.T) {
	const goroutines, each = 6, 8000
	r := NewRecorder(Options{Shards: 3, MaxNames: 4, MaxErrors: 3})
	var recording sync.WaitGroup
	var running atomic.Int32
	running.Store(goroutines)
	for g := range goroutines {
		recording.Go(func() {
			defer running.Add(-1)
			rng := rand.New(rand.NewPCG(1, uint64(g)))
			for i := range each {
				s := Sample{Intended: int64(i % 2), Sent: 10, FirstByte: 20, Done: 30 + rng.Int64N(ms), BytesIn: 1}
				if i%10 == 0 {
					s.Fault, s.Err = fault.Timeout, fmt.Sprint(i%50)
				}
				begin := int64(i) * 1000
				r.Begin(g, begin)
				r.Record(g, Key{"GET", fmt.Sprint(i % 7)}, &s)
				r.End(g, begin, begin+1000)
			}
		})
	}
	merger := NewMerger(MergeOptions{})
	for second := 0; ; second++ {
		last := running.Load() == 0
		merger.Add(drained(r, 0, second))
		merger.closeAll()
		if last {
			break
		}
	}
	recording.Wait()
	total := merger.Whole().Total
	const all = goroutines * each
	if total.Count != all || total.BytesIn != all || total.Failures != all/10 || total.Service.Count() != all ||
		total.Response.Count() != all || total.FirstByte.Count() != all || total.Lag.Count() != all/2 {
		t.Errorf("total %+v", total)
	}
	var failed int64
	for _, e := range merger.Whole().Errors {
		failed += e.Count
	}
	if failed != all/10 {
		t.Errorf("%d errors, want %d", failed, all/10)
	}
}

func TestBudgets(t *testing.T) {
	r := NewRecorder(Options{MaxNames: 1, MaxErrors: 1})
	unplanned := Sample{Sent: ms, FirstByte: 2 * ms, Done: 3 * ms, BytesIn: 1000, BytesOut: 100, Decoded: 900}
	planned, status, timeout, other := unplanned, unplanned, unplanned, unplanned
	planned.Intended = ms / 2
	status.Fault, status.Status, status.Err = fault.Status, 503, "503 Service Unavailable"
	timeout.Fault, timeout.Err = fault.Timeout, "timeout"
	other.Fault, other.Err = fault.Other, "another that is folded"
	for name, f := range map[string]func(){
		"unplanned":  func() { r.Record(0, get, &unplanned) },
		"planned":    func() { r.Record(0, get, &planned) },
		"status":     func() { r.Record(0, get, &status) },
		"timeout":    func() { r.Record(0, get, &timeout) },
		"folded":     func() { r.Record(0, get, &other) },
		"other name": func() { r.Record(0, Key{"GET", "another that is folded"}, &unplanned) },
		"drop":       func() { r.Drop(get, 1) },
		"begin, end": func() { r.Begin(0, 5); r.End(0, 5, 9) },
	} {
		f()
		if n := testing.AllocsPerRun(1000, f); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}
