package stats

import (
	"iter"
	"maps"
	"slices"
	"sort"
	"sync"
	"time"
)

// SeriesOptions bounds the memory of a Series. The zero value is good.
type SeriesOptions struct {
	Fine     time.Duration // how long seconds are kept one by one; zero means 10 minutes
	Medium   time.Duration // how long, after that, stretches of 10 s are kept, before they become 60 s; zero means 1 hour
	MaxBytes int           // of memory in all; zero means 96 MiB
}

// Series is what happened to every name over time: the closed seconds of a run, older ones rolled up to 10 s and then to 60 s, exactly,
// by adding rows. When there is more than allowed, the times after which seconds are rolled up halve, or the longest stretches double: a
// run of any length fits, and of any number of names as long as there is room for some thirty rows of each.
//
// A row is kept in its wire form. One name takes about 80 bytes for a second with a single sample, 150 to 250 with ten, 0.5 to 0.9 KB
// with a hundred, 1.0 to 1.7 KB with a thousand and 1.3 to 2.1 KB with five thousand; the larger figures are those of planned samples,
// which have a response time and a lag of their own. A longer stretch takes no more than a second with as many samples.
//
// One goroutine adds; any number may read meanwhile.
type Series struct {
	opt SeriesOptions

	mu     sync.RWMutex
	ids    map[Key]uint32 // from 1; 0 is the total
	keys   []Key          // keys[id-1]
	levels [3][]*point    // stretches of 1 s, of 10 s, and of 60 s or more; the last are the oldest
	top    int            // s, the longest that stretches were joined to
	bytes  int
}

// Point is one name in one stretch of time.
type Point struct {
	From, Width int           // covers [From, From+Width) s of the run
	Lasted      time.Duration // how much of that the run lasted: what a rate is per
	Row         Row           // empty when nothing happened
}

// NewSeries makes an empty series.
func NewSeries(o SeriesOptions) *Series {
	if o.Fine <= 0 {
		o.Fine = 10 * time.Minute
	}
	if o.Medium <= 0 {
		o.Medium = time.Hour
	}
	if o.MaxBytes <= 0 {
		o.MaxBytes = 96 << 20
	}
	return &Series{opt: o, ids: map[Key]uint32{}, top: 60}
}

// Add appends a closed second, or a longer stretch, and puts what came with it for earlier seconds where it belongs. It copies what it needs.
// Stretches come in order; one that begins before the end of the series is merged into the stretch that ends after its beginning.
func (s *Series) Add(sec *Second) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.add(sec)
	for i := range sec.Earlier {
		s.add(sec.Earlier[i].AsSecond())
	}
}

// add is Add of the second's own. mu is held.
func (s *Series) add(sec *Second) {
	p := s.encode(sec)
	if old := s.endingAfter(sec.Index); old != nil {
		s.bytes -= (*old).bytes()
		*old = (*old).with(p)
		s.bytes += (*old).bytes()
		return
	}
	s.levels[0] = append(s.levels[0], p)
	s.bytes += p.bytes()
	s.rollUp()
}

// Clone is the series as it is now. It shares what it has with the original, which never changes, and grows apart from it.
func (s *Series) Clone() *Series {
	s.mu.RLock()
	defer s.mu.RUnlock()
	c := &Series{opt: s.opt, ids: maps.Clone(s.ids), keys: slices.Clone(s.keys), top: s.top, bytes: s.bytes}
	for i := range s.levels {
		c.levels[i] = slices.Clone(s.levels[i])
	}
	return c
}

// endingAfter is the place of the first stretch that ends after a second began, nil when there is none.
func (s *Series) endingAfter(second int) **point {
	for i := len(s.levels) - 1; i >= 0; i-- {
		level := s.levels[i]
		n := sort.Search(len(level), func(i int) bool { return level[i].from+level[i].width > second })
		if n < len(level) {
			return &level[n]
		}
	}
	return nil
}

// view is the stretches in order, and the keys, as they are now. Both never change.
func (s *Series) view() ([]*point, []Key) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.Concat(s.levels[2], s.levels[1], s.levels[0]), s.keys[:len(s.keys):len(s.keys)]
}

