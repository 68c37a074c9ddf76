package wire

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// door is one address at which one server after another listens.
type door struct {
	l     net.Listener
	conns chan net.Conn
}

func openDoor(t *testing.T) *door {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	d := &door{l: l, conns: make(chan net.Conn)}
	t.Cleanup(func() { l.Close() })
	go func() {
		defer close(d.conns)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			d.conns <- c
		}
	}()
	return d
}

// behindDoor is the door as one of the servers sees it: closing it leaves the address to the next one.
type behindDoor struct {
	*door
	left  chan bool
	leave sync.Once
}

func (b *behindDoor) Accept() (net.Conn, error) {
	select {
	case <-b.left:
		return nil, net.ErrClosed
	case c, ok := <-b.conns:
		if !ok {
			return nil, net.ErrClosed
		}
		return c, nil
	}
}

func (b *behindDoor) Close() error {
	b.leave.Do(func() { close(b.left) })
	return nil
}

func (b *behindDoor) Addr() net.Addr { return b.l.Addr() }

// A server of net/http that is shut down gracefully under load, while the next one takes over its address, makes nobody fail, and answers each
// request once.
func TestNetHTTPReload(t *testing.T) {
	ca := newAuthority(t)
	conf := tlsServer(ca.issue(t, "127.0.0.1", time.Now().Add(time.Hour)))
	conf.NextProtos = []string{"h2"}
	eachBackend(t, func(t *testing.T, io string) {
		d := openDoor(t)
		var answered, sent atomic.Int64
		var servers sync.WaitGroup
		start := func() *http.Server {
			s := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				answered.Add(1)
				w.Write([]byte("here"))
			})}
			l := tls.NewListener(&behindDoor{door: d, left: make(chan bool)}, conf)
			servers.Go(func() { s.Serve(l) })
			return s
		}
		stop := func(s *http.Server) {
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
			defer cancel()
			if err := s.Shutdown(ctx); err != nil {
				t.Errorf("shut down: %v", err)
			}
		}
		server := start()
		e := newEngine(t, Config{RootCAs: ca.pool, IO: io})
		base := target(t, e, "https://"+d.l.Addr().String())
		const clients, requests, reloads = 6, 40, 2
		var all, stopping sync.WaitGroup
		var mu sync.Mutex
		for i := range clients {
			c := e.Client(i)
			all.Go(func() {
				defer c.Close()
				var r Response
				for range requests {
					if err := c.Do(t.Context(), &Request{Base: base, URL: "/"}, &r); err != nil || r.Status != 200 || r.Proto != "HTTP/2.0" {
						t.Errorf("after %d requests: %v, %+v", sent.Load(), err, &r)
						return
					}
					r.Release()
					if n := sent.Add(1); n%(clients*requests/(reloads+1)) == 0 {
						mu.Lock()
						old := server
						server = start()
						mu.Unlock()
						stopping.Go(func() { stop(old) })
					}
				}
			})
		}
		all.Wait()
		stopping.Wait()
		stop(server)
		servers.Wait()
		d.l.Close()
		if a, n := answered.Load(), e.Counters(); a != clients*requests || n.Dials <= clients {
			t.Errorf("%d answers to %d requests, over %d connections", a, clients*requests, n.Dials)
		}
	})
}
