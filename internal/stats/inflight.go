package stats

import "sync/atomic"

// A flight word counts the requests in flight in its lower 22 bits, and sums -begin and +end of all of them, in units of 1,024 ns and
// modulo 2^42, in the others. One atomic addition changes both, so that a drain never sees a request counted whose time is not.
// The upper field may run over: only its difference between two drains counts.
const (
	flightBits = 22
	flightUnit = 10 // 1,024 ns
	flightMask = 1<<flightBits - 1
)

// flight follows the requests in flight on one shard, on cache lines of its own.
type flight struct {
	word atomic.Uint64
	_    [56]byte

	area int64 // of the last drain, in units
	_    [56]byte
}

func (f *flight) begin(now int64) { f.word.Add(1 - uint64(now>>flightUnit)<<flightBits) }

func (f *flight) end(now int64) { f.word.Add(uint64(now>>flightUnit)<<flightBits - 1) }

// drain is the number in flight and the time that requests spent in flight since the last drain, in ns summed over requests:
//
//	area(t) = n t - sum of begins + sum of ends
//
// grows by exactly that. It can be a hair below zero when a request ended, by its own clock, just before the last drain looked.
func (f *flight) drain(now int64) (n int, ns int64) {
	w := f.word.Load()
	n = int(w & flightMask)
	area := int64(n)*(now>>flightUnit) + int64(w>>flightBits)
	ns = (area - f.area) << flightBits >> flightBits << flightUnit // the difference, modulo 2^42, with its sign
	f.area = area
	return n, ns
}
