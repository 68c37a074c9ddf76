package ledger

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/verdict"
)

// Header is what a recorder cannot learn from the run. The zero value works.
type Header struct {
	Git        Git
	Warmup     time.Duration // left out of the judged figures, should the run be cut off
	Thresholds []string      // as written, likewise
	Command    string        // what other programs are told while it records: "fanclub run -u 500"
	CostHour   float64       // USD that the machines of the run cost an hour; zero: nobody said
	CostBasis  string        // how that comes about
}

// RecorderOptions bounds a recorder. The zero value is good.
type RecorderOptions struct {
	MaxBytes int           // of seconds that wait for the disk; zero means 64 MB. What comes beyond is lost, and counted
	Stuck    time.Duration // how long a write may take before it is reported; zero means 5 s
}

// Recorder writes one run into a ledger while it happens. It is a [stampede.Observer] and never holds the run up: what it is told it copies
// into a queue, which a goroutine of its own writes down, about once a second. It must be closed.
//
// A second is on the disk within milliseconds of its end, so what kills the process (or the machine) loses the second in progress and
// no more. When the disk does not take the seconds they wait, in bounded memory; those that find no room are lost, counted, and told in
// the verdict.
type Recorder struct {
	ledger *Ledger
	head   Header
	opt    RecorderOptions
	names  cleaner // of the run's goroutine

	mu       sync.Mutex
	queue    []entry
	bytes    int // of the seconds in it
	lost     int
	ended    bool
	since    time.Time // when what is being written was begun; zero when nothing is
	reported bool      // that it takes long
	trouble  error     // why the last attempt to write failed
	run      Run       // as it was begun

	wake chan struct{} // has room for one
	done chan struct{} // the writer is gone
	stop context.CancelFunc
}

// entry is one thing to write down: one of its fields is set.
type entry struct {
	begin  *stampede.RunInfo
	second *waiting
	event  *stampede.Event
	end    *packed
	flush  chan struct{}
}

// waiting is a closed second in its wire form.
type waiting struct {
	index int
	raw   []byte
}

// Record makes a recorder. Its run is in the ledger from the first moment on.
func (b *Ledger) Record(h Header, o RecorderOptions) *Recorder {
	if o.MaxBytes <= 0 {
		o.MaxBytes = 64e6
	}
	if o.Stuck <= 0 {
		o.Stuck = 5 * time.Second
	}
	ctx, stop := context.WithCancel(context.Background())
	r := &Recorder{ledger: b, head: h, opt: o, wake: make(chan struct{}, 1), done: make(chan struct{}), stop: stop}
	go newWriter(r).main(ctx)
	return r
}

// Begin implements stampede.Observer.
func (r *Recorder) Begin(info stampede.RunInfo) {
	info.Links, info.Tags = cleanAll(info.Links), cleanAll(info.Tags) // copies
	r.put(entry{begin: &info}, 0)
}

// Second implements stampede.Observer.
func (r *Recorder) Second(sec *stampede.Second) {
	raw := snapshotOf(sec, &r.names).AppendBinary(nil)
	r.put(entry{second: &waiting{sec.Index, raw}}, len(raw))
	r.watch()
}

// Event implements stampede.Observer.
func (r *Recorder) Event(e stampede.Event) {
	e.Kind, e.Text = clean(e.Kind), clean(e.Text)
	r.put(entry{event: &e}, len(e.Text))
}

// End implements stampede.Observer. When seconds were lost it says so in the verdict of the report.
func (r *Recorder) End(rep *stampede.Report) {
	lost := r.Lost()
	if lost > 0 {
		rep.Verdict.Level = max(rep.Verdict.Level, verdict.Suspect)
		rep.Verdict.Reasons = append(rep.Verdict.Reasons, fmt.Sprintf(
			"the ledger lost %d of the run's seconds: its disk did not keep up; the totals are complete, the course in the ledger has gaps", lost))
	}
	if r.head.CostHour > 0 {
		rep.Run.Cost, rep.Run.CostBasis = CostOf(r.head.CostHour, r.head.CostBasis, rep.Run.Duration)
	}
	p, err := r.ledger.packResult(rep, lost)
	if err != nil {
		r.fail(err)
		return
	}
	r.mu.Lock()
	r.ended = true
	r.mu.Unlock()
	r.put(entry{end: p}, 0)
}

// put adds to the queue. Only what has a size can be refused, and only when there is no room.
func (r *Recorder) put(e entry, size int) {
	r.mu.Lock()
	if size > 0 && r.bytes+size > r.opt.MaxBytes {
		if e.second != nil {
			r.lost++
		}
		r.mu.Unlock()
		return
	}
	r.bytes += size
	r.queue = append(r.queue, e)
	r.mu.Unlock()
	select {
	case r.wake <- struct{}{}:
	default: // it knows already
	}
}

// watch reports a write that takes long. The writer itself cannot: it waits for the disk.
func (r *Recorder) watch() {
	r.mu.Lock()
	stuck := !r.since.IsZero() && time.Since(r.since) > r.opt.Stuck && !r.reported
	if stuck {
		r.reported = true
	}
	trouble, bytes := r.trouble, r.bytes
	r.mu.Unlock()
	if !stuck {
		return
	}
	why := "the disk does not answer"
	if trouble != nil {
		why = trouble.Error()
	}
	r.ledger.opt.Warn(fmt.Sprintf("ledger: nothing was written for %v (%s); %.1f MB of seconds wait, and from %.0f MB on they are lost",
		r.opt.Stuck, why, float64(bytes)/1e6, float64(r.opt.MaxBytes)/1e6))
}

func (r *Recorder) fail(err error) {
	r.mu.Lock()
	r.trouble = err
	r.mu.Unlock()
}

// Lost is how many seconds found no room in the queue.
func (r *Recorder) Lost() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.lost
}

// Run is the row of the run, with its number; it is zero before it was first written.
func (r *Recorder) Run() Run {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.run
}

// Flush waits until all that was told before is on the disk.
func (r *Recorder) Flush(ctx context.Context) error {
	written := make(chan struct{})
	r.put(entry{flush: written}, 0)
	select {
	case <-written:
		return nil
	case <-r.done:
		return errors.New("ledger: the recorder is closed")
	case <-ctx.Done():
		return r.why(ctx.Err())
	}
}

// Close writes what waits and ends the recorder. Until ctx ends it goes on trying; then it gives up, and the error says what is missing
// and why. A run without End stays in the ledger as one that was interrupted.
func (r *Recorder) Close(ctx context.Context) error {
	err := r.Flush(ctx)
	r.stop()
	<-r.done
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case err != nil:
		return fmt.Errorf("ledger: record the run in %s: %d entries could not be written: %w", r.ledger.where, len(r.queue), err)
	case r.trouble != nil:
		return r.ledger.explain("record the run in", r.trouble)
	}
	return r.ledger.explain("record the run in", r.ledger.gone())
}

// why is the reason a wait was in vain.
func (r *Recorder) why(err error) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.trouble != nil {
		return r.ledger.explain("write to", r.trouble)
	}
	return err
}
