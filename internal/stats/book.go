package stats

import (
	"maps"
	"slices"
	"time"
)

// BookOptions says what a Book expects. The zero value expects one worker, number 0, and has no warm-up.
type BookOptions struct {
	Warmup    time.Duration // seconds that begin before this are left out of the judged totals
	Workers   int           // workers 0 to Workers-1 are waited for from the first second; zero means 1
	MaxNames  int           // as in Options, over all workers; zero means 1,000
	MaxErrors int           // as in Options, over all workers; zero means 1,000
}

// Second is one closed stretch of a run, merged over all workers: a second from a Book, or a longer one from a Series.
type Second struct {
	Index, Width int      // covers [Index, Index+Width) s of the run
	Rows         []Row    // names with activity, sorted by Type, Name
	Total        Row      // all rows but steps; its key is zero
	Gauges       Gauges   // of the fleet: see Gauges.Add
	Workers      []Worker // that reported this second, ascending; nil from a Series
	Errors       []ErrorRow
	Final        bool // the last of the run
}

// Worker is the gauges of one worker.
type Worker struct {
	Worker int
	Gauges Gauges
}

// Row finds a row by its key. It is nil when nothing was counted under it in this second.
func (s *Second) Row(k Key) *Row {
	i, found := slices.BinarySearchFunc(s.Rows, k, func(r Row, k Key) int { return r.Key.compare(k) })
	if !found {
		return nil
	}
	return &s.Rows[i]
}

// Book makes one run out of the snapshots of all workers. A second is closed, and only then counted in the totals, when every worker
// that is waited for has reported it; a worker that is gone must be declared Lost. It is not safe for concurrent use.
type Book struct {
	opt     BookOptions
	workers map[int]*worker
	open    map[int]*second // seconds that are not closed
	next    int             // the next second to close
	last    int             // the highest second anybody reported, -1 before

	warm   *sum // seconds of the warm-up
	judged *sum // the others

	late, repeated int64
}

// second is a second that is still open.
type second struct {
	sum     *sum
	workers map[int]Gauges
}

// worker is what the book knows of one worker.
type worker struct {
	from    int  // the first second it is waited for
	through int  // it has reported every second up to this one, in one piece
	waiting bool // it is waited for
	final   uint64
	last    Gauges // its latest, up to the last closed second

	seq   uint64         // every snapshot up to this one was added
	ahead map[uint64]int // the seconds of those that were added out of turn
}

// NewBook makes an empty book.
func NewBook(o BookOptions) *Book {
	if o.Workers <= 0 {
		o.Workers = 1
	}
	if o.MaxNames <= 0 {
		o.MaxNames = 1000
	}
	if o.MaxErrors <= 0 {
		o.MaxErrors = 1000
	}
	b := &Book{opt: o, workers: map[int]*worker{}, open: map[int]*second{}, last: -1}
	b.warm, b.judged = b.newSum(), b.newSum()
	for i := range o.Workers {
		b.Expect(i, 0)
	}
	return b
}

func (b *Book) newSum() *sum { return newSum(b.opt.MaxNames, b.opt.MaxErrors) }

// Expect makes the book wait for a worker from a second on: one that joins a running test, or comes back after it was lost.
func (b *Book) Expect(number, from int) {
	w := b.workers[number]
	if w == nil {
		w = &worker{from: from, through: from - 1, ahead: map[uint64]int{}, last: nobody()}
		b.workers[number] = w
	}
	w.waiting = true
	w.through = max(w.through, from-1)
}

// Lost says that nothing more will come from a worker: no second waits for it. What comes nevertheless is still counted.
func (b *Book) Lost(number int) {
	if w := b.workers[number]; w != nil {
		w.waiting = false
	}
}

