package verdict

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// Unit is what a value is measured in.
type Unit uint8

// The units. The base of each is what Value.Num holds.
const (
	UnitNone  Unit = iota // a plain number
	UnitTime              // nanoseconds
	UnitShare             // percent, 0 to 100
	UnitRate              // per second
	UnitBytes             // bytes
)

// Value is the right side of a condition. The zero value is the number 0.
type Value struct {
	Num      float64 // in the base of Unit; with Baseline, the factor
	Unit     Unit
	Baseline bool // Num times the same figure of the baseline run
	OfLimit  bool // Num percent of the limit that the server's figure has
}

// maxNumber is the largest that a value may hold: integers, and sums of a few of them, are exact up to here. As a time it is 13 days.
const maxNumber = 1 << 50

// Time is a value for quantiles, mean, min and max.
func Time(d time.Duration) Value { return Value{Num: float64(d), Unit: UnitTime} }

// Percent is a value for failures and seconds: Percent(0.5) is half of one percent.
func Percent(p float64) Value { return Value{Num: p, Unit: UnitShare} }

// Share is Percent for a share from 0 to 1: Share(0.005) is half of one percent. It is rounded to what a share is written with, so that
// Share(0.07) is 7% and not the 7.000000000000001% that floating point makes of it.
func Share(s float64) Value { return Percent(math.Round(s*1e12) / 1e10) }

// PerSecond is a value for rate.
func PerSecond(n float64) Value { return Value{Num: n, Unit: UnitRate} }

// Bytes is a value for bytes.
func Bytes(n int64) Value { return Value{Num: float64(n), Unit: UnitBytes} }

// Number is a value for count, failed, users, dropped and in_flight.
func Number(n float64) Value { return Value{Num: n} }

// TimesBaseline is factor times the same figure of the baseline run.
func TimesBaseline(factor float64) Value { return Value{Num: factor, Baseline: true} }

// String is the value as Parse reads it, in the unit that reads best: "500ms", "0.5%", "950/s", "1.5MB", "baseline * 1.1".
func (v Value) String() string {
	switch {
	case v.OfLimit && v.Num == 100:
		return "limit"
	case v.OfLimit:
		return plain(v.Num) + "% of limit"
	case v.Baseline && v.Num == 1:
		return "baseline"
	case v.Baseline:
		return "baseline * " + plain(v.Num)
	case v.Num == 0:
		return "0"
	}
	switch v.Unit {
	case UnitTime:
		return durationText(time.Duration(v.Num))
	case UnitShare:
		return plain(v.Num) + "%"
	case UnitRate:
		return plain(v.Num) + "/s"
	case UnitBytes:
		return bytesText(v.Num, "")
	}
	return plain(v.Num)
}

// wrong says why the value cannot be compared with m; "" when it can.
func (v Value) wrong(m Metric) (msg, hint string) {
	switch {
	case !(v.Num >= 0): // also refuses NaN
		return "a value cannot be negative", ""
	case v.Num > maxNumber:
		return "the value is too large", ""
	case v.Baseline && v.Num == 0:
		return "0 times the baseline is 0", "write 0"
	case v.Baseline || v.Num == 0:
		return "", ""
	case v.Unit != m.unit():
		return m.unit().refuse(m, v), ""
	case v.Unit == UnitShare && v.Num > 100:
		return "a share lies between 0% and 100%", ""
	}
	return "", ""
}

// refuse says that v is not measured in the unit of m.
func (u Unit) refuse(m Metric, v Value) string {
	return m.String() + " is " + u.noun() + ", " + v.String() + " is " + v.Unit.noun()
}

// noun names the unit in a sentence.
func (u Unit) noun() string {
	return [...]string{"a plain number", "a time", "a share", "a rate", "a size"}[u]
}

// plain is a number in decimal, as short as it can be without becoming another number.
func plain(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

// durationText is d as Go writes it, without the zeros at the end: "1m30s", "1h", "500ms", "1.5us". Parse reads all of them.
func durationText(d time.Duration) string {
	s := strings.ReplaceAll(d.String(), "µ", "u")
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// sizeUnits are the units of sizes, largest first. Metres and bytes count in thousands; the binary ones are read, never written.
var sizeUnits = [...]struct {
	word  string
	bytes float64
}{{"GB", 1e9}, {"MB", 1e6}, {"KB", 1e3}, {"B", 1}}

// bytesText is a number of bytes in the largest unit that it fills, with gap between number and unit. It loses nothing.
func bytesText(n float64, gap string) string {
	for _, u := range sizeUnits {
		if n < u.bytes && u.bytes > 1 {
			continue
		}
		s := plain(n / u.bytes)
		if back, err := strconv.ParseFloat(s, 64); err == nil && back*u.bytes == n {
			return s + gap + u.word
		}
	}
	return plain(n) + gap + "B"
}
