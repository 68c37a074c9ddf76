//go:build !race

package wire

import (
	"bufio"
	"context"
	"net"
	"runtime"
	"testing"
)

// A request with a cookie and a look at the body allocates nothing, on any back end, once its user has got going. Not under the race
// detector, whose pools forget on purpose.
func TestAllocationBudget(t *testing.T) {
	onEach(t, Backends(), func(t *testing.T, io string) {
		addr := scripted(t, func(_ int, c net.Conn, _ *bufio.Reader) { serveFixedConn(c) })
		e := newEngine(t, Config{IO: io})
		base, c := target(t, e, "http://"+addr), e.Client(0)
		c.SetCookies(base.String()+"/", cookieOf("session", "0123456789abcdef"))
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var resp Response
		req := Request{URL: "/page?user=1", Base: base, Header: []Field{{"X-Test", "1"}}, Query: []Field{{"q", "v"}}}
		one := func() {
			if err := c.Do(ctx, &req, &resp); err != nil {
				t.Fatal(err)
			}
			if b, err := resp.Body(); err != nil || len(b) != 1024 || resp.Status != 200 {
				t.Fatalf("%d bytes, %v", len(b), err)
			}
		}
		for range 100 {
			one()
		}
		if n := testing.AllocsPerRun(2000, one); n != 0 {
			t.Errorf("%v allocations per request", n)
		}
	})
}

// An idle connection costs what Go keeps of a socket with net and raw, and a descriptor with its state with epoll. TLS adds what crypto/tls
// keeps.
func TestIdleBudget(t *testing.T) {
	addr := childServer(t)
	onEach(t, Backends(), func(t *testing.T, io string) {
		e := newEngine(t, Config{IO: io})
		base := target(t, e, "http://"+addr)
		const users = 1000
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
		t.Logf("%d bytes for an idle connection", got)
		if budget := map[string]int64{"net": 1536, "raw": 1536, "epoll": 768}[io]; got > budget {
			t.Errorf("%d bytes for an idle connection, the budget is %d", got, budget)
		}
		runtime.KeepAlive(clients)
	})
}

// heap is the memory of objects and stacks in use.
func heap() int64 {
	runtime.GC()
	runtime.GC() // what pools held lives through one
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc + m.StackInuse)
}
