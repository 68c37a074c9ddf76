//go:build unix

package wire

import (
	"bufio"
	"bytes"
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The server of the nghttp2 library, which is no proxy: files, an upload that comes back, trailers behind each answer, more requests at once
// than it takes, ten thousand in all.
func TestNghttpd(t *testing.T) {
	ca := newAuthority(t)
	m := make2{
		"nghttpd", "nghttpd", "nghttp2-server", func(place) string { return "" }, func(at place) []string {
			_, port, _ := net.SplitHostPort(at.addr)
			return []string{"--address=127.0.0.1", "--htdocs=" + at.dir, "--trailer=x-sum: 1", "--echo-upload", "--max-concurrent-streams=30", "--padding=20", port, at.dir + "/key.pem", at.dir + "/cert.pem"}
		}, nil,
	}
	run := m.start(t, ca, "")
	if err := os.Mkdir(filepath.Join(run.at.dir, "size"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{10, 100, 5_000_000} {
		if err := os.WriteFile(filepath.Join(run.at.dir, "size", fmt.Sprint(n)), bytesOf(n), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	e := newEngine(t, Config{RootCAs: ca.pool})
	base := target(t, e, "https://"+run.at.addr)
	c := e.Client(0)
	for _, n := range []int{10, 5_000_000} {
		if r := do(t, c, Request{Base: base, URL: fmt.Sprint("/size/", n)}); r.Proto != "HTTP/2.0" || body(t, r) != string(bytesOf(n)) {
			t.Errorf("%d bytes: %+v: %s", n, r, run.said)
		}
	}
	up := bytesOf(3_000_000)
	if r := do(t, c, Request{Method: "POST", Base: base, URL: "/", Body: up}); body(t, r) != string(up) {
		t.Errorf("an upload: %+v", r)
	}
	for _, r := range atOnce(t, c, 300, func(int) Request { return Request{Base: base, URL: "/size/100"} }) {
		if r.Status != 200 || body(t, r) != string(bytesOf(100)) {
			t.Errorf("%+v", r)
		}
		r.Release()
	}
	run.load(t, e, base, 500, nil)
	if n := e.Counters(); n.Dials > 25 || n.Stale > 0 {
		t.Errorf("%+v", n)
	}
}

// socketSite is a site that answers requests, those with trailers among them, and speaks an echo behind an upgrade to WebSocket.
func socketSite() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", parts())
	mux.HandleFunc("/trailers", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Trailer", "X-Sum")
		io.WriteString(w, "with trailers")
		w.(http.Flusher).Flush()
		w.Header().Set("X-Sum", "13")
	})
	mux.HandleFunc("/socket", func(w http.ResponseWriter, r *http.Request) {
		key := r.Header.Get("Sec-WebSocket-Key")
		if r.Header.Get("Upgrade") != "websocket" || key == "" {
			http.Error(w, fmt.Sprint(r.Header), 400)
			return
		}
		c, b, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer c.Close()
		fmt.Fprintf(b, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\nX-Cookie: %s\r\n\r\n", acceptKey(key), r.Header.Get("Cookie"))
		b.Flush()
		io.Copy(plainWriter{c}, bufio.NewReader(b))
	})
	return mux
}

// Servers by others, once more: trailers, connections that they close when nothing is asked for a second, and requests through a proxy.
func TestMakesIdle(t *testing.T) {
	if testing.Short() {
		t.Skip("takes some seconds for each server")
	}
	idle := map[string]string{
		"nginx": "keepalive_timeout 1s; server {", "haproxy": "timeout client 1s", "caddy": `"idle_timeout":1000000000,"listen":["`,
		"h2o": "http2-idle-timeout: 1\nhosts:", "apache": "KeepAliveTimeout 1\nServerName", "nghttpx": "",
	}
	was := map[string]string{"nginx": "server {", "haproxy": "timeout client 20s", "caddy": `"listen":["`, "h2o": "hosts:", "apache": "ServerName"}
	ca := newAuthority(t)
	site, _ := site(t, false, socketSite())
	proxy := forwarder(t, make(chan string, 1000))
	for _, m := range makes() {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			config, args := m.config, m.args
			m.config = func(at place) string { return strings.Replace(config(at), was[m.name], idle[m.name], 1) }
			if m.name == "nghttpx" {
				m.config = config
				m.args = func(at place) []string { return append([]string{"--frontend-http2-read-timeout=1s"}, args(at)...) }
			}
			run := m.start(t, ca, strings.TrimPrefix(site.URL, "http://"))
			e := newEngine(t, Config{RootCAs: ca.pool})
			base := target(t, e, "https://"+run.at.addr)
			c := e.Client(0)
			if r := do(t, c, Request{Base: base, URL: "/trailers"}); r.Proto != "HTTP/2.0" || body(t, r) != "with trailers" {
				t.Errorf("%+v: %q", r, body(t, r))
			}
			if !eventually(func() bool { return !c.conns.h2.usable() }) {
				t.Error("an idle connection is not closed, or that goes unnoticed")
			}
			// A POST is not sent twice: it must not be given to the connection that was closed.
			if r := do(t, c, Request{Method: "POST", Base: base, URL: "/sum", Body: []byte("x")}); r.Status != 200 || r.Reused || r.Retried {
				t.Errorf("after the silence: %+v", r)
			}
			e = newEngine(t, Config{RootCAs: ca.pool, Proxy: &url.URL{Scheme: "http", Host: proxy, User: url.UserPassword("ann", "pw")}})
			for range 2 {
				if r := do(t, e.Client(0), Request{Base: target(t, e, base.String()), URL: "/size/100000"}); r.Proto != "HTTP/2.0" || body(t, r) != string(bytesOf(100_000)) {
					t.Errorf("through a proxy: %+v", r)
				}
			}
		})
	}
}

// WebSocket over HTTP/2 with the servers that offer it, also through a proxy.
func TestMakesTunnel(t *testing.T) {
	ca := newAuthority(t)
	site, _ := site(t, false, socketSite())
	proxy := forwarder(t, make(chan string, 1000))
	for _, m := range makes() {
		if m.name != "haproxy" && m.name != "nghttpx" {
			continue
		}
		t.Run(m.name, func(t *testing.T) {
			run := m.start(t, ca, strings.TrimPrefix(site.URL, "http://"))
			for _, cfg := range []Config{{RootCAs: ca.pool}, {RootCAs: ca.pool, HTTP: "2", Proxy: &url.URL{Scheme: "http", Host: proxy, User: url.UserPassword("ann", "pw")}}} {
				e := newEngine(t, cfg)
				base := target(t, e, "https://"+run.at.addr)
				c := e.Client(0)
				if cfg.HTTP == "" { // one that is there is used, as browsers do
					do(t, c, Request{Base: base, URL: "/size/10"})
				}
				r := new(Response)
				conn, err := c.Open(t.Context(), &Request{Base: base, URL: "/socket", Upgrade: "websocket", Header: []Field{{"Sec-WebSocket-Version", "13"}}}, r)
				if err != nil || conn == nil {
					t.Fatalf("%v, %+v: %s", err, r, body(t, r))
				}
				r.Release()
				sent := bytesOf(1 << 20)
				go conn.Write(sent)
				got := make([]byte, len(sent))
				conn.SetReadDeadline(time.Now().Add(20 * time.Second))
				if _, err := io.ReadFull(conn, got); err != nil || !bytes.Equal(got, sent) {
					t.Errorf("an echo: %v", err)
				}
				conn.Close()
				if r := do(t, c, Request{Base: base, URL: "/size/10"}); !r.Reused || body(t, r) != string(bytesOf(10)) {
					t.Errorf("after a tunnel: %+v", r)
				}
			}
		})
	}
}

// acceptKey is the answer to a Sec-WebSocket-Key (RFC 6455, 4.2.2).
func acceptKey(key string) string {
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// Early hints of a site behind servers by others: whoever passes them on, is heard; whoever does not, answers as ever. nginx is left out: the one
// that Debian has does not know them from a site.
func TestMakesEarlyHints(t *testing.T) {
	ca := newAuthority(t)
	site, _ := site(t, false, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Link", "</a.css>; rel=preload; as=style")
		w.WriteHeader(http.StatusEarlyHints)
		time.Sleep(20 * time.Millisecond)
		io.WriteString(w, "the page")
	}))
	for _, m := range makes() {
		if m.name == "nginx" {
			continue
		}
		t.Run(m.name, func(t *testing.T) {
			run := m.start(t, ca, strings.TrimPrefix(site.URL, "http://"))
			e := newEngine(t, Config{RootCAs: ca.pool})
			hinted := make(chan string, 1)
			r := do(t, e.Client(0), Request{Base: target(t, e, "https://"+run.at.addr), URL: "/", Early: func(link string) { hinted <- link }})
			if r.Status != 200 || body(t, r) != "the page" {
				t.Errorf("%+v: %q", r, body(t, r))
			}
			select {
			case link := <-hinted:
				if link != "</a.css>; rel=preload; as=style" {
					t.Errorf("the hint is %q", link)
				}
			default:
				if m.name == "haproxy" || m.name == "caddy" || m.name == "nghttpx" {
					t.Error("the hint was not heard")
				}
			}
		})
	}
}
