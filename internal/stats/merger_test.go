package stats

import (
	"slices"
	"testing"
	"time"
)

// snap is a second of a worker with n samples that took 1 ms.
func snap(worker int, seq uint64, second int, n int64) *Snapshot {
	s := &Snapshot{Run: "r", Worker: worker, Seq: seq, Second: second}
	s.Gauges = Gauges{Users: 10, InFlight: 1, Planned: int64(seq) * n, Sent: int64(seq) * n, CPU: 0.1 * float64(worker+1), MachineCPU: -1}
	if n > 0 {
		r := Row{Key: get, Count: n}
		r.Service.RecordN(ms, n)
		step := Row{Key: Key{StepType, "buy"}, Count: n}
		s.Rows = []Row{r, step}
	}
	return s
}

func counts(secs []*Second) []int64 {
	var n []int64
	for _, s := range secs {
		n = append(n, s.Total.Count)
	}
	return n
}

func wantClosed(t *testing.T, what string, secs []*Second, want ...int64) {
	t.Helper()
	if got := counts(secs); !slices.Equal(got, want) {
		t.Errorf("%s: closed seconds have %v, want %v", what, got, want)
	}
}

func TestMergerWaitsForEveryWorker(t *testing.T) {
	b := NewMerger(MergeOptions{Workers: 2})
	b.Add(snap(0, 1, 0, 5))
	b.Add(snap(0, 2, 1, 5))
	wantClosed(t, "one of two", b.closeAll())
	b.Add(snap(1, 2, 1, 7)) // its first is still on the way
	wantClosed(t, "a gap", b.closeAll())
	b.Add(snap(1, 1, 0, 7))
	wantClosed(t, "both", b.closeAll(), 12, 12)
	if whole := b.Whole(); whole.Total.Count != 24 || whole.Seconds != 2 || whole.Row(Key{StepType, "buy"}).Count != 24 {
		t.Errorf("whole %+v: a step is no part of the total", whole)
	}
}

func TestMergerMergesOnce(t *testing.T) {
	b := NewMerger(MergeOptions{})
	for range 3 {
		b.Add(snap(0, 2, 1, 1))
		b.Add(snap(0, 1, 0, 1))
		b.Add(snap(0, 1, 0, 1))
	}
	wantClosed(t, "repeated", b.closeAll(), 1, 1)
	if b.Add(snap(0, 2, 1, 1)) || b.Repeated() != 8 || b.Whole().Total.Count != 2 {
		t.Errorf("%d repeated, %d counted", b.Repeated(), b.Whole().Total.Count)
	}
}

func TestMergerGoesOnWithoutTheLost(t *testing.T) {
	b := NewMerger(MergeOptions{Workers: 2})
	b.Add(snap(0, 1, 0, 5))
	b.Add(snap(1, 1, 0, 5))
	for i := range 3 {
		b.Add(snap(0, uint64(i+2), i+1, 5))
	}
	wantClosed(t, "silent", b.closeAll(), 10)
	if behind := b.Behind(); !slices.Equal(behind, []int{1}) {
		t.Errorf("waiting for %v, want worker 1", behind)
	}
	b.Lost(1)
	b.Lost(99) // nobody knows it
	secs := b.closeAll()
	wantClosed(t, "lost", secs, 5, 5, 5)
	if g := secs[2].Gauges; g.Users != 10 || g.InFlight != 1 || g.CutOff != 1 || g.Sent != 20+5 {
		t.Errorf("gauges after a loss %+v: its users are gone, what it sent is not", g)
	}
	b.Add(snap(1, 2, 1, 5)) // it had measured this before the line went down
	if whole := b.Whole(); b.LateMerged() != 1 || whole.Total.Count != 30 || whole.Row(get).Count != 30 {
		t.Errorf("%d late, %d counted", b.LateMerged(), whole.Total.Count)
	}
	b.Expect(1, 5) // and it is back
	b.Add(snap(0, 5, 4, 5))
	b.Add(snap(0, 6, 5, 5))
	wantClosed(t, "back", b.closeAll(), 5)
	b.Add(snap(1, 3, 5, 5))
	wantClosed(t, "back with data", b.closeAll(), 10)
}

