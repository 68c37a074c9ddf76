package stats

import "slices"

// worker is what the merger knows of one worker.
type worker struct {
	from    int  // the first second it is waited for
	through int  // it has reported every second up to this one, in one piece
	waiting bool // it is waited for
	final   uint64
	last    Gauges // its latest, up to the last closed second
	lastAt  int    // the second they are of
	heard   Gauges // its latest, whether or not its second is closed
	heardAt int    // the second they are of
	lost    bool   // nothing more is expected of it, in the middle of everything
	due     int64  // what it had to send when its share was dealt out; see Gone

	seq   uint64         // every snapshot up to this one was added
	ahead map[uint64]int // the seconds of those that were added out of turn
}

// Expect makes the merger wait for a worker from a second on: one that joins a running test, or comes back after it was lost.
func (b *Merger) Expect(number, from int) {
	w := b.workers[number]
	if w == nil {
		w = &worker{from: from, through: from - 1, ahead: map[uint64]int{}, last: nobody(), heard: nobody()}
		b.workers[number] = w
	}
	w.waiting, w.lost = true, false
	w.through = max(w.through, from-1)
}

// Lost says that nothing more will come from a worker: no second waits for it. What comes nevertheless is still counted.
func (b *Merger) Lost(number int) {
	if w := b.workers[number]; w != nil {
		w.waiting, w.lost = false, true
	}
}

// rest is what there is of a worker in a second that it has not reported: its totals as they were last. What waited then waits still, unless the worker
// was lost: then it is lost too, and what was under way was cut off, as far as anybody knows.
func (w *worker) rest() Gauges {
	g := w.last.gone(w.due, w.lost || w.due > 0)
	if w.lost && w.final == 0 {
		g.CutOff += int64(w.last.InFlight)
	}
	return g
}

// Gone says that nothing more will come from a worker whose share others have taken over, and how many arrivals were due of that share by
// then. What it has not reported of them is lost; what it reports late is not.
func (b *Merger) Gone(number int, due int64) {
	b.Lost(number)
	if w := b.workers[number]; w != nil {
		w.due = due
	}
}

// Latest is the gauges of all workers as they are known by now, seconds that are not closed yet left aside: those of a run that is over.
func (b *Merger) Latest() Gauges {
	all := nobody()
	for _, w := range b.workers {
		g := w.last
		if w.due > 0 || w.lost {
			g = w.rest()
		}
		all.Add(&g)
	}
	return all
}

// Rest is the totals of a worker as they are in those of the run by now, with what came after its second was closed; of one that is gone (see Gone)
// with what was lost. It reports false for one that nobody knows.
func (b *Merger) Rest(number int) (Gauges, bool) {
	w := b.workers[number]
	if w == nil {
		return Gauges{}, false
	}
	return w.rest(), true
}

// Reported is the latest gauges of a worker, seconds that are not closed yet among them; those of nobody when it never reported.
func (b *Merger) Reported(number int) Gauges {
	if w := b.workers[number]; w != nil {
		return w.heard
	}
	return nobody()
}

// Force closes the seconds up to one without those who have not reported them. They are merged when they come, and count as late.
func (b *Merger) Force(second int) { b.forced = max(b.forced, second) }

// Open is the next second to close.
func (b *Merger) Open() int { return b.next }

// Behind is the workers that the next second still waits for, ascending: who holds everybody up.
func (b *Merger) Behind() []int {
	var behind []int
	for number, w := range b.workers {
		if w.holdsUp(b.next) {
			behind = append(behind, number)
		}
	}
	slices.Sort(behind)
	return behind
}

// holdsUp reports whether a second must wait for the worker.
func (w *worker) holdsUp(second int) bool { return w.waiting && w.from <= second && w.through < second }

// Finish says that no worker will report any more: Next closes what is left.
func (b *Merger) Finish() {
	for _, w := range b.workers {
		w.waiting = false
	}
}

// fresh takes note of a snapshot. It reports false for one that was there before.
func (w *worker) fresh(s *Snapshot) bool {
	if _, repeated := w.ahead[s.Seq]; repeated || s.Seq <= w.seq {
		return false
	}
	w.ahead[s.Seq] = s.Second
	if s.More {
		w.ahead[s.Seq]--
	}
	if s.Final {
		w.final = s.Seq
	}
	for {
		sec, ok := w.ahead[w.seq+1]
		if !ok {
			break
		}
		w.seq++
		delete(w.ahead, w.seq)
		w.through = max(w.through, sec)
	}
	if w.final != 0 && w.seq >= w.final {
		w.waiting = false
	}
	return true
}

// latest takes note of the gauges of a second, unless those of a later one are known.
func (w *worker) latest(s *Snapshot) {
	if s.Second >= w.lastAt {
		w.last, w.lastAt = s.Gauges, s.Second
	}
}

// Missing is how many snapshots are known to be missing: later ones of the same worker came.
func (b *Merger) Missing() int64 {
	var n int64
	for _, w := range b.workers {
		high := w.seq
		for seq := range w.ahead {
			high = max(high, seq)
		}
		n += int64(high-w.seq) - int64(len(w.ahead))
	}
	return n
}