// Keys is every name that ever had a row, sorted.
func (s *Series) Keys() []Key {
	_, keys := s.view()
	keys = slices.Clone(keys)
	slices.SortFunc(keys, Key.Compare)
	return keys
}

// Span is the seconds covered: [from, to) of the run.
func (s *Series) Span() (from, to int) {
	points, _ := s.view()
	if len(points) == 0 {
		return 0, 0
	}
	last := points[len(points)-1]
	return points[0].from, last.from + last.width
}

// Points yields one name over time, one point for each stretch, in order. The rows are the caller's.
func (s *Series) Points(k Key) iter.Seq[Point] {
	s.mu.RLock()
	id, ok := s.ids[k]
	s.mu.RUnlock()
	return s.pointsOf(id, ok, k)
}

// Total yields all names but steps together, over time.
func (s *Series) Total() iter.Seq[Point] { return s.pointsOf(0, true, Key{}) }

func (s *Series) pointsOf(id uint32, known bool, k Key) iter.Seq[Point] {
	return func(yield func(Point) bool) {
		points, _ := s.view()
		for _, p := range points {
			out := Point{From: p.from, Width: p.width, Lasted: p.span}
			if known {
				p.addTo(&out.Row, id)
			}
			out.Row.Key = k
			if !yield(out) {
				return
			}
		}
	}
}

// Between is [Series.Points] of the stretches that overlap [from, to) s of the run; the zero key is all names but steps together. Only those
// are unpacked.
func (s *Series) Between(k Key, from, to int) iter.Seq[Point] {
	s.mu.RLock()
	id, known := s.ids[k]
	s.mu.RUnlock()
	if k == (Key{}) {
		id, known = 0, true
	}
	return func(yield func(Point) bool) {
		points, _ := s.view()
		for _, p := range within(points, from, to) {
			out := Point{From: p.from, Width: p.width, Lasted: p.span}
			if known {
				p.addTo(&out.Row, id)
			}
			out.Row.Key = k
			if !yield(out) {
				return
			}
		}
	}
}

// Totals yields the stretches that overlap [from, to) s of the run, without their names: the total and the gauges of each.
func (s *Series) Totals(from, to int) iter.Seq[*Second] {
	return func(yield func(*Second) bool) {
		points, _ := s.view()
		for _, p := range within(points, from, to) {
			sec := &Second{Index: p.from, Width: p.width, Span: p.span, Gauges: p.gauges, Final: p.final}
			p.addTo(&sec.Total, 0)
			if !yield(sec) {
				return
			}
		}
	}
}

// within is the stretches that overlap [from, to) s.
func within(points []*point, from, to int) []*point {
	first := sort.Search(len(points), func(i int) bool { return points[i].from+points[i].width > from })
	last := sort.Search(len(points), func(i int) bool { return points[i].from >= to })
	return points[min(first, last):last]
}

// Seconds yields every stretch with all its names, in order: what a streaming export reads, one at a time in memory. The stretches are
// the caller's; they have no errors and no single workers.
func (s *Series) Seconds() iter.Seq[*Second] {
	return func(yield func(*Second) bool) {
		points, keys := s.view()
		for _, p := range points {
			if !yield(merge([]*point{p}, keys)) {
				return
			}
		}
	}
}

// Window adds up the stretches that overlap [from, to) s of the run, exactly. Where old seconds were rolled up, the window that is
// returned can begin or end a little outside: its Index and Width say what it covers. It is nil when there is nothing.
func (s *Series) Window(from, to int) *Second {
	points, keys := s.view()
	points = within(points, from, to)
	if len(points) == 0 || from >= to {
		return nil
	}
	return merge(points, keys)
}

// Recent is the window of the latest seconds, or of all there are. It is nil when there are none.
func (s *Series) Recent(d time.Duration) *Second {
	_, to := s.Span()
	return s.Window(to-int((d+time.Second-1)/time.Second), to)
}

// Bytes is the memory that the stretches take.
func (s *Series) Bytes() int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.bytes
}
