// Package scheduletest holds the times of internal/schedule against those of another implementation, github.com/robfig/cron.
package scheduletest

import (
	"fmt"
	"time"
	_ "time/tzdata"

	"github.com/robfig/cron/v3"

	"github.com/stampede-load/stampede/internal/schedule"
)

// Zones are twenty time zones: of all continents, with and without summer time, with half hours, with changes at midnight. Australia/Lord_Howe and
// Pacific/Chatham, whose clocks change in the middle of an hour, are not among them: there robfig/cron v3.0.1 leaves out times that exist, and its
// Next can even go back in time. internal/schedule is held against a slow search there.
func Zones() []string {
	return []string{
		"Europe/Berlin", "America/New_York", "Australia/Adelaide", "America/Santiago", "UTC", "Europe/London", "Europe/Dublin", "America/Los_Angeles",
		"America/St_Johns", "America/Havana", "America/Sao_Paulo", "Africa/Cairo", "Africa/Casablanca", "Asia/Kolkata", "Asia/Tokyo", "Asia/Beirut",
		"Asia/Jerusalem", "Australia/Sydney", "Pacific/Auckland", "Asia/Kathmandu",
	}
}

// Expressions are fifty, in what both implementations understand alike: robfig takes no 7 for Sunday, and holds a field such as */2 for a
// restriction of the day.
func Expressions() []string {
	return []string{
		"30 2 * * *", "0 2 * * *", "15 1 * * *", "0 0 * * *", "59 23 * * *", "0 3 * * 1", "30 1 * * sun", "0 2 * * 0", "45 2 * 3 *", "45 1 * 10,11 *",
		"0 0 1 * *", "0 0 1 1 *", "0 0 29 2 *", "0 12 31 * *", "30 4 1,15 * *", "0 9 13 * 5", "0 9 1 * 1-5", "*/30 2 * * *", "*/20 1-3 * * *", "10-50/20 0-3 * * 6,0",
		"0 */6 * * *", "0 1-23/2 * * mon", "0 22 * * 1-5", "23 0-20/4 * * *", "5 4 * * sun", "0 0,12 1 */2 *", "0 4 8-14 * *", "30 6 * * 2,4", "0 5 * jan,jul 3", "0 0 * * 6",
		"1 1 * * *", "2 2 2 * *", "3 3 * 3 *", "59 1 * * *", "59 2 * * *", "0 1 * * *", "30 0 * * *", "15 0 * 9 *", "0 23 31 12 *", "0 0 28-31 * *",
		"*/15 3 * * 0", "5/20 2 * * 0", "0 2 25-31 3 *", "0 3 25-31 10 0", "30 3 * * *", "20 5 10 5 *", "0 8 * * mon-fri", "0 18 * * fri", "45 23 * * 0", "12 0-3 1-7 3,4,9,10,11 *",
	}
}

// Result is what came of a comparison.
type Result struct {
	Equal       int
	Moved       int      // ours alone: the first moment after a gap, for times that were skipped, which robfig leaves out
	Repeated    int      // robfig's alone: a time that the clocks showed before, which ours does not take twice
	Midnight    int      // of either alone: a day whose midnight the clocks skip, which robfig takes for the day before it
	Unexplained []string // nothing of that
}

// Against compares all expressions in some zones from one moment to another.
func Against(zones []string, from, to time.Time) Result {
	var r Result
	for _, zone := range zones {
		for _, text := range Expressions() {
			r.compare(text, zone, from, to)
		}
	}
	return r
}

func (r *Result) compare(text, zone string, from, to time.Time) {
	ours, err := schedule.ParseCron(text, zone)
	if err != nil {
		r.Unexplained = append(r.Unexplained, err.Error())
		return
	}
	theirs, err := cron.ParseStandard("CRON_TZ=" + zone + " " + text)
	if err != nil {
		r.Unexplained = append(r.Unexplained, err.Error())
		return
	}
	a, b := ours.Next(from), theirs.Next(from)
	for wasA, wasB := from, from; a.Before(to) && !a.IsZero() || b.Before(to) && !b.IsZero(); {
		if !a.IsZero() && a.Before(wasA) || !b.IsZero() && b.Before(wasB) || len(r.Unexplained) > 100 {
			r.Unexplained = append(r.Unexplained, fmt.Sprintf("%s in %s: after %s and %s come %s and %s", text, zone, wasA, wasB, a, b))
			return
		}
		wasA, wasB = a, b
		switch {
		case a.Equal(b):
			r.Equal++
			a, b = ours.Next(a), theirs.Next(b)
		case !a.IsZero() && (a.Before(b) || b.IsZero()):
			switch at := a.In(ours.Zone()); {
			case afterGap(at):
				r.Moved++
			case withoutMidnight(at):
				r.Midnight++
			default:
				r.Unexplained = append(r.Unexplained, fmt.Sprintf("%s in %s: only ours has %s", text, zone, at))
			}
			a = ours.Next(a)
		default:
			switch at := b.In(ours.Zone()); {
			case shownBefore(at):
				r.Repeated++
			case withoutMidnight(at):
				r.Midnight++
			default:
				r.Unexplained = append(r.Unexplained, fmt.Sprintf("%s in %s: only robfig has %s", text, zone, at))
			}
			b = theirs.Next(b)
		}
	}
}

// afterGap reports whether the clocks were put forward to show t.
func afterGap(t time.Time) bool {
	start, _ := t.ZoneBounds()
	_, before := start.Add(-time.Second).Zone()
	_, now := t.Zone()
	return t.Equal(start) && now > before
}

// withoutMidnight reports whether the clocks skip the midnight with which the day of t begins.
func withoutMidnight(t time.Time) bool {
	year, month, day := t.Date()
	at := time.Date(year, month, day, 0, 0, 0, 0, t.Location())
	return at.Hour() != 0 || at.Day() != day
}

// shownBefore reports whether the clocks have shown the time of t already, before they were set back.
func shownBefore(t time.Time) bool {
	start, _ := t.ZoneBounds()
	_, before := start.Add(-time.Second).Zone()
	_, now := t.Zone()
	return now < before && t.Sub(start) < time.Duration(before-now)*time.Second
}
