package console

import (
	"context"
	"errors"
	"fmt"
	"mime"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"runtime/debug"
	"strconv"
	"strings"
	"time"
)

// policy lets the page run its own script and style sheet, ask this server, and nothing else.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; worker-src 'self'; " +
	"base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types svelte-trusted-html stampede-worker"

// guarded checks every request before a handler sees it, in this order: what every answer says, the host that was asked, where a change
// comes from, who asks, what they may do, and the body.
func (c *Console) guarded(next http.Handler) http.Handler {
	cross := http.NewCrossOriginProtection()
	return c.recovered(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r = c.based(r)
		harden(w.Header())
		if !c.hostKnown(r.Host) {
			problem(w, http.StatusMisdirectedRequest, "this server does not answer for the name "+strconv.Quote(clip(r.Host))+
				": open it by its address (http://127.0.0.1 or http://localhost), or give --web-token to serve it under other names")
			return
		}
		changes := !isSafe(r.Method)
		if changes {
			if err := cross.Check(r); err != nil {
				problem(w, http.StatusForbidden, "a change must come from this page itself, or from a program: this one comes from another site")
				return
			}
		}
		path := r.URL.Path
		if !strings.HasPrefix(path, "/api/") && path != "/metrics" {
			next.ServeHTTP(w, r)
			return
		}
		if path == loginPath {
			next.ServeHTTP(w, bounded(w, r, path))
			return
		}
		who, ok := c.admit(w, r)
		if !ok {
			return
		}
		if changes {
			if who != operator {
				problem(w, http.StatusForbidden, "this link is for looking only: changes take the other token")
				return
			}
			if err := bodyKind(r); err != nil {
				problem(w, http.StatusUnsupportedMediaType, err.Error())
				return
			}
		}
		next.ServeHTTP(w, bounded(w, r.WithContext(context.WithValue(r.Context(), roleKey{}, who)), path))
	}))
}

type roleKey struct{}

// roleOf is what whoever asked may do.
func roleOf(ctx context.Context) role {
	who, _ := ctx.Value(roleKey{}).(role)
	return who
}

// admit finds out who asks, and answers those who are nobody.
func (c *Console) admit(w http.ResponseWriter, r *http.Request) (role, bool) {
	from, now := remote(r), time.Now()
	bearer := r.Header.Get("Authorization") != ""
	if bearer {
		if wait, yes := c.keys.tries.tooMany(from, now); yes {
			tooManyTries(w, wait)
			return stranger, false
		}
	}
	who := c.keys.of(r)
	if who != stranger {
		return who, true
	}
	if bearer {
		c.keys.tries.wrong(from, now)
	}
	w.Header().Set("WWW-Authenticate", `Bearer realm="stampede"`)
	problem(w, http.StatusUnauthorized, "a token is needed: log in on the page, or send it as Authorization: Bearer TOKEN")
	return stranger, false
}

func tooManyTries(w http.ResponseWriter, wait time.Duration) {
	w.Header().Set("Retry-After", strconv.Itoa(int(wait/time.Second)+1))
	problem(w, http.StatusTooManyRequests, "too many wrong tokens: wait a minute")
}

// harden is what every answer says to browsers.
func harden(h http.Header) {
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
	h.Set("Vary", "Cookie, Authorization")
}

// hostKnown reports whether a request may name this host. Without a token the address is all that keeps a foreign page out, whose own name
// may lead here (DNS rebinding): then only this machine's names count.
func (c *Console) hostKnown(host string) bool {
	if host == "" {
		return false
	}
	if !c.keys.open() {
		return true
	}
	name := host
	if h, _, err := net.SplitHostPort(host); err == nil {
		name = h
	}
	if strings.EqualFold(name, "localhost") {
		return true
	}
	addr, err := netip.ParseAddr(strings.Trim(name, "[]"))
	return err == nil && addr.Unmap().IsLoopback()
}

func isSafe(method string) bool { return method == http.MethodGet || method == http.MethodHead }

// bodyKind refuses a body that does not say what it is: browsers let other sites send such ones.
func bodyKind(r *http.Request) error {
	if r.ContentLength == 0 && r.Header.Get("Content-Type") == "" && len(r.TransferEncoding) == 0 {
		return nil
	}
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if strings.HasSuffix(r.URL.Path, importSuffix) {
		if err == nil && (kind == "application/octet-stream" || kind == typeXLSX || kind == "text/csv") {
			return nil
		}
		return errors.New("send the sheet as " + typeXLSX + ", text/csv or application/octet-stream")
	}
	if err == nil && kind == "application/json" {
		return nil
	}
	return errors.New("send JSON, and say so: Content-Type: application/json")
}

// bounded limits the body.
func bounded(w http.ResponseWriter, r *http.Request, path string) *http.Request {
	most := int64(mostBody)
	if strings.HasSuffix(path, importSuffix) {
		most = mostImport
	}
	if r.Body != nil {
		r.Body = http.MaxBytesReader(w, r.Body, most)
	}
	return r
}

// recovered answers where a handler panics, and says so in the log: a page that shows runs must not end one.
func (c *Console) recovered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if p == http.ErrAbortHandler {
				panic(p)
			}
			c.log(fmt.Sprintf("console: %s %s: %v\n%s", r.Method, clip(r.URL.Path), p, debug.Stack()))
			problem(w, http.StatusInternalServerError, "something went wrong here: the log of stampede says what")
		}()
		next.ServeHTTP(w, r)
	})
}

// remote is the address that asks.
func remote(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// secure reports whether the browser speaks TLS, with us or with a proxy before us.
func secure(r *http.Request) bool {
	if r.TLS != nil {
		return true
	}
	if o, err := url.Parse(r.Header.Get("Origin")); err == nil && o.Scheme == "https" {
		return true
	}
	return false
}

// clip is a text from outside, no longer than a line.
func clip(s string) string {
	if len(s) > 200 {
		return s[:200] + "…"
	}
	return s
}

// based takes the path away that a reverse proxy puts before ours, when it did not do so itself.
func (c *Console) based(r *http.Request) *http.Request {
	rest, ok := strings.CutPrefix(r.URL.Path, c.cfg.Base)
	if c.cfg.Base == "" || !ok || rest != "" && rest[0] != '/' {
		return r
	}
	if rest == "" {
		rest = "/"
	}
	short := r.Clone(r.Context())
	short.URL.Path, short.URL.RawPath = rest, ""
	return short
}
