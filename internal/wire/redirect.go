package wire

import (
	"strconv"

	"github.com/stampede-load/stampede/internal/fault"
	"github.com/stampede-load/stampede/internal/weburl"
)

// redirected reports whether the answer sends the visitor elsewhere. A redirect without Location, or with nothing in it, is an answer like any
// other, as for browsers and curl.
func (x *exchange) redirected() bool {
	switch x.answer.status {
	case 301, 302, 303, 307, 308:
		return x.answer.hop && x.leadsTo() != ""
	}
	return false
}

// leads reports whether the answer whose body failed sends the visitor elsewhere all the same: nobody looks at the body of a redirect that is
// followed, and browsers and curl follow one whose body is cut off or no valid one.
func (x *exchange) leads(err error) bool {
	switch fault.Of(err) {
	case fault.Reset, fault.Protocol, fault.TooLarge:
		return x.answer.fields != nil && !x.req.Stay && x.redirected()
	}
	return false
}

// leadsTo is the first Location of the answer that says something.
func (x *exchange) leadsTo() string {
	for n, v := range x.answer.each {
		if equalFold(n, "location") && len(v) > 0 {
			return string(v)
		}
	}
	return ""
}

// follow turns the request into that of the next hop.
func (x *exchange) follow() error {
	if int(x.hops) >= x.e.cfg.MaxRedirects {
		return &fault.Error{
			Kind: fault.Redirect, Op: "redirect", Text: "stopped after " + strconv.Itoa(x.e.cfg.MaxRedirects) + " redirects",
			Hint: "does the site redirect in a circle?",
		}
	}
	from := x.at
	next, err := x.locateNext(x.leadsTo())
	if err == nil && next.origin.host == "" {
		err = next.origin.err
	}
	if err != nil {
		return &fault.Error{Kind: fault.Redirect, Op: "redirect", Text: "a redirect leads to what cannot be asked: " + plainText(err), Err: err}
	}
	x.tellHop(from.url)
	x.hops++
	// Browsers turn a POST into a GET for 301 and 302, and everything but HEAD for 303 (Fetch standard, HTTP-redirect fetch).
	status := x.answer.status
	if (status == 301 || status == 302) && x.method == "POST" || status == 303 && x.method != "GET" && x.method != "HEAD" {
		x.method, x.bodyless = "GET", true
	}
	if !next.origin.same(from.origin) {
		x.foreign = true
	}
	x.at = next
	return nil
}

// locateNext resolves a Location against the URL of this hop.
func (x *exchange) locateNext(to string) (location, error) {
	if plainPath(to) { // with whatever escapes: a browser asks for "/50%" as it is
		return location{origin: x.at.origin, path: to, basic: x.at.basic}, nil
	}
	u, err := weburl.Parse(x.at.origin.site + x.at.prefix + x.at.path)
	if err == nil {
		u, err = u.Resolve(to)
	}
	next, err := x.e.locateURL(nil, u, err)
	if err == nil && next.basic == "" && next.origin.same(x.at.origin) {
		next.basic = x.at.basic
	}
	return next, err
}

// tellHop reports the answer of this hop with its own times and bytes, and begins to count anew.
func (x *exchange) tellHop(from func() string) {
	if x.req.OnHop == nil {
		return
	}
	r := x.resp
	first := r.Times.Sent
	r.fill(x)
	r.Times.Sent = x.hopSent
	x.req.OnHop(from(), r)
	r.Times.Sent = first
	r.WireIn, r.WireOut = 0, 0
}

func plainText(err error) string {
	if f, ok := err.(*fault.Error); ok {
		return f.Text
	}
	return err.Error()
}
