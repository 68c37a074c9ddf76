package schedule_test

import (
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/stampede-load/stampede/internal/schedule"
)

func cron(t testing.TB, text, zone string) *schedule.Cron {
	t.Helper()
	c, err := schedule.ParseCron(text, zone)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestNext(t *testing.T) {
	for _, tt := range []struct{ cron, zone, after, want string }{
		{"30 2 * * *", "UTC", "2026-11-29T02:30:00Z", "2026-11-30T02:30:00Z"},
		{"30 2 * * *", "UTC", "2026-11-29T02:29:59Z", "2026-11-29T02:30:00Z"},
		{"0 3 * * 1", "UTC", "2026-11-29T00:00:00Z", "2026-11-30T03:00:00Z"},
		{"0 0 29 2 *", "UTC", "2026-01-01T00:00:00Z", "2028-02-29T00:00:00Z"},
		{"0 0 29 2 *", "UTC", "2096-03-01T00:00:00Z", "2104-02-29T00:00:00Z"}, // 2100 is no leap year
		{"0 9 13 * 5", "UTC", "2026-11-01T00:00:00Z", "2026-11-06T09:00:00Z"}, // either day
		{"0 9 */2 * 5", "UTC", "2026-11-01T00:00:00Z", "2026-11-13T09:00:00Z"},
		{"*/20 8-18/5 * jan,Dec mon-FRI", "UTC", "2026-11-29T00:00:00Z", "2026-12-01T08:00:00Z"},
		{"5/20 * * * *", "UTC", "2026-11-29T00:06:00Z", "2026-11-29T00:25:00Z"},
		{"0 0 * * 7", "UTC", "2026-11-28T00:00:00Z", "2026-11-29T00:00:00Z"},
		{"@weekly", "UTC", "2026-11-28T00:00:00Z", "2026-11-29T00:00:00Z"},

		// Clocks in Berlin went from 2:00 to 3:00 on 2026-03-29 and from 3:00 to 2:00 on 2026-10-25.
		{"30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00+01:00", "2026-03-29T03:00:00+02:00"},
		{"30 2 * * *", "Europe/Berlin", "2026-03-29T03:00:00+02:00", "2026-03-30T02:30:00+02:00"},
		{"*/15 2 * * *", "Europe/Berlin", "2026-03-29T01:00:00+01:00", "2026-03-29T03:00:00+02:00"}, // four that are due together
		{"*/15 2 * * *", "Europe/Berlin", "2026-03-29T03:00:00+02:00", "2026-03-30T02:00:00+02:00"},
		{"0 3 * * *", "Europe/Berlin", "2026-03-29T01:59:59+01:00", "2026-03-29T03:00:00+02:00"},
		{"30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00+02:00", "2026-10-25T02:30:00+02:00"},
		{"30 2 * * *", "Europe/Berlin", "2026-10-25T02:30:00+02:00", "2026-10-26T02:30:00+01:00"},
		{"30 2 * * *", "Europe/Berlin", "2026-10-25T02:10:00+01:00", "2026-10-26T02:30:00+01:00"}, // between the second 2:10 and the second 2:30
		{"*/30 * * * *", "Europe/Berlin", "2026-10-25T02:30:00+02:00", "2026-10-25T03:00:00+01:00"},
		{"45 1 * * *", "Australia/Lord_Howe", "2026-04-04T12:00:00+11:00", "2026-04-05T01:45:00+11:00"}, // set back by half an hour, to 1:30
		{"45 1 * * *", "Australia/Lord_Howe", "2026-04-05T01:45:00+11:00", "2026-04-06T01:45:00+10:30"},
		{"15 2 * * *", "Australia/Lord_Howe", "2026-10-03T12:00:00+10:30", "2026-10-04T02:30:00+11:00"}, // forward by half an hour, from 2:00
		{"0 0 * * *", "America/Santiago", "2026-09-05T12:00:00-04:00", "2026-09-06T01:00:00-03:00"},     // no midnight
		{"0 12 30 12 *", "Pacific/Apia", "2011-12-29T13:00:00-10:00", "2011-12-31T00:00:00+14:00"},      // no such day
	} {
		after, err := time.Parse(time.RFC3339, tt.after)
		if err != nil {
			t.Fatal(err)
		}
		if got := cron(t, tt.cron, tt.zone).Next(after).Format(time.RFC3339); got != tt.want {
			t.Errorf("%s in %s after %s: %s, want %s", tt.cron, tt.zone, tt.after, got, tt.want)
		}
	}
}

func TestCronMistakes(t *testing.T) {
	for text, want := range map[string]string{
		"": "0 fields", "* * * *": "4 fields", "0 30 2 * * *": "6 fields", "60 * * * *": "from 0 to 59", "* 24 * * *": "from 0 to 23", "* * 0 * *": "from 1 to 31",
		"* * * 13 *": "from 1 to 12", "* * * * 8": "from 0 to 7", "* * L * *": "L, W and # are of other crons", "* * * * 1#2": "of other crons",
		"0 0 30 2 *": "there is no such day", "0 0 31 4,6,9,11 *": "there is no such day", "*/0 * * * *": "from 1 to 60", "5-1 * * * *": "backwards", "@every 5m": "5m",
		"@reboot": "@hourly, @daily", "+5 * * * *": "from 0 to 59", "1,,2 * * * *": "from 0 to 59", "1- * * * *": "from 0 to 59", "*/x * * * *": "the step",
	} {
		if _, err := schedule.ParseCron(text, ""); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
	if _, err := schedule.ParseCron("* * * * *", "Europe/Atlantis"); err == nil || !strings.Contains(err.Error(), "Europe/Berlin, or UTC") {
		t.Errorf("the zone: %v", err)
	}
}

// naive looks at every minute of the zone's clocks: the slow way to the same times.
func naive(c *schedule.Cron, matches func(time.Time) bool, from, to time.Time) []time.Time {
	var due []time.Time
	last := time.Time{} // the latest that the clocks have shown, as if it were UTC
	for at := from.Truncate(time.Minute); at.Before(to); at = at.Add(time.Minute) {
		local := at.In(c.Zone())
		_, offset := local.Zone()
		shown := at.UTC().Add(time.Duration(offset) * time.Second)
		hit := false
		if last.IsZero() {
			last = shown.Add(-time.Minute)
		}
		for last.Before(shown) { // more than one when the clocks jump
			last = last.Add(time.Minute)
			hit = hit || matches(last)
		}
		if hit {
			due = append(due, at)
		}
	}
	return due
}

func TestAgainstEveryMinute(t *testing.T) {
	all := map[string]func(time.Time) bool{
		"30 2 * * *":    func(t time.Time) bool { return t.Minute() == 30 && t.Hour() == 2 },
		"*/7 */5 * * *": func(t time.Time) bool { return t.Minute()%7 == 0 && t.Hour()%5 == 0 },
		"0 0 1,15 * wed": func(t time.Time) bool {
			return t.Minute() == 0 && t.Hour() == 0 && (t.Day() == 1 || t.Day() == 15 || t.Weekday() == 3)
		},
		"59 23 * 3,10 0": func(t time.Time) bool {
			return t.Minute() == 59 && t.Hour() == 23 && (t.Month() == 3 || t.Month() == 10) && t.Weekday() == 0
		},
		"10-50/20 0-3 * * *": func(t time.Time) bool {
			return t.Hour() < 4 && (t.Minute() == 10 || t.Minute() == 30 || t.Minute() == 50)
		},
	}
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, zone := range []string{"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Chatham", "America/Santiago", "Asia/Kolkata"} {
		for text, matches := range all {
			c := cron(t, text, zone)
			want := naive(c, matches, start, start.AddDate(1, 0, 0))
			at := start.Add(-time.Second)
			for i, w := range want {
				if at = c.Next(at); !at.Equal(w) {
					t.Errorf("%s in %s: number %d is %s, want %s", text, zone, i, at, w.In(c.Zone()))
					break
				}
			}
		}
	}
}

func TestDueAt(t *testing.T) {
	c := cron(t, "0 3 * * *", "UTC")
	day := func(d, h, m int) time.Time { return time.Date(2026, 11, d, h, m, 0, 0, time.UTC) }
	for _, tt := range []struct {
		what      string
		done, now time.Time
		run       time.Time
		missed    int
		next      time.Time
	}{
		{"nothing yet", day(1, 3, 0), day(2, 2, 59), time.Time{}, 0, day(2, 3, 0)},
		{"on time", day(1, 3, 0), day(2, 3, 0), day(2, 3, 0), 0, day(3, 3, 0)},
		{"a little late", day(1, 3, 0), day(2, 3, 59), day(2, 3, 0), 0, day(3, 3, 0)},
		{"too late", day(1, 3, 0), day(2, 4, 1), time.Time{}, 1, day(3, 3, 0)},
		{"a week away, back in time for the last", day(1, 3, 0), day(8, 3, 10), day(8, 3, 0), 6, day(9, 3, 0)},
		{"a week away", day(1, 3, 0), day(8, 12, 0), time.Time{}, 7, day(9, 3, 0)},
	} {
		d := c.DueAt(tt.done, tt.now, 0)
		if !d.Run.Equal(tt.run) || d.Missed != tt.missed || !d.Next.Equal(tt.next) {
			t.Errorf("%s: %+v", tt.what, d)
		}
		if tt.missed > 0 && (!d.From.Equal(day(2, 3, 0)) || !d.To.Equal(day(1+tt.missed, 3, 0))) {
			t.Errorf("%s: missed from %s to %s", tt.what, d.From, d.To)
		}
	}
}

// All that is mistaken is told at once.
func TestCronAllMistakes(t *testing.T) {
	for text, want := range map[string]int{"61 2 * * 9": 3, "@often": 2, "1 2 3": 2, "@daily": 1} {
		if _, err := schedule.ParseCron(text, "Nowhere/Land"); err == nil || strings.Count(err.Error(), "\n")+1 != want || !strings.Contains(err.Error(), "Nowhere/Land") {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func FuzzParseCron(f *testing.F) {
	for _, s := range []string{"30 2 * * *", "*/5 1-3,7 ? feb sun", "@daily", "0 0 31 2 1", "1-1/1 * * * 7"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := schedule.ParseCron(text, "Europe/Berlin")
		if err != nil {
			return
		}
		at := time.Date(2026, 3, 28, 0, 0, 0, 0, time.UTC)
		for range 5 {
			next := c.Next(at)
			if !next.After(at) || next.Second() != 0 {
				t.Fatalf("%q after %s: %s", text, at, next)
			}
			at = next
		}
	})
}
