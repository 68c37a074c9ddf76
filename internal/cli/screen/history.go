package screen

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// History draws a figure of many runs: a dot for each, the level between changes as a line, and a numbered mark where it changed.
type History struct {
	Values      []float64 // oldest first, at least one
	Changes     []int     // ascending: the first value of each new level
	Text        func(float64) string
	Left, Right string // below the first and the last value
}

// historyRows is how many lines the field is high, and widestRun how many columns one run may have.
const (
	historyRows = 11
	widestRun   = 4
)

// Draw draws into so many columns. Where a column holds several runs their median is the dot and the rest a stroke.
func (h *History) Draw(width int) string {
	low, high := h.bounds()
	labels := []string{h.Text(high), h.Text((low + high) / 2), h.Text(low)}
	margin := 0
	for _, l := range labels {
		margin = max(margin, ansi.StringWidth(l))
	}
	room := max(width-margin-3, 10)
	columns := min(room, len(h.Values)*widestRun)
	if each := columns / len(h.Values); each > 0 {
		columns = each * len(h.Values)
	}
	field := h.field(columns, low, high)
	var b strings.Builder
	for r, line := range field {
		label := ""
		switch r {
		case 0:
			label = labels[0]
		case historyRows / 2:
			label = labels[1]
		case historyRows - 1:
			label = labels[2]
		}
		tick := "│"
		if label != "" {
			tick = "┤"
		}
		b.WriteString(strings.TrimRight(fmt.Sprintf("%s%s %s%s", strings.Repeat(" ", margin-ansi.StringWidth(label)), label, tick, string(line)), " ") + "\n")
	}
	indent := strings.Repeat(" ", margin+1)
	b.WriteString(indent + "└" + strings.Repeat("─", columns) + "\n")
	if len(h.Changes) > 0 {
		b.WriteString(indent + " " + h.marks(columns) + "\n")
	}
	gap := columns - ansi.StringWidth(h.Left) - ansi.StringWidth(h.Right)
	if h.Left == h.Right || gap < 1 {
		b.WriteString(indent + " " + h.Left + "\n")
	} else {
		b.WriteString(indent + " " + h.Left + strings.Repeat(" ", gap) + h.Right + "\n")
	}
	return b.String()
}

// bounds is what the field shows: all values, but never so little that noise fills it.
func (h *History) bounds() (low, high float64) {
	low, high = slices.Min(h.Values), slices.Max(h.Values)
	const least = 0.2 // of the middle
	middle := (low + high) / 2
	if spread := math.Abs(middle) * least; high-low < spread {
		low, high = middle-spread/2, middle+spread/2
	}
	if low == high {
		high = low + 1
		if low == 0 {
			high = 0.01 // a share of nothing
		}
	}
	return low, high
}

// field is the lines of the chart, the highest first.
func (h *History) field(columns int, low, high float64) [][]rune {
	field := make([][]rune, historyRows)
	for r := range field {
		field[r] = []rune(strings.Repeat(" ", columns))
	}
	line := func(v float64) int {
		return historyRows - 1 - min(max(int(math.Round((v-low)/(high-low)*(historyRows-1))), 0), historyRows-1)
	}
	edges := slices.Concat([]int{0}, h.Changes, []int{len(h.Values)})
	for i := range len(edges) - 1 {
		at := line(mean(h.Values[edges[i]:edges[i+1]]))
		for c := h.column(edges[i], columns); c < h.column(edges[i+1], columns); c++ {
			field[at][c] = '─'
		}
	}
	for c := range columns {
		from, to := c*len(h.Values)/columns, (c+1)*len(h.Values)/columns
		if columns >= len(h.Values) { // a run is several columns wide: its dot is in the middle of them
			each := columns / len(h.Values)
			if c%each != each/2 {
				continue
			}
			from, to = c/each, c/each+1
		}
		if from >= to {
			continue
		}
		here := slices.SortedFunc(slices.Values(h.Values[from:to]), cmp.Compare)
		for r := line(here[len(here)-1]); r <= line(here[0]); r++ {
			field[r][c] = '┊'
		}
		field[line(here[len(here)/2])][c] = '●'
	}
	return field
}

// column is where a value begins.
func (h *History) column(i, columns int) int { return i * columns / len(h.Values) }

// marks is the line below the chart that says where the changes are. A mark for which there is no room is left out.
func (h *History) marks(columns int) string {
	out, end := "", 0
	for i, at := range h.Changes {
		c := h.column(at, columns)
		mark := fmt.Sprintf("▲%d", i+1)
		if c < end {
			continue
		}
		out += strings.Repeat(" ", c-ansi.StringWidth(out)) + mark
		end = c + ansi.StringWidth(mark) + 1
	}
	return out
}
