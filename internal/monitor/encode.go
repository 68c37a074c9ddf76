package monitor

import (
	"encoding/binary"
	"errors"
	"math"
	"time"
)

// encodingVersion is the first byte of what AppendServers writes.
const encodingVersion = 1

// mostKept is how many points of a series are kept for good: two hours of one every two seconds. Of longer ones, neighbours are averaged.
const mostKept = 3600

// AppendServers appends all that was read in a compact form, for a ledger: times to the millisecond, values to four digits, and of long
// series the means of neighbours. The bytes of the values stand in planes, so that a compressor finds what is alike.
func AppendServers(dst []byte, servers []Server) []byte {
	dst = append(dst, encodingVersion)
	dst = binary.AppendUvarint(dst, uint64(len(servers)))
	for i := range servers {
		s := &servers[i]
		dst = appendText(appendText(dst, s.Name), s.Kind)
		dst = binary.AppendUvarint(binary.AppendUvarint(dst, uint64(s.Asked)), uint64(s.Failed))
		dst = binary.AppendUvarint(dst, uint64(len(s.Notes)))
		for _, n := range s.Notes {
			dst = appendText(dst, n)
		}
		dst = binary.AppendUvarint(dst, uint64(len(s.Series)))
		for k := range s.Series {
			dst = appendSeries(dst, &s.Series[k])
		}
	}
	return dst
}

func appendText(dst []byte, text string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(text))), text...)
}

func appendSeries(dst []byte, s *Series) []byte {
	dst = appendText(appendText(appendText(dst, s.Name), s.Unit), s.Help)
	dst = binary.LittleEndian.AppendUint64(dst, math.Float64bits(s.Limit))
	flags := byte(0)
	if s.Follows {
		flags |= 1
	}
	if s.Ceiling {
		flags |= 2
	}
	if s.Sign {
		flags |= 4
	}
	dst = append(dst, flags)
	points := thinned(s.Points, mostKept)
	dst = binary.AppendUvarint(dst, uint64(len(points)))
	last, gap := int64(0), int64(0)
	for _, p := range points { // the change of the distance: nothing, while a server answers each second
		at := p.At.Milliseconds()
		dst = binary.AppendVarint(dst, at-last-gap)
		last, gap = at, at-last
	}
	for plane := 3; plane >= 1; plane-- { // the lowest byte is cut off
		for _, p := range points {
			dst = append(dst, byte(digits(p.Value)>>(8*plane)))
		}
	}
	return dst
}

// digits is a value as a float32 of which the first three bytes are kept: its relative error is under 1/2^15.
func digits(v float64) uint32 {
	bits := math.Float32bits(float32(v))
	if math.IsInf(float64(math.Float32frombits(bits)), 0) {
		return math.Float32bits(math.MaxFloat32) &^ 0xff
	}
	if rounded := bits + 0x80; rounded&0x7f800000 != 0x7f800000 {
		bits = rounded
	}
	return bits &^ 0xff
}

// thinned averages neighbours until there are at most most of them.
func thinned(points []Point, most int) []Point {
	for len(points) > most {
		half := make([]Point, 0, len(points)/2+1)
		for i := 0; i < len(points); i += 2 {
			p := points[i]
			if i+1 < len(points) {
				p.At += (points[i+1].At - p.At) / 2
				p.Value = p.Value/2 + points[i+1].Value/2
			}
			half = append(half, p)
		}
		points = half
	}
	return points
}

var errEncoding = errors.New("the servers' figures are not in a form that this program reads")

// DecodeServers reads what AppendServers wrote. The result is the caller's.
func DecodeServers(b []byte) ([]Server, error) {
	d := decoder{b: b}
	if d.byte() != encodingVersion {
		return nil, errEncoding
	}
	var out []Server
	for range d.count(5) {
		s := Server{Name: d.text(), Kind: d.text(), Asked: int(d.uint()), Failed: int(d.uint())}
		for range d.count(1) {
			s.Notes = append(s.Notes, d.text())
		}
		for range d.count(13) {
			s.Series = append(s.Series, d.series())
		}
		out = append(out, s)
	}
	if d.bad || len(d.b) > 0 {
		return nil, errEncoding
	}
	return out, nil
}

// decoder reads from the front; after a mistake everything is empty.
type decoder struct {
	b   []byte
	bad bool
}

func (d *decoder) take(n int) []byte {
	if d.bad || n < 0 || n > len(d.b) {
		d.bad, d.b = true, nil
		return nil
	}
	out := d.b[:n]
	d.b = d.b[n:]
	return out
}

func (d *decoder) byte() byte {
	if b := d.take(1); len(b) == 1 {
		return b[0]
	}
	return 0
}

func (d *decoder) uint() uint64 {
	v, n := binary.Uvarint(d.b)
	if n <= 0 {
		d.bad, d.b = true, nil
		return 0
	}
	d.b = d.b[n:]
	return v
}

func (d *decoder) int() int64 {
	v, n := binary.Varint(d.b)
	if n <= 0 {
		d.bad, d.b = true, nil
		return 0
	}
	d.b = d.b[n:]
	return v
}

// count is a number of things that take at least size bytes each: a wrong one must not make room for billions.
func (d *decoder) count(size int) int {
	n := d.uint()
	if n > uint64(len(d.b)/size) {
		d.bad, d.b = true, nil
		return 0
	}
	return int(n)
}

func (d *decoder) text() string { return string(d.take(d.count(1))) }

func (d *decoder) series() Series {
	s := Series{Name: d.text(), Unit: d.text(), Help: d.text()}
	if b := d.take(8); b != nil {
		s.Limit = math.Float64frombits(binary.LittleEndian.Uint64(b))
	}
	flags := d.byte()
	s.Follows, s.Ceiling = flags&1 != 0, flags&2 != 0
	s.Sign = flags&4 != 0
	n := d.count(4)
	s.Points = make([]Point, n)
	last, gap := int64(0), int64(0)
	for i := range s.Points {
		gap += d.int()
		last += gap
		s.Points[i].At = time.Duration(last) * time.Millisecond
	}
	planes := d.take(3 * n)
	for i := range s.Points {
		if planes == nil {
			break
		}
		bits := uint32(planes[i])<<24 | uint32(planes[n+i])<<16 | uint32(planes[2*n+i])<<8
		s.Points[i].Value = float64(math.Float32frombits(bits))
	}
	return s
}
