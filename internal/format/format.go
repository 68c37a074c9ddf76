// Package format writes numbers as people read them: "412 ms", "1.70 s", "1,204", "0.2 %".
//
// The terminal, the reports and the page all print through it, so one figure looks the same everywhere. What machines read (JSON, CSV)
// goes through [Millis] and [Decimal], which round in one place too. What others wrote is made fit for one line by [Text]. It imports nothing
// of ours and holds no state.
package format

import (
	"math"
	"strconv"
	"strings"
)

// None is printed where there is no figure.
const None = "-"

// Count is n with thousands apart: "1,204", "-3,000,000".
func Count(n int64) string {
	digits := strconv.FormatInt(n, 10)
	if n < 0 {
		return "-" + thousands(digits[1:])
	}
	return thousands(digits)
}

// Plural is a count with its word: "1 user", "1,500 users".
func Plural(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return Count(n) + " " + many
}

// thousands puts a comma before each group of three digits, counted from the right.
func thousands(digits string) string {
	first := len(digits) % 3
	if first == 0 {
		first = min(3, len(digits))
	}
	var b strings.Builder
	b.WriteString(digits[:first])
	for i := first; i < len(digits); i += 3 {
		b.WriteByte(',')
		b.WriteString(digits[i : i+3])
	}
	return b.String()
}

// Number is v with three significant digits below 100, and whole with thousands apart from there on: "0.00123", "12.3", "1,204".
// Zero is "0", infinity "infinite", and what is not a number is [None].
func Number(v float64) string {
	switch {
	case math.IsNaN(v):
		return None
	case math.IsInf(v, 0):
		return "infinite"
	case v < 0:
		return "-" + Number(-v)
	case v == 0:
		return "0"
	}
	integer, fraction, _ := strings.Cut(strconv.FormatFloat(v, 'f', decimals(v), 64), ".")
	if fraction == "" {
		return thousands(integer)
	}
	return integer + "." + fraction
}

// decimals says how many digits after the point give v (above 0) three significant ones, at most nine. It looks at the rounded number,
// so that 9.999 becomes "10.0" and not "10.00".
func decimals(v float64) int {
	text := strconv.FormatFloat(v, 'e', 2, 64) // "1.00e+01"
	exponent, err := strconv.Atoi(text[strings.IndexByte(text, 'e')+1:])
	if err != nil {
		return 0
	}
	return min(max(2-exponent, 0), 9)
}

// Rate is so many each second: "1,204/s", "12.3/s", "0.50/s", "0.0012/s".
func Rate(perSecond float64) string {
	if math.IsNaN(perSecond) {
		return None
	}
	if size := math.Abs(perSecond); size >= 0.01 && size < 0.995 {
		return strconv.FormatFloat(perSecond, 'f', 2, 64) + "/s"
	}
	return Number(perSecond) + "/s"
}

// Percent is a share as "0.2 %", "12.3 %". It never rounds something to nothing, nor nearly all to all: "0 %" and "100 %" mean exactly
// that. What would need more than four decimals is "< 0.0001 %" or "> 99.9999 %".
func Percent(share float64) string {
	switch {
	case math.IsNaN(share) || math.IsInf(share, 0):
		return None
	case share < 0:
		return "-" + Percent(-share)
	case share == 0:
		return "0 %"
	case share == 1:
		return "100 %"
	case share < 0.000001:
		return "< 0.0001 %"
	case share > 0.999999 && share < 1:
		return "> 99.9999 %"
	}
	text := ""
	for digits := 1; digits <= 4; digits++ {
		text = strconv.FormatFloat(share*100, 'f', digits, 64)
		if strings.Trim(text, "0.") != "" && strings.TrimRight(text, "0") != "100." {
			break
		}
	}
	return text + " %"
}

// Change is a share gained or lost, always with its sign: "+3.2 %", "-12.0 %", "0 %".
func Change(share float64) string {
	if share > 0 && !math.IsInf(share, 0) {
		return "+" + Percent(share)
	}
	return Percent(share)
}

// Bytes is a size in decimal units (1 KB is 1,000 bytes): "512 B", "1.20 KB", "34.1 MB".
func Bytes(n int64) string {
	const step = 1000
	if n < 0 {
		return "-" + strings.TrimPrefix(Bytes(-max(n, -math.MaxInt64)), "-")
	}
	if n < step {
		return strconv.FormatInt(n, 10) + " B"
	}
	v, units := float64(n), []string{"B", "KB", "MB", "GB", "TB", "PB", "EB"}
	unit := 0
	for v >= 999.5 && unit < len(units)-1 { // 999.5 would print as 1,000
		v /= step
		unit++
	}
	return Number(v) + " " + units[unit]
}

// Amount is a figure with its unit: bytes as [Bytes], what is whole as [Count], all else as [Number]: "1.81 GB", "151", "98.2 %", "12.3 ms".
func Amount(v float64, unit string) string {
	text := Number(v)
	switch {
	case unit == "B", unit == "B/s":
		return Bytes(int64(v)) + strings.TrimPrefix(unit, "B")
	case v == math.Trunc(v) && math.Abs(v) < 1e15:
		text = Count(int64(v))
	}
	return strings.TrimSuffix(text+" "+unit, " ")
}

// Decimal is v for machines: at most the given digits after the point, no trailing zeros, never an exponent: "1204", "0.25". What is not
// a number, or infinite, is "0": every consumer can parse that, and the counts beside it say that there was nothing.
func Decimal(v float64, digits int) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return "0"
	}
	text := strconv.FormatFloat(v, 'f', digits, 64)
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	if text == "-0" {
		return "0"
	}
	return text
}

// Arrivals is the text of a rate as people read it: "500/s" for a plain number, "300/m" as it stands, a long number rounded as by [Number]. A
// shape stands as it is too, and plain is false.
func Arrivals(text string) (read string, plain bool) {
	number, unit, per := strings.Cut(text, "/")
	v, err := strconv.ParseFloat(number, 64)
	switch {
	case err != nil || strings.Trim(number, "0123456789.") != "" || per && strings.Trim(unit, "abcdefghijklmnopqrstuvwxyz") != "":
		return text, false
	case !per:
		unit = "s"
	}
	if len(number) > len("1000000") {
		number = Number(v)
	}
	return number + "/" + unit, true
}
