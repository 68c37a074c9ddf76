package stats

import (
	"math/bits"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/stampede-load/stampede/internal/fault"
)

// Options are the sizes of a Recorder. The zero value is good.
type Options struct {
	Shards    int // rounded up to a power of two; zero means one for each processor, and 16 at most: see Recorder
	MaxNames  int // beyond, samples count under OtherNames; zero means 1,000
	MaxErrors int // distinct (key, kind, text); beyond, failures count under OtherErrors, for each name; zero means 500
}

// Recorder is where every sample of a process goes. Any number of goroutines may record at once, into any shard; they are fastest when
// those that run on the same processor use the same shard.
//
// A name takes about 1 KB for each shard that it was recorded into, and 0.5 KB more for each half power of two that its times spread
// over, in each of its histograms: 10 to 20 KB in a usual run.
type Recorder struct {
	names    *names
	failures *failures
	flights  []flight
	after    afterLoad

	drain sync.Mutex // one drain at a time
	debt  int64      // time in flight that was drained too early: see flight.drain
}

// NewRecorder makes an empty recorder.
func NewRecorder(o Options) *Recorder {
	if o.Shards <= 0 {
		o.Shards = min(runtime.GOMAXPROCS(0), 16)
	}
	if o.MaxNames <= 0 {
		o.MaxNames = 1000
	}
	if o.MaxErrors <= 0 {
		o.MaxErrors = 500
	}
	shards := 1 << bits.Len(uint(o.Shards-1))
	return &Recorder{
		names:    newNames(o.MaxNames, shards),
		failures: newFailures(o.MaxErrors, shards),
		flights:  make([]flight, shards),
	}
}

// Record counts one sample under a key. It takes no lock and allocates nothing once the key, and the text of a failure, are known. The
// sample stays the caller's.
func (r *Recorder) Record(shard int, k Key, s *Sample) {
	r.RecordAt(shard, r.names.find(k), s)
}

// Place finds where samples under a key are counted, for those who record many.
func (r *Recorder) Place(k Key) *Place { return r.names.find(k) }

// RecordAt is Record with the place of the key, of this Recorder.
func (r *Recorder) RecordAt(shard int, p *Place, s *Sample) {
	counted := r.after.after(s) && r.after.record(p.key, s)
	if s.Fault == fault.None {
		if !counted {
			p.cell(shard).success(s)
		}
		return
	}
	if !counted {
		p.cell(shard).failure(s)
	}
	r.failures.add(shard, p.key, s.Fault, s.Err, "", s.Done)
}

// AddPage counts what became of the parts of the page that s is of.
func (r *Recorder) AddPage(shard int, p *Place, s *Sample, counts PageCounts) {
	if r.after.after(s) && r.after.page(p.key, s, counts) {
		return
	}
	c := p.cell(shard)
	c.mu.Lock()
	c.rest.AddPage(counts)
	c.mu.Unlock()
	c.touch()
}

// RecordError counts a failure that was no request: a panic, a user that could not start, an error of the test's own code. It appears
// among the errors and in no row. stack may be empty; at is ns since the start of the run.
func (r *Recorder) RecordError(k Key, kind fault.Kind, text, stack string, at int64) {
	r.failures.add(0, cleanKey(k), kind, text, stack, at)
}

// Unexplained reports whether nobody has said yet what failures of this place, kind and text are about. It says yes once for each group, and
// the caller should Explain it: so only the first failed answer is read.
func (r *Recorder) Unexplained(p *Place, kind fault.Kind, text string) bool {
	return r.failures.wants(p.key, kind, text)
}

// Explain gives a group of failures the detail that is shown behind its text.
func (r *Recorder) Explain(p *Place, kind fault.Kind, text, detail string) {
	r.failures.explain(p.key, kind, text, detail)
}

// Drop counts n arrivals under a key that were due and could not start.
func (r *Recorder) Drop(k Key, n int64) {
	if n > 0 {
		r.names.find(k).cell(0).drop(n)
	}
}

// Begin says that a request begins now, in ns since the start of the run.
func (r *Recorder) Begin(shard int, now int64) { r.flights[shard&(len(r.flights)-1)].begin(now) }

// End says that a request that began is done. shard must be that of its Begin.
func (r *Recorder) End(shard int, _, now int64) { r.flights[shard&(len(r.flights)-1)].end(now) }

// Drain moves what was recorded since the last drain into dst: Rows, Earlier, Errors, Taken, and of the gauges InFlight and InFlightNS. What
// dst held there is replaced; Worker and Second should be set before. now is ns since the start of the run. Recording goes on meanwhile, and each
// sample is in this drain or in the next.
func (r *Recorder) Drain(dst *Snapshot, now int64) {
	r.drain.Lock()
	defer r.drain.Unlock()
	dst.Taken = time.Duration(now)
	dst.Rows = nil
	for _, s := range r.names.all() {
		if row, ok := s.drain(); ok {
			dst.Rows = append(dst.Rows, row)
		}
	}
	slices.SortFunc(dst.Rows, func(a, b Row) int { return a.Key.Compare(b.Key) })
	r.after.drain(dst)
	dst.Errors = r.failures.drain(dst.Worker)
	r.drainFlights(&dst.Gauges, now)
}

// drain takes the row of a name from all shards. It reports false when nothing happened.
func (s *Place) drain() (row Row, ok bool) {
	var touched []*cell
	for i := range s.cells {
		if c := s.cells[i].Load(); c != nil && c.touched.Swap(false) {
			touched = append(touched, c)
		}
	}
	if touched == nil {
		return Row{}, false
	}
	row.Key = s.key
	for _, c := range touched {
		c.drainUnplanned(&row)
	}
	row.Response = row.Service.Clone()
	for _, c := range touched {
		c.drainOthers(&row)
	}
	row.Count = row.Service.Count() // successes; the rest brings its own
	for _, c := range touched {
		c.drainRest(&row)
	}
	return row, !row.IsEmpty()
}

func (r *Recorder) drainFlights(g *Gauges, now int64) {
	g.InFlight, g.InFlightNS = 0, r.debt
	for i := range r.flights {
		n, ns := r.flights[i].drain(now)
		g.InFlight += n
		g.InFlightNS += ns
	}
	r.debt = min(g.InFlightNS, 0)
	g.InFlightNS = max(g.InFlightNS, 0)
}
