// Package site is the web site of a band that has just announced a tour, small but real: fans log in, cookies remember them, pages
// hold style sheets, pictures and an iframe, and when too many fans come at once it becomes slow and then turns them away. It is what the
// example test of its parent folder loads when no other host is given, and a safe place to try a load test of your own.
//
// A request passes three places:
//
//	ServeHTTP   finds the page
//	gate        decides when the answer is ready, or that there is no room: the capacity model of [Config]
//	document    sends bytes that were rendered and compressed when the site was made
//
// The pages: / /tour /news and /login for everybody; /demo/fanclub /demo/events /demo/store and the frames in them, /demo/iframe/demo and
// /demo/iframe/demo/store, for fans who have logged in. As most real sites do, those send everybody else to the log-in page with 302, so that a client that follows redirects sees
// 200 and a log-in form: a load test that does not check what it got believes all is well. POST /login answers JSON and sets the cookies
// userId and session; a wrong password is a 200 with "success":false in it. POST /logout takes the cookies back. /assets/ holds style
// sheet, script and pictures, which need no worker, as if a content network in front of the site sent them. /healthz always
// answers at once, with the site's own counts.
//
// Sending a page costs the machine little more than net/http itself, so what a test measures is the capacity model and not the
// machine it shares with the site.
package site

import (
	"fmt"
	"net/http"
	"net/url"
	"time"
)

// Site is the demo site, an [http.Handler]. Make one with [New]; serve it with [Site.Start] or in a server of your own. It holds no
// goroutine, and its memory does not grow with requests or fans. All methods may be called at the same time.
type Site struct {
	config   Config
	gate     *gate
	accounts accounts
	sessions *sessions
	full     *document // what a fan sees when there is no room
	missing  *document // what a fan sees when there is no such page
	mux      *http.ServeMux
}

// New makes a site with the given capacity. The error names every field of the configuration that makes no sense.
func New(config Config) (*Site, error) {
	config, err := config.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("site: %w", err)
	}
	fans, err := loadAccounts()
	if err != nil {
		return nil, err
	}
	pages, err := loadPages()
	if err != nil {
		return nil, err
	}
	s := &Site{
		config:   config,
		gate:     newGate(config),
		accounts: fans,
		sessions: newSessions(),
		full:     pages.full,
		missing:  pages.missing,
		mux:      http.NewServeMux(),
	}
	s.route(pages)
	return s, nil
}

// route says which address gets which treatment.
func (s *Site) route(pages *pages) {
	for path, page := range pages.public {
		if path == "/" {
			path = "/{$}"
		}
		s.mux.Handle("GET "+path, s.worked(func(w http.ResponseWriter, r *http.Request) {
			page.send(w, r, http.StatusOK)
		}))
	}
	for path, page := range pages.members {
		s.mux.Handle("GET "+path, s.worked(func(w http.ResponseWriter, r *http.Request) {
			if !s.sessions.loggedIn(r) {
				askToLogIn(w, r)
				return
			}
			page.send(w, r, http.StatusOK)
		}))
	}
	for path, asset := range pages.assets {
		s.mux.Handle("GET "+path, s.free(func(w http.ResponseWriter, r *http.Request) {
			asset.send(w, r, http.StatusOK)
		}))
	}
	s.mux.Handle("POST /login", s.worked(s.logIn))
	s.mux.Handle("POST /logout", s.worked(s.logOut))
	s.mux.Handle("GET /", s.worked(func(w http.ResponseWriter, r *http.Request) {
		s.missing.send(w, r, http.StatusNotFound)
	}))
	s.mux.HandleFunc("GET /healthz", s.health)
}

// ServeHTTP answers one request when the capacity model lets it. If the request's context ends first it panics with
// [http.ErrAbortHandler], as a handler does to cut the connection.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// worked makes a handler wait its turn for a worker, or answers 503 with Retry-After if there is no room in the queue.
func (s *Site) worked(answer http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ready, retry, ok := s.gate.admit()
		if err := s.gate.wait(r.Context(), ready); err != nil {
			if ok {
				s.gate.finish(false)
			}
			abort()
		}
		if !ok {
			s.turnAway(w, r, retry)
			return
		}
		s.gate.finish(true)
		answer(w, r)
	})
}

// free makes a handler that needs no worker. Like everything, it stands still during a freeze.
func (s *Site) free(answer http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		err := s.gate.wait(r.Context(), s.gate.pass())
		s.gate.finish(err == nil)
		if err != nil {
			abort()
		}
		answer(w, r)
	})
}

// abort ends a request without an answer. Just to return would send an empty 200 to a client who is still there when the site closes.
func abort() { panic(http.ErrAbortHandler) }

// turnAway answers a request for which there is no room.
func (s *Site) turnAway(w http.ResponseWriter, r *http.Request, retry time.Duration) {
	w.Header().Set("Retry-After", retryAfter(retry))
	s.full.send(w, r, http.StatusServiceUnavailable)
}

// askToLogIn sends a visitor to the log-in page, which leads back to where they wanted to go.
func askToLogIn(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, "/login?next="+url.QueryEscape(r.URL.Path), http.StatusFound)
}

// Freeze makes the whole site stand still for d, as a long garbage collection or a lock in its database would: connections are
// accepted, nothing is answered, what was being worked on is d later. Only /healthz goes on. Freeze returns at once; a freeze during
// a freeze only adds what outlasts it. A negative d does nothing.
func (s *Site) Freeze(d time.Duration) { s.gate.freeze(d) }

// Stats counts what the site has seen since it was made.
func (s *Site) Stats() Stats { return s.gate.stats() }

// Stats is the site's own account of a load, to hold beside what the load test says. Requests to /healthz are not in it.
type Stats struct {
	Requests  int64 `json:"requests"`  // all that arrived
	Served    int64 `json:"served"`    // of these, answered in full, whatever the answer
	Rejected  int64 `json:"rejected"`  // of these, turned away with 503
	Abandoned int64 `json:"abandoned"` // of these, given up by the client before the answer was ready
	Busy      int   `json:"busy"`      // workers at work now
	Queue     int   `json:"queue"`     // requests waiting for a worker now
	MaxQueue  int   `json:"maxQueue"`  // most that ever waited at once
	Frozen    bool  `json:"frozen"`    // a freeze is on
}
