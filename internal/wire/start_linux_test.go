package wire

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stampede-load/stampede/internal/fault"
)

// chain is a visitor whose requests each begin where the one before ended.
type chain struct {
	ctx  context.Context
	c    *Client
	reqs []Request
	resp Response
	at   int
	loop int // how many ended on a loop
	ends []string
	done chan struct{}
}

// begin makes the next request. It does not return to the caller's hands when that goes on by itself.
func (c *chain) begin(on Loop) {
	for c.at < len(c.reqs) {
		pending, err := c.c.Start(c.ctx, &c.reqs[c.at], &c.resp, c, on)
		if pending {
			return
		}
		c.note(err)
	}
	close(c.done)
}

func (c *chain) Ended(err error, on Loop) {
	if !on.Waits() {
		c.loop++
	}
	c.note(err)
	c.begin(on)
}

func (c *chain) note(err error) {
	r := &c.resp
	text := fmt.Sprintf("%d %s hops %d retried %v", r.Status, r.Proto, r.Hops, r.Retried)
	if err == nil {
		b, berr := r.Body()
		text += fmt.Sprintf(" %d bytes %v", len(b), berr)
	} else {
		text += fmt.Sprintf(" %v: %v", fault.Of(err), err)
	}
	if t := &r.Times; t.Done < t.Sent || err == nil && (t.FirstByte < t.Sent || t.Done < t.FirstByte) {
		text += " and times in no order"
	}
	c.ends = append(c.ends, text)
	c.at++
}

// run makes all requests and says how each ended.
func (c *chain) run(t *testing.T) []string {
	t.Helper()
	c.done = make(chan struct{})
	if c.ctx == nil {
		c.ctx = t.Context()
	}
	c.begin(Loop{})
	select {
	case <-c.done:
	case <-time.After(time.Minute):
		t.Fatal("the requests do not end")
	}
	c.resp.Release()
	c.c.Close()
	return c.ends
}

// answers has a path for each way in which a request may have to wait for more than its answer.
func answers(elsewhere string) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", parts())
	mux.HandleFunc("/away", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, elsewhere+"/size/7", http.StatusFound)
	})
	mux.HandleFunc("/near", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/size/9", http.StatusFound) })
	mux.HandleFunc("/round", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/round", http.StatusFound) })
	mux.HandleFunc("/slow", func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
		case <-time.After(time.Minute):
		}
	})
	mux.HandleFunc("/login", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") == "" {
			w.Header().Set("WWW-Authenticate", `Digest realm="r", nonce="n", qop="auth"`)
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		io.WriteString(w, "welcome")
	})
	return mux
}

// lightSite is a site and an engine for it, by version: "1", "h2c" or "h2".
func lightSite(t *testing.T, version string, h http.Handler) (*Engine, string) {
	t.Helper()
	if version == "1" {
		s, _ := site(t, false, h)
		return newEngine(t, Config{IO: "epoll", MaxRedirects: 3}), s.URL
	}
	url, cfg := site2(t, version == "h2", h)
	cfg.IO, cfg.MaxRedirects = "epoll", 3
	return newEngine(t, cfg), url
}

// What a request that begins and ends on the poller comes to is what Do comes to, whatever has to be waited for.
func TestStartAsDo(t *testing.T) {
	other, _ := site(t, false, parts())
	for _, version := range []string{"1", "h2c", "h2"} {
		t.Run(version, func(t *testing.T) {
			leaks(t)
			e, url := lightSite(t, version, answers(other.URL))
			base := target(t, e, url)
			var reqs []Request
			add := func(r Request) {
				r.Base = base
				reqs = append(reqs, r, Request{Base: base, URL: "/size/10"}) // and on the same connection goes the next
			}
			for range 3 {
				for _, path := range []string{"/size/0", "/size/1000", "/size/3000000", "/size/70000?chunked", "/near", "/round", "/status/404", "/status/204"} {
					add(Request{URL: path})
					add(Request{URL: path, Discard: true})
				}
				if version == "1" {
					add(Request{URL: "/away"})
					add(Request{URL: "/close"})
				}
				add(Request{URL: "/size/20", Method: "HEAD"})
				add(Request{URL: "/sum", Method: "POST", Body: bytesOf(2_000_000)})
				add(Request{URL: "/echo", Header: []Field{{"X-A", strings.Repeat("a", 3000)}}}) // larger than what the poller sends for others
				add(Request{URL: "/slow", Timeout: 30 * time.Millisecond})
				add(Request{URL: "/login", Digest: &Login{User: "u", Password: "p"}})
				add(Request{URL: "http://forbidden.example/"})
			}
			ours := &chain{c: e.Client(0), reqs: reqs}
			got := ours.run(t)
			theirs := &chain{}
			c := e.Client(1)
			for i := range reqs {
				r := reqs[i]
				theirs.note(c.Do(t.Context(), &r, &theirs.resp))
			}
			theirs.resp.Release()
			c.Close()
			for i, text := range theirs.ends {
				if got[i] != text {
					t.Errorf("request %d, %s %s: %s; Do: %s", i, reqs[i].Method, reqs[i].URL, got[i], text)
				}
			}
			if ours.loop < len(reqs)/3 {
				t.Errorf("of %d requests only %d ended on the poller", len(reqs), ours.loop)
			}
		})
	}
}

