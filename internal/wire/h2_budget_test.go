//go:build !race

package wire

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/binary"
	"io"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/http2"
)

// serveFixed2 answers every request on an HTTP/2 connection with a page of 1 KiB and allocates nothing for it.
func serveFixed2(c net.Conn) {
	r := bufio.NewReader(c)
	io.CopyN(io.Discard, r, int64(len(http2.ClientPreface)))
	c.Write(appendFrame(nil, 0, frameSettings, 0, 0))
	block := append([]byte{0x88, 0x5f, 9}, "text/html\x5c\x041024"...)
	block = append(block, "\x00\x06server\x05fixed"...)
	page := strings.Repeat("x", 1024)
	head, out := make([]byte, frameHeader), make([]byte, 0, 2048)
	for {
		if _, err := io.ReadFull(r, head); err != nil {
			return
		}
		if _, err := r.Discard(int(head[1])<<8 | int(head[2])); err != nil {
			return
		}
		if head[3] != frameHeaders {
			continue
		}
		id := binary.BigEndian.Uint32(head[5:])
		out = append(appendFrame(out[:0], len(block), frameHeaders, flagEndHeaders, id), block...)
		out = append(appendFrame(out, len(page), frameData, flagEndStream, id), page...)
		if _, err := c.Write(out); err != nil {
			return
		}
	}
}

// fixed2 is such a site.
func fixed2(t *testing.T, secure bool) (string, Config) {
	if !secure {
		return "http://" + scripted(t, func(_ int, c net.Conn, _ *bufio.Reader) { serveFixed2(c) }), Config{HTTP: "h2c"}
	}
	ca := newAuthority(t)
	conf := tlsServer(ca.issue(t, "127.0.0.1", time.Now().Add(time.Hour)))
	conf.NextProtos = []string{"h2"}
	return "https://" + scripted(t, func(_ int, c net.Conn, _ *bufio.Reader) { serveFixed2(tls.Server(c, conf)) }), Config{RootCAs: ca.pool}
}

// A request over HTTP/2 allocates nothing of its own: with a cookie, a query, fields of the caller and a body that is looked at. Over TLS it
// is what crypto/tls makes on both sides, two for each record received.
func TestAllocationBudgetHTTP2(t *testing.T) {
	for name, budget := range map[string]float64{"h2c": 0, "h2": 5} {
		t.Run(name, func(t *testing.T) {
			onEach(t, Backends(), func(t *testing.T, io string) {
				url, cfg := fixed2(t, name == "h2")
				cfg.IO = io
				e := newEngine(t, cfg)
				base, c := target(t, e, url), e.Client(0)
				c.SetCookies(base.String()+"/", cookieOf("session", "0123456789abcdef"))
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				var resp Response
				req := Request{URL: "/page?user=1", Base: base, Header: []Field{{"X-Test", "1"}}, Query: []Field{{"q", "v"}}}
				one := func() {
					if err := c.Do(ctx, &req, &resp); err != nil {
						t.Fatal(err)
					}
					if b, err := resp.Body(); err != nil || len(b) != 1024 || resp.Status != 200 || resp.Proto != "HTTP/2.0" {
						t.Fatalf("%d bytes, %v", len(b), err)
					}
				}
				for range 100 {
					one()
				}
				if n := testing.AllocsPerRun(2000, one); n > budget {
					t.Errorf("%v allocations per request, the budget is %v", n, budget)
				}
			})
		})
	}
}

// What an idle connection costs in the clear, with its epoll descriptor or its two goroutines.
func TestIdleBudgetHTTP2(t *testing.T) {
	onEach(t, Backends(), func(t *testing.T, io string) {
		url, cfg := fixed2(t, false)
		cfg.IO = io
		e := newEngine(t, cfg)
		base := target(t, e, url)
		const users = 300
		clients := make([]*Client, users)
		connect := func(i int) {
			var resp Response
			clients[i] = e.Client(i)
			if err := clients[i].Do(t.Context(), &Request{URL: "/", Base: base}, &resp); err != nil {
				t.Fatal(err)
			}
			resp.Release()
		}
		connect(0)
		before := heap()
		for i := range clients {
			connect(i)
		}
		got := (heap() - before) / users
		t.Logf("%d bytes for an idle connection, with the server's", got)
		if budget := map[string]int64{"net": 32 << 10, "raw": 32 << 10, "epoll": 15 << 10}[io]; got > budget {
			t.Errorf("%d bytes for an idle connection, the budget is %d", got, budget)
		}
		runtime.KeepAlive(clients)
	})
}
