package pace

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// number writes a level or factor; Parse reads back the same bits.
func number(x float64) string {
	if x != 0 && (math.Abs(x) < 1e-6 || math.Abs(x) >= 1e15) {
		return strconv.FormatFloat(x, 'e', -1, 64)
	}
	return strconv.FormatFloat(x, 'f', -1, 64)
}

// span writes a time as short as Go reads it: 1h, not 1h0m0s.
func span(d time.Duration) string {
	if d == 0 {
		return "0"
	}
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = s[:len(s)-2]
	}
	if strings.HasSuffix(s, "h0m") {
		s = s[:len(s)-2]
	}
	return s
}
