package vitals

import (
	"runtime"
	"runtime/metrics"
	"testing"
	"time"

	"github.com/stampede-load/stampede/internal/stats"
)

func TestReadKnowsWhatItSays(t *testing.T) {
	p := New()
	defer p.Close()
	begun := time.Now()
	n := 0
	for time.Since(begun) < 30*time.Millisecond { // some processor time to see
		n++
	}
	var g stats.Gauges
	p.Read(&g)
	if runtime.GOOS == "linux" {
		if g.CPU <= 0 || g.CPU > 1 {
			t.Errorf("CPU = %v after %d turns of a busy loop, want a share above 0 and at most 1", g.CPU, n)
		}
		if g.RSS < 1<<20 {
			t.Errorf("RSS = %d, want more than a megabyte", g.RSS)
		}
		if g.FDMax <= 0 {
			t.Errorf("FDMax = %d, want the limit of this process", g.FDMax)
		}
	}
	if g.MachineCPU > 1 || g.Goroutines < 2 || g.WakeLate < 0 {
		t.Errorf("gauges out of range: %+v", g)
	}
}

func TestPausesAreDifferences(t *testing.T) {
	before := &metrics.Float64Histogram{Counts: []uint64{5, 9, 1}, Buckets: []float64{0, 1e-6, 1e-3, 1}}
	after := &metrics.Float64Histogram{Counts: []uint64{5, 109, 1}, Buckets: before.Buckets}
	if got := worst(before, after); got != int64(time.Millisecond) {
		t.Errorf("worst = %d ns, want the 1 ms of the only bucket that grew", got)
	}
	if got := quantile(before, after, 0.99); got != int64(time.Millisecond) {
		t.Errorf("p99 = %d ns, want 1 ms", got)
	}
	if got := quantile(after, after, 0.99); got != 0 {
		t.Errorf("p99 of nothing = %d, want 0", got)
	}
}

func TestBusiestCore(t *testing.T) {
	before := []coreTime{{10, 100}, {20, 100}}
	after := []coreTime{{20, 200}, {110, 200}}
	if got := busiest(before, after); got != 0.9 {
		t.Errorf("busiest = %v, want 0.9", got)
	}
	if got := busiest(nil, after); got != -1 {
		t.Errorf("busiest without a first reading = %v, want -1 for unknown", got)
	}
}

func TestEnvironmentNamesTheEssentials(t *testing.T) {
	have := map[string]bool{}
	for _, f := range Environment() {
		if have[f.Name] {
			t.Errorf("%s is named twice", f.Name)
		}
		have[f.Name] = f.Value != ""
	}
	for _, name := range []string{"os", "go", "cores", "gomaxprocs", "gogc"} {
		if !have[name] {
			t.Errorf("%s is missing", name)
		}
	}
}

// A standstill that ends with the run is seen although the ticker has not woken yet, and it is counted once.
func TestReadBeforeTheTicker(t *testing.T) {
	p := New()
	p.Close()
	p.begun = time.Now().Add(-time.Hour)
	var g stats.Gauges
	p.Read(&g)
	if late := time.Duration(g.WakeLate); late < 59*time.Minute || late > 61*time.Minute {
		t.Errorf("late by %v, want an hour", late)
	}
	p.Read(&g)
	if late := time.Duration(g.WakeLate); late > 30*time.Minute {
		t.Errorf("the second time %v: it was counted twice", late)
	}
}

// The ticker wakes about as often as requests are made, at most 200 and at least 40 times a second, and a standstill is told from a long sleep.
func TestFollow(t *testing.T) {
	p := New()
	p.Close()
	for requests, want := range map[int64]time.Duration{
		0: hiccupMost, 1: hiccupMost, 40: hiccupMost, 100: 10 * time.Millisecond, 200: hiccup, 1_000_000: hiccup,
	} {
		if p.Follow(requests); p.next != want {
			t.Errorf("beside %d requests a second it sleeps %v, want %v", requests, p.next, want)
		}
	}
	now := time.Now()
	for since, want := range map[time.Duration]time.Duration{hiccupMost: 0, 2 * hiccupMost: 0, time.Second: time.Second - hiccupMost} {
		p.sleep.Reset()
		p.begun, p.slept = now.Add(-since), hiccupMost
		p.overslept(now)
		if late := time.Duration(p.sleep.Max()); late < want*99/100 || late > want*101/100 {
			t.Errorf("after %v of which it wanted to sleep %v it was late by %v, want %v", since, hiccupMost, late, want)
		}
	}
}

// A laptop that slept stood still for as long, which none of the clocks tells that a run is timed by.
func TestAsleep(t *testing.T) {
	p := New()
	defer p.Close()
	var g stats.Gauges
	at := p.dreamt
	p.asleep = func() int64 { return at }
	p.Read(&g)
	if g.WakeLate > int64(10*time.Second) {
		t.Errorf("awake: late by %v", time.Duration(g.WakeLate))
	}
	at += int64(20 * time.Second)
	for i, want := range []bool{true, false} {
		if p.Read(&g); (g.WakeLate >= int64(20*time.Second)) != want {
			t.Errorf("look %d behind a sleep of 20 s: late by %v", i, time.Duration(g.WakeLate))
		}
	}
	at += int64(time.Millisecond)
	if p.Read(&g); g.WakeLate >= int64(20*time.Second) {
		t.Errorf("a millisecond between two clocks: late by %v", time.Duration(g.WakeLate))
	}
	if at = -1; p.sleptThrough() != 0 {
		t.Error("what is unknown is no sleep")
	}
	if runtime.GOOS == "linux" && asleep() < 0 {
		t.Error("the kernel knows how long it slept")
	}
}
