package wire

import (
	"testing"
	"time"
)

// The date algorithm of RFC 6265, 5.1.1, with the forms that servers write.
func TestCookieDates(t *testing.T) {
	at := func(y int, m time.Month, d, h, min, s int) time.Time {
		return time.Date(y, m, d, h, min, s, 0, time.UTC)
	}
	epoch := at(1970, 1, 1, 0, 0, 0)
	for text, want := range map[string]time.Time{
		"Thu, 01 Jan 1970 00:00:00 GMT":                                  epoch,
		`"Thu, 01 Jan 1970 00:00:00 GMT"`:                                epoch, // in quotes
		"Thu Jan 01 00:00:00 UTC 1970":                                   epoch, // Java's Date.toString
		"Thu Jan 01 1970 00:00:00 GMT+0000 (Coordinated Universal Time)": epoch, // JavaScript's
		"Thu, 01-Jan-70 00:00:00 GMT":                                    epoch,
		"Thursday, 01-Jan-1970 00:00:00 GMT":                             epoch,
		"Thu Jan  1 00:00:00 1970":                                       epoch, // C's asctime
		"1 January 1970 0:0:0":                                           epoch,
		"00:00:00 jan 1 70":                                              epoch,
		"thu, 01 jan 1970 00:00:00 gmt":                                  epoch,
		"Thu, 01 Jan 1970 00:00:00 +0500":                                epoch, // zones are not looked at
		"1970 Jan 01 00:00:00":                                           epoch, // 1970 is too long for a day
		"Sun, 06 Nov 94 08:49:37 GMT":                                    at(1994, 11, 6, 8, 49, 37),
		"Sun, 06 Nov 69 08:49:37 GMT":                                    at(2069, 11, 6, 8, 49, 37),
		"Sun, 06 Nov 2094 8:49:37 GMT":                                   at(2094, 11, 6, 8, 49, 37),
		"06 Nov 1601 08:49:37 PM":                                        at(1601, 11, 6, 8, 49, 37),
		"06 Nov 1600 08:49:37":                                           {},
		"06 Nov 94":                                                      {}, // no time
		"06 Nov 08:49:37":                                                {}, // no year
		"31 Feb 2094 08:49:37":                                           {},
		"29 Feb 2096 08:49:37":                                           at(2096, 2, 29, 8, 49, 37),
		"06 Nov 2094 24:00:00":                                           {},
		"06 Nov 2094 08:49:60":                                           {},
		"06 Nov 2094 8a:49:37":                                           {},
		"06 Nov 2094 08:4b:37":                                           {},
		"06 Nov 2094 08:49:37Z":                                          at(2094, 11, 6, 8, 49, 37),
		"06 Nov 2094 08:49:37:99":                                        at(2094, 11, 6, 8, 49, 37),
		"6th Nov 2094 08:49:37":                                          at(2094, 11, 6, 8, 49, 37),
		"06 Novembre 2094AD 08:49:37":                                    at(2094, 11, 6, 8, 49, 37),
		"06 Nov 2094 08:49":                                              {},
		"2094-11-06T08:49:37Z":                                           {}, // not in the standard's words: no month
		"06 Non 2094 08:49:37":                                           {},
		"006 Nov 2094 08:49:37":                                          {},
		"0":                                                              {}, "-1": {}, "": {}, "Session": {},
	} {
		got, ok := parseCookieDate(text)
		if ok != !want.IsZero() || ok && !got.Equal(want) {
			t.Errorf("%q: %v, %v, want %v", text, got, ok, want)
		}
	}
}

// What the attributes of a cookie do, where servers write them in ways of their own; curl 7.88 and Chromium 156 agree but where it is said.
func TestCookieAttributes(t *testing.T) {
	e := newEngine(t, Config{Allow: everywhere})
	const page = "https://www.shop.com/"
	for line, want := range map[string]string{
		`a=1; Expires="Thu, 01 Jan 1970 00:00:00 GMT"`:            "",
		`a=1; Expires=Thu Jan 01 00:00:00 UTC 1970`:               "",
		`a=1; Expires=yesterday`:                                  "a=1",
		`a=1; Max-Age=99999999999999999999`:                       "a=1",
		`a=1; Max-Age=-99999999999999999999`:                      "",
		`a=1; max-AGE = 0 `:                                       "",
		`a=1; Max-Age=1e3; Expires=Thu, 01 Jan 1970 00:00:00 GMT`: "", // no number: the date counts
		`a=1; Max-Age=0; Max-Age=100`:                             "a=1",
		`a=1; Path=/x; Path=/`:                                    "a=1",
		`a=1; Path=/; Path=/x`:                                    "",
		`a=1; Path="/x"`:                                          "a=1", // not a path: the default
		`a=1; Domain=other.com; Domain=shop.com`:                  "a=1",
		`a=1; Domain=shop.com; Domain=other.com`:                  "",
		`a=1; Domain=`:                                            "a=1",
		`a="q v"`:                                                 `a="q v"`,
		`a=1,b=2`:                                                 "a=1,b=2",
		`a[0]=1`:                                                  "a[0]=1",
		`a=b=c`:                                                   "a=b=c",
		`__Secure-a=1`:                                            "",
		`__Secure-a=1; Secure`:                                    "__Secure-a=1",
		`__host-a=1; Secure; Path=/`:                              "__host-a=1",
		`__Host-a=1; Secure`:                                      "",
		`__Host-a=1; Secure; Path=/; Domain=shop.com`:             "",
		`a=1; Secure=false`:                                       "a=1",
	} {
		c := e.Client(0)
		sets(t, c, page, line)
		if got := sends(t, c, page); got != want {
			t.Errorf("%s: sends %q, want %q", line, got, want)
		}
	}
	c := e.Client(0)
	sets(t, c, "http://www.shop.com/", "a=1; Secure") // a bare connection sets no secure cookie
	sets(t, c, "https://www.shop.com/", "b=1; Secure")
	sets(t, c, "http://www.shop.com/", "b=2") // and does not stand before one
	sets(t, c, "http://localhost/", "d=1; Secure")
	if got := sends(t, c, "https://www.shop.com/") + sends(t, c, "http://localhost/"); got != "b=1d=1" {
		t.Errorf("sends %q", got)
	}
}
