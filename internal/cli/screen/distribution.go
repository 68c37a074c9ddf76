package screen

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/stampede-load/stampede/internal/format"
	"github.com/stampede-load/stampede/internal/hist"
)

// Distribution is how long answers took, as a small histogram: a line for each range of times, with how many fell into it. It is "" for fewer
// than two answers. columns 0 means 80.
func Distribution(name string, h *hist.Hist, columns int, colour bool) string {
	if h.Count() < 2 {
		return ""
	}
	if columns <= 0 {
		columns = 80
	}
	p := newPalette(colour)
	edges := ranges(float64(h.Min()), float64(h.Max()))
	counts := make([]int64, len(edges)-1)
	for b := range h.Buckets() {
		middle := (float64(b.Low) + float64(b.High)) / 2
		i := 0
		for i < len(counts)-1 && middle >= edges[i+1] {
			i++
		}
		counts[i] += b.Count
	}
	most, digits, label := int64(1), 0, 0
	for i, n := range counts {
		most, digits = max(most, n), max(digits, len(format.Count(n)))
		label = max(label, width(rangeText(edges, i)))
	}
	bar := min(max(columns-label-digits-len("  100.0 %  ")-4, 8), 40)
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", p.strong(name))
	for i, n := range counts {
		blocks := strings.Repeat("█", int(math.Round(float64(n)/float64(most)*float64(bar))))
		if n > 0 && blocks == "" {
			blocks = "▏"
		}
		line := fmt.Sprintf("  %s  %s  %s  %s", padLeft(rangeText(edges, i), label), padLeft(format.Count(n), digits),
			padLeft(format.Percent(float64(n)/float64(h.Count())), len("100.0 %")), p.accent(blocks))
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	return b.String()
}

func rangeText(edges []float64, i int) string {
	to := format.Duration(time.Duration(edges[i+1]))
	if i == len(edges)-2 {
		return "to " + to
	}
	return "below " + to
}

// ranges parts the times from low to high at numbers people like, a dozen at most: at 1, 2 and 5 times a power of ten where the longest is
// many times the shortest, else in even steps.
func ranges(low, high float64) []float64 {
	const most, even = 12, 8
	edges := []float64{low}
	if high > 4*low {
		for power := math.Pow(10, math.Floor(math.Log10(max(low, 1)))); power < high; power *= 10 {
			for _, step := range []float64{1, 2, 5} {
				if at := step * power; at > low && at < high {
					edges = append(edges, at)
				}
			}
		}
		if over := len(edges) - most; over > 0 { // the shortest ranges become one
			edges = append(edges[:1], edges[1+over:]...)
		}
		return append(edges, high)
	}
	for i := 1; i < even && high > low; i++ {
		edges = append(edges, low+(high-low)*float64(i)/even)
	}
	return append(edges, high)
}
