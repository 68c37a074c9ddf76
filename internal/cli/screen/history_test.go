package screen

import (
	"fmt"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
)

// However many runs there are, a history fits, and shows each value and each change.
func TestHistoryFits(t *testing.T) {
	for _, many := range []int{1, 2, 4, 25, 69, 70, 71, 100, 10_000} {
		for _, width := range []int{20, 80} {
			h := History{Text: func(v float64) string { return fmt.Sprintf("%.0f ms", v) }, Left: "2026-06-01", Right: "2027-06-01"}
			for i := range many {
				h.Values = append(h.Values, 100+float64(i%7)+float64(50*(2*i/many)))
			}
			if many > 3 {
				h.Changes = []int{many / 2}
			}
			text := h.Draw(width)
			lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
			for _, line := range lines {
				if ansi.StringWidth(line) > width {
					t.Errorf("%d runs in %d columns: %q", many, width, line)
				}
			}
			if dots := strings.Count(text, "●"); dots < min(many, width/2-8) {
				t.Errorf("%d runs in %d columns: %d dots\n%s", many, width, dots, text)
			}
			if strings.Contains(text, "▲1") != (many > 3) || !strings.Contains(text, "2026-06-01") {
				t.Errorf("%d runs in %d columns:\n%s", many, width, text)
			}
		}
	}
}

// Noise does not fill the field: what varies by a percent looks as flat as it is.
func TestHistoryOfNoise(t *testing.T) {
	h := History{Values: []float64{100, 101, 100, 101, 100}, Text: func(float64) string { return "" }}
	lines := strings.Split(h.Draw(40), "\n")
	with := 0
	for _, line := range lines {
		if strings.Contains(line, "●") {
			with++
		}
	}
	if with > 2 {
		t.Errorf("%d lines have dots:\n%s", with, strings.Join(lines, "\n"))
	}
	for _, flat := range [][]float64{{0, 0, 0, 0}, {5}, {-1, -1}} {
		h.Values = flat
		if text := h.Draw(40); strings.Count(text, "●") != len(flat) {
			t.Errorf("%v:\n%s", flat, text)
		}
	}
}