// In every second what was planned is the sum of what became of it, also of a worker that has not reported it: it may be late, or lost.
func TestSumsOfTheSilent(t *testing.T) {
	report := func(worker int, second int, planned, sent, waiting int64) *Snapshot {
		s := snap(worker, uint64(second+1), second, 5)
		s.Gauges.Planned, s.Gauges.Sent, s.Gauges.Dropped, s.Gauges.Waiting = planned, sent, 0, waiting
		return s
	}
	b := NewMerger(MergeOptions{Workers: 2})
	b.Add(report(0, 0, 100, 100, 0))
	b.Add(report(1, 0, 100, 60, 40))
	b.Add(report(0, 1, 200, 200, 0))
	b.Force(1)
	b.Add(report(0, 2, 300, 300, 0))
	secs := b.closeAll()
	b.Lost(1)
	secs = append(secs, b.closeAll()...)
	for i, want := range []Gauges{{Planned: 200, Sent: 160, Waiting: 40}, {Planned: 300, Sent: 260, Waiting: 40}, {Planned: 400, Sent: 360, Lost: 40}} {
		if g := secs[i].Gauges; g.Planned != want.Planned || g.Sent != want.Sent || g.Waiting != want.Waiting || g.Lost != want.Lost {
			t.Errorf("second %d: planned %d, sent %d, waiting %d, lost %d; want %+v", i, g.Planned, g.Sent, g.Waiting, g.Lost, want)
		}
	}
	// What it reports late is in its own totals as it is in those of all.
	b.Add(report(1, 1, 200, 190, 10))
	if g, ok := b.Rest(1); !ok || g.Planned != 200 || g.Sent != 190 || g.Lost != 10 || b.Latest().Sent != 490 {
		t.Errorf("of the late one %+v", g)
	}
	if _, ok := b.Rest(99); ok {
		t.Error("something is known of a worker that nobody knows")
	}
}

func TestMergerTakesInWhoJoins(t *testing.T) {
	b := NewMerger(MergeOptions{})
	b.Add(snap(0, 1, 0, 1))
	b.Expect(1, 2)
	b.Add(snap(0, 2, 1, 1))
	b.Add(snap(0, 3, 2, 1))
	wantClosed(t, "before it is waited for", b.closeAll(), 1, 1)
	b.Add(snap(1, 1, 2, 3))
	b.Add(snap(2, 1, 2, 5)) // nobody said that it would come
	wantClosed(t, "joined", b.closeAll(), 9)
	b.Add(snap(0, 4, 3, 1))
	b.Add(snap(1, 2, 3, 1))
	wantClosed(t, "it is waited for now", b.closeAll())
	b.Finish()
	secs := b.closeAll()
	wantClosed(t, "finished", secs, 2)
	if !secs[0].Final || len(secs[0].Workers) != 2 || secs[0].Workers[1].Worker != 1 {
		t.Errorf("last second %+v", secs[0])
	}
}

func TestMergerEnds(t *testing.T) {
	b := NewMerger(MergeOptions{Workers: 2})
	first, last := snap(0, 1, 0, 1), snap(0, 2, 1, 1)
	last.Final, last.Taken = true, 1250*time.Millisecond
	b.Add(last)
	b.Add(first)
	short := snap(1, 1, 0, 1)
	short.Final = true
	b.Add(short)
	secs := b.closeAll()
	wantClosed(t, "ended", secs, 2, 1)
	if secs[0].Final || !secs[1].Final || secs[0].Lasted() != time.Second || secs[1].Lasted() != 250*time.Millisecond {
		t.Errorf("seconds %+v", secs)
	}
	if whole := b.Whole(); whole.Seconds != 1.25 {
		t.Errorf("the run took %v s", whole.Seconds)
	}
	if s := (&Second{Width: 60}); s.Lasted() != time.Minute || s.Row(get) != nil {
		t.Errorf("a stretch without a span lasted %v", s.Lasted())
	}
}

func TestMergerFillsGaps(t *testing.T) {
	b := NewMerger(MergeOptions{})
	b.Add(snap(0, 1, 3, 1))
	wantClosed(t, "a start with a gap", b.closeAll(), 0, 0, 0, 1)
	for _, s := range []*Snapshot{snap(0, 0, 4, 1), snap(0, 9, -1, 1), snap(0, 9, 1<<40, 1)} {
		if b.Add(s) {
			t.Errorf("took number %d of second %d", s.Seq, s.Second)
		}
	}
	if b.Refused() != 3 {
		t.Errorf("%d refused", b.Refused())
	}
}

