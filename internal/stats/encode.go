package stats

import (
	"encoding/binary"
	"math"
	"slices"
)

// version is the first byte of a snapshot in binary. It goes up when an older reader would misunderstand what is written.
const version = 3

// oldest is the first version that is still read. Version 2 gave errors their detail, version 3 has what belongs to earlier seconds; a
// snapshot without that is written as version 2, so that older readers go on understanding it.
const (
	oldest  = 1
	details = 2
)

// errDetail is set in the kind of an error when its detail follows the text.
const errDetail = 1 << 7

// AppendBinary appends the snapshot in its wire form to dst. Numbers are varints (zigzag where they can be negative), strings and lists have
// their length in front:
//
//	version, flags (1 final, 2 more follows), Run, Worker, Seq, Second, Taken, gauges, rows, errors
//
// In version 3 a list follows of what belongs to earlier seconds: second, rows.
func (s *Snapshot) AppendBinary(dst []byte) []byte {
	if len(s.Earlier) > 0 {
		dst = append(dst, version)
	} else {
		dst = append(dst, details)
	}
	var flags byte
	if s.Final {
		flags = 1
	}
	if s.More {
		flags |= 2
	}
	dst = append(dst, flags)
	dst = appendString(dst, s.Run)
	dst = appendInts(dst, int64(s.Worker))
	dst = binary.AppendUvarint(dst, s.Seq)
	dst = appendInts(dst, int64(s.Second), int64(s.Taken))
	dst = s.Gauges.append(dst)
	dst = appendRows(dst, s.Rows)
	dst = binary.AppendUvarint(dst, uint64(len(s.Errors)))
	for i := range s.Errors {
		dst = s.Errors[i].append(dst)
	}
	if len(s.Earlier) == 0 {
		return dst
	}
	dst = binary.AppendUvarint(dst, uint64(len(s.Earlier)))
	for i := range s.Earlier {
		dst = appendInts(dst, int64(s.Earlier[i].Second))
		dst = appendRows(dst, s.Earlier[i].Rows)
	}
	return dst
}

func appendRows(dst []byte, rows []Row) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(rows)))
	for i := range rows {
		dst = rows[i].AppendBinary(dst)
	}
	return dst
}

func appendString(dst []byte, s string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(s))), s...)
}

func appendInts(dst []byte, vs ...int64) []byte {
	for _, v := range vs {
		dst = binary.AppendVarint(dst, v)
	}
	return dst
}

// ints is the whole-number gauges in the order of the wire form. New ones go at the end: a reader takes as many as it knows.
func (g *Gauges) ints() []*int64 {
	return []*int64{
		&g.Planned, &g.Sent, &g.Dropped, &g.Waiting, &g.StartFailed, &g.UsersStarted, &g.Died,
		&g.WakeLate, &g.WakeP99, &g.GCPause, &g.SchedP99, &g.Throttled, &g.RSS, &g.FDs, &g.FDMax, &g.Goroutines, &g.Blocked, &g.InFlightNS,
		&g.NotStarted, &g.CutOff, &g.Oldest, &g.OwnFailed, &g.Loaded, &g.PeakUsers, &g.Starting,
		&g.Lost, &g.Iterations,
	}
}

// append writes the gauges: the two shares, then a list of numbers.
func (g *Gauges) append(dst []byte) []byte {
	dst = binary.LittleEndian.AppendUint64(dst, math.Float64bits(g.CPU))
	dst = binary.LittleEndian.AppendUint64(dst, math.Float64bits(g.MachineCPU))
	ints := g.ints()
	dst = binary.AppendUvarint(dst, uint64(len(ints)+3))
	dst = appendInts(dst, int64(g.Users), int64(g.Target), int64(g.InFlight))
	for _, v := range ints {
		dst = binary.AppendVarint(dst, *v)
	}
	return dst
}

// What follows the key of a row.
const (
	rowSameResponse = 1 << 6 // the response histogram is the service histogram, and not repeated
	rowDropped      = 1 << 7
)

// AppendBinary appends the row in its wire form: key, flags (one bit for each histogram that is not empty), counts, histograms, faults.
func (r *Row) AppendBinary(dst []byte) []byte {
	dst = appendString(dst, r.Type)
	dst = appendString(dst, r.Name)
	return r.appendBody(dst)
}

// appendBody is AppendBinary without the key.
func (r *Row) appendBody(dst []byte) []byte {
	var flags byte
	hists := r.hists()
	for i, h := range hists {
		if !h.IsEmpty() {
			flags |= 1 << i
		}
	}
	if !r.Service.IsEmpty() && r.Service.Equal(&r.Response) {
		flags = flags&^(1<<1) | rowSameResponse
	}
	if r.Dropped != 0 {
		flags |= rowDropped
	}
	dst = append(dst, flags)
	for i, n := range r.counts() {
		if i < 6 || flags&rowDropped != 0 {
			dst = binary.AppendUvarint(dst, uint64(max(*n, 0)))
		}
	}
	for i, h := range hists {
		if flags&(1<<i) != 0 {
			dst = h.AppendBinary(dst)
		}
	}
	dst = binary.AppendUvarint(dst, uint64(len(r.Faults)))
	for _, f := range r.Faults {
		dst = append(dst, byte(f.Kind))
		dst = binary.AppendVarint(dst, int64(f.Status))
		dst = binary.AppendUvarint(dst, uint64(max(f.Count, 0)))
	}
	return dst
}

func (e *ErrorRow) append(dst []byte) []byte {
	dst = appendString(dst, e.Type)
	dst = appendString(dst, e.Name)
	kind := byte(e.Kind) &^ errDetail
	if e.Detail != "" {
		kind |= errDetail
	}
	dst = append(dst, kind)
	dst = appendString(dst, e.Text)
	if e.Detail != "" {
		dst = appendString(dst, e.Detail)
	}
	dst = binary.AppendUvarint(dst, uint64(max(e.Count, 0)))
	dst = appendInts(dst, int64(e.First), int64(e.Last))
	dst = appendString(dst, e.Stack)
	dst = binary.AppendUvarint(dst, uint64(len(e.Workers)))
	last := 0
	for _, w := range slices.Sorted(slices.Values(e.Workers)) {
		dst = binary.AppendVarint(dst, int64(w-last))
		last = w
	}
	return dst
}
