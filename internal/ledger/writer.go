package ledger

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/stats"
)

// writer is the goroutine that writes the queue of a recorder down.
type writer struct {
	*Recorder
	lock runLock
	on   written
}

// written is what is on the disk, as far as the writer must know. It is changed in a copy, which counts when the transaction does.
type written struct {
	run    Run
	names  map[stats.Key]int64
	fresh  []*stats.Snapshot // seconds that are no block yet
	events int
	sizes  []minuteSize
	errors []byte // failures of the seconds that are blocks, packed; nil when there are none
	over   bool   // its result is there
}

func (w *written) clone() *written {
	return &written{w.run, maps.Clone(w.names), slices.Clone(w.fresh), w.events, slices.Clone(w.sizes), w.errors, w.over}
}

// header is what is kept of a Header, and of the process that records.
type header struct {
	Warmup     time.Duration `json:"warmup"`
	Thresholds []string      `json:"thresholds"`
	IO         string        `json:"io"`
	Process    int           `json:"process"`
	Machine    string        `json:"machine"`
	Command    string        `json:"command"`
	CostHour   float64       `json:"cost_hour,omitempty"`
	CostBasis  string        `json:"cost_basis,omitempty"`
}

// batchMost bounds a transaction: after a long wait for the disk there may be much to write.
const batchMost = 2 * minute

// retry is the pause after a write that failed.
const retry = 500 * time.Millisecond

func newWriter(r *Recorder) *writer {
	return &writer{Recorder: r, lock: noLock{}, on: written{names: map[stats.Key]int64{}}}
}

// main writes until the recorder is stopped.
func (w *writer) main(ctx context.Context) {
	defer close(w.done)
	defer func() { w.lock.release() }()
	for {
		select {
		case <-ctx.Done():
			return
		case <-w.wake:
		}
		for !w.isEmpty() {
			if w.batch(ctx) {
				continue
			}
			select { // the same again, soon
			case <-ctx.Done():
				return
			case <-time.After(retry):
			}
		}
	}
}

func (w *writer) isEmpty() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.queue) == 0
}

// batch writes what is in the queue in one transaction, and reports whether that is on the disk.
func (w *writer) batch(ctx context.Context) bool {
	w.mu.Lock()
	batch := w.queue[:min(len(w.queue), batchMost)]
	if w.since.IsZero() {
		w.since = time.Now()
	}
	w.mu.Unlock()
	err := w.begin(ctx, batch)
	next := w.on.clone()
	if err == nil {
		err = w.ledger.change(ctx, func(tx *sql.Tx) error { return w.apply(ctx, tx, batch, next) })
	}
	if err != nil {
		w.fail(err)
		return false
	}
	w.on = *next
	w.settle(batch)
	return true
}

// begin claims the run, before others can see it in the ledger, and again when a server has forgotten that. Two runs that start in the same
// second can get the same id by chance: the later one gets a number behind it. Whoever has the lock of an id that no run has is the only
// one who can use it.
func (w *writer) begin(ctx context.Context, batch []entry) error {
	if w.lock.held(ctx) {
		return nil
	}
	w.lock.release()
	w.lock = noLock{}
	if w.on.run.Number > 0 {
		lock, err := w.ledger.claim(ctx, w.on.run.ID)
		if err == nil {
			w.lock = lock
		}
		return err
	}
	for i := range batch {
		info := batch[i].begin
		if info == nil {
			continue
		}
		for n, id := 2, clean(info.ID); ; n++ {
			lock, err := w.ledger.claimNew(ctx, id)
			if err == nil {
				w.lock, info.ID = lock, id
				break
			}
			if !errors.Is(err, errHeld) {
				return err
			}
			id = fmt.Sprintf("%s-%d", clean(info.ID), n)
		}
	}
	return nil
}

// settle takes what is on the disk out of the queue.
func (w *writer) settle(batch []entry) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.since, w.reported, w.trouble, w.run = time.Time{}, false, nil, w.on.run
	w.queue = slices.Clone(w.queue[len(batch):]) // free what was written
	for i := range batch {
		switch e := &batch[i]; {
		case e.second != nil:
			w.bytes -= len(e.second.raw)
		case e.event != nil:
			w.bytes -= len(e.event.Text)
		case e.flush != nil:
			close(e.flush)
		}
	}
}

func (w *writer) apply(ctx context.Context, tx *sql.Tx, batch []entry, on *written) error {
	var ended *packed
	if err := w.ledger.resume(ctx, tx, on); err != nil {
		return err
	}
	for i := range batch {
		var err error
		switch e := &batch[i]; {
		case e.begin != nil:
			err = w.insert(ctx, tx, e.begin, on)
		case e.second != nil:
			err = w.second(ctx, tx, e.second, on)
		case e.event != nil:
			err = w.event(ctx, tx, *e.event, on)
		case e.end != nil:
			ended = e.end
		}
		if err != nil {
			return err
		}
	}
	if err := w.ledger.compact(ctx, tx, on, ended != nil); err != nil {
		return err
	}
	if ended == nil {
		return nil
	}
	on.over = true
	return w.ledger.writeResult(ctx, tx, on.run.Number, ended, Done)
}

// insert makes the row of the run.
func (w *writer) insert(ctx context.Context, tx *sql.Tx, info *stampede.RunInfo, on *written) error {
	on.run = Run{RunInfo: *info, State: Running, Git: w.head.Git}
	cleanRun(&on.run)
	machine, err := os.Hostname()
	if err != nil {
		machine = "unknown"
	}
	h, err := json.Marshal(header{
		Warmup: w.head.Warmup, Thresholds: cleanAll(w.head.Thresholds), IO: info.IO, Process: os.Getpid(), Machine: machine, Command: clean(w.head.Command),
		CostHour: finite(w.head.CostHour), CostBasis: clean(w.head.CostBasis),
	})
	if err != nil {
		return err
	}
	return w.ledger.insertRun(ctx, tx, &on.run, h)
}

var errNoBegin = errors.New("ledger: the recorder was told of a second before the beginning of its run")

func (w *writer) second(ctx context.Context, tx *sql.Tx, sec *waiting, on *written) error {
	if on.run.Number == 0 {
		return errNoBegin
	}
	s, err := stats.DecodeSnapshot(sec.raw)
	if err != nil {
		return err
	}
	on.fresh = append(on.fresh, s)
	return w.ledger.writeSecond(ctx, tx, on.run.Number, sec.index, sec.raw)
}

func (w *writer) event(ctx context.Context, tx *sql.Tx, e stampede.Event, on *written) error {
	on.events++
	return w.ledger.writeEvents(ctx, tx, on.run.Number, on.events-1, []stampede.Event{e})
}
