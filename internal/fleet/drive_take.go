package fleet

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/stats"
)

// intake reads what comes through the stream. Unpacking takes as long as merging, so each has a goroutine: whoever calls take unpacks, and the other
// one does the rest, in the order in which it came.
type intake struct {
	d      *drive
	spare  chan *unpacker
	opened chan opened
	done   sync.WaitGroup

	mu   sync.Mutex // of who takes
	over bool
}

// opened is a message that was read.
type opened struct {
	worker int
	from   *unpacker // to be given back; nil of an end
	snap   *stats.Snapshot
	end    *Ended
	err    error
}

// unpacked is how many snapshots may wait to be merged.
const unpacked = 3

func newIntake(d *drive) (*intake, error) {
	in := &intake{d: d, spare: make(chan *unpacker, unpacked), opened: make(chan opened, unpacked)}
	for range unpacked {
		u, err := newUnpacker()
		if err != nil {
			return nil, err
		}
		in.spare <- u
	}
	in.done.Go(in.merge)
	return in, nil
}

// take reads a message. After close it does nothing.
func (in *intake) take(subject string, data []byte) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.over {
		return
	}
	n, what, run, ok := parseWorker(subject)
	if !ok || run != in.d.job.Run {
		return
	}
	o := opened{worker: n}
	switch what {
	case "snap":
		o.from = <-in.spare
		o.snap, o.err = o.from.unpack(data)
	case "end":
		o.end = new(Ended)
		o.err = json.Unmarshal(data, o.end)
	default:
		return
	}
	in.opened <- o
}

// merge takes in what was read until close.
func (in *intake) merge() {
	for o := range in.opened {
		switch {
		case o.err != nil:
			in.d.nonsense(o.worker, o.err)
		case o.end != nil:
			in.d.end(o.worker, o.end)
		default:
			in.d.second(o.worker, o.snap)
		}
		if o.from != nil {
			in.spare <- o.from
		}
	}
}

// close waits until all that was read is taken in.
func (in *intake) close() {
	in.mu.Lock()
	if !in.over {
		in.over = true
		close(in.opened)
	}
	in.mu.Unlock()
	in.done.Wait()
}

// member finds a member by the number of its worker and what it says of itself. c.mu is held.
func (d *drive) member(number, index int) *member {
	if index < 0 || index >= len(d.members) || d.members[index].number != number {
		return nil
	}
	return d.members[index]
}

// of is the last membership of a worker. c.mu is held.
func (d *drive) of(number int) *member {
	for i := len(d.members) - 1; i >= 0; i-- {
		if d.members[i].number == number {
			return d.members[i]
		}
	}
	return nil
}

// second takes a snapshot in: of a worker that is in this run, under its own number.
func (d *drive) second(number int, s *stats.Snapshot) {
	d.c.mu.Lock()
	m := d.member(number, s.Worker)
	if m == nil || s.Run != d.job.Run || !m.in {
		d.c.mu.Unlock()
		d.nonsense(number, fmt.Errorf("a second of worker %d of run %s", s.Worker, show(s.Run)))
		return
	}
	early := d.now()+2*time.Second < time.Duration(s.Second)*time.Second
	d.c.mu.Unlock()
	if early {
		d.nonsense(number, fmt.Errorf("second %d, which has not begun", s.Second))
		return
	}
	if d.collector.Add(s) {
		d.tallies.add(s)
	}
}

// nonsense takes note of a worker that sends what no worker of ours sends. Once is enough to doubt the run.
func (d *drive) nonsense(number int, err error) {
	d.c.mu.Lock()
	defer d.c.mu.Unlock()
	m := d.of(number)
	if m == nil || m.warned {
		return
	}
	m.warned = true
	text := fmt.Sprintf("%s (%s) sent what makes no sense (%v): it was not counted", m.name, m.host(), err)
	d.collector.Event("warning", text)
	d.collector.Doubt(text)
}

// end takes note of a worker that has ended.
func (d *drive) end(number int, e *Ended) {
	d.c.mu.Lock()
	defer d.c.mu.Unlock()
	m := d.member(number, e.Index)
	if m == nil || m.ended != nil {
		return
	}
	m.ended = e
	e.Reason, e.Problem, e.IO = bounded(e.Reason), bounded(e.Problem), show(e.IO)
	if e.Lost > 0 {
		d.collector.Doubt(fmt.Sprintf("%s (%s) had no room for %d of its seconds while the controller was away: they are lost", m.name, m.host(), e.Lost))
	}
	if m.gone { // it was given up, and delivered what it had
		d.check()
		return
	}
	left, state := d.now(), "left"
	d.collector.Tell(m.index, func(w *stampede.LiveWorker) {
		w.State = state
		if m.leaving {
			w.Left, w.Reason = left, e.Reason
		}
	})
	switch {
	case m.leaving:
		d.collector.Event("worker", fmt.Sprintf("%s (%s) has left: %s", m.name, m.host(), e.Reason))
	case e.Problem != "":
		d.lostMember(m, e.Problem)
		return
	case strings.HasPrefix(e.Reason, "the test stopped it"):
		d.halt(e.Reason, "stop")
	default:
		if d.reason == "" {
			d.reason = e.Reason
		}
		d.closeStopping()
	}
	d.check()
}

// check ends the run when nobody is left. c.mu is held.
func (d *drive) check() {
	if d.over {
		return
	}
	alive, done := 0, 0
	for _, m := range d.members {
		switch {
		case !m.in:
		case m.ended != nil:
			done++
		case !m.gone:
			alive++
		}
	}
	if alive > 0 {
		return
	}
	if done == 0 || !isClosed(d.stopping) && !d.finished() {
		why := "every worker is gone"
		for _, m := range d.members {
			if m.gone {
				why = fmt.Sprintf("every worker is gone; the last was %s (%s): %s", m.name, m.host(), m.problem)
			}
		}
		if d.reason == "" {
			d.reason = why
		}
		d.trouble = fmt.Errorf("fleet: %s", why)
		d.collector.Doubt(why)
	}
	d.closeStopping()
	d.over = true
	close(d.ended)
}

// finished reports whether somebody came to the end of the plan. c.mu is held.
func (d *drive) finished() bool {
	for _, m := range d.members {
		if m.ended != nil && !m.leaving && !m.gone {
			return true
		}
	}
	return false
}

func (d *drive) closeStopping() {
	if !isClosed(d.stopping) {
		close(d.stopping)
	}
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}
