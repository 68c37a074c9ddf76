package fleet

import (
	"errors"
	"fmt"
	"time"

	"github.com/stampede-load/stampede"
)

// clockDoubt is how wrong a worker's clock may be known before the run is in doubt.
const clockDoubt = 20 * time.Millisecond

// heard takes a worker's beat and adds to the answer what it has to know. c.mu is held.
func (d *drive) heard(p *peer, b *Beat, a *Answer) {
	m := d.of(p.number)
	if b.Run != d.job.Run {
		if m != nil && !m.gone && m.ended == nil && d.start != 0 && b.Run == "" && m.reported.Run == d.job.Run {
			return // its end is on the way
		}
		if m == nil || m.gone || m.ended != nil {
			if m = d.hireLate(p); m == nil {
				return
			}
		}
		a.Job = d.jobOf(m)
		a.Run = d.job.Run
		return
	}
	if m == nil {
		a.Problem = "this worker is not in this run"
		return
	}
	m.reported = *b
	switch {
	case m.gone:
		m.release = len(d.orders) // it learns that its share is gone
	case b.Problem != "":
		d.failed(m, b.Problem)
	case b.State == "prepared" && !m.ready:
		m.ready = true
		d.c.changed()
		if d.start != 0 && !m.in {
			d.admit(m)
		}
	}
	if b.Drain && !m.leaving && !m.gone {
		d.drainMember(m, "it asked to leave")
	}
	d.tellMember(m, b)
	d.releaseWaiting()
	d.dealReturned()
	d.answer(m, a)
	if why, over := d.nothingIsLeft(); over {
		d.halt(why, "stop")
	}
}

// jobOf is the job as a member gets it. c.mu is held.
func (d *drive) jobOf(m *member) *Job {
	j := d.job
	j.Index, j.Iterations = m.index, m.limit
	return &j
}

// tellMember passes on what a worker says of itself. c.mu is held.
func (d *drive) tellMember(m *member, b *Beat) {
	if !m.in || d.start == 0 {
		return
	}
	d.collector.Tell(m.index, func(w *stampede.LiveWorker) {
		w.ClockOffset, w.ClockError, w.RTT = time.Duration(-b.Offset), time.Duration(b.Error), time.Duration(b.RTT)
		w.Verdict, w.Reasons = b.Level, b.Reasons
		if m.leaving && w.State == "running" {
			w.State = "draining"
		}
	})
	if b.State == "stopping" || b.State == "ended" {
		if !m.leaving && !m.gone {
			d.closeStopping()
		}
	}
}

// sayClocks doubts a run whose clocks are not known well enough. c.mu is held.
func (d *drive) sayClocks() {
	for _, m := range d.members {
		if wrong := time.Duration(m.reported.Error); m.in && wrong > clockDoubt {
			d.collector.Doubt(fmt.Sprintf("%s (%s): its clock is known to %v only (half of its fastest round trip), so seconds of workers may be so far apart",
				m.name, m.host(), wrong.Round(time.Millisecond)))
		}
		if by := time.Duration(m.reported.Late); m.in && by > 0 && !m.gone {
			d.collector.Event("warning", fmt.Sprintf("%s (%s) heard of an order %v after its time", m.name, m.host(), by.Round(time.Millisecond)))
		}
	}
}

// sayBeyond tells of workers that went on with a share which others had taken over, since they were cut off. c.mu is held.
func (d *drive) sayBeyond() {
	for _, m := range d.members {
		if !m.gone || m.due == 0 {
			continue
		}
		if more := d.collector.Rest(m.index).Planned - m.due; more > 0 {
			d.collector.Doubt(fmt.Sprintf("%s (%s) was cut off and went on with a share that others had taken over: %d arrivals beyond the plan", m.name, m.host(), more))
		}
	}
}

// failed is of a member that cannot take part. c.mu is held.
func (d *drive) failed(m *member, why string) {
	if m.problem == "" {
		m.problem = why
		d.c.changed()
	}
	if d.start != 0 && !m.in && !m.gone {
		m.gone = true
		d.collector.Event("warning", fmt.Sprintf("%s (%s) cannot join: %s", m.name, m.host(), why))
	}
}

