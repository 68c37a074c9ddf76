package console

import (
	"math"

	"github.com/stampede-load/stampede/internal/stats"
)

// bands counts the headline of a row in bands of a tenth of a power of ten: band and count by turns, ascending.
func bands(row *stats.Row, paced bool) []int64 {
	var out []int64
	for b := range row.Headline(paced).Buckets() {
		middle := float64(b.Low) + float64(b.High-b.Low)/2
		band := int64(math.Floor(10 * math.Log10(max(middle, 1))))
		if n := len(out); n > 0 && out[n-2] == band {
			out[n-1] += b.Count
			continue
		}
		out = append(out, band, b.Count)
	}
	return out
}
