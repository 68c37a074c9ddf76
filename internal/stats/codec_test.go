package stats

import (
	"bytes"
	"fmt"
	"math"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stampede-load/stampede/internal/fault"
)

// full is a snapshot with something in every field.
func full() *Snapshot {
	r := NewRecorder(Options{})
	for _, s := range someSamples(5, 500, 2) {
		r.Record(1, s.Key, &s.Sample)
	}
	r.Drop(get, 3)
	r.RecordError(Key{"USER", "Fan"}, fault.Panic, "nil map", "main.go:7", 9)
	s := &Snapshot{Run: "20261102-2000-abcd", Worker: 12, Seq: 3, Second: 2, Final: true}
	s.Gauges = Gauges{
		Users: 1, Target: 2, Planned: 4, Sent: 5, Dropped: 6, Waiting: 7, StartFailed: 8, UsersStarted: 9, Died: 10, CPU: 0.5, MachineCPU: -1,
		WakeLate: 13, WakeP99: 14, GCPause: 15, SchedP99: 16, Throttled: 17, RSS: 18, FDs: 19, FDMax: 20, Goroutines: 21, Blocked: 22,
	}
	r.Begin(0, 0)
	r.Drain(s, int64(3*time.Second))
	return s
}

func sameSnapshot(t *testing.T, got, want *Snapshot) {
	t.Helper()
	sameRows(t, "decoded", got.Rows, want.Rows)
	g, w := *got, *want
	g.Rows, w.Rows = nil, nil
	if !reflect.DeepEqual(g, w) {
		t.Fatalf("decoded\n%+v\nwant\n%+v", g, w)
	}
}

func TestSnapshotRoundTrip(t *testing.T) {
	for name, s := range map[string]*Snapshot{"full": full(), "empty": {}, "negative": {Worker: -1, Taken: -1, Gauges: Gauges{Users: -1, FDMax: -5}}} {
		b := s.AppendBinary([]byte("before"))
		d, err := DecodeSnapshot(b[len("before"):])
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		sameSnapshot(t, d, s)
		clear(b) // the result shares nothing with the bytes
		sameSnapshot(t, d, s)
	}
}

// Every field of Gauges travels: a new one that was forgotten in the codec fails here.
func TestEveryGaugeTravels(t *testing.T) {
	var s Snapshot
	v := reflect.ValueOf(&s.Gauges).Elem()
	for i := range v.NumField() {
		switch f := v.Field(i); f.Kind() {
		case reflect.Float64:
			f.SetFloat(float64(i + 1))
		default:
			f.SetInt(int64(i + 1))
		}
	}
	d, err := DecodeSnapshot(s.AppendBinary(nil))
	if err != nil || d.Gauges != s.Gauges {
		t.Errorf("gauges %+v, want %+v (%v)", d.Gauges, s.Gauges, err)
	}
}

func TestRowRoundTrip(t *testing.T) {
	s := full()
	var b []byte
	for i := range s.Rows {
		b = s.Rows[i].AppendBinary(b)
	}
	for i := range s.Rows {
		r, rest, err := DecodeRow(b)
		if err != nil {
			t.Fatal(err)
		}
		if d := r.diff(&s.Rows[i]); d != "" {
			t.Fatal(d)
		}
		b = rest
	}
	if len(b) != 0 {
		t.Errorf("%d bytes left", len(b))
	}
}