// hireLate makes a member of a worker that comes while the run goes on; nil when there is nothing for it to do. c.mu is held.
func (d *drive) hireLate(p *peer) *member {
	if d.start == 0 || d.stopped || d.over || isClosed(d.stopping) || p.state != peerReady {
		return nil
	}
	if m := d.of(p.number); m != nil && m.leaving {
		return nil
	}
	m := &member{peer: p, index: len(d.members), weight: p.hello.Weight}
	d.members = append(d.members, m)
	if _, err := d.partOf(m); err != nil {
		d.members = d.members[:m.index]
		if !d.crowded {
			d.crowded = true
			d.collector.Event("warning", fmt.Sprintf("%s (%s) waits: %v", m.name, m.host(), err))
		}
		return nil
	}
	p.state = peerRunning
	if err := d.c.keep(); err != nil { // whoever goes on with the run must not give its index to another
		d.trouble = err
	}
	return m
}

// admit gives a member that has got ready its share. Those who give hear of it first. c.mu is held.
func (d *drive) admit(m *member) {
	if d.stopped || isClosed(d.stopping) {
		return
	}
	at := d.when() + lead // two rounds
	part, err := d.partOf(m)
	if err == nil && d.ownerless() {
		err = errors.New("all the others have been told to leave, and the run ends with them")
	}
	if err != nil {
		d.failed(m, err.Error())
		return
	}
	m.joined, m.from = at, int(at/time.Second)
	m.account, m.in, m.release = d.collector.Account(stampede.NoShare()), true, len(d.orders)
	for _, o := range d.orders { // what it has to know of the past
		m.take(d.change(o, nil, nil))
	}
	o := Order{Kind: "join", At: int64(at), Index: m.index, Weight: m.weight, Rate: d.spawn, First: m.from, Part: part}
	d.expect(m)
	d.giveBut(o, func(o *member) bool { return o == m })
	d.replay()
	d.collector.Event("worker", fmt.Sprintf("%s (%s) joins", m.name, m.host()))
	d.releaseWaiting()
}

// ownerless reports whether all shares have been given up: what is due until somebody else had one would be nobody's. c.mu is held.
func (d *drive) ownerless() bool {
	deal, err := d.dealBefore(len(d.orders))
	return err == nil && len(deal.Workers()) == 0
}

// releaseWaiting lets members hear of orders that others had to acknowledge first. c.mu is held.
func (d *drive) releaseWaiting() {
	changed := false
	for _, m := range d.members {
		if !m.in || m.gone {
			continue
		}
		for m.release < len(d.orders) && d.mayKnow(m, &d.orders[m.release]) {
			m.release++
			changed = true
		}
	}
	if changed {
		d.tell()
	}
}

// mayKnow reports whether all who have to give something up by an order have acknowledged it. c.mu is held.
func (d *drive) mayKnow(m *member, o *Order) bool {
	for _, g := range d.members {
		if g == m || !g.in || g.gone || g.ended != nil || g.reported.Known >= o.Number {
			continue
		}
		switch o.Kind {
		case "join":
			if m.index == o.Index && g.release >= o.Number {
				return false
			}
		case "leave":
			if m.index != o.Index && g.index == o.Index {
				return false
			}
		}
	}
	return true
}

// lost is of a worker that says nothing any more. It reports false when it has no part in the run. c.mu is held.
func (d *drive) lost(p *peer, why string) bool {
	m := d.of(p.number)
	if m == nil || m.ended != nil {
		return false
	}
	if !m.in || d.start == 0 {
		m.gone, m.problem = true, why
		d.c.changed()
		return true
	}
	d.lostMember(m, why)
	return true
}

// left is of a worker that goes in the middle of everything. c.mu is held.
func (d *drive) left(p *peer, why string) {
	if m := d.of(p.number); m != nil && m.ended == nil && !m.gone {
		d.lost(p, why)
	}
}