func TestMergerMissing(t *testing.T) {
	b := NewMerger(MergeOptions{})
	b.Add(snap(0, 1, 0, 1))
	b.Add(snap(0, 4, 3, 1))
	b.Add(snap(0, 6, 5, 1))
	if b.Missing() != 3 {
		t.Errorf("%d missing, want numbers 2, 3 and 5", b.Missing())
	}
	b.Finish()
	wantClosed(t, "finished", b.closeAll(), 1, 0, 0, 1, 0, 1)
}

func TestMergerWarmUp(t *testing.T) {
	b := NewMerger(MergeOptions{Warmup: 1500 * time.Millisecond})
	for i := range 5 {
		b.Add(snap(0, uint64(i+1), i, 1<<i))
	}
	if j := b.Judged(); j.Total.Count != 0 || j.Seconds != 0 {
		t.Errorf("judged before a second was closed: %+v", j)
	}
	wantClosed(t, "all", b.closeAll(), 1, 2, 4, 8, 16)
	judged, whole := b.Judged(), b.Whole()
	if judged.Total.Count != 28 || judged.Seconds != 3 || whole.Total.Count != 31 || whole.Seconds != 5 {
		t.Errorf("judged %d in %v s, whole %d in %v s", judged.Total.Count, judged.Seconds, whole.Total.Count, whole.Seconds)
	}
	if whole.Row(get).Count != 31 || judged.Row(get).Count != 28 || judged.Row(Key{"GET", "nothing"}) != nil {
		t.Error("rows of the totals")
	}
}

func TestMergerFoldsNames(t *testing.T) {
	b := NewMerger(MergeOptions{Workers: 2, MaxNames: 2, MaxErrors: 1})
	for w := range 2 {
		s := snap(w, 1, 0, 0)
		for _, name := range []string{"a", "b", "c", "d"} {
			s.Rows = append(s.Rows, Row{Key: Key{"GET", name}, Count: 1})
			s.Errors = append(s.Errors, ErrorRow{Key: Key{"GET", name}, Text: "no", Count: 1, First: 5, Last: 5, Workers: []int{w}})
		}
		b.Add(s)
	}
	b.closeAll()
	whole := b.Whole()
	if len(whole.Rows) != 3 || whole.Row(Key{"", OtherNames}).Count != 4 || whole.Total.Count != 8 {
		t.Errorf("rows %+v", whole.Rows)
	}
	if len(whole.Errors) != 2 || whole.Errors[0].Count != 6 || whole.Errors[0].Text != OtherErrors || !slices.Equal(whole.Errors[1].Workers, []int{0, 1}) {
		t.Errorf("errors %+v", whole.Errors)
	}
}

func TestGaugesOfAFleet(t *testing.T) {
	g := nobody()
	g.Add(&Gauges{Users: 3, Sent: 10, CPU: 0.5, MachineCPU: -1, WakeLate: 7, FDs: 10, FDMax: 100, RSS: 5, InFlightNS: 2, Blocked: 1})
	g.Add(&Gauges{Users: 4, Sent: 20, CPU: 0.25, MachineCPU: -1, WakeLate: 9, FDs: 50, FDMax: 1000, RSS: 6, InFlightNS: 3, Blocked: 1})
	want := Gauges{Users: 7, Sent: 30, CPU: 0.5, MachineCPU: -1, WakeLate: 9, FDs: 10, FDMax: 100, RSS: 11, InFlightNS: 5, Blocked: 2}
	if g != want {
		t.Errorf("two workers at once: %+v, want %+v", g, want)
	}
	g.Then(&Gauges{Users: 2, Sent: 35, CPU: -1, MachineCPU: 0.5, WakeLate: 1, FDs: 1, FDMax: 9, RSS: 4, InFlightNS: 1, Throttled: 2})
	want = Gauges{Users: 2, Sent: 35, CPU: 0.5, MachineCPU: 0.5, WakeLate: 9, FDs: 1, FDMax: 9, RSS: 4, InFlightNS: 6, Blocked: 2, Throttled: 2}
	if g != want {
		t.Errorf("one after the other: %+v, want %+v", g, want)
	}
}
