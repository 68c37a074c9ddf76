package wire

import (
	"bufio"
	"net"
	"sync"
	"testing"
	"time"
)

// Whatever address it is given, a prefetch neither faults nor changes anything.
func TestPrefetchAnything(t *testing.T) {
	for _, p := range []uintptr{0, 1, 63, 1 << 20, 1 << 47, ^uintptr(0) - 4096, ^uintptr(0)} {
		prefetch(p, 4)
	}
	mine := goroutine()
	if canPrefetch && (mine == 0 || goroutine() != mine) {
		t.Error("the goroutine has no address, or several")
	}
}

// Connections come and go while more of them than the caches hold have requests under way, some of which are given up: what the poller
// reads of one that waits must be its own. The race detector looks on.
func TestWarmCrowd(t *testing.T) {
	const users, requests = 2 * crowd, 6
	addr := scripted(t, func(_ int, c net.Conn, _ *bufio.Reader) { serveFixedConn(c) })
	e := newEngine(t, Config{IO: "epoll"})
	b := e.backend.(*epollBackend)
	base := target(t, e, "http://"+addr)
	var ready, seen, done sync.WaitGroup
	ready.Add(users)
	seen.Add(users)
	for i := range users {
		done.Go(func() {
			c := e.Client(i)
			defer c.Close()
			var resp Response
			defer resp.Release()
			for n := range requests {
				req := Request{URL: "/page", Base: base}
				if n == requests-2 && i%3 == 0 {
					req.Timeout = time.Nanosecond // given up; the next one opens another connection
				}
				err := c.Do(t.Context(), &req, &resp)
				if err != nil && req.Timeout == 0 || err == nil && resp.Status != 200 {
					t.Errorf("user %d, request %d: %d, %v", i, n, resp.Status, err)
				}
				if n == 0 {
					ready.Done()
					ready.Wait() // all have a connection now
					if canPrefetch && !b.crowded() {
						t.Errorf("%d connections are no crowd", b.links.open.Load())
					}
					seen.Done()
				}
			}
			seen.Wait() // before it closes
		})
	}
	done.Wait()
	if n := b.links.open.Load(); n != 0 {
		t.Errorf("%d connections are counted after all were closed", n)
	}
}
