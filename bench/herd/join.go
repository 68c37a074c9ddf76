package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"sync"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/fleet"
	"github.com/stampede-load/stampede/internal/stats"
	"github.com/stampede-load/stampede/internal/verdict"
)

// join is workers in one process.
func join(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("join", flag.ContinueOnError)
	n := flags.Int("n", 1, "how many")
	names := flags.Int("names", 0, "only report a second with so many names, and run no users")
	each := flags.Int("each", 20, "samples of each name in a second")
	ahead := flags.Duration("ahead", 0, "how far its clock is set apart")
	drift := flags.Int64("drift", 0, "by how many parts of a million its clock is too fast")
	if err := flags.Parse(args); err != nil {
		return err
	}
	url, err := fleet.ParseJoinURL(os.Getenv("STAMPEDE_JOIN"))
	if err != nil {
		return err
	}
	hash, err := herd().Hash()
	if err != nil {
		return err
	}
	cfg := fleet.WorkerConfig{URL: url, Version: stampede.Version, Test: hash, Ahead: *ahead, Drift: *drift, Prepare: prepare, Folder: os.TempDir()}
	if *names > 0 {
		all, err := newReporters(*names, *each)
		if err != nil {
			return err
		}
		cfg.Start, cfg.Packed = all.start, all.packed
	}
	begun := processTime()
	var wg sync.WaitGroup
	doors := make(chan struct{}, 8) // on a thousand machines each would have processors of its own to join with
	errs := make([]error, *n)
	for i := range *n {
		wg.Go(func() {
			doors <- struct{}{}
			w, err := fleet.Join(ctx, cfg)
			<-doors
			if err == nil {
				err = w.Run(ctx)
			}
			errs[i] = err
		})
	}
	wg.Wait()
	return errors.Join(errors.Join(errs...), json.NewEncoder(os.Stdout).Encode(map[string]any{"CPU": processTime() - begun, "RSS": peakMemory(), "PID": os.Getpid()}))
}

func prepare(_ context.Context, j *fleet.Job, _ string) (stampede.Plan, func(), error) {
	p := stampede.Plan{Test: herd()}
	err := p.Receive(j.Plan)
	return p, nil, err
}

// reporters make workers that have no users, and report all the same: the same rows each second, which are packed once. On a thousand machines
// packing takes each of them a thousandth of a core.
type reporters struct {
	rows   []stats.Row
	second int64  // samples in one
	tail   []byte // the rows in their packed form, and all that follows them

	mu sync.Mutex
	z  *zstd.Encoder
}

func newReporters(names, each int) (*reporters, error) {
	r := rand.New(rand.NewPCG(1, uint64(os.Getpid())))
	z, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest))
	if err != nil {
		return nil, err
	}
	all := &reporters{second: int64(names * each), z: z}
	for n := range names {
		row := stats.Row{Key: stats.Key{Type: "GET", Name: fmt.Sprintf("/page/%03d", n)}, Count: int64(each)}
		for range each {
			t := int64(20e6 * math.Exp(r.NormFloat64()))
			row.Service.Record(t)
			row.Response.Record(t + 10_000)
			row.Lag.Record(10_000)
		}
		all.rows = append(all.rows, row)
	}
	s := stats.Snapshot{Rows: all.rows}
	all.tail = z.EncodeAll(s.AppendBinary(nil)[len(head(&s)):], nil)
	return all, nil
}

// head is a snapshot up to its rows.
func head(s *stats.Snapshot) []byte {
	bare := *s
	bare.Rows = nil
	b := bare.AppendBinary(nil)
	return b[:len(b)-2] // no rows, no errors
}

// packed is the packed form of a snapshot: its head, and the rows that are packed already.
func (all *reporters) packed(s *stats.Snapshot) []byte {
	all.mu.Lock()
	defer all.mu.Unlock()
	return append(all.z.EncodeAll(head(s), make([]byte, 0, len(all.tail)+256)), all.tail...)
}

// reporter is a part of a run without users.
type reporter struct {
	of       *reporters
	o        stampede.WorkerOptions
	length   time.Duration
	stopping chan struct{}
	once     sync.Once
	done     chan struct{}
	ending   stampede.Ending
}

func (all *reporters) start(_ context.Context, p stampede.Plan, o stampede.WorkerOptions) (fleet.PartRun, error) {
	r := &reporter{of: all, o: o, length: p.Duration, stopping: make(chan struct{}), done: make(chan struct{})}
	go r.run()
	return r, nil
}

// run emits a second as soon as it is over.
func (r *reporter) run() {
	defer close(r.done)
	timer := time.NewTimer(0)
	defer timer.Stop()
	for k := r.o.FirstSecond; ; k++ {
		end := time.Duration(k+1) * time.Second
		timer.Reset(time.Until(r.o.Start.Add(end)))
		final := end >= r.length
		select {
		case <-timer.C:
		case <-r.stopping:
			final = true
		}
		s := &stats.Snapshot{Run: r.o.Run, Worker: r.o.Number, Second: k, Rows: r.of.rows, Final: final, Taken: end}
		sent := int64(k+1-r.o.FirstSecond) * r.of.second
		s.Gauges = stats.Gauges{Users: 1, Target: 1, Planned: sent, Sent: sent, CPU: 0.1, MachineCPU: 0.2, Loaded: int64(end)}
		r.o.Emit(s)
		if final {
			r.ending = stampede.Ending{Reason: "time", Elapsed: end, LoadEnd: end}
			return
		}
	}
}

func (r *reporter) Take(c stampede.Change) {
	if c.Kind == stampede.ChangeStop {
		r.Stop(c.Reason)
	}
}
func (r *reporter) Stop(string)               { r.once.Do(func() { close(r.stopping) }) }
func (r *reporter) Cancel(reason string)      { r.Stop(reason) }
func (r *reporter) Stopping() <-chan struct{} { return r.stopping }
func (r *reporter) Done() <-chan struct{}     { return r.done }
func (r *reporter) Wait() (stampede.Ending, error) {
	<-r.done
	return r.ending, nil
}
func (r *reporter) Now() time.Duration     { return time.Since(r.o.Start) }
func (r *reporter) GoOn()                  {}
func (r *reporter) GiveBack(float64) int64 { return 0 }
func (r *reporter) Moving() bool           { return false }
func (r *reporter) Pending() bool          { return false }
func (r *reporter) Left() bool             { return false }
func (r *reporter) Spent() bool            { return false }
func (r *reporter) Health() verdict.Health { return verdict.Health{} }
