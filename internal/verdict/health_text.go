package verdict

import (
	"fmt"
	"strconv"
	"time"
)

// timeWords is a time with three digits: "1.3 ms", "84 ms", "2.1 s".
func timeWords(d time.Duration) string {
	switch abs := d.Abs(); {
	case abs >= 100*time.Second:
		return fmt.Sprintf("%.0f s", d.Seconds())
	case abs >= time.Second:
		return shortNumber(d.Seconds()) + " s"
	case abs >= time.Millisecond:
		return shortNumber(float64(d)/1e6) + " ms"
	default:
		return shortNumber(float64(d)/1e3) + " us"
	}
}

// shareWords is a share from 0 to 1 in percent.
func shareWords(share float64) string { return shortNumber(share*100) + " %" }

// shortNumber has one digit after the point below 10, unless it is 0, and none above.
func shortNumber(x float64) string {
	if x >= 9.95 || x <= -9.95 {
		return fmt.Sprintf("%.0f", x)
	}
	s := fmt.Sprintf("%.1f", x)
	if len(s) > 2 && s[len(s)-2:] == ".0" {
		s = s[:len(s)-2]
	}
	if s == "0" && x > 0 {
		return strconv.FormatFloat(x, 'g', 1, 64)
	}
	return s
}

// countWords is "1 send" or "12 sends".
func countWords(n int64, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.FormatInt(n, 10) + " " + one + "s"
}
