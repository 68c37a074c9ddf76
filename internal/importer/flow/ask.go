package flow

import (
	"strings"
	"time"

	"github.com/stampede-load/stampede/internal/importer"
	"github.com/stampede-load/stampede/internal/weburl"
)

// ask is a request of the recording with what redirects made of it.
type ask struct {
	*importer.Request
	url     weburl.URL
	hops    []*importer.Request // where redirects led; the last one has the answer
	landing bool                // the redirect of the ask before led here
	stay    bool                // its redirect is not followed
	call    *Call
	slots   []*slot
	answer  *answer
	index   int
	twin    *ask      // in the second recording; nil without
	own     *[]string // the hosts of the test

	begins bool          // a step
	gap    time.Duration // before it, since the last answer of the step before

	talk *talk         // of a socket
	turn int           // of the talk; 0 is the handshake
	wait time.Duration // before what is said
}

// last is the request that got the answer.
func (a *ask) last() *importer.Request {
	if n := len(a.hops); n > 0 {
		return a.hops[n-1]
	}
	return a.Request
}

// end is when the answer was there.
func (a *ask) end() time.Time { return a.last().Start.Add(a.last().Took) }

// site is scheme and host of the request.
func (a *ask) site() string { return a.url.Site() }

// Reasons for which requests are left out.
const (
	leftPreflight = "preflight requests (OPTIONS), which only browsers make"
	leftParts     = "style sheets, images, fonts and scripts, which Page finds by itself"
	leftFrames    = "frames, which Page finds by itself"
	leftSame      = "entries that repeat the one before, as a service worker's do"
	leftSilent    = "streams of server-sent events whose events the recording does not have"
	leftIcon      = "icons of the site"
)

// cleaner takes a recording apart.
type cleaner struct {
	own    func(host string) bool
	left   *importer.Counts
	others map[string]int // third parties
	order  []string
}

// asks are the requests that belong to the site, with redirects folded.
func (c *cleaner) asks(r *importer.Recording) []*ask {
	var kept []*ask
	for _, q := range r.Requests {
		u, err := weburl.Parse(q.URL)
		if err != nil {
			c.left.Add("requests whose address cannot be read", importer.Brief(q.URL))
			continue
		}
		switch {
		case !c.own(u.Host):
			if c.others[u.Host]++; c.others[u.Host] == 1 {
				c.order = append(c.order, u.Host)
			}
			continue
		case q.Method == "OPTIONS" && importer.Get(q.Header, "Access-Control-Request-Method") != "":
			c.left.Add(leftPreflight, importer.Brief(q.URL))
			continue
		case q.Stream && len(q.Messages) == 0:
			c.left.Add(leftSilent, importer.Brief(q.URL))
			continue
		}
		kept = append(kept, &ask{Request: q, url: u})
	}
	return c.fold(kept)
}

// farthest is how many requests further on a redirect's next one is looked for.
const farthest = 40

// fold joins redirects. A form whose answer redirects to a page stays two: the form, and the page where it leads.
func (c *cleaner) fold(all []*ask) []*ask {
	used := make([]bool, len(all))
	var out []*ask
	for i, a := range all {
		if used[i] {
			continue
		}
		out = append(out, a)
		for at, to := i, a.Response.Location(); to != ""; {
			u, err := a.lastURL().Resolve(to)
			if err != nil {
				break
			}
			if !c.own(u.Host) {
				a.stay = true
				break
			}
			next := -1
			for k := at + 1; k < min(len(all), at+farthest); k++ {
				if !used[k] && all[k].url.String() == u.String() {
					next = k
					break
				}
			}
			if next < 0 {
				break
			}
			used[next] = true
			if land := all[next]; a.lands(to) {
				land.landing, a.stay, a.Kind = true, true, importer.Document
				if land.Kind == importer.Unknown {
					land.Kind = importer.Document
				}
				a, at = land, next
				out = append(out, a)
			} else {
				a.hops = append(a.hops, all[next].Request)
				at = next
			}
			to = a.last().Response.Location()
		}
	}
	return out
}

// lands reports whether the redirect of a request is one of a form that was sent, to a page that is worth being loaded as one.
func (a *ask) lands(to string) bool {
	form := a.Method == "POST" && (a.Kind == importer.Document || a.Kind == importer.Unknown && importer.Media(a.Type) != "application/json" && importer.Get(a.Header, "X-Requested-With") == "")
	status := a.Response.Status
	whole := strings.HasPrefix(to, "/") && !strings.HasPrefix(to, "//") || strings.HasPrefix(to, "http://") || strings.HasPrefix(to, "https://")
	return form && len(a.hops) == 0 && whole && (status == 301 || status == 302 || status == 303)
}

func (a *ask) lastURL() weburl.URL {
	if len(a.hops) == 0 {
		return a.url
	}
	u, err := weburl.Parse(a.last().URL)
	if err != nil {
		return a.url
	}
	return u
}
