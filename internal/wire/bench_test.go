package wire

import (
	"context"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"testing"
)

// BenchmarkDo is a whole request with a cookie and a look at the body, by 64 users against a server in another process. The figure that
// matters is cpu-us/op, the CPU time of this process: on a machine with other work ns/op says nothing.
func BenchmarkDo(b *testing.B) {
	for _, io := range Backends() {
		for _, users := range []int{64, 1000} {
			b.Run(fmt.Sprintf("%s/%d", io, users), func(b *testing.B) { benchmarkDo(b, io, users) })
		}
	}
}

func benchmarkDo(b *testing.B, io string, users int) {
	addr := childServer(b)
	e := newEngine(b, Config{IO: io, Allow: []string{"127.0.0.1"}})
	base := target(b, e, "http://"+addr)
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	var left atomic.Int64
	var failed atomic.Int64
	crowd := make([]*Client, users)
	resps, reqs := make([]Response, users), make([]Request, users)
	for i := range crowd {
		crowd[i] = e.Client(i)
		crowd[i].SetCookies("http://"+addr+"/", cookieOf("session", "0123456789abcdef"))
	}
	one := func(i int) {
		reqs[i] = Request{URL: "/page", Base: base}
		if crowd[i].Do(ctx, &reqs[i], &resps[i]) != nil || resps[i].Status != 200 {
			failed.Add(1)
			return
		}
		if body, err := resps[i].Body(); err != nil || len(body) != 1024 || body[100] != 'x' {
			failed.Add(1)
		}
	}
	all := func(n int) {
		left.Store(int64(n))
		var wg sync.WaitGroup
		for i := range crowd {
			wg.Go(func() {
				for left.Add(-1) >= 0 {
					one(i)
				}
			})
		}
		wg.Wait()
	}
	all(3 * users)
	b.ReportAllocs()
	b.ResetTimer()
	begun := cpuTime()
	all(b.N)
	used := cpuTime() - begun
	b.StopTimer()
	b.ReportMetric(used.Seconds()*1e6/float64(b.N), "cpu-us/op")
	if n := failed.Load(); n > 0 {
		b.Fatalf("%d requests failed", n)
	}
}

// echoConn is a connection without a network: each write is answered at once.
type echoConn struct {
	net.Conn
	left int
}

func (c *echoConn) Write(p []byte) (int, error) { c.left = 0; return len(p), nil }
func (c *echoConn) Close() error                { return nil }
func (c *echoConn) RemoteAddr() net.Addr        { return nil }
func (c *echoConn) Read(p []byte) (int, error) {
	n := copy(p, fixedAnswer[c.left:])
	c.left += n
	return n, nil
}

// BenchmarkOwn is what a request costs without the kernel: finding the connection, building, parsing, time limits, times.
func BenchmarkOwn(b *testing.B) {
	e := newEngine(b, Config{Allow: []string{"shop.example"}, Dial: func(context.Context, string, string) (net.Conn, error) { return &echoConn{}, nil }})
	base, c := target(b, e, "http://shop.example"), e.Client(0)
	c.SetCookies("http://shop.example/", cookieOf("session", "0123456789abcdef"))
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	var resp Response
	req := Request{URL: "/page", Base: base}
	b.ReportAllocs()
	for b.Loop() {
		if err := c.Do(ctx, &req, &resp); err != nil {
			b.Fatal(err)
		}
		if body, err := resp.Body(); err != nil || len(body) != 1024 {
			b.Fatal(err)
		}
	}
}
