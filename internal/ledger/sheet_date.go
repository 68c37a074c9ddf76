package ledger

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// How dates of numbers alone can be written: 2/11/2026.
const (
	DayFirst   = "day/month/year"
	MonthFirst = "month/day/year"
)

// dateReader reads the dates of one column, which were all written by the same hands: 2/11/2026 means the same in every row.
type dateReader struct {
	zone     *time.Location
	from1904 bool // days are counted from 1904, as spreadsheets on old Macs do
	dayFirst bool
	seen     bool // there were dates that can be written either way
	guessed  bool // and nothing says which
}

// slashed is a date of numbers alone, and a time of day behind it.
var slashed = regexp.MustCompile(`^(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{2}|\d{4})\.?(?:[ ,T]+(.*))?$`)

// numbers3 is a date of numbers alone: the first two, and the year.
type numbers3 struct {
	first, second, year int
	dots                bool   // 2.11.2026
	rest                string // a time of day
}

func numbersOf(text string) (n numbers3, ok bool) {
	m := slashed.FindStringSubmatch(weekday.ReplaceAllString(text, ""))
	if m == nil {
		return n, false
	}
	n.first, _ = strconv.Atoi(m[1])
	n.second, _ = strconv.Atoi(m[2])
	n.year, _ = strconv.Atoi(m[3])
	if n.year < 100 {
		n.year += 2000
	}
	n.dots, n.rest = strings.Contains(m[0][:len(m[0])-len(m[4])], "."), m[4]
	return n, true
}

// date is the day that the numbers are when the day, or the month, comes first.
func (n *numbers3) date(dayFirst bool, zone *time.Location) (time.Time, bool) {
	month, day := n.first, n.second
	if dayFirst {
		month, day = day, month
	}
	t := time.Date(n.year, time.Month(month), day, 0, 0, 0, 0, zone)
	return t, month >= 1 && month <= 12 && t.Day() == day
}

func newDateReader(rows []sheetRow, how Reading, from1904 bool) *dateReader {
	d := &dateReader{zone: how.Zone, from1904: from1904}
	var all []numbers3
	day, month := 0, 0 // how many dates can only be read so
	for i := range rows {
		n, ok := numbersOf(rows[i].cells[colDate])
		if !ok {
			continue
		}
		d.seen = true
		all = append(all, n)
		_, asDay := n.date(true, how.Zone)
		_, asMonth := n.date(false, how.Zone)
		switch {
		case asDay && (n.dots || !asMonth): // with dots the day comes first, wherever that is written
			day++
		case asMonth && !asDay:
			month++
		}
	}
	switch {
	case how.Dates != "":
		d.dayFirst = how.Dates == DayFirst
	case day+month > 0:
		d.dayFirst = day >= month
	default: // a ledger is written in order: the reading that jumps about less
		byDay, byMonth := jumps(all, true), jumps(all, false)
		d.dayFirst, d.guessed = byDay < byMonth, d.seen && byDay == byMonth
	}
	return d
}

// jumps is how often dates go against the order that they have by and large, the latest first or last.
func jumps(all []numbers3, dayFirst bool) int {
	up, down := 0, 0
	for i := 1; i < len(all); i++ {
		a, _ := all[i-1].date(dayFirst, time.UTC)
		b, _ := all[i].date(dayFirst, time.UTC)
		switch a.Compare(b) {
		case -1:
			up++
		case 1:
			down++
		}
	}
	return min(up, down)
}

// order says how dates were read.
func (d *dateReader) order() string {
	switch {
	case !d.seen:
		return ""
	case d.dayFirst:
		return DayFirst
	default:
		return MonthFirst
	}
}

// dated is what a cell with a date says.
type dated struct {
	day     time.Time // with its time of day, should it have one
	rest    string    // a time of day that is still to be read
	swapped bool      // it can only be read the other way round than the rest of its column
}

// read is the day that a cell names.
func (d *dateReader) read(text string) (dated, bool) {
	const earliest, latest = 10_000, 2_958_466 // 1927 to 9999, in days since the end of 1899, as spreadsheets count
	if serial, exact := plainNumber(text); exact && serial > earliest && serial < latest {
		return dated{day: d.serial(serial)}, true
	}
	if n, ok := numbersOf(text); ok {
		t, right := n.date(d.dayFirst, d.zone)
		if !right {
			t, ok = n.date(!d.dayFirst, d.zone)
		}
		return dated{t, n.rest, !right}, ok
	}
	if t, ok := d.written(text); ok {
		return dated{day: t}, true
	}
	if m := dayAndClock.FindStringSubmatch(text); m != nil {
		t, ok := d.written(m[1])
		return dated{day: t, rest: m[2]}, ok
	}
	return dated{}, false
}

