package wire

import (
	"bufio"
	"crypto/tls"
	"io"
	"net"
	"testing"
	"time"
)

const okAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

// A server that ends TLS on an idle connection says so, with or without closing it: a request that cannot be sent twice goes to another.
func TestStaleTLS(t *testing.T) {
	ca := newAuthority(t)
	cert := ca.issue(t, "127.0.0.1", time.Now().Add(time.Hour))
	for name, end := range map[string]func(*tls.Conn){
		"closed": func(c *tls.Conn) { c.Close() }, "farewell": func(c *tls.Conn) { c.CloseWrite() },
	} {
		for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
			t.Run(name+" "+tls.VersionName(version), func(t *testing.T) {
				eachBackend(t, func(t *testing.T, backend string) {
					answered, gone := make(chan bool), make(chan bool)
					addr := scripted(t, func(n int, c net.Conn, _ *bufio.Reader) {
						tc := tls.Server(c, &tls.Config{Certificates: []tls.Certificate{cert}, MaxVersion: version})
						r := bufio.NewReader(tc)
						readRequest(r)
						io.WriteString(tc, okAnswer)
						if n == 0 {
							<-answered
							end(tc)
							close(gone)
						}
						hold(r)
					})
					e := newEngine(t, Config{IO: backend, RootCAs: ca.pool})
					base, c := target(t, e, "https://"+addr), e.Client(0)
					do(t, c, Request{Base: base, URL: "/"})
					close(answered)
					<-gone
					if r := do(t, c, Request{Method: "POST", Base: base, URL: "/", Body: []byte("x")}); r.Reused || body(t, r) != "ok" {
						t.Errorf("%+v", r)
					}
				})
			})
		}
	}
}

// What a server says on an idle connection is not the answer to the next request.
func TestUnasked(t *testing.T) {
	eachBackend(t, func(t *testing.T, backend string) {
		answered, said := make(chan bool), make(chan bool)
		addr := scripted(t, func(n int, c net.Conn, r *bufio.Reader) {
			readRequest(r)
			io.WriteString(c, okAnswer)
			if n == 0 {
				<-answered
				io.WriteString(c, "HTTP/1.1 408 Request Timeout\r\nContent-Length: 4\r\n\r\nslow")
				close(said)
			}
			hold(r)
		})
		e := newEngine(t, Config{IO: backend})
		base, c := target(t, e, "http://"+addr), e.Client(0)
		do(t, c, Request{Base: base, URL: "/"}).Release()
		close(answered)
		<-said
		method := "POST"
		if backend == "epoll" { // which hears of it, and so looks before a GET too
			method = "GET"
			if !eventually(func() bool { return !c.conns.link.alive(0, false) }) {
				t.Fatal("what the server said goes unnoticed")
			}
		}
		if r := do(t, c, Request{Method: method, Base: base, URL: "/"}); r.Status != 200 || r.Reused {
			t.Errorf("%+v", r)
		}
	})
}

// A server that has ended its side of an idle connection, and goes on reading, is not waited for.
func TestHalfClosedWhileIdle(t *testing.T) {
	eachHostile(t, Config{Timeout: time.Hour}, func(n int, c net.Conn, r *bufio.Reader) {
		readRequest(r)
		io.WriteString(c, okAnswer)
		if n == 0 {
			c.(*net.TCPConn).CloseWrite()
		}
		hold(r)
	}, func(t *testing.T, e *Engine, base *Target) {
		c := e.Client(0)
		do(t, c, Request{Base: base, URL: "/"})
		if !eventually(func() bool { return e.Now()-c.conns.used > 5e6 }) {
			t.Fatal("time stands still")
		}
		if r := do(t, c, Request{Base: base, URL: "/"}); r.Reused || body(t, r) != "ok" {
			t.Errorf("%+v", r)
		}
	})
}

// Who asks for the end of the connection does not use it again, whatever the server thinks of it.
func TestOwnClose(t *testing.T) {
	eachHostile(t, Config{}, func(_ int, c net.Conn, r *bufio.Reader) {
		for readRequest(r) {
			io.WriteString(c, okAnswer)
		}
	}, func(t *testing.T, e *Engine, base *Target) {
		c := e.Client(0)
		for range 2 {
			if r := do(t, c, Request{Base: base, URL: "/", Header: []Field{{"connection", "Close"}}}); r.Reused {
				t.Errorf("%+v", r)
			}
			if n := e.Counters().Open; n != 0 {
				t.Errorf("%d connections are open", n)
			}
		}
	})
}
