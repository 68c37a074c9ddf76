package schedule

import (
	"errors"
	"fmt"
	"math/bits"
	"strconv"
	"strings"
	"time"
)

// Cron is a cron expression in a time zone. Its times are those of the zone's wall clocks, to the minute:
//
//	minute (0-59)  hour (0-23)  day of month (1-31)  month (1-12, jan-dec)  day of week (0-7, sun-sat; 0 and 7 are Sunday)
//
// with *, lists (1,15), ranges (mon-fri) and steps (*/10, 8-18/2, 5/20 for 5-59/20), or @hourly, @daily, @weekly, @monthly, @yearly. When both days
// are restricted, either is enough, as in cron(8); a field that begins with * restricts nothing in this sense.
//
// A time that the zone's clocks skip is due once, at the first moment that they show after it; several such times are due together, once. A time
// that the clocks show twice is due once, the first time.
type Cron struct {
	text                 string
	zone                 *time.Location
	minute, hour         uint64 // bits
	day, month, weekday  uint64
	anyDay, anyDayOfWeek bool // the field began with *
}

// field is what one of the five may hold.
type field struct {
	name     string
	min, max int
	words    string // of the values from min on
}

var fields = [5]field{
	{"minute", 0, 59, ""},
	{"hour", 0, 23, ""},
	{"day of month", 1, 31, ""},
	{"month", 1, 12, "jan feb mar apr may jun jul aug sep oct nov dec"},
	{"day of week", 0, 7, "sun mon tue wed thu fri sat"},
}

var nicknames = map[string]string{
	"@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0", "@daily": "0 0 * * *", "@midnight": "0 0 * * *",
	"@hourly": "0 * * * *",
}

// ParseCron reads an expression. zone is a name of the time zone database such as "Europe/Berlin"; "" and "UTC" are UTC, "Local" that of this machine.
// An expression that no day ever satisfies is refused.
func ParseCron(text, zone string) (*Cron, error) {
	c := &Cron{text: strings.Join(strings.Fields(text), " ")}
	var err error
	var wrong []error
	if c.zone, err = time.LoadLocation(zone); err != nil {
		wrong = append(wrong, fmt.Errorf("time zone %q is not known: write a name such as Europe/Berlin, or UTC", zone))
	}
	words := strings.Fields(strings.ToLower(text))
	if len(words) == 1 && strings.HasPrefix(words[0], "@") {
		long, ok := nicknames[words[0]]
		if !ok {
			return nil, errors.Join(append(wrong, fmt.Errorf("cron %q: use five fields, or @hourly, @daily, @weekly, @monthly, @yearly", text))...)
		}
		words = strings.Fields(long)
	}
	if len(words) != len(fields) {
		return nil, errors.Join(append(wrong, fmt.Errorf("cron %q: it has %d fields, and five are wanted: minute hour day-of-month month day-of-week, such as \"30 2 * * mon-fri\"", text, len(words)))...)
	}
	sets := [5]*uint64{&c.minute, &c.hour, &c.day, &c.month, &c.weekday}
	for i, word := range words {
		if *sets[i], err = fields[i].parse(word); err != nil {
			wrong = append(wrong, fmt.Errorf("cron %q: %s %q: %w", text, fields[i].name, word, err))
		}
	}
	if err := errors.Join(wrong...); err != nil {
		return nil, err
	}
	c.anyDay, c.anyDayOfWeek = anything(words[2]), anything(words[4])
	c.weekday |= c.weekday >> 7 & 1 // 7 is Sunday too
	if c.Next(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)).IsZero() {
		return nil, fmt.Errorf("cron %q: there is no such day: correct the day of month or the month", text)
	}
	return c, nil
}

func anything(word string) bool { return word[0] == '*' || word[0] == '?' }

// String is the expression as it was written, with single spaces.
func (c *Cron) String() string { return c.text }

// Zone is where its clocks are.
func (c *Cron) Zone() *time.Location { return c.zone }

// parse reads a list of ranges into bits.
func (f *field) parse(word string) (set uint64, err error) {
	for part := range strings.SplitSeq(word, ",") {
		some, err := f.part(part)
		if err != nil {
			return 0, err
		}
		set |= some
	}
	return set, nil
}