// A server that closes connections between two requests, without a word: the next request goes out again on another one.
func TestStartOnStaleConnection(t *testing.T) {
	leaks(t)
	addr := scripted(t, func(_ int, c net.Conn, r *bufio.Reader) {
		for range 2 {
			if !readRequest(r) {
				return
			}
			io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
		}
	})
	e := newEngine(t, Config{IO: "epoll"})
	c := &chain{c: e.Client(0), reqs: make([]Request, 50)}
	for i := range c.reqs {
		c.reqs[i] = Request{URL: "/", Base: target(t, e, "http://"+addr)}
	}
	for i, text := range c.run(t) {
		if !strings.HasPrefix(text, "200 ") {
			t.Errorf("request %d: %s", i, text)
		}
	}
	if c.loop == 0 {
		t.Error("none ended on the poller")
	}
}

// What is under way when its context ends, or its engine, is told so, once.
func TestStartCutOff(t *testing.T) {
	for _, version := range []string{"1", "h2c"} {
		for _, how := range []string{"context", "engine", "client"} {
			t.Run(version+"/"+how, func(t *testing.T) {
				leaks(t)
				e, url := lightSite(t, version, answers(""))
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				base := target(t, e, url)
				const users = 20
				var told atomic.Int32
				ends := make(chan error, users)
				var clients []*Client
				for i := range users {
					c := e.Client(i)
					clients = append(clients, c)
					req, resp := &Request{URL: "/slow", Base: base}, new(Response)
					var pending bool
					var err error
					pending, err = c.Start(ctx, req, resp, follow(func(err error, _ Loop) {
						told.Add(1)
						resp.Release()
						ends <- err
					}), Loop{})
					if !pending {
						t.Fatal(err)
					}
				}
				switch how {
				case "context":
					cancel()
				case "engine":
					e.Close()
				default: // a client that is closed lets its requests end
					for _, c := range clients {
						c.Close()
					}
					cancel()
				}
				for range users {
					if err := <-ends; fault.Of(err) != fault.Cancelled {
						t.Errorf("%v, %v", fault.Of(err), err)
					}
				}
				for _, c := range clients {
					c.Close()
				}
				if n := told.Load(); n != users {
					t.Errorf("%d ends of %d requests", n, users)
				}
			})
		}
	}
}

// follow is a follower made of a function.
type follow func(error, Loop)

func (f follow) Ended(err error, on Loop) { f(err, on) }

// Many visitors go on and on while others come and go, and time limits pass. The race detector looks on.
func TestStartCrowd(t *testing.T) {
	leaks(t)
	s, _ := site(t, false, answers(""))
	e := newEngine(t, Config{IO: "epoll"})
	base := target(t, e, s.URL)
	const users, requests = crowd + 50, 12
	var chains []*chain
	for i := range users {
		c := &chain{c: e.Client(i), ctx: t.Context(), done: make(chan struct{})}
		for n := range requests {
			r := Request{URL: "/size/100", Base: base}
			if n == requests/2 && i%5 == 0 {
				r.Timeout = time.Nanosecond
			}
			c.reqs = append(c.reqs, r)
		}
		chains = append(chains, c)
		go c.begin(Loop{})
	}
	for i, c := range chains {
		select {
		case <-c.done:
		case <-time.After(time.Minute):
			t.Fatalf("user %d does not end", i)
		}
		for n, text := range c.ends {
			if !strings.HasPrefix(text, "200 ") && (c.reqs[n].Timeout == 0 || !strings.Contains(text, fault.Timeout.String())) { // the answer may be quicker
				t.Errorf("user %d, request %d: %s", i, n, text)
			}
		}
		c.resp.Release()
		c.c.Close()
	}
}

// A request that cannot even begin is over at once, and nobody is told.
func TestStartWrong(t *testing.T) {
	e := newEngine(t, Config{IO: "epoll"})
	var resp Response
	pending, err := e.Client(0).Start(t.Context(), &Request{URL: "ftp://127.0.0.1/"}, &resp, follow(func(error, Loop) { t.Error("told") }), Loop{})
	if f, ok := errors.AsType[*fault.Error](err); pending || !ok {
		t.Errorf("%v, %v, %v", pending, f, err)
	}
}
