package stats

import (
	"cmp"
	"slices"
	"time"
	"unsafe"
)

// point is a stretch of a series in its packed form: row bodies in wire form behind each other. It never changes.
type point struct {
	from, width int
	span        time.Duration
	gauges      Gauges
	final       bool
	data        []byte
	rows        []rowAt // ascending by id
}

// rowAt says where the body of a row is: it ends where the next one starts.
type rowAt struct {
	id, start uint32
}

// encode packs a second. New names get their ids.
func (s *Series) encode(sec *Second) *point {
	rows := make(map[uint32]*Row, len(sec.Rows)+1)
	for i := range sec.Rows {
		r := &sec.Rows[i]
		id, ok := s.ids[r.Key]
		if !ok {
			s.keys = append(s.keys, r.Key)
			id = uint32(len(s.keys))
			s.ids[r.Key] = id
		}
		rows[id] = r
	}
	if !sec.Total.IsEmpty() {
		rows[0] = &sec.Total
	}
	return pack(&point{from: sec.Index, width: sec.Width, span: sec.Lasted(), gauges: sec.Gauges, final: sec.Final}, rows)
}

// pack gives a point its rows.
func pack(p *point, rows map[uint32]*Row) *point {
	ids := make([]uint32, 0, len(rows))
	for id := range rows {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	p.rows = make([]rowAt, len(ids))
	var data []byte
	for i, id := range ids {
		p.rows[i] = rowAt{id, uint32(len(data))}
		data = rows[id].appendBody(data)
	}
	p.data = slices.Clone(data) // without the room to grow
	return p
}

// join packs neighbouring stretches into one.
func join(points []*point) *point {
	first, last := points[0], points[len(points)-1]
	p := &point{from: first.from, width: last.from + last.width - first.from, gauges: first.gauges, final: last.final}
	for i, o := range points {
		p.span += o.span
		if i > 0 {
			p.gauges.Then(&o.gauges)
		}
	}
	return pack(p, unpack(points))
}

// with packs what came late together with the stretch where it belongs.
func (p *point) with(late *point) *point {
	from := min(p.from, late.from)
	all := &point{from: from, width: p.from + p.width - from, span: p.span, gauges: p.gauges, final: p.final}
	return pack(all, unpack([]*point{p, late}))
}

// unpack adds up the rows of stretches.
func unpack(points []*point) map[uint32]*Row {
	rows := map[uint32]*Row{}
	for _, p := range points {
		for i, at := range p.rows {
			into := rows[at.id]
			if into == nil {
				into = new(Row)
				rows[at.id] = into
			}
			p.addBody(into, i)
		}
	}
	return rows
}

// merge is stretches added up.
func merge(points []*point, keys []Key) *Second {
	first, last := points[0], points[len(points)-1]
	sec := &Second{
		Index: first.from, Width: last.from + last.width - first.from, Span: first.span, Gauges: first.gauges, Final: last.final,
	}
	for _, p := range points[1:] {
		sec.Span += p.span
		sec.Gauges.Then(&p.gauges)
	}
	for id, r := range unpack(points) {
		if id == 0 {
			sec.Total = *r
			continue
		}
		r.Key = keys[id-1]
		sec.Rows = append(sec.Rows, *r)
	}
	slices.SortFunc(sec.Rows, func(a, b Row) int { return a.Key.Compare(b.Key) })
	return sec
}

// addTo adds the row of one name, if there is one.
func (p *point) addTo(r *Row, id uint32) {
	i, found := slices.BinarySearchFunc(p.rows, id, func(at rowAt, id uint32) int { return cmp.Compare(at.id, id) })
	if found {
		p.addBody(r, i)
	}
}

// addBody adds the row at an index of rows.
func (p *point) addBody(r *Row, i int) {
	end := uint32(len(p.data))
	if i+1 < len(p.rows) {
		end = p.rows[i+1].start
	}
	d := reader{b: p.data[p.rows[i].start:end]}
	if d.row(r); d.err != nil {
		panic("stats: a row of a series does not decode: " + d.err.Error()) // it was packed here
	}
}

func (p *point) bytes() int {
	return int(unsafe.Sizeof(*p)) + cap(p.data) + cap(p.rows)*int(unsafe.Sizeof(rowAt{}))
}
