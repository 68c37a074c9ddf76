package report

import (
	"math"
	"strconv"

	"github.com/stampede-load/stampede/internal/hist"
)

// deltas is a list of whole numbers that is written as the first one and then differences, which are small where neighbours are alike.
type deltas []int32

// MarshalJSON writes the differences.
func (d deltas) MarshalJSON() ([]byte, error) {
	b := make([]byte, 0, 3*len(d)+2)
	b = append(b, '[')
	var before int32
	for i, v := range d {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(b, int64(v)-int64(before), 10)
		before = v
	}
	return append(b, ']'), nil
}

// clamped is n as a number of the page's lists: no stretch of a run counts to two thousand millions.
func clamped(n int64) int32 { return int32(min(max(n, math.MinInt32), math.MaxInt32)) }

// noTime is the code of a time that is not there.
const noTime = 0

// timeCode is a time in three digits as one small number that keeps the order; web/src/lib/codes.ts is the way back:
//
//	1 to 1000    0 to 999 ns
//	above        m * 10^e ns, 100 <= m <= 999 and e >= 1: 1001 + (e-1)*900 + (m-100)
func timeCode(ns int64) int32 {
	const exact, step, longest = 1000, 900, 1e18
	ns = min(max(ns, 0), longest)
	if ns < exact {
		return int32(ns) + 1
	}
	m, e, power := ns, int64(0), int64(1)
	for m >= exact {
		e++
		power *= 10
		m = (ns + power/2) / power
	}
	return int32(exact + 1 + (e-1)*step + (m - exact/10))
}

// quantileCode is a quantile of a histogram as a code, with so many dropped arrivals as samples that never ended.
func quantileCode(h *hist.Hist, dropped int64, q float64) int32 {
	if h.IsEmpty() {
		return noTime
	}
	ns, _ := h.QuantileWith(dropped, q)
	return timeCode(ns)
}

// curveOf is the quantiles by nines: the shares 1 - 10^(-k/8) for k = 0, 1, 2 ... as far as there are samples, and no farther than what
// was measured when dropped arrivals lie beyond.
func curveOf(h *hist.Hist, dropped int64) deltas {
	const perNine, most = 8, 8 * 9
	if h.IsEmpty() {
		return deltas{}
	}
	curve := deltas{timeCode(h.Min())}
	for k := 1; k <= most; k++ {
		left := math.Pow(10, -float64(k)/perNine)
		ns, beyond := h.QuantileWith(dropped, 1-left)
		if beyond {
			break
		}
		curve = append(curve, timeCode(ns))
		if float64(h.Count()+dropped)*left < 1 {
			break // this one was the maximum
		}
	}
	return curve
}

// bands counts a histogram in bands of a tenth of a power of ten: band b holds 10^(b/10) to 10^((b+1)/10) ns. It is written as the
// number of bands in use, and band (the difference to the one before) and count of each.
func bands(into []int32, h *hist.Hist) []int32 {
	start := len(into)
	into = append(into, 0)
	band, before := int32(-1), int32(0)
	for b := range h.Buckets() {
		middle := float64(b.Low) + float64(b.High-b.Low)/2
		this := int32(math.Floor(10 * math.Log10(max(middle, 1))))
		if this == band {
			into[len(into)-1] = clamped(int64(into[len(into)-1]) + b.Count)
			continue
		}
		into = append(into, this-before, clamped(b.Count))
		into[start]++
		band, before = this, this
	}
	return into
}
