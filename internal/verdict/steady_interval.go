package verdict

import (
	"math"
	"math/rand/v2"
	"slices"
)

// Interval is how sure a figure is: with 95 % confidence its long-run value lies between Low and High.
type Interval struct {
	Low, High float64
	Windows   int // how many parts of a run, or runs, it rests on
}

// intervalDraws is how many runs are drawn for an interval: its ends are then known to a tenth of their distance.
const intervalDraws = 1000

// QuantileInterval is where quantile q of a run of steady load lies with 95 % confidence: the middle of what runs give that are drawn from its
// windows, as [Compare] draws them. It holds where requests depend on each other, as they do: they met the same bad second. The rule by ranks
// (hist.Interval) takes them for independent and is too sure. The same windows give the same answer.
//
// It is false when there are fewer than LeastWindows windows, or fewer than ten requests beyond the quantile.
func QuantileInterval(windows []Window, q float64) (in Interval, ok bool) {
	m := QuantileMeasure(q)
	if len(windows) < LeastWindows {
		return Interval{}, false
	}
	s := newSample(windows, m)
	if s.total() < m.needs() {
		return Interval{}, false
	}
	rng := rand.New(rand.NewPCG(0, 0x51a3))
	draws := make([]float64, intervalDraws)
	for i := range draws {
		if draws[i] = s.draw(rng); math.IsNaN(draws[i]) {
			return Interval{}, false // too many windows are empty
		}
	}
	slices.Sort(draws)
	edge := intervalDraws / 40 // 2.5 % on either side
	in = Interval{Low: draws[edge], High: draws[intervalDraws-1-edge], Windows: s.n}
	// An interval is made wider for how few blocks there are, and no time of the run is beyond these.
	least, most := math.Inf(1), 0.0
	for _, w := range windows {
		if w.Times != nil && !w.Times.IsEmpty() {
			least, most = min(least, float64(w.Times.Min())), max(most, float64(w.Times.Max()))
		}
	}
	in.Low, in.High = max(in.Low, least), min(in.High, most)
	return in, true
}
