package verdict

import (
	"math"
	"slices"
)

// buckets are the times of a run, for quantiles of any of its windows.
type buckets struct {
	values []float64 // of the times, one for each bucket in use, ascending; the last is infinite
	// upTo[b][w] is how many times in the windows before w are in buckets up to b: a quantile is looked for in a few rows, which then stay
	// near the processor.
	upTo [][]int64
}

// newBuckets counts the times of some windows.
func newBuckets(windows []Window) *buckets {
	s := new(buckets)
	middles := map[int64]float64{}
	for _, w := range windows {
		if w.Times == nil {
			continue
		}
		for b := range w.Times.Buckets() {
			middles[b.Low] = float64(b.Low) + float64(b.High-b.Low)/2
		}
	}
	lows := make([]int64, 0, len(middles))
	for low := range middles {
		lows = append(lows, low)
	}
	slices.Sort(lows)
	index := make(map[int64]int, len(lows))
	for i, low := range lows {
		index[low] = i
		s.values = append(s.values, middles[low])
	}
	s.values = append(s.values, math.Inf(1))
	s.upTo = make([][]int64, len(s.values))
	n := len(windows) + 1
	cells := make([]int64, len(s.values)*n)
	for b := range s.upTo {
		s.upTo[b] = cells[b*n : (b+1)*n]
	}
	row := make([]int64, len(s.values))
	for i, w := range windows {
		if w.Times != nil {
			for b := range w.Times.Buckets() {
				row[index[b.Low]] += b.Count
			}
		}
		row[len(row)-1] += w.Endless
		running := int64(0)
		for b := range row {
			running += row[b]
			row[b] = 0
			s.upTo[b][i+1] = s.upTo[b][i] + running
		}
	}
	return s
}