// lostMember deals a member's share to the others. c.mu is held.
func (d *drive) lostMember(m *member, why string) {
	if m.gone {
		return
	}
	m.gone, m.problem, m.lostAt, m.left = true, why, time.Now(), d.now()
	if !m.leaving && !isClosed(d.stopping) && !d.stopped {
		o := d.give(Order{Kind: "leave", Index: m.index, Rate: d.spawn, Reason: why})
		m.due = d.dueOf(m, time.Duration(o.At))
		d.replay()
	} else {
		m.due = d.dueOf(m, max(d.now(), d.last))
	}
	d.tellLost(m)
	others := "its load goes to the others"
	if isClosed(d.stopping) {
		others = "the run was about to end"
	}
	d.collector.Event("worker", fmt.Sprintf("%s (%s) is lost: %s; %s", m.name, m.host(), why, others))
	d.collector.Gone(m.index, m.due)
	d.releaseWaiting()
	d.check()
}

// tellLost makes a member known as lost. c.mu is held.
func (d *drive) tellLost(m *member) {
	left, why := m.left, m.problem
	d.collector.Tell(m.index, func(w *stampede.LiveWorker) {
		w.State, w.Gone, w.Left, w.Reason = "lost", true, left, why
	})
}

// lostReason is why a member was lost; "" of one that was not.
func (m *member) lostReason() string {
	if !m.gone {
		return ""
	}
	return m.problem
}

// drain is of a worker that is to leave in order. c.mu is held.
func (d *drive) drain(p *peer, why string) bool {
	m := d.of(p.number)
	if m == nil || !m.in || m.gone || m.ended != nil || m.leaving {
		return m != nil && m.leaving
	}
	d.drainMember(m, why)
	return true
}

// drainMost is how long the users of a worker that leaves in order may take to move.
const drainMost = 5 * time.Second

func (d *drive) drainMember(m *member, why string) {
	if !m.in || m.leaving || m.ended != nil {
		return
	}
	m.leaving, m.state = true, peerLeaving
	rate := d.spawn
	if moved := float64(d.collector.Gauges().Users) / float64(max(1, d.alive())); rate > 0 && moved/rate > drainMost.Seconds() {
		rate = moved / drainMost.Seconds()
	}
	d.collector.Event("worker", fmt.Sprintf("%s (%s) is to leave: %s", m.name, m.host(), why))
	d.collector.Tell(m.index, func(w *stampede.LiveWorker) { w.State = "draining" })
	if isClosed(d.stopping) || d.stopped {
		return
	}
	d.giveBut(Order{Kind: "leave", Index: m.index, Rate: rate, Reason: why, Drain: true}, func(o *member) bool { return o != m })
	d.replay()
	d.releaseWaiting()
}

// alive is how many members work. c.mu is held.
func (d *drive) alive() int {
	n := 0
	for _, m := range d.members {
		if m.in && !m.gone && m.ended == nil {
			n++
		}
	}
	return n
}

// nothingIsLeft reports whether no member has anything to do, and none will have: its users have gone, or the iterations have all been begun.
// c.mu is held.
func (d *drive) nothingIsLeft() (why string, over bool) {
	if d.start == 0 || d.stopped || isClosed(d.stopping) || d.owed() {
		return "", false
	}
	why = "everybody has left"
	for _, m := range d.members {
		if !m.in || m.gone || m.ended != nil {
			continue
		}
		b := &m.reported
		if !b.Left && !b.Spent || b.Known < len(d.orders) {
			return "", false
		}
		if b.Spent {
			why = "iterations"
		}
		over = true
	}
	return why, over
}

// tick does what is due. c.mu is held.
func (d *drive) tick() {
	if d.start == 0 || d.over {
		return
	}
	if d.resumed && time.Since(d.c.clock.base) < deserted {
		if time.Since(d.c.clock.base) > reread {
			d.missNoLonger()
		}
		return // the stream is read again, and workers come back
	}
	if n := int((d.now() - late) / time.Second); n > 0 {
		d.collector.Overdue(n - 1)
	}
	d.settleIterations()
	d.dealReturned()
	if d.stopped && time.Since(d.stopAt) > d.patience() {
		for _, m := range d.members {
			if m.in && !m.gone && m.ended == nil {
				d.lostMember(m, "it did not end when it was told to")
			}
		}
		d.check()
	}
}

// patience is how long workers may take to end. c.mu is held.
func (d *drive) patience() time.Duration {
	return max(0, d.collector.Plan().StopTimeout) + 40*time.Second
}
