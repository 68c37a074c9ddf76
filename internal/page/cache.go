package page

import (
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// stored is an answer that may be used again, as far as a page load needs it. All visitors who got the same one share it.
type stored struct {
	key      uint64 // of the address, the page's site and the kind of frame
	varying  uint64 // a hash of the request fields that Vary names
	status   int
	etag     string
	modified string // Last-Modified
	location string // of a redirect
	vary     string
	control  control
	head     head // of the answer
	sheet    *sheet
	doc      *doc
	module   *module
	good     bool   // a font that can be read
	body     string // of a prefetch: what it is will show when it is used
}

// control is what an answer says about its keeping.
type control struct {
	noStore, noCache bool
	lifetime         int64 // seconds that it is fresh; -1: to be guessed
	stale            int64 // stale-while-revalidate, seconds
}

// head is what an answer's header fields say that matters to a page.
type head struct {
	contentType, policy, csp, link, frameOptions, refresh string
	allowOrigin                                           string
	allowCredentials, attachment, nosniff                 bool
}

// readHead reads what matters.
func readHead(h *Header) head {
	x := head{
		contentType: h.ContentType, policy: policyWord(h.ReferrerPolicy), csp: h.ContentSecurityPolicy, link: h.Link,
		frameOptions: h.FrameOptions, allowOrigin: h.AllowOrigin, refresh: h.Refresh,
	}
	x.allowCredentials = h.AllowCredentials == "true"
	x.nosniff = equalFold(trim(h.ContentTypeOptions), "nosniff")
	if d := h.ContentDisposition; d != "" {
		word, _, _ := strings.Cut(d, ";")
		x.attachment = equalFold(trim(word), "attachment")
	}
	return x
}

// readControl reads how long an answer is fresh (RFC 9111, of a private cache). now is in seconds since 1970.
func readControl(h *Header, status int, now int64) control {
	c := control{lifetime: -1}
	told := false // nothing is guessed
	field := h.CacheControl
	for d := range listed(field) {
		name, value, _ := strings.Cut(trim(d), "=")
		switch lower(trim(name)) {
		case "no-store":
			c.noStore = true
		case "no-cache":
			c.noCache = c.noCache || value == ""
		case "must-revalidate":
			told = true
		case "max-age": // the first counts
			if n, ok := seconds(value); ok && c.lifetime < 0 {
				c.lifetime = n
			}
		case "stale-while-revalidate":
			c.stale, _ = seconds(value)
		}
	}
	if field == "" && strings.Contains(lower(h.Pragma), "no-cache") {
		c.noCache = true
	}
	if c.lifetime < 0 && h.Expires != "" {
		c.lifetime = 0
		if t, ok := httpDate(h.Expires); ok {
			c.lifetime = max(0, t-h.date(now))
		}
	}
	if c.lifetime < 0 && !c.noCache && !told {
		c.lifetime = h.guess(status, now)
	}
	if c.lifetime > 0 {
		n, _ := seconds(h.Age)
		c.lifetime = max(0, c.lifetime-max(n, now-h.date(now)))
	}
	if c.noCache {
		c.lifetime = 0
	}
	c.lifetime = max(c.lifetime, 0)
	return c
}

// guess is how long an answer is fresh that does not say so.
func (h *Header) guess(status int, now int64) int64 {
	switch status {
	case 200, 203, 206:
		if t, ok := httpDate(h.LastModified); ok {
			return max(0, h.date(now)-t) / 10
		}
	case 300, 301, 308, 410:
		return 1 << 40
	}
	return 0
}

func seconds(s string) (int64, bool) {
	if s = trim(s); s == "" {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		if allDigits(s) {
			return 1 << 40, true
		}
		return 0, false
	}
	return min(max(n, 0), 1<<40), true
}

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// httpDate is a date in seconds since 1970.
func httpDate(s string) (int64, bool) {
	if s == "" {
		return 0, false
	}
	if t, ok := usualDate(s); ok {
		return t, true
	}
	t, err := http.ParseTime(s)
	return t.Unix(), err == nil
}

// usualDate reads a date as nearly all servers write it: "Sun, 29 Nov 2026 09:00:00 GMT".
func usualDate(s string) (int64, bool) {
	if len(s) != 29 || s[3:5] != ", " || s[7] != ' ' || s[11] != ' ' || s[16] != ' ' || s[19] != ':' || s[22] != ':' || s[25:] != " GMT" {
		return 0, false
	}
	month := strings.Index("JanFebMarAprMayJunJulAugSepOctNovDec", s[8:11])
	n := [5]int{}
	for i, at := range [5]int{5, 12, 14, 17, 20} {
		a, b := s[at]-'0', s[at+1]-'0'
		if a > 9 || b > 9 {
			return 0, false
		}
		n[i] = int(a)*10 + int(b)
	}
	a, b := s[23]-'0', s[24]-'0'
	if month < 0 || month%3 != 0 || a > 9 || b > 9 || n[0] < 1 || n[0] > 31 {
		return 0, false
	}
	return time.Date(n[1]*100+n[2], time.Month(month/3+1), n[0], n[3], n[4], int(a)*10+int(b), 0, time.UTC).Unix(), true
}

// entry is what one visitor keeps of one answer. Nothing of its body is: that is in the shared part, and there only for documents and sheets.
type entry struct {
	answer *stored
	fresh  uint32 // until when, in seconds since 1970
}

// until is when an answer that is fresh for so many seconds is so no longer.
func until(now, lifetime int64) uint32 { return uint32(min(max(0, now+lifetime), math.MaxUint32)) }

// cache is what one visitor keeps, sorted by the keys of the answers.
type cache struct{ entries []entry }

// maxEntries bounds what one visitor keeps.
const maxEntries = 4096

func (c *cache) find(key uint64) *entry {
	if i, ok := c.search(key); ok {
		return &c.entries[i]
	}
	return nil
}

func (c *cache) search(key uint64) (int, bool) {
	lo, hi := 0, len(c.entries)
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		if c.entries[mid].answer.key < key {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo, lo < len(c.entries) && c.entries[lo].answer.key == key
}

func (c *cache) put(e entry) {
	i, ok := c.search(e.answer.key)
	if ok {
		c.entries[i] = e
		return
	}
	if len(c.entries) >= maxEntries {
		return
	}
	if n := len(c.entries); n == cap(c.entries) { // there are as many as users: it grows by little
		c.entries = append(make([]entry, 0, n+n/4+4), c.entries...)
	}
	c.entries = append(c.entries, entry{})
	copy(c.entries[i+1:], c.entries[i:])
	c.entries[i] = e
}

func (c *cache) drop(key uint64) {
	if i, ok := c.search(key); ok {
		c.entries = append(c.entries[:i], c.entries[i+1:]...)
	}
}

// mayStore reports whether Chromium keeps an answer of that status.
func mayStore(status int) bool {
	switch status {
	case 204, 205, 206, 304, 401, 407, 416:
		return false
	}
	return status >= 200 && status < 600
}
