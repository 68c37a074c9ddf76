// Package vitals watches the generator itself: its CPU, pauses, stalls, memory and descriptors, once a second, and the machine it runs
// on. Numbers about a site mean nothing when the generator was the bottleneck; internal/verdict judges that from what is read here.
//
// Nearly all that a Probe costs is to wake up, 200 times a second beside a load: a hundredth of a core. So it follows the load down (see Follow): of
// fifty workers on one machine, full of users who think, their probes would else be half of the work. What a platform cannot tell is left
// unknown (negative), never guessed.
package vitals

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"
	"time"

	"github.com/stampede-load/stampede/internal/hist"
	"github.com/stampede-load/stampede/internal/stats"
)

// hiccup is how long the ticker sleeps; by how much it oversleeps is how long a user's goroutine may have to wait for a processor. Where few requests
// are made it sleeps longer, up to hiccupMost: a standstill may then seem to be shorter by so much than it was.
const (
	hiccup     = 5 * time.Millisecond
	hiccupMost = 25 * time.Millisecond
)

// Probe reads the vital signs. Make it with New, end it with Close.
type Probe struct {
	mu    sync.Mutex
	sleep hist.Hist     // oversleep of the ticker since the last Read, ns
	begun time.Time     // when the ticker went to sleep
	slept time.Duration // for how long
	next  time.Duration // for how long the next time

	at       time.Time
	cpu      time.Duration
	cores    []coreTime
	throttle int64
	asleep   func() int64 // how long the machine has slept since it was started, ns
	dreamt   int64        // of that, what is told already
	samples  []metrics.Sample
	gc       *metrics.Float64Histogram
	sched    *metrics.Float64Histogram
	fdMax    int64

	stop chan struct{}
	done chan struct{}
}

const (
	metricGC    = "/sched/pauses/total/gc:seconds"
	metricSched = "/sched/latencies:seconds"
)

// New starts watching.
func New() *Probe {
	p := &Probe{
		at: time.Now(), begun: time.Now(), slept: hiccup, next: hiccup, cpu: processCPU(), cores: coreTimes(), throttle: throttled(), fdMax: descriptorLimit(), asleep: asleep, dreamt: asleep(),
		samples: []metrics.Sample{{Name: metricGC}, {Name: metricSched}},
		stop:    make(chan struct{}), done: make(chan struct{}),
	}
	p.gc, p.sched = p.pauses()
	go p.tick()
	return p
}

// Close ends the probe's goroutine and waits for it.
func (p *Probe) Close() {
	close(p.stop)
	<-p.done
}

// Follow says how many requests were made in the last second: so often, about, the ticker wakes from now on. Of a new Probe it wakes most often.
func (p *Probe) Follow(requests int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.next = min(max(time.Second/time.Duration(max(1, requests)), hiccup), hiccupMost)
}

func (p *Probe) tick() {
	defer close(p.done)
	timer := time.NewTimer(hiccup)
	defer timer.Stop()
	for {
		select {
		case <-p.stop:
			return
		case <-timer.C:
		}
		now := time.Now()
		p.mu.Lock()
		p.sleep.Record(max(0, int64(now.Sub(p.begun)-p.slept)))
		p.begun, p.slept = now, p.next
		timer.Reset(p.slept)
		p.mu.Unlock()
	}
}

// overslept counts a ticker that should have woken long ago. After a standstill everything wakes at once: the last look at a run must not
// come before the ticker and miss it. mu is held.
func (p *Probe) overslept(now time.Time) {
	if late := now.Sub(p.begun) - p.slept; late > p.slept {
		p.sleep.Record(int64(late))
		p.begun = now.Add(-p.slept) // the ticker counts the rest
	}
}

// Read fills in what happened since the last Read. Call it once a second, from one goroutine.
func (p *Probe) Read(g *stats.Gauges) {
	now := time.Now()
	wall := now.Sub(p.at)
	p.at = now

	cpu := processCPU()
	g.CPU = -1
	if cpu >= 0 && wall > 0 {
		g.CPU = min(1, float64(cpu-p.cpu)/float64(wall)/float64(runtime.GOMAXPROCS(0)))
	}
	p.cpu = cpu
	cores := coreTimes()
	g.MachineCPU = busiest(p.cores, cores)
	p.cores = cores
	if t := throttled(); t >= 0 {
		g.Throttled = t - p.throttle
		p.throttle = t
	}

	gc, sched := p.pauses()
	g.GCPause = worst(p.gc, gc)
	g.SchedP99 = quantile(p.sched, sched, 0.99)
	p.gc, p.sched = gc, sched

	p.mu.Lock()
	p.overslept(now)
	g.WakeLate, g.WakeP99 = p.sleep.Max(), p.sleep.Quantile(0.99)
	p.sleep.Reset()
	p.mu.Unlock()

	if long := p.sleptThrough(); long > 0 {
		g.WakeLate = max(g.WakeLate, long)
	}

	g.RSS = residentBytes()
	g.Goroutines = int64(runtime.NumGoroutine())
	g.FDMax = p.fdMax
}