func (f *field) part(part string) (set uint64, err error) {
	span, stepText, stepped := strings.Cut(part, "/")
	step := 1
	if stepped {
		if step, err = strconv.Atoi(stepText); err != nil || step < 1 || step > f.max-f.min+1 {
			return 0, fmt.Errorf("the step behind / must be a number from 1 to %d", f.max-f.min+1)
		}
	}
	low, high := f.min, f.max
	if f.max == 7 {
		high = 6 // * is each day once
	}
	if span != "*" && span != "?" {
		from, to, ranged := strings.Cut(span, "-")
		if low, err = f.value(from); err != nil {
			return 0, err
		}
		switch {
		case ranged:
			if high, err = f.value(to); err != nil {
				return 0, err
			}
		case !stepped:
			high = low
		}
		if high < low {
			return 0, fmt.Errorf("the range goes backwards; write %s-%d,%d-%s", from, f.max, f.min, to)
		}
	}
	for v := low; v <= high; v += step {
		set |= 1 << v
	}
	return set, nil
}

func (f *field) value(text string) (int, error) {
	for i, word := range strings.Fields(f.words) {
		if text == word {
			return f.min + i, nil
		}
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < f.min || n > f.max || strings.HasPrefix(text, "+") {
		hint := ""
		if strings.ContainsAny(text, "lw#") {
			hint = "; L, W and # are of other crons"
		}
		return 0, fmt.Errorf("use numbers from %d to %d, lists, ranges, steps, or *%s", f.min, f.max, hint)
	}
	return n, nil
}

// searchYears is how far ahead a time is looked for: the calendar repeats its weekdays after 28 years within a century, and a leap year may fail once.
const searchYears = 40

// Next is the first moment after t at which a run is due; it is zero when there is none within forty years.
func (c *Cron) Next(t time.Time) time.Time {
	local := t.In(c.zone)
	year, month, day := local.Date()
	hour, minute := local.Hour(), local.Minute()
	for date := time.Date(year, month, day, 0, 0, 0, 0, time.UTC); date.Year() <= year+searchYears; date = date.AddDate(0, 0, 1) {
		if !c.onDay(date) {
			hour, minute = 0, 0
			continue
		}
		for h := from(c.hour, hour); h < 24; h = from(c.hour, h+1) {
			if h != hour {
				minute = 0
			}
			for m := from(c.minute, minute); m < 60; m = from(c.minute, m+1) {
				if at := c.moment(date, h, m); at.After(t) {
					return at
				}
			}
			minute = 0
		}
		hour, minute = 0, 0
	}
	return time.Time{}
}

// onDay reports whether runs are due on a date.
func (c *Cron) onDay(date time.Time) bool {
	if c.month>>date.Month()&1 == 0 {
		return false
	}
	day, weekday := c.day>>date.Day()&1 == 1, c.weekday>>date.Weekday()&1 == 1
	if c.anyDay || c.anyDayOfWeek {
		return day && weekday
	}
	return day || weekday
}

// from is the first bit of a set at or above n; 64 when there is none.
func from(set uint64, n int) int {
	if n > 63 {
		return 64
	}
	return bits.TrailingZeros64(set >> n << n)
}

// moment is when the clocks of the zone show a time of a date: the first time if twice, and if never the first moment after the gap.
func (c *Cron) moment(date time.Time, hour, minute int) time.Time {
	wall := date.Add(time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute) // as if it were UTC
	at := time.Date(wall.Year(), wall.Month(), wall.Day(), hour, minute, 0, 0, c.zone)
	start, end := at.ZoneBounds()
	switch now := shown(at); {
	case now.After(wall): // the gap lies before what package time chose
		return start
	case now.Before(wall):
		return end
	}
	if !start.IsZero() { // did the clocks show it before they were set back?
		_, offset := start.Add(-1).Zone()
		if earlier := wall.Add(-time.Duration(offset) * time.Second).In(c.zone); earlier.Before(start) && shown(earlier).Equal(wall) {
			return earlier
		}
	}
	return at
}

// shown is what the clocks show at a moment, as if that were UTC.
func shown(t time.Time) time.Time {
	_, offset := t.Zone()
	return t.UTC().Add(time.Duration(offset) * time.Second)
}
