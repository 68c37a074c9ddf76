package fleet

import (
	"context"
	"math"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// Frugal makes the garbage collector of this process, which is a controller's, take more processor time and less memory: the messages of a
// thousand workers are garbage soon. Where GOGC is set it does nothing.
func Frugal() {
	if was := debug.SetGCPercent(50); was != 100 {
		debug.SetGCPercent(was)
	}
}

// FrugalWorker does the same for a process that is a worker, until ctx ends. Users who think make no garbage, and as much room for it as they take
// themselves would be half of a machine that is full of them. Users who read pages make much; then the collector gets its room. Where GOGC or
// GOMEMLIMIT is set it does nothing.
func FrugalWorker(ctx context.Context) {
	if was := debug.SetGCPercent(gcLeast); was != 100 || debug.SetMemoryLimit(-1) != math.MaxInt64 {
		debug.SetGCPercent(was)
		return
	}
	go watchGC(ctx)
}

// How much room for garbage a worker has, in per cent of what is in use, and which share of its processors the collector may take before it gets more.
const (
	gcLeast  = 20
	gcMost   = 100
	gcEvery  = time.Second
	gcBusy   = 0.02
	gcAtEase = 0.002
)

// watchGC gives the collector room as it needs it.
func watchGC(ctx context.Context) {
	ticker := time.NewTicker(gcEvery)
	defer ticker.Stop()
	percent, last := gcLeast, gcSpent()
	for {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
		now := gcSpent()
		next := gcRoom(percent, now.share(last))
		if last = now; next != percent {
			percent = next
			debug.SetGCPercent(percent)
		}
	}
}

// gcRoom is the room for garbage that is next, by the share of the processors that the collector took with so much of it.
func gcRoom(percent int, share float64) int {
	switch {
	case share > gcBusy:
		return gcMost // at once: it is the load that suffers
	case share < gcAtEase:
		return max(gcLeast, percent*3/4)
	}
	return percent
}

// gcTimes are processor seconds, since the start of the process.
type gcTimes struct{ collector, all float64 }

func gcSpent() gcTimes {
	s := []metrics.Sample{{Name: "/cpu/classes/gc/total:cpu-seconds"}, {Name: "/cpu/classes/total:cpu-seconds"}}
	metrics.Read(s)
	var t gcTimes
	if s[0].Value.Kind() == metrics.KindFloat64 && s[1].Value.Kind() == metrics.KindFloat64 {
		t = gcTimes{s[0].Value.Float64(), s[1].Value.Float64()}
	}
	return t
}

// share is which part of the processors' time the collector took since an earlier moment; 0 where nothing is known of it.
func (t gcTimes) share(since gcTimes) float64 {
	if t.all <= since.all {
		return 0
	}
	return (t.collector - since.collector) / (t.all - since.all)
}
