package stats

import (
	"maps"
	"slices"
	"time"
)

// MergeOptions says what a Merger expects. The zero value expects one worker, number 0, and has no warm-up.
type MergeOptions struct {
	Warmup    time.Duration // seconds that begin before this are left out of the judged totals
	Workers   int           // workers 0 to Workers-1 are waited for from the first second; zero means 1
	Nobody    bool          // nobody is waited for until Expect says so
	MaxNames  int           // as in Options, over all workers; zero means 1,000
	MaxErrors int           // as in Options, over all workers; zero means 1,000
}

// Merger makes one run out of the snapshots of all workers. A second is closed, and only then counted in the totals, when every worker
// that is waited for has reported it; a worker that is gone must be declared Lost. It is not safe for concurrent use.
type Merger struct {
	opt     MergeOptions
	workers map[int]*worker
	open    map[int]*second // seconds that are not closed
	next    int             // the next second to close
	last    int             // the highest second anybody reported, -1 before
	forced  int             // no second up to this one waits for anybody, -1 before

	loaded, warmLoaded time.Duration // Gauges.Loaded of the last closed second, and of the last of the warm-up

	warm   *sum // seconds of the warm-up
	judged *sum // the others

	tooLate map[int]*sum // what came after its second was closed, until the next one is: it is in the totals already

	late, repeated, refused int64
}

// farAhead is how many seconds a snapshot can be ahead of all others before it is taken for nonsense: every second up to it would be
// closed, empty, one after the other.
const farAhead = 24 * 60 * 60

// second is a second that is still open.
type second struct {
	sum     *sum
	earlier map[int]*sum // what belongs to earlier ones
	workers map[int]Gauges
}

// NewMerger makes an empty merger.
func NewMerger(o MergeOptions) *Merger {
	if o.Workers <= 0 && !o.Nobody {
		o.Workers = 1
	}
	if o.MaxNames <= 0 {
		o.MaxNames = 1000
	}
	if o.MaxErrors <= 0 {
		o.MaxErrors = 1000
	}
	b := &Merger{opt: o, workers: map[int]*worker{}, open: map[int]*second{}, last: -1, forced: -1}
	b.warm, b.judged = b.newSum(), b.newSum()
	for i := range o.Workers {
		b.Expect(i, 0)
	}
	return b
}

func (b *Merger) newSum() *sum { return newSum(b.opt.MaxNames, b.opt.MaxErrors) }

