package wire

import (
	"strings"
	"time"
)

// parseCookieDate reads the date of a cookie with the algorithm of RFC 6265, 5.1.1, which takes the parts of a date in any order and whatever
// stands between them: quotes, the name of a zone in any place, the forms of Java's Date and of JavaScript's. All dates are in UTC.
func parseCookieDate(s string) (time.Time, bool) {
	var d cookieDate
	for s != "" {
		n := 0
		for n < len(s) && !isDateDelimiter(s[n]) {
			n++
		}
		if n > 0 {
			d.take(s[:n])
		}
		s = s[min(n+1, len(s)):]
	}
	return d.time()
}

// cookieDate is what was found of a date.
type cookieDate struct {
	hour, minute, second     int
	day, month, year         int
	hasTime, hasDay, hasYear bool
}

// take understands one word of a date, as the first of these that is not known yet: time, day, month, year.
func (d *cookieDate) take(word string) {
	if !d.hasTime {
		if h, m, s, ok := clockOf(word); ok {
			d.hour, d.minute, d.second, d.hasTime = h, m, s, true
			return
		}
	}
	if !d.hasDay {
		if n, ok := leadingNumber(word, 1, 2); ok {
			d.day, d.hasDay = n, true
			return
		}
	}
	if d.month == 0 && len(word) >= 3 {
		if i := strings.Index("janfebmaraprmayjunjulaugsepoctnovdec", strings.ToLower(word[:3])); i >= 0 && i%3 == 0 {
			d.month = i/3 + 1
			return
		}
	}
	if !d.hasYear {
		if n, ok := leadingNumber(word, 2, 4); ok {
			d.year, d.hasYear = n, true
		}
	}
}

// time is the date, when all of it was found and there is such a day.
func (d *cookieDate) time() (time.Time, bool) {
	year := d.year
	switch {
	case year >= 70 && year <= 99:
		year += 1900
	case year <= 69:
		year += 2000
	}
	if !d.hasTime || !d.hasDay || d.month == 0 || !d.hasYear || year < 1601 || d.hour > 23 || d.minute > 59 || d.second > 59 {
		return time.Time{}, false
	}
	t := time.Date(year, time.Month(d.month), d.day, d.hour, d.minute, d.second, 0, time.UTC)
	return t, d.day >= 1 && t.Day() == d.day // no 31st of February
}

func isDateDelimiter(c byte) bool {
	return c == '\t' || c >= 0x20 && c <= 0x2f || c >= 0x3b && c <= 0x40 || c >= 0x5b && c <= 0x60 || c >= 0x7b && c <= 0x7e
}

// clockOf reads "5:03:59", whatever follows.
func clockOf(word string) (h, m, s int, ok bool) {
	parts := strings.SplitN(word, ":", 3)
	if len(parts) < 3 {
		return 0, 0, 0, false
	}
	h, okH := leadingNumber(parts[0], 1, 2)
	m, okM := leadingNumber(parts[1], 1, 2)
	s, okS := leadingNumber(parts[2], 1, 2)
	whole := len(parts[0]) <= 2 && len(parts[1]) <= 2 && allOf(parts[0]+parts[1], "0123456789")
	return h, m, s, okH && okM && okS && whole
}

// leadingNumber reads a number of at least and at most so many digits, behind which there is no further one.
func leadingNumber(word string, least, most int) (n int, ok bool) {
	i := 0
	for i < len(word) && word[i]-'0' <= 9 {
		if i++; i > most {
			return 0, false
		}
		n = n*10 + int(word[i-1]-'0')
	}
	return n, i >= least
}
