package stats

import (
	"maps"
	"math"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/stampede-load/stampede/internal/fault"
)

// Part is what came with one second and belongs to an earlier one. That is what is answered after the load has ended: it belongs to the second
// in which it was intended, for nobody asked for anything in the second in which it came. And it is what a worker reported after the second
// was closed: that is Late.
type Part struct {
	Second int
	Late   bool  // never in a Snapshot
	Rows   []Row // sorted by Type, Name
	Total  Row   // all rows but steps, its key is zero; empty in a Snapshot
}

// Came is the second with all that came in it, as whoever watches a run sees it: what was answered after the load is part of it, and what a
// worker reported late is not. It is s itself where that is the same.
func (s *Second) Came() *Second {
	if !slices.ContainsFunc(s.Earlier, func(p Part) bool { return !p.Late }) {
		return s
	}
	all := newSum(math.MaxInt, math.MaxInt)
	all.addRows(s.Rows)
	for i := range s.Earlier {
		if !s.Earlier[i].Late {
			all.addRows(s.Earlier[i].Rows)
		}
	}
	all.addUp()
	came := *s
	came.Rows, came.Total, came.Earlier = all.sortedRows(), all.total, nil
	return &came
}

// AsSecond is what the part adds to its second: rows and a total, without gauges.
func (p *Part) AsSecond() *Second {
	return &Second{Index: p.Second, Width: 1, Rows: p.Rows, Total: p.Total}
}

// parts makes parts of sums, in order, and adds those up.
func parts(of map[int]*sum, late bool) []Part {
	var out []Part
	for _, at := range slices.Sorted(maps.Keys(of)) {
		s := of[at]
		s.addUp()
		out = append(out, Part{Second: at, Late: late, Rows: s.sortedRows(), Total: s.total})
	}
	return out
}

// mostDrained bounds how many seconds are told apart of what is answered between two drains; the rest counts where it came.
const mostDrained = 600

// afterLoad is what was answered since the load ended, by the second in which it was intended.
type afterLoad struct {
	from atomic.Int64 // ns since the start of the run; 0 while no end is known

	mu   sync.Mutex
	rows map[int]map[Key]*Row
}

// LoadEnds says from which run time on nothing is asked for any more, in ns; 0 when that is not known (any more). What is done at that time or
// later counts for the second in which it was intended. It may be called at any time.
func (r *Recorder) LoadEnds(at int64) { r.after.from.Store(max(0, at)) }

// after reports whether a sample came after the load.
func (d *afterLoad) after(s *Sample) bool {
	from := d.from.Load()
	return from != 0 && s.Done >= from
}

// row is where a sample counts; nil when there are too many seconds. mu is held.
func (d *afterLoad) row(k Key, s *Sample) *Row {
	begun := s.Sent
	if s.planned() {
		begun = s.intended()
	}
	at := int(max(0, begun) / 1e9)
	if d.rows == nil {
		d.rows = map[int]map[Key]*Row{}
	}
	names := d.rows[at]
	if names == nil {
		if len(d.rows) >= mostDrained {
			return nil
		}
		names = map[Key]*Row{}
		d.rows[at] = names
	}
	row := names[k]
	if row == nil {
		row = &Row{Key: k}
		names[k] = row
	}
	return row
}

// record counts a sample that came after the load. It reports false when it has to count where it came.
func (d *afterLoad) record(k Key, s *Sample) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	row := d.row(k, s)
	switch {
	case row == nil:
		return false
	case s.Fault == fault.None:
		row.succeed(s)
	default:
		row.fail(s)
	}
	return true
}

// page counts what became of the parts of a page that came after the load. It reports false when that has to count where it came.
func (d *afterLoad) page(k Key, s *Sample, counts PageCounts) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	row := d.row(k, s)
	if row != nil {
		row.AddPage(counts)
	}
	return row != nil
}

// drain moves all that was counted into dst, whose own rows are there already. What was intended in the second of dst, or later (the generator
// stood still for several seconds), is part of those.
func (d *afterLoad) drain(dst *Snapshot) {
	d.mu.Lock()
	rows := d.rows
	d.rows = nil
	d.mu.Unlock()
	dst.Earlier = nil
	for _, at := range slices.Sorted(maps.Keys(rows)) {
		p := Part{Second: at}
		for _, k := range slices.SortedFunc(maps.Keys(rows[at]), Key.Compare) {
			if at >= dst.Second {
				dst.addRow(rows[at][k])
				continue
			}
			p.Rows = append(p.Rows, *rows[at][k])
		}
		if len(p.Rows) > 0 {
			dst.Earlier = append(dst.Earlier, p)
		}
	}
}

// addRow adds a row to those of the snapshot.
func (s *Snapshot) addRow(r *Row) {
	i, found := slices.BinarySearchFunc(s.Rows, r.Key, func(have Row, k Key) int { return have.Key.Compare(k) })
	if found {
		s.Rows[i].Add(r)
		return
	}
	s.Rows = slices.Insert(s.Rows, i, *r)
}

// succeed counts a success.
func (r *Row) succeed(s *Sample) {
	from := s.Sent
	if s.planned() {
		from = s.intended()
		r.Lag.Record(s.Sent - from)
	}
	r.Count++
	r.Service.Record(s.Done - s.Sent)
	r.Response.Record(s.Done - from)
	if s.FirstByte != 0 {
		r.FirstByte.Record(s.FirstByte - s.Sent)
	}
	r.addBytes(s)
}

// fail counts a failure.
func (r *Row) fail(s *Sample) {
	r.Count++
	r.Failures++
	r.addBytes(s)
	f := FaultCount{Kind: s.Fault, Count: 1}
	if s.Fault == fault.Status {
		f.Status = s.Status
	}
	r.addFault(f)
	from := s.Sent
	if s.planned() {
		from = s.intended()
		r.Lag.Record(s.Sent - from)
	}
	r.Failed.Record(s.Done - from)
	if s.Fault.IsTimeout() {
		r.Timeouts++
		r.TimedOut.Record(s.Done - from)
		r.Response.Record(s.Done - from)
		r.Service.Record(s.Done - s.Sent)
		if s.FirstByte != 0 {
			r.FirstByte.Record(s.FirstByte - s.Sent)
		}
	}
}

func (r *Row) addBytes(s *Sample) {
	r.BytesIn += clampBytes(s.BytesIn)
	r.BytesOut += clampBytes(s.BytesOut)
	r.Decoded += clampBytes(s.Decoded)
}
