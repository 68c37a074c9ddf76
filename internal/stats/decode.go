package stats

import (
	"fmt"
	"slices"
	"time"

	"github.com/stampede-load/stampede/internal/fault"
	"github.com/stampede-load/stampede/internal/hist"
)

// Least bytes of a row, a fault and an error in the wire form: a list cannot have more entries than its bytes allow.
const (
	leastRow   = 10
	leastFault = 3
	leastError = 8
	leastPart  = 2
)

// Longest strings that are taken from the wire.
const (
	maxWireKey  = maxName
	maxWireText = maxText + 16
	maxWireRun  = 256
)

// maxWireSecond is the largest second that is taken from the wire: a lifetime.
const maxWireSecond = 1 << 31

// DecodeSnapshot reads what AppendBinary wrote. The result shares nothing with b. Bytes from anywhere are safe: it never panics, and
// takes memory only in proportion to them.
func DecodeSnapshot(b []byte) (*Snapshot, error) {
	s := new(Snapshot)
	if err := s.Decode(b); err != nil {
		return nil, err
	}
	return s, nil
}

// Decode is DecodeSnapshot into s, and uses its memory again: for whoever reads many, one after the other, and keeps none. On an error s
// is of no use but for the next Decode.
func (s *Snapshot) Decode(b []byte) error {
	rows := s.Rows
	head, d, err := openSnapshot(b)
	if err != nil {
		return err
	}
	*s = *head
	s.Rows = d.rows(rows)
	if n := d.list(leastError); n > 0 {
		s.Errors = make([]ErrorRow, n)
		for i := range s.Errors {
			d.errorRow(&s.Errors[i])
		}
	}
	if b[0] > details {
		d.earlier(s)
	}
	if d.err == nil && len(d.b) > 0 {
		d.fail("%d bytes too many at the end", len(d.b))
	}
	return d.err
}

// rows reads a list of rows, and uses the memory of others again.
func (d *reader) rows(rows []Row) []Row {
	n := d.list(leastRow)
	rows = slices.Grow(rows[:0], n)[:n]
	for i := range rows {
		r := &rows[i]
		r.reset()
		d.key(&r.Key)
		d.row(r)
		d.check(r)
	}
	return rows
}

// earlier reads what belongs to earlier seconds.
func (d *reader) earlier(s *Snapshot) {
	n := d.list(leastPart)
	for range n {
		p := Part{Second: int(d.int())}
		if p.Second < 0 || p.Second >= s.Second {
			d.fail("second %d after second %d of a run", p.Second, s.Second)
			return
		}
		p.Rows = d.rows(nil)
		s.Earlier = append(s.Earlier, p)
	}
}

// openSnapshot reads what comes before the rows. d goes on from there; a mistake in what was read is in it.
func openSnapshot(b []byte) (s *Snapshot, d *reader, err error) {
	if len(b) == 0 {
		return nil, nil, errShort
	}
	if b[0] < oldest || b[0] > version {
		return nil, nil, fmt.Errorf("stats: decode: snapshot version %d, and this program reads versions up to %d: use the same stampede on the controller and all workers", b[0], version)
	}
	d = &reader{b: b[1:]}
	flags := d.byte()
	s = &Snapshot{Final: flags&1 != 0, More: flags&2 != 0}
	s.Run = d.string(maxWireRun)
	s.Worker = int(d.int())
	s.Seq = d.uint()
	if s.Second = int(d.int()); s.Second < 0 || s.Second > maxWireSecond {
		d.fail("second %d of a run", s.Second)
	}
	s.Taken = time.Duration(d.int())
	d.gauges(&s.Gauges)
	return s, d, nil
}

// DecodeRow reads what Row.AppendBinary wrote at the start of b, and returns what follows it. It is as safe as DecodeSnapshot.
func DecodeRow(b []byte) (r Row, rest []byte, err error) {
	d := reader{b: b}
	d.key(&r.Key)
	d.row(&r)
	d.check(&r)
	if d.err != nil {
		return Row{}, nil, d.err
	}
	return r, d.b, nil
}

func (d *reader) key(k *Key) {
	k.Type = d.like(k.Type, maxWireKey)
	k.Name = d.like(k.Name, maxWireKey)
}

func (d *reader) gauges(g *Gauges) {
	g.CPU, g.MachineCPU = d.float(), d.float()
	n := d.list(1)
	known := g.ints()
	for i := range n {
		switch v := d.int(); {
		case i == 0:
			g.Users = int(v)
		case i == 1:
			g.Target = int(v)
		case i == 2:
			g.InFlight = int(v)
		case i-3 < len(known):
			*known[i-3] = v
		}
	}
}

// row adds the body of a row to r. On an error r may hold a part of it.
func (d *reader) row(r *Row) {
	flags := d.byte()
	for i, n := range r.counts() {
		if i < 6 || flags&rowDropped != 0 {
			*n = addSat(*n, d.count())
		}
	}
	fresh := r.Service.IsEmpty() && r.Response.IsEmpty()
	service := d.b
	for i, h := range r.hists() {
		if flags&(1<<i) != 0 {
			d.hist(h)
		}
	}
	switch {
	case flags&rowSameResponse == 0 || d.err != nil:
	case fresh:
		r.Response.Merge(&r.Service)
	default:
		again := reader{b: service}
		again.hist(&r.Response)
	}
	d.faults(r)
}

// hist adds a histogram to h.
func (d *reader) hist(h *hist.Hist) {
	if d.err != nil {
		return
	}
	rest, err := h.MergeBinary(d.b)
	if err != nil {
		d.fail("%w", err)
		return
	}
	d.b = rest
}

// faults adds a list of faults to r.
func (d *reader) faults(r *Row) {
	for range d.list(leastFault) {
		f := FaultCount{Kind: fault.Kind(d.byte()), Status: int(d.int()), Count: d.count()}
		if d.err != nil {
			return
		}
		r.addFault(f)
	}
}

// check refuses a row that contradicts itself: no share may be above 1.
func (d *reader) check(r *Row) {
	if r.Failures > r.Count || r.Timeouts > r.Failures {
		d.fail("%d timeouts among %d failures among %d samples", r.Timeouts, r.Failures, r.Count)
	}
}

func (d *reader) errorRow(e *ErrorRow) {
	d.key(&e.Key)
	kind := d.byte()
	e.Kind = fault.Kind(kind &^ errDetail)
	e.Text = d.string(maxWireText)
	if kind&errDetail != 0 {
		e.Detail = d.string(maxDetail)
	}
	e.Count = d.count()
	e.First, e.Last = time.Duration(d.int()), time.Duration(d.int())
	e.Stack = d.string(maxStack)
	n := d.list(1)
	if n == 0 {
		return
	}
	e.Workers = make([]int, n)
	last := 0
	for i := range e.Workers {
		last += int(d.int())
		e.Workers[i] = last
	}
	if !slices.IsSorted(e.Workers) {
		d.fail("workers out of order")
	}
}
