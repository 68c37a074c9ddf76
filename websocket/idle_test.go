//go:build linux && !race

package websocket_test

import (
	"context"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/websocket"
)

// cellar keeps the server's ends of sockets, without a goroutine each.
type cellar struct {
	mu  sync.Mutex
	all []net.Conn
}

func (c *cellar) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	nc, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	accept := websocket.AcceptFor(r.Header.Get("Sec-WebSocket-Key"))
	io.WriteString(nc, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "+accept+"\r\n\r\n")
	c.mu.Lock()
	c.all = append(c.all, nc)
	c.mu.Unlock()
}

// waitFor waits until the server knows of n sockets: it answers before it does. It reports false when that takes too long.
func (c *cellar) waitFor(n int) bool {
	for due := time.Now().Add(20 * time.Second); time.Now().Before(due); time.Sleep(time.Millisecond) {
		c.mu.Lock()
		there := len(c.all)
		c.mu.Unlock()
		if there >= n {
			return true
		}
	}
	return false
}

// memory is what the process uses, heap and stacks.
func memory() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapInuse + m.StackInuse
}

// Sockets on which nothing happens need no goroutine and little memory, also after each has been pinged and has got messages that nobody
// waited for. Both ends are in this process.
func TestIdleSockets(t *testing.T) {
	const sockets = 1000
	site := &cellar{}
	var there atomic.Int64
	users := stampede.Users(stampede.Spec[fan]{
		Wait: stampede.Constant(time.Hour),
		Tasks: []stampede.Task[fan]{{Name: "wait", Do: func(f *fan, ctx context.Context) (err error) {
			if f.queue, err = websocket.Dial(ctx, f, "/"); err == nil && there.Add(1) == sockets {
				leftAlone(t, site, sockets)
				f.StopRun("all is known")
			}
			return err
		}}},
	})
	report, err := stampede.Run(t.Context(), stampede.Plan{
		Test: stampede.Test{Users: []stampede.UserType{users}}, Host: serve(t, site), Users: stampede.Level(sockets), Duration: time.Minute,
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := failures(report); got != "" || there.Load() != sockets {
		t.Errorf("%d sockets were opened; failures: %s", there.Load(), got)
	}
}

// leftAlone is called when all sockets are open and their users wait for tomorrow.
func leftAlone(t *testing.T, site *cellar, sockets int) {
	const most = 12 << 10
	if !site.waitFor(sockets) {
		t.Error("the server does not know of all sockets")
		return
	}
	goroutines := runtime.NumGoroutine()
	ping := append([]byte{0x89, 4}, binary.BigEndian.AppendUint32(nil, 7)...)
	answered := func(frames ...byte) {
		for _, nc := range site.all {
			nc.Write(frames)
		}
		b := make([]byte, 2+4+4) // a masked pong
		for i, nc := range site.all {
			nc.SetReadDeadline(time.Now().Add(20 * time.Second))
			if _, err := io.ReadFull(nc, b); err != nil {
				t.Errorf("socket %d did not answer a ping while it was idle: %v", i, err)
				return
			}
		}
	}
	answered(ping...)
	answered(append([]byte{0x81, 2, 'h', 'i'}, ping...)...)
	for wait := 0; runtime.NumGoroutine() > goroutines+50 && wait < 1000; wait++ {
		time.Sleep(10 * time.Millisecond)
	}
	if n := runtime.NumGoroutine(); n > goroutines+50 {
		t.Errorf("%d goroutines for %d idle sockets, and %d before they were pinged", n, sockets, goroutines)
	}
	each := memory() / uint64(sockets)
	t.Logf("%d bytes for each idle socket, with the server's end and all else in this process; %d goroutines", each, runtime.NumGoroutine())
	if each > most {
		t.Errorf("an idle socket takes %d bytes, more than %d", each, most)
	}
}
