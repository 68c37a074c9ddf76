package ledger

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// dateReader reads the dates of one column, which were all written by the same hands: 2/11/2026 means the same in every row.
type dateReader struct {
	zone     *time.Location
	dayFirst bool
	seen     bool // there were such dates at all
}

var slashed = regexp.MustCompile(`^(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{2}|\d{4})(?:[ ,T]+(.*))?$`)

func newDateReader(rows []map[string]string, zone *time.Location) *dateReader {
	d := &dateReader{zone: zone}
	for _, cells := range rows {
		m := slashed.FindStringSubmatch(cells[colDate])
		if m == nil {
			continue
		}
		d.seen = true
		if first, _ := strconv.Atoi(m[1]); first > 12 || strings.Contains(cells[colDate], ".") {
			d.dayFirst = true // 25/12, or 2.11. as it is written where the day comes first
		}
	}
	return d
}

// order says how dates were read.
func (d *dateReader) order() string {
	switch {
	case !d.seen:
		return ""
	case d.dayFirst:
		return "day/month/year"
	default:
		return "month/day/year"
	}
}

// read is the moment that two cells name. Without a time it is midnight.
func (d *dateReader) read(date, clock string) (t time.Time, ok bool) {
	if serial, exact := plainNumber(date); exact && serial > 1 && serial < 2958466 { // days since the end of 1899, as spreadsheets count
		return d.at(d.serial(serial), clock)
	}
	if m := slashed.FindStringSubmatch(date); m != nil {
		a, _ := strconv.Atoi(m[1])
		b, _ := strconv.Atoi(m[2])
		year, _ := strconv.Atoi(m[3])
		if year < 100 {
			year += 2000
		}
		if d.dayFirst {
			a, b = b, a
		}
		if a < 1 || a > 12 || b < 1 || b > 31 {
			return time.Time{}, false
		}
		if clock == "" {
			clock = m[4]
		}
		return d.at(time.Date(year, time.Month(a), b, 0, 0, 0, 0, d.zone), clock)
	}
	for _, layout := range []string{
		time.RFC3339Nano, "2006-01-02 15:04:05 -0700", "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02", "2006/01/02",
		"2 Jan 2006", "2 January 2006", "Jan 2, 2006", "January 2, 2006", "Jan 2 2006", "Mon, 2 Jan 2006", "2 Jan 2006 15:04", "Mon Jan 2 2006", "20060102",
	} {
		if t, err := time.ParseInLocation(layout, date, d.zone); err == nil {
			return d.at(t, clock)
		}
	}
	return time.Time{}, false
}

// serial is a day, and a part of one, as spreadsheets count. It is a date on a calendar without a zone, and so are its hours.
func (d *dateReader) serial(days float64) time.Time {
	whole, part := math.Modf(days)
	seconds := int(math.Round(part * 86400))
	return time.Date(1899, 12, 30+int(whole), 0, 0, seconds, 0, d.zone)
}

// at puts a time of day on a date. It reports false when the cell is no time; the date is right even so.
func (d *dateReader) at(date time.Time, clock string) (time.Time, bool) {
	if clock == "" {
		return date, true
	}
	day := func(h, m, s int) time.Time {
		return time.Date(date.Year(), date.Month(), date.Day(), h, m, s, 0, date.Location())
	}
	if serial, exact := plainNumber(clock); exact && serial >= 0 && len(clock) > len("19.05") || exact && serial == 0 {
		_, part := math.Modf(serial)
		return day(0, 0, int(math.Round(part*86400))), true
	}
	tidy := strings.ToUpper(strings.TrimSpace(clock))
	for _, layout := range []string{"15:04:05", "15:04", "15.04", "3:04 PM", "3:04PM", "3:04:05 PM", "3 PM", "3PM", "15H04", "15:04:05 MST", "15:04 MST"} {
		if t, err := time.Parse(layout, tidy); err == nil {
			return day(t.Hour(), t.Minute(), t.Second()), true
		}
	}
	return date, true
}

var digits = regexp.MustCompile(`\d+`)

// firstNumber is the first whole number in a text, and whether it is all of it. Commas and spaces between thousands do not count.
func firstNumber(text string) (n int, exact bool) {
	if v, ok := plainNumber(text); ok && v == math.Trunc(v) && v >= 0 && v <= math.MaxInt32 {
		return int(v), true
	}
	n, err := strconv.Atoi(digits.FindString(strings.ReplaceAll(text, ",", "")))
	if err != nil || n > math.MaxInt32 {
		return 0, false
	}
	return n, false
}

// plainNumber reads a number as people and spreadsheets write it.
func plainNumber(text string) (float64, bool) {
	text = strings.NewReplacer(",", "", " ", "", "\u00a0", "").Replace(text)
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
		return 0, false
	}
	return v, true
}