func TestDecodeRefuses(t *testing.T) {
	whole := full().AppendBinary(nil)
	for n := range whole {
		if _, err := DecodeSnapshot(whole[:n]); err == nil {
			t.Fatalf("%d of %d bytes decode", n, len(whole))
		}
	}
	future := append([]byte{version + 1}, whole[1:]...)
	if _, err := DecodeSnapshot(future); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("version %d", version+1)) || !strings.Contains(err.Error(), "same stampede") {
		t.Errorf("a future version: %v", err)
	}
	if _, err := DecodeSnapshot(append(whole, 0)); err == nil {
		t.Error("a byte too many decodes")
	}
	for name, change := range map[string]func(*Snapshot){
		"long run":            func(s *Snapshot) { s.Run = strings.Repeat("x", 300) },
		"long name":           func(s *Snapshot) { s.Rows[1].Name = strings.Repeat("x", maxName+1) },
		"long text":           func(s *Snapshot) { s.Errors[0].Text = strings.Repeat("x", 2*maxText) },
		"long stack":          func(s *Snapshot) { s.Errors[0].Stack = strings.Repeat("x", maxStack+1) },
		"failures over count": func(s *Snapshot) { s.Rows[1].Failures = s.Rows[1].Count + 1 },
		"timeouts":            func(s *Snapshot) { s.Rows[1].Timeouts = s.Rows[1].Failures + 1 },
		"not a number":        func(s *Snapshot) { s.Gauges.CPU = math.NaN() },
		"infinite":            func(s *Snapshot) { s.Gauges.MachineCPU = math.Inf(1) },
		"negative second":     func(s *Snapshot) { s.Second = -1 },
		"far second":          func(s *Snapshot) { s.Second = math.MaxInt64 },
	} {
		s := full()
		change(s)
		if _, err := DecodeSnapshot(s.AppendBinary(nil)); err == nil {
			t.Errorf("%s: decodes", name)
		}
	}
}

// A newer worker may send gauges that this program does not know.
func TestUnknownGaugesArePassedOver(t *testing.T) {
	s := &Snapshot{Run: "r", Seq: 1, Gauges: Gauges{Users: 3, InFlightNS: 77}}
	b := s.AppendBinary(nil)
	at := bytes.LastIndexByte(b, byte(len(s.Gauges.ints())+3)) // the length of their list
	known := len(b) - 2                                        // two empty lists follow
	newer := append([]byte{}, b[:at]...)
	newer = append(newer, b[at]+2)
	newer = append(newer, b[at+1:known]...)
	newer = append(newer, 2, 4)
	newer = append(newer, b[known:]...)
	d, err := DecodeSnapshot(newer)
	if err != nil {
		t.Fatal(err)
	}
	sameSnapshot(t, d, s)
}

func FuzzDecodeSnapshot(f *testing.F) {
	f.Add((&Snapshot{}).AppendBinary(nil))
	f.Add(full().AppendBinary(nil))
	small := NewRecorder(Options{})
	small.Record(0, get, &Sample{Intended: 1, Sent: 5, FirstByte: 7, Done: 9, Fault: fault.Timeout, Err: "timeout"})
	f.Add(drained(small, 1, 1).AppendBinary(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		s, err := DecodeSnapshot(b)
		runtime.ReadMemStats(&after)
		if took := after.TotalAlloc - before.TotalAlloc; took > 1<<17+uint64(100*len(b)) {
			t.Fatalf("%d bytes took %d bytes of memory", len(b), took)
		}
		if err != nil {
			return
		}
		d, err := DecodeSnapshot(s.AppendBinary(nil))
		if err != nil {
			t.Fatalf("what decoded does not survive a round trip: %v", err)
		}
		sameSnapshot(t, d, s)
		merger := NewMerger(MergeOptions{})
		merger.Add(s)
		merger.Finish()
		series := NewSeries(SeriesOptions{})
		for sec, ok := merger.Next(); ok && sec.Index < 100; sec, ok = merger.Next() {
			series.Add(sec)
		}
	})
}

// someCoded are snapshots of every size in their wire form.
func someCoded() (coded [][]byte) {
	for i := range 20 {
		r := NewRecorder(Options{})
		for _, s := range someSamples(uint64(i), i*37, 2) {
			r.Record(1, s.Key, &s.Sample)
		}
		coded = append(coded, drained(r, i, i).AppendBinary(nil), full().AppendBinary(nil))
	}
	return coded
}

// Reading into a snapshot that held another one gives what reading into a new one gives.
func TestDecodeAgain(t *testing.T) {
	coded := someCoded()
	var again Snapshot
	for i := range 400 {
		b := coded[i*7%len(coded)]
		if i%5 == 0 && again.Decode(b[:len(b)*(i%11)/11]) == nil {
			t.Error("half a snapshot was read")
		}
		want, err := DecodeSnapshot(b)
		if err != nil {
			t.Fatal(err)
		}
		if err := again.Decode(b); err != nil {
			t.Fatal(err)
		}
		if got, want := again.AppendBinary(nil), want.AppendBinary(nil); !bytes.Equal(got, want) {
			t.Fatalf("read again: %x, want %x", got, want)
		}
	}
}
