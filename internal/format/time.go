package format

import (
	"fmt"
	"math"
	"strconv"
	"time"
)

// Duration is a measured time with three significant digits: "850 us", "4.12 ms", "412 ms", "1.70 s". From 1,000 s on it is a [Span].
// Zero is "0 ms".
func Duration(d time.Duration) string {
	if d < 0 {
		return "-" + Duration(-max(d, -math.MaxInt64))
	}
	// The bounds lie where rounding to three digits reaches the next unit: 999.6 us is "1.00 ms".
	switch v := float64(d); {
	case d == 0:
		return "0 ms"
	case v < 999.5:
		return Number(v) + " ns"
	case v < 999.5e3:
		return Number(v/1e3) + " us"
	case v < 999.5e6:
		return Number(v/1e6) + " ms"
	case v < 999.5e9:
		return Number(v/1e9) + " s"
	default:
		return Span(d)
	}
}

// Span is a stretch of time such as the length of a run: "0 s", "30 s", "1.5 s", "5 min", "1 h 20 min", "2 d 3 h". The two largest
// units that are not zero next to each other; the rest is rounded.
func Span(d time.Duration) string {
	switch {
	case d < 0:
		return "-" + Span(-max(d, -math.MaxInt64))
	case d < time.Minute-50*time.Millisecond:
		return Decimal(d.Seconds(), 1) + " s"
	case d < time.Hour-500*time.Millisecond:
		return pair(d.Round(time.Second), time.Minute, "min", time.Second, "s")
	case d < 24*time.Hour-30*time.Second:
		return pair(d.Round(time.Minute), time.Hour, "h", time.Minute, "min")
	default:
		return pair(d.Round(time.Hour), 24*time.Hour, "d", time.Hour, "h")
	}
}

// pair writes d in two units, without the smaller one when it is zero.
func pair(d, large time.Duration, largeName string, small time.Duration, smallName string) string {
	text := Count(int64(d/large)) + " " + largeName
	if rest := d % large / small; rest > 0 {
		text += " " + strconv.FormatInt(int64(rest), 10) + " " + smallName
	}
	return text
}

// Clock is a time since the start as a clock shows it, whole seconds: "0:07", "12:30", "1:02:03". It is of the time in whole milliseconds, as
// every file holds it: what is read back from a file shows the same.
func Clock(d time.Duration) string {
	if d < 0 {
		return "-" + Clock(-max(d, -math.MaxInt64))
	}
	seconds := int64(d.Round(time.Millisecond) / time.Second)
	if seconds < 3600 {
		return fmt.Sprintf("%d:%02d", seconds/60, seconds%60)
	}
	return fmt.Sprintf("%d:%02d:%02d", seconds/3600, seconds/60%60, seconds%60)
}

// Millis is a time in milliseconds for machines, rounded to a whole microsecond: every file that holds a time in milliseconds holds
// exactly this number.
func Millis(d time.Duration) float64 {
	return math.Round(float64(d)/1e3) / 1e3
}

// WholeMillis is [Millis] rounded to a whole number, half away from zero.
func WholeMillis(d time.Duration) int64 {
	return int64(math.Round(Millis(d)))
}

// Seconds is a time in seconds for machines, rounded to a whole millisecond.
func Seconds(d time.Duration) float64 {
	return math.Round(float64(d)/1e6) / 1e3
}
