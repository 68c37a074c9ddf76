package screen

import (
	"math"
	"strings"
)

// plotted lays points, one a second, over a field that covers span seconds with so many columns. Where a column holds several points
// pick folds them into one; where a point holds several columns it is drawn in each. What is still to come stays empty.
func plotted(points []float64, span, columns int, pick func([]float64) float64) []float64 {
	span = max(span, len(points), 1)
	var out []float64
	for i := range columns {
		from, to := i*span/columns, max((i+1)*span/columns, i*span/columns+1)
		if from >= len(points) {
			break
		}
		out = append(out, pick(points[from:min(to, len(points))]))
	}
	return out
}

func mean(v []float64) float64 {
	sum := 0.0
	for _, x := range v {
		sum += x
	}
	return sum / float64(len(v))
}

// worst is the greatest: percentiles are never averaged.
func worst(v []float64) float64 {
	most := math.Inf(-1)
	for _, x := range v {
		most = max(most, x)
	}
	return most
}

// area draws values as a filled surface of eighth-blocks, rows lines high, one column a value; top is the value of the upper edge.
func area(values []float64, rows int, top float64) []string {
	blocks := []rune(" ▁▂▃▄▅▆▇█")
	lines := make([]string, rows)
	for r := range lines {
		var b strings.Builder
		floor := (rows - 1 - r) * 8
		for _, v := range values {
			eighths := 0
			if top > 0 && v > 0 {
				eighths = max(int(math.Round(v/top*float64(rows*8))), 1)
			}
			b.WriteRune(blocks[min(max(eighths-floor, 0), 8)])
		}
		lines[r] = b.String()
	}
	return lines
}

// curve draws values as a line of braille dots, rows lines high, two values a column; top is the value of the upper edge. Values below
// zero are gaps.
func curve(values []float64, rows int, top float64) [][]rune {
	columns := (len(values) + 1) / 2
	cells := make([][]rune, rows)
	for r := range cells {
		cells[r] = make([]rune, columns)
	}
	dot := func(x, y int) { cells[rows-1-y/4][x/2] |= brailleBit(x%2, y%4) }
	before := -1
	for x, v := range values {
		if v < 0 {
			before = -1
			continue
		}
		y := 0
		if top > 0 {
			y = min(max(int(math.Round(v/top*float64(rows*4-1))), 0), rows*4-1)
		}
		dot(x, y)
		// Join to the point before, so that a jump is a stroke and not two specks.
		for step := y; before >= 0 && step != before; {
			if step < before {
				step++
			} else {
				step--
			}
			if step != before {
				dot(x, step)
			}
		}
		before = y
	}
	return cells
}

// brailleBit is the dot at column x (0, 1) and height y (0 is the lowest, 3 the highest) of a braille cell, as an offset from U+2800.
func brailleBit(x, y int) rune {
	return [2][4]rune{{0x40, 0x04, 0x02, 0x01}, {0x80, 0x20, 0x10, 0x08}}[x][y]
}

// overlay draws two curves in one field: where both have dots the front one's colour wins.
func overlay(back, front [][]rune, backPaint, frontPaint paint) []string {
	lines := make([]string, len(front))
	for r := range front {
		var b strings.Builder
		for c := range front[r] {
			both := front[r][c]
			if c < len(back[r]) {
				both |= back[r][c]
			}
			glyph := string(0x2800 + both)
			switch {
			case both == 0:
				b.WriteString(" ")
			case front[r][c] != 0:
				b.WriteString(frontPaint(glyph))
			default:
				b.WriteString(backPaint(glyph))
			}
		}
		lines[r] = b.String()
	}
	return lines
}

// ceiling rounds up to a friendly number for the top of an axis: 1, 1.5, 2, 2.5, 3, 4, 5, 6, 8 times a power of ten.
func ceiling(v float64) float64 {
	if v <= 0 || math.IsNaN(v) || math.IsInf(v, 0) {
		return 1
	}
	power := math.Pow(10, math.Floor(math.Log10(v)))
	for _, step := range []float64{1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10} {
		if v <= step*power*(1+1e-9) {
			return step * power
		}
	}
	return 10 * power
}
