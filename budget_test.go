//go:build !race

package stampede_test

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/http"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/wire"
)

// thrifty is a visitor that counts the allocations of the whole process over windows of requests.
type thrifty struct {
	stampede.HTTPUser
}

func (u *thrifty) SignIn(context.Context) error {
	u.SetCookies(u.Host(), []*http.Cookie{{Name: "session", Value: "0123456789abcdef", Path: "/"}})
	return nil
}

var errNoBody = errors.New("no body")

func hasBody(r *stampede.Response) error {
	if !bytes.HasSuffix(r.Body(), []byte("there")) {
		return errNoBody
	}
	return nil
}

func (u *thrifty) Page(ctx context.Context) error {
	_, err := u.Get(ctx, "/page", stampede.Name("Page"), stampede.Check(hasBody), stampede.WithHeader("X-Test", "1"))
	return err
}

// Once its users have got going a run allocates nothing per request, from the engine's loop to the histogram, with a cookie, a header and a
// check of the body. What a run does once a second is left out by taking the best of many short windows. Not under the race detector, whose
// pools forget on purpose.
func TestAllocationBudget(t *testing.T) {
	const warm, window, windows = 2000, 1000, 20
	for _, io := range wire.Backends() {
		t.Run(io, func(t *testing.T) {
			var done atomic.Int64
			var mu sync.Mutex
			var m runtime.MemStats
			at := make([]uint64, 0, windows+2) // allocations at the end of each window
			task := func(u *thrifty, ctx context.Context) error {
				err := u.Page(ctx)
				if n := done.Add(1); n >= warm && n%window == 0 {
					mu.Lock()
					runtime.ReadMemStats(&m)
					at = append(at, m.Mallocs)
					mu.Unlock()
				}
				return err
			}
			users := stampede.Users(stampede.Spec[thrifty]{OnStart: (*thrifty).SignIn, Tasks: []stampede.Task[thrifty]{{Name: "Page", Do: task}}})
			rep, err := stampede.Run(t.Context(), stampede.Plan{
				Test: stampede.Test{Users: []stampede.UserType{users}}, Host: frugalSite(t), Users: stampede.Level(16),
				Iterations: warm + window*windows, HTTP: stampede.HTTP{IO: io},
			})
			if err != nil {
				t.Fatal(err)
			}
			if total := &rep.Whole.Total; total.Count != warm+window*windows || total.Failures != 0 {
				t.Fatalf("%d requests, %d failures", total.Count, total.Failures)
			}
			best := uint64(1) << 63
			for i := 1; i < len(at); i++ {
				best = min(best, at[i]-at[i-1])
			}
			if best > window/100 {
				t.Errorf("%d allocations in the best %d requests", best, window)
			}
		})
	}
}

// frugalSite answers every request alike and allocates nothing once a connection is open.
func frugalSite(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			nc, err := l.Accept()
			if err != nil {
				return
			}
			go serveFrugally(nc)
		}
	}()
	return "http://" + l.Addr().String()
}

func serveFrugally(nc net.Conn) {
	defer nc.Close()
	answer, end := []byte("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 8\r\n\r\nis there"), []byte("\r\n\r\n")
	buf := make([]byte, 4096)
	have := 0
	for {
		n, err := nc.Read(buf[have:])
		if err != nil {
			return
		}
		if have += n; !bytes.HasSuffix(buf[:have], end) {
			continue
		}
		have = 0
		if _, err := nc.Write(answer); err != nil {
			return
		}
	}
}
