package main

import (
	"fmt"
	"os"
	"runtime/metrics"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/verdict"
)

// Result is what the benchmarks read.
type Result struct {
	Requests, Failures, Planned, Sent, Dropped        int64
	Started                                           int64
	RSS                                               int64 // bytes, at the end of the load
	BaseRSS                                           int64 // bytes, before the first user
	P50, P90, P95, P99, Mean, LagP99, LagP999, LagMax float64
	Seconds                                           float64
	Verdict                                           string
	Reasons                                           []string
	IO                                                string
	FirstRequest                                      float64       // ms after the process began
	LagP50, Max, LateShare                            float64       // ms; share of the sends more than 1 ms late, in the seconds of Vitals
	Vitals                                            []Vital       // with -vitals: each whole second but the first
	Times                                             []int64       // with -times: the service time of each request, ns
	Intervals                                         [3][2]float64 // ms: where p50, p95 and p99 lie with 95 % confidence, by ranks; an open end is 0
	Allocations                                       float64       // a request, of the whole process, in whole seconds after the first
	Strict                                            string        // with -strict: the verdict by the share of the run alone
}

// Vital is the generator's health in one second: shares from 0 to 1, negative when unknown, and ms.
type Vital struct {
	CPU, Machine             float64
	Wake, WakeMax, Sched, GC float64
	LagP99                   float64
}

// watcher keeps the memory of the last full second under load, and the generator's health in each.
type watcher struct {
	rss         int64
	vitals      []Vital
	sends, late int64
	answered    int64            // in whole seconds after the first
	first, made uint64           // objects allocated before them, and to their end
	strict      *verdict.Monitor // nil unless asked for
}

// strictMonitor judges late sends and standstills by how much of the run they are, as the verdict did before it looked at what they can have
// done to the times.
func strictMonitor(open, paced bool) *verdict.Monitor {
	l := verdict.DefaultLimits()
	l.ShiftShare, l.StallLong = -1, 0
	return verdict.NewMonitor(verdict.MonitorOptions{Open: open, Paced: open || paced, Limits: l})
}

func (w *watcher) Begin(stampede.RunInfo) {}

func (w *watcher) Second(s *stampede.Second) {
	s = s.Came()
	if w.strict != nil {
		w.strict.Add(s)
	}
	if s.Final {
		return
	}
	g := &s.Gauges
	w.rss = g.RSS
	w.count(s)
	if s.Index == 0 {
		return // a start is slow everywhere; the verdict leaves it out too
	}
	ms := func(ns int64) float64 { return float64(ns) / 1e6 }
	w.vitals = append(w.vitals, Vital{
		CPU: g.CPU, Machine: g.MachineCPU, Wake: ms(g.WakeP99), WakeMax: ms(g.WakeLate), Sched: ms(g.SchedP99), GC: ms(g.GCPause),
		LagP99: ms(s.Total.Lag.Quantile(0.99)),
	})
	w.sends += s.Total.Lag.Count()
	w.late += s.Total.Lag.CountAbove(int64(time.Millisecond))
}

// count notes what was allocated.
func (w *watcher) count(s *stampede.Second) {
	objects := [1]metrics.Sample{{Name: "/gc/heap/allocs:objects"}}
	metrics.Read(objects[:])
	if w.made = objects[0].Value.Uint64(); s.Index == 0 {
		w.first = w.made
		return
	}
	w.answered += s.Total.Count
}

// allocations is how many a request made.
func (w *watcher) allocations() float64 {
	if w.answered == 0 {
		return 0
	}
	return float64(w.made-w.first) / float64(w.answered)
}

func (w *watcher) Event(stampede.Event) {}
func (w *watcher) End(*stampede.Report) {}

func rss() int64 {
	b, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	var all, resident int64
	if _, err := fmt.Sscan(string(b), &all, &resident); err != nil {
		return 0
	}
	return resident * int64(os.Getpagesize())
}