// shortestSleep is the shortest time for which a machine can have been put to sleep. What is less was not between two clocks that we read.
const shortestSleep = int64(time.Second)

// sleptThrough is for how long the machine slept since the last look, as a laptop does whose lid is closed; 0 when it did not. The clock by which
// all is timed stands still meanwhile, so that no ticker notices, while the site and its visitors go on.
func (p *Probe) sleptThrough() int64 {
	all := p.asleep()
	long := all - p.dreamt
	if all < 0 || p.dreamt < 0 || long < shortestSleep {
		return 0
	}
	p.dreamt = all
	return long
}

func (p *Probe) pauses() (gc, sched *metrics.Float64Histogram) {
	// A fresh value each time: Read writes into the histograms it is given, and the last ones are needed for the difference.
	for i := range p.samples {
		p.samples[i].Value = metrics.Value{}
	}
	metrics.Read(p.samples)
	for _, s := range p.samples {
		if s.Value.Kind() != metrics.KindFloat64Histogram {
			continue
		}
		switch h := s.Value.Float64Histogram(); s.Name {
		case metricGC:
			gc = h
		case metricSched:
			sched = h
		}
	}
	return gc, sched
}

// worst is the upper end of the highest bucket that grew, in ns.
func worst(before, after *metrics.Float64Histogram) int64 {
	if after == nil {
		return 0
	}
	for i := len(after.Counts) - 1; i >= 0; i-- {
		if after.Counts[i] > countOf(before, i) {
			return nanoseconds(after.Buckets, i)
		}
	}
	return 0
}

// quantile is that of what was added, in ns: the upper end of its bucket.
func quantile(before, after *metrics.Float64Histogram, q float64) int64 {
	if after == nil {
		return 0
	}
	total := uint64(0)
	for i, c := range after.Counts {
		total += c - countOf(before, i)
	}
	if total == 0 {
		return 0
	}
	rank, seen := uint64(q*float64(total)), uint64(0)
	for i, c := range after.Counts {
		if seen += c - countOf(before, i); seen > rank {
			return nanoseconds(after.Buckets, i)
		}
	}
	return 0
}

func countOf(h *metrics.Float64Histogram, i int) uint64 {
	if h == nil || i >= len(h.Counts) {
		return 0
	}
	return h.Counts[i]
}

// nanoseconds is the upper end of bucket i, or its lower end when that is infinite.
func nanoseconds(buckets []float64, i int) int64 {
	high := buckets[i+1]
	if high > 1e6 {
		high = buckets[i]
	}
	return int64(max(0, high) * 1e9)
}

// coreTime is how long a core was busy and how long it has been counted, in ticks.
type coreTime struct{ busy, all uint64 }

// busiest is the busy share of the busiest core between two readings, negative when unknown.
func busiest(before, after []coreTime) float64 {
	if len(before) == 0 || len(before) != len(after) {
		return -1
	}
	most := 0.0
	for i := range after {
		if all := after[i].all - before[i].all; all > 0 {
			most = max(most, float64(after[i].busy-before[i].busy)/float64(all))
		}
	}
	return min(1, most)
}

// Fact is one thing known of the machine and the program, for comparing runs.
type Fact struct{ Name, Value string }

// Environment is what a run's figures depend on besides the site: kernel, processor, limits, Go and its settings.
func Environment() []Fact {
	facts := []Fact{
		{"os", runtime.GOOS + "/" + runtime.GOARCH},
		{"go", runtime.Version()},
		{"cores", itoa(int64(runtime.NumCPU()))},
		{"gomaxprocs", itoa(int64(runtime.GOMAXPROCS(0)))},
		{"gogc", gogc()},
		{"descriptors", itoa(descriptorLimit())},
	}
	if limit := debug.SetMemoryLimit(-1); limit < 1<<62 {
		facts = append(facts, Fact{"gomemlimit", itoa(limit)})
	}
	return append(facts, machineFacts()...)
}

func gogc() string {
	s := []metrics.Sample{{Name: "/gc/gogc:percent"}}
	metrics.Read(s)
	if s[0].Value.Kind() != metrics.KindUint64 {
		return "unknown"
	}
	if v := s[0].Value.Uint64(); v < 1<<31 {
		return itoa(int64(v))
	}
	return "off"
}
