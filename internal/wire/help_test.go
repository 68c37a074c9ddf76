package wire

import (
	"bufio"
	"context"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stampede-load/stampede/internal/fault"
)

func newEngine(tb testing.TB, cfg Config) *Engine {
	tb.Helper()
	if cfg.Allow == nil {
		cfg.Allow = []string{"127.0.0.1", "::1"}
	}
	if cfg.IO == lean {
		cfg.IO, cfg.lean = "auto", true
	}
	e, err := New(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { e.Close() })
	return e
}

func target(tb testing.TB, e *Engine, base string) *Target {
	tb.Helper()
	t, err := e.Target(base)
	if err != nil {
		tb.Fatal(err)
	}
	return t
}

func cookieOf(name, value string) []*http.Cookie { return []*http.Cookie{{Name: name, Value: value}} }

// do makes a request that must be answered.
func do(tb testing.TB, c *Client, req Request) *Response {
	tb.Helper()
	r := new(Response)
	if err := c.Do(tb.Context(), &req, r); err != nil {
		tb.Fatalf("%s %s: %v (%v)", req.Method, req.URL, err, errors.Unwrap(err))
	}
	tb.Cleanup(r.Release)
	return r
}

// doFail makes a request that must fail in the given way.
func doFail(tb testing.TB, c *Client, req Request, kind fault.Kind) (*Response, *fault.Error) {
	tb.Helper()
	r := new(Response)
	err := c.Do(tb.Context(), &req, r)
	if err == nil {
		tb.Fatalf("%s %s: status %d, want a failure of kind %v", req.Method, req.URL, r.Status, kind)
	}
	f, ok := err.(*fault.Error)
	if !ok || f.Kind != kind {
		tb.Fatalf("%s %s: %v of kind %v (%T, %v), want kind %v", req.Method, req.URL, err, fault.Of(err), err, errors.Unwrap(err), kind)
	}
	if r.Times.Done < r.Times.Sent {
		tb.Errorf("a failure has the times %+v", r.Times)
	}
	return r, f
}

func body(tb testing.TB, r *Response) string {
	tb.Helper()
	b, err := r.Body()
	if err != nil {
		tb.Fatal(err)
	}
	return string(b)
}

// lean is the best back end, with requests that go on without their goroutines.
const lean = "lean"

// eachBackend runs a test on every way of moving bytes that this platform has, and looks for what it leaves behind.
func eachBackend(t *testing.T, test func(t *testing.T, io string)) {
	onEach(t, append(Backends(), lean), test)
}

// onEach is eachBackend for some of them.
func onEach(t *testing.T, backends []string, test func(t *testing.T, io string)) {
	for _, io := range backends {
		t.Run(io, func(t *testing.T) {
			leaks(t)
			test(t, io)
		})
	}
}

// leaks fails the test when goroutines or descriptors are left after its clean-up.
func leaks(t *testing.T) {
	t.Helper()
	http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	goroutines, files := runtime.NumGoroutine(), descriptors()
	t.Cleanup(func() {
		if !eventually(func() bool { return runtime.NumGoroutine() <= goroutines && descriptors() <= files }) {
			stacks := make([]byte, 64<<10)
			stacks = stacks[:runtime.Stack(stacks, true)]
			t.Errorf("goroutines: %d, then %d; descriptors: %d, then %d\n%s", goroutines, runtime.NumGoroutine(), files, descriptors(), stacks)
		}
	})
}

// eventually waits for what other goroutines or the kernel are about to do.
func eventually(done func() bool) bool {
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for range 10000 {
		if done() {
			return true
		}
		<-tick.C
	}
	return false
}

// descriptors counts the open files of this process; 0 where that cannot be known.
func descriptors() int {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0
	}
	return len(entries) - 1
}

// site is a real HTTP server, in clear or with TLS.
func site(t testing.TB, secure bool, h http.Handler) (*httptest.Server, *x509.CertPool) {
	t.Helper()
	s := httptest.NewUnstartedServer(h)
	s.Config.ErrorLog = quietLog
	if !secure {
		s.Start()
		t.Cleanup(s.Close)
		return s, nil
	}
	s.StartTLS()
	t.Cleanup(s.Close)
	pool := x509.NewCertPool()
	pool.AddCert(s.Certificate())
	return s, pool
}

// scripted is a server that does to each connection what the test says, with no idea of HTTP.
func scripted(t testing.TB, script func(n int, c net.Conn, r *bufio.Reader)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	var mu sync.Mutex
	open := map[net.Conn]bool{}
	all.Go(func() {
		for n := 0; ; n++ {
			c, err := l.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			open[c] = true
			mu.Unlock()
			all.Go(func() {
				defer c.Close()
				script(n, c, bufio.NewReader(c))
			})
		}
	})
	t.Cleanup(func() {
		l.Close()
		mu.Lock()
		for c := range open {
			c.Close()
		}
		mu.Unlock()
		all.Wait()
	})
	return l.Addr().String()
}

// readRequest reads one request with its body. It reports false when none came.
func readRequest(r *bufio.Reader) bool {
	req, err := http.ReadRequest(r)
	if err != nil {
		return false
	}
	_, err = io.Copy(io.Discard, req.Body)
	return err == nil
}

// hold keeps a connection open until the peer closes it.
func hold(r *bufio.Reader) { io.Copy(io.Discard, r) }

func reset(c net.Conn) {
	c.(*net.TCPConn).SetLinger(0)
	c.Close()
}

var background = context.Background()
