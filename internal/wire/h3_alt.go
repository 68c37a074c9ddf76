package wire

import (
	"strconv"
	"strings"
	"time"
)

// alternative is what a site has said of its HTTP/3 (RFC 7838), as one client remembers it.
type alternative struct {
	origin *origin
	port   string
	until  int64 // ns since Config.Start
	broken int64 // until when it is not tried again, as it could not be reached
	fails  uint  // in a row
	next   *alternative
}

// brokenFor is how long a client does without an alternative that it could not reach, the first time. It doubles with each further one, as
// with browsers.
const brokenFor = 5 * time.Minute

// alternativeTimeout is how long a connection by QUIC may take when there is another way to go.
const alternativeTimeout = 3 * time.Second

// learnAlternatives reads what an answer says of HTTP/3.
func (c *Client) learnAlternatives(x *exchange) {
	if !x.at.origin.secure {
		return
	}
	for name, value := range x.answer.each {
		if equalFold(name, "alt-svc") {
			c.learn3(x.at.origin, string(value), x.e.Now())
		}
	}
}

// speaks3 reports whether requests to o go over HTTP/3, and to which port. The lock is held.
func (c *Client) speaks3(o *origin, now int64) (port string, yes bool) {
	switch c.e.cfg.HTTP {
	case "3":
		return "", true
	case "auto+3":
		for a := c.alt; a != nil; a = a.next {
			if a.origin.same(o) {
				return a.port, now < a.until && now >= a.broken
			}
		}
	}
	return "", false
}

// learn3 remembers what an Alt-Svc field says.
func (c *Client) learn3(o *origin, field string, now int64) {
	port, age, ok := parseAltSvc(field, o.host)
	if !ok {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for a := c.alt; a != nil; a = a.next {
		if a.origin.same(o) {
			if a.port != port {
				a.port, a.broken, a.fails = port, 0, 0
			}
			a.until = now + int64(age)
			return
		}
	}
	if port != "" {
		c.alt = &alternative{origin: o, port: port, until: now + int64(age), next: c.alt}
	}
}

// lost3 notes that an alternative could not be reached. It reports whether the request may go the usual way.
func (c *Client) lost3(o *origin, now int64) bool {
	if c.e.cfg.HTTP != "auto+3" {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for a := c.alt; a != nil; a = a.next {
		if a.origin.same(o) {
			a.broken = now + int64(brokenFor)<<min(a.fails, 8)
			a.fails++
		}
	}
	return true
}

// parseAltSvc finds HTTP/3 in a field such as `h3=":443"; ma=86400, h2=":443"`. Another host than the one that says it is passed over: it
// need not be one of the run's own. For "clear" the age is 0.
func parseAltSvc(field, host string) (port string, age time.Duration, ok bool) {
	if strings.TrimSpace(field) == "clear" {
		return "", 0, true
	}
	for part := range strings.SplitSeq(field, ",") {
		service, rest, _ := strings.Cut(part, ";")
		name, where, found := strings.Cut(strings.TrimSpace(service), "=")
		if !found || name != "h3" {
			continue
		}
		h, p := splitHostPort(strings.Trim(where, `"`))
		if h != "" && !sameFold(h, host) || !validPort(p) {
			continue
		}
		age = 24 * time.Hour
		for param := range strings.SplitSeq(rest, ";") {
			if k, v, _ := strings.Cut(strings.TrimSpace(param), "="); k == "ma" {
				if n, err := strconv.ParseUint(strings.Trim(v, `"`), 10, 31); err == nil {
					age = time.Duration(n) * time.Second
				}
			}
		}
		return p, age, true
	}
	return "", 0, false
}