// Add merges a snapshot. It reports false, and changes nothing, when one with the same worker and number was merged before. Snapshots
// may come in any order; the merger copies what it needs. One from a worker that nobody expected counts, and is waited for from then on.
// One without a number, or for a second before the run or a day ahead of all others, is refused.
func (b *Merger) Add(s *Snapshot) (fresh bool) {
	if s.Seq == 0 || s.Second < 0 || s.Second > max(b.next, b.last)+farAhead {
		b.refused++
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
	if s.Second >= w.heardAt {
		w.heard, w.heardAt = s.Gauges, s.Second
	}
	if s.Second < b.next {
		b.late++
		w.latest(s)
		b.addLate(s)
		return true
	}
	sec := b.open[s.Second]
	if sec == nil {
		sec = &second{sum: b.newSum(), workers: map[int]Gauges{}}
		b.open[s.Second] = sec
	}
	sec.sum.addSnapshot(s)
	for i := range s.Earlier {
		p := &s.Earlier[i]
		if p.Second < 0 || p.Second >= s.Second { // which none of ours sends
			sec.sum.addRows(p.Rows)
			continue
		}
		b.sumAt(&sec.earlier, p.Second).addRows(p.Rows)
	}
	sec.workers[s.Worker] = s.Gauges
	return true
}

// sumAt finds or makes the sum of a second.
func (b *Merger) sumAt(sums *map[int]*sum, second int) *sum {
	if *sums == nil {
		*sums = map[int]*sum{}
	}
	if (*sums)[second] == nil {
		(*sums)[second] = b.newSum()
	}
	return (*sums)[second]
}

// addLate adds a snapshot whose second is closed.
func (b *Merger) addLate(s *Snapshot) {
	b.part(s.Second).late(s)
	b.sumAt(&b.tooLate, s.Second).addRows(s.Rows)
	for i := range s.Earlier {
		at := min(max(s.Earlier[i].Second, 0), s.Second)
		b.part(at).late(&Snapshot{Second: at, Rows: s.Earlier[i].Rows})
		b.sumAt(&b.tooLate, at).addRows(s.Earlier[i].Rows)
	}
}

// takeLate is what came after the last second was closed, and belongs to closed ones. It is in the totals.
func (b *Merger) takeLate() []Part {
	late := parts(b.tooLate, true)
	b.tooLate = nil
	return late
}

// Leftover closes one more second, when something came after the last one was closed: it has no length and nothing of its own, only what belongs to
// those before it. Call it after Finish, when Next has reported false.
func (b *Merger) Leftover() (*Second, bool) {
	late := b.takeLate()
	if len(late) == 0 {
		return nil, false
	}
	closed := &Second{Index: b.next, Width: 1, Span: 1, Earlier: late, Final: true}
	b.gauges(closed, &second{})
	b.next++
	return closed, true
}

// part is the totals that a second belongs to.
func (b *Merger) part(index int) *sum {
	if time.Duration(index)*time.Second < b.opt.Warmup {
		return b.warm
	}
	return b.judged
}

// Next closes the next second and returns it, when every worker that is waited for has reported it. Seconds come in order and none is
// left out: one in which nothing happened is empty. Call it after each Add, Lost and Finish until it reports false.
func (b *Merger) Next() (*Second, bool) {
	if b.next > b.last {
		return nil, false
	}
	waiting := false
	for _, w := range b.workers {
		if w.holdsUp(b.next) && b.next > b.forced {
			return nil, false
		}
		waiting = waiting || w.waiting
	}
	sec := b.open[b.next]
	if sec == nil {
		sec = &second{sum: b.newSum()}
	}
	delete(b.open, b.next)
	sec.sum.addUp()
	b.part(b.next).merge(sec.sum)
	earlier := parts(sec.earlier, false)
	for i := range earlier {
		at := earlier[i].Second
		b.part(at).merge(sec.earlier[at])
	}
	closed := &Second{
		Index: b.next, Width: 1,
		Rows: sec.sum.sortedRows(), Total: sec.sum.total, Errors: sec.sum.sortedErrors(), Earlier: append(earlier, b.takeLate()...),
		Span: time.Second, Final: !waiting && b.next == b.last,
	}
	if begun := time.Duration(b.next) * time.Second; closed.Final && sec.sum.end > begun {
		closed.Span = min(sec.sum.end-begun, time.Second)
	}
	b.gauges(closed, sec)
	if b.loaded = time.Duration(closed.Gauges.Loaded); time.Duration(b.next)*time.Second < b.opt.Warmup {
		b.warmLoaded = b.loaded
	}
	b.next++
	return closed, true
}

// gauges adds the gauges of all workers up: of those that did not report this second, only the totals remain.
func (b *Merger) gauges(closed *Second, sec *second) {
	closed.Gauges = nobody()
	for _, number := range slices.Sorted(maps.Keys(b.workers)) {
		w := b.workers[number]
		g, reported := sec.workers[number]
		if reported {
			w.last, w.lastAt = g, closed.Index
			closed.Workers = append(closed.Workers, Worker{number, g})
		} else {
			g = w.rest()
		}
		closed.Gauges.Add(&g)
	}
}

// Whole is the totals of all closed seconds, over the time in which there was load. The rows and histograms are the merger's own: read them
// before the next Add or Next, or clone them.
func (b *Merger) Whole() Totals {
	if b.opt.Warmup <= 0 {
		return b.over(b.judged.totals(0), 0)
	}
	all := b.newSum()
	all.merge(b.warm)
	all.merge(b.judged)
	return b.over(all.totals(0), 0)
}

// over makes the length of totals the time under load since it was so long, where it is known.
func (b *Merger) over(t Totals, since time.Duration) Totals {
	if b.loaded > 0 {
		t.Seconds = max(0, b.loaded-since).Seconds()
	}
	return t
}

// Judged is Whole without the warm-up.
func (b *Merger) Judged() Totals {
	warm := (b.opt.Warmup + time.Second - 1).Truncate(time.Second)
	return b.over(b.judged.totals(warm), b.warmLoaded)
}

// LateMerged is how many snapshots came after their second was closed. They are in the totals, and among what a later second has of earlier ones.
func (b *Merger) LateMerged() int64 { return b.late }

// Repeated is how many snapshots came more than once.
func (b *Merger) Repeated() int64 { return b.repeated }

// Refused is how many snapshots were not taken because their number or second made no sense.
func (b *Merger) Refused() int64 { return b.refused }
