package wire

import (
	"net/http"
	"testing"
)

// A connection that waits for its next request holds none of those before: they come from a pool, and what is held of it is not collected.
func TestIdleHoldsNoRequest(t *testing.T) {
	for _, secure := range []bool{false, true} {
		srv, roots := site(t, secure, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("here")) }))
		e := newEngine(t, Config{IO: "epoll", HTTP: "1.1", RootCAs: roots})
		c := e.Client(0)
		for range 3 {
			do(t, c, Request{URL: srv.URL + "/"}).Release()
		}
		var l *epollLink
		var last *exchange
		switch k := c.conns.link.(type) {
		case *epollLink:
			l = k
		case *tlsLink:
			p := k.pipe.(*epollPipe)
			l, last = p.l, p.x
		}
		if l == nil || l.who != nil || last != nil {
			t.Errorf("TLS %v: the link holds %v, its pipe %v", secure, l, last)
		}
	}
}