var (
	// dayAndClock is a day and a time behind it: "2 Nov 2026, 3pm".
	dayAndClock = regexp.MustCompile(`(?i)^(.*\d{2})[ ,T]+(?:at )?(\d{1,2}(?::|\.\d|h| ?[ap]\.?m).*)$`)
	// ordinal is the end of "2nd"; weekday the beginning of "Tuesday, 2 Nov".
	ordinal = regexp.MustCompile(`(?i)(\d)(?:st|nd|rd|th)\b`)
	weekday = regexp.MustCompile(`(?i)^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,? +`)
)

// written is a day in one of the many ways of writing one with the year first or the month as a word.
func (d *dateReader) written(text string) (time.Time, bool) {
	text = weekday.ReplaceAllString(text, "")
	for _, layout := range []string{
		time.RFC3339Nano, "2006-1-2 15:04:05 -0700", "2006-1-2 15:04:05 -0700 MST", "2006-1-2T15:04:05", "2006-1-2T15:04", "2006-1-2 15:04:05", "2006-1-2 15:04",
		"2006-1-2", "2006/1/2 15:04:05", "2006/1/2 15:04", "2006/1/2", "2006.1.2", "20060102",
	} {
		if t, err := time.ParseInLocation(layout, text, d.zone); err == nil {
			return t, true
		}
	}
	words := strings.NewReplacer(",", " ", ".", " ", "-", " ", "/", " ").Replace(ordinal.ReplaceAllString(text, "$1"))
	words = strings.Replace(strings.Join(strings.Fields(words), " "), "Sept ", "Sep ", 1)
	for _, layout := range []string{"2 Jan 2006", "2 January 2006", "Jan 2 2006", "January 2 2006", "2 Jan 06", "2 January 06", "2006 Jan 2", "2006 January 2"} {
		if t, err := time.ParseInLocation(layout, words, d.zone); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// serial is a day, and a part of one, as spreadsheets count. It is a date on a calendar without a zone, and so are its hours.
func (d *dateReader) serial(days float64) time.Time {
	whole, part := math.Modf(days)
	seconds := int(math.Round(part * 86400))
	if d.from1904 {
		return time.Date(1904, 1, 1+int(whole), 0, 0, seconds, 0, d.zone)
	}
	return time.Date(1899, 12, 30+int(whole), 0, 0, seconds, 0, d.zone)
}

// at puts a time of day on a day. exact is false when the cell is not quite a time, or none at all: then day stays as it is.
func at(day time.Time, clock string) (t time.Time, exact bool) {
	if clock == "" {
		return day, true
	}
	on := func(h, m, s int) time.Time {
		return time.Date(day.Year(), day.Month(), day.Day(), h, m, s, 0, day.Location())
	}
	if t, ok := clockOf(clock); ok {
		return on(t.Hour(), t.Minute(), t.Second()), true
	}
	if t, ok := clockOf(someClock.FindString(clock)); ok { // 14:00-15:30, about 3pm
		return on(t.Hour(), t.Minute(), t.Second()), false
	}
	return day, false
}

// someClock is a time of day in a text.
var someClock = regexp.MustCompile(`(?i)\b\d{1,2}(?:[:.h]\d{2}(?::\d{2})?)?(?: ?[ap]\.?m\b)|\b\d{1,2}[:.h]\d{2}(?::\d{2})?\b`)

// clockOf is the time of day that a cell names: a part of a day, as spreadsheets keep it, or as people write it.
func clockOf(text string) (time.Time, bool) {
	if v, exact := plainNumber(text); exact && (strings.HasPrefix(text, "0.") || len(text) > len("19.05")) {
		_, part := math.Modf(v)
		return time.Time{}.Add(time.Duration(math.Round(part*86400)) * time.Second), v >= 0
	}
	tidy := strings.NewReplacer("A.M", "AM", "P.M", "PM", "UHR", "").Replace(strings.ToUpper(text))
	tidy = strings.TrimRight(strings.Join(strings.Fields(tidy), " "), " .")
	for _, layout := range []string{
		"15:04:05", "15:04", "15.04", "3:04 PM", "3:04PM", "3.04 PM", "3.04PM", "3:04:05 PM", "3:04:05PM", "3 PM", "3PM", "15H04", "15:04H", "15H", "15 H",
		"15:04:05 MST", "15:04 MST", "1504", "15",
	} {
		if t, err := time.Parse(layout, tidy); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}