// Add merges a snapshot. It reports false, and changes nothing, when one with the same worker and number was merged before. The
// snapshot may come in any order; the book copies what it needs. One from a worker that nobody expected counts, and is waited for from
// then on.
func (b *Book) Add(s *Snapshot) (fresh bool) {
	if s.Second < 0 || s.Seq == 0 {
		return false
	}
	if b.workers[s.Worker] == nil {
		b.Expect(s.Worker, s.Second)
	}
	w := b.workers[s.Worker]
	if !w.fresh(s) {
		b.repeated++
		return false
	}
	b.last = max(b.last, s.Second)
	if s.Second < b.next {
		b.late++
		b.addTo(b.part(s.Second), s)
		return true
	}
	sec := b.open[s.Second]
	if sec == nil {
		sec = &second{sum: b.newSum(), workers: map[int]Gauges{}}
		b.open[s.Second] = sec
	}
	b.addTo(sec.sum, s)
	sec.workers[s.Worker] = s.Gauges
	return true
}

// fresh takes note of a snapshot. It reports false for one that was there before.
func (w *worker) fresh(s *Snapshot) bool {
	if _, repeated := w.ahead[s.Seq]; repeated || s.Seq <= w.seq {
		return false
	}
	w.ahead[s.Seq] = s.Second
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

func (b *Book) addTo(into *sum, s *Snapshot) {
	for i := range s.Rows {
		r := &s.Rows[i]
		into.addRow(r)
		if r.Type != StepType {
			into.total.Add(r)
		}
	}
	for i := range s.Errors {
		into.addError(&s.Errors[i])
	}
	end := s.Taken
	if end == 0 {
		end = time.Duration(s.Second+1) * time.Second
	}
	into.end = max(into.end, end)
}

// part is the totals that a second belongs to.
func (b *Book) part(index int) *sum {
	if time.Duration(index)*time.Second < b.opt.Warmup {
		return b.warm
	}
	return b.judged
}

// Next closes the next second and returns it, when every worker that is waited for has reported it. Seconds come in order and none is
// left out: one in which nothing happened is empty. Call it after each Add, Lost and Finish until it reports false.
func (b *Book) Next() (*Second, bool) {
	if b.next > b.last {
		return nil, false
	}
	waiting := false
	for _, w := range b.workers {
		if !w.waiting {
			continue
		}
		waiting = true
		if w.from <= b.next && w.through < b.next {
			return nil, false
		}
	}
	sec := b.open[b.next]
	if sec == nil {
		sec = &second{sum: b.newSum()}
	}
	delete(b.open, b.next)
	b.part(b.next).merge(sec.sum)
	closed := &Second{
		Index: b.next, Width: 1,
		Rows: sec.sum.sortedRows(), Total: sec.sum.total, Errors: sec.sum.sortedErrors(),
		Final: !waiting && b.next == b.last,
	}
	b.gauges(closed, sec)
	b.next++
	return closed, true
}

// gauges adds the gauges of all workers up: of those that did not report this second, only the totals remain.
func (b *Book) gauges(closed *Second, sec *second) {
	closed.Gauges = nobody()
	for _, number := range slices.Sorted(maps.Keys(b.workers)) {
		w := b.workers[number]
		g, reported := sec.workers[number]
		if reported {
			w.last = g
			closed.Workers = append(closed.Workers, Worker{number, g})
		} else {
			g = w.last.gone()
		}
		closed.Gauges.Add(&g)
	}
}

// Finish says that no worker will report any more: Next closes what is left.
func (b *Book) Finish() {
	for _, w := range b.workers {
		w.waiting = false
	}
}

// Whole is the totals of all closed seconds. The rows and histograms are the book's own: read them before the next Add or Next, or
// clone them.
func (b *Book) Whole() Totals {
	if b.opt.Warmup <= 0 {
		return b.judged.totals(0)
	}
	all := b.newSum()
	all.merge(b.warm)
	all.merge(b.judged)
	return all.totals(0)
}

// Judged is Whole without the warm-up.
func (b *Book) Judged() Totals {
	warm := (b.opt.Warmup + time.Second - 1).Truncate(time.Second)
	return b.judged.totals(warm)
}

// LateMerged is how many snapshots came after their second was closed. They are in the totals and in no second.
func (b *Book) LateMerged() int64 { return b.late }

// Repeated is how many snapshots came more than once.
func (b *Book) Repeated() int64 { return b.repeated }

// Missing is how many snapshots are known to be missing: later ones of the same worker came.
func (b *Book) Missing() int64 {
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
