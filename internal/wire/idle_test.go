package wire

import (
	"bufio"
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stampede-load/stampede/internal/fault"
)

// A request that comes at the moment when the site's keep-alive timeout ends a connection is lost, and the text says after which time.
func TestClosedWhileIdle(t *testing.T) {
	for idle, want := range map[time.Duration]string{
		100 * time.Millisecond: "example.org:80 closed the connection without an answer",
		700 * time.Millisecond: "example.org:80 closed the connection without an answer; it had been idle for 1 s",
		5 * time.Second:        "example.org:80 closed the connection without an answer; it had been idle for 5 s",
		64 * time.Second:       "example.org:80 closed the connection without an answer; it had been idle for 1 min",
		61 * time.Second / 2:   "example.org:80 closed the connection without an answer; it had been idle for 30 s",
	} {
		virtual(t, Config{}, func(c net.Conn, r *bufio.Reader) {
			readRequest(r)
			io.WriteString(c, okAnswer)
			readRequest(r)
		}, func(t *testing.T, e *Engine) {
			c := e.Client(0)
			do(t, c, Request{URL: "http://example.org/"}).Release()
			time.Sleep(idle)
			synctest.Wait()
			_, f := doFail(t, c, Request{Method: "POST", URL: "http://example.org/"}, fault.Reset)
			if f.Text != want || (f.Hint != "") != (idle > idleTold) {
				t.Errorf("%v: %q, %q", idle, f.Text, f.Hint)
			}
		})
	}
	virtual(t, Config{}, func(_ net.Conn, r *bufio.Reader) { readRequest(r) }, func(t *testing.T, e *Engine) {
		if _, f := doFail(t, e.Client(0), Request{URL: "http://example.org/"}, fault.Reset); f.Hint != "" {
			t.Errorf("a new connection had been idle: %v", f)
		}
	})
}

// The first byte is that of the final answer, however long before it hints or a 100 came, and so is its time limit.
func TestFirstByteOfTheFinalAnswer(t *testing.T) {
	for _, hints := range []string{"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n"} {
		slow := func(c net.Conn, r *bufio.Reader) {
			readRequest(r)
			time.Sleep(time.Second)
			io.WriteString(c, hints[:20])
			io.WriteString(c, hints[20:])
			time.Sleep(3 * time.Second)
			io.WriteString(c, okAnswer)
			hold(r)
		}
		virtual(t, Config{}, slow, func(t *testing.T, e *Engine) {
			r := do(t, e.Client(0), Request{URL: "http://example.org/"})
			if got := time.Duration(r.Times.FirstByte - r.Times.Sent); got != 4*time.Second {
				t.Errorf("first byte after %v", got)
			}
			r.Release()
		})
	}
	late := func(c net.Conn, r *bufio.Reader) {
		readRequest(r)
		io.WriteString(c, "HTTP/1.1 103 Early Hints\r\n\r\n")
		hold(r)
	}
	virtual(t, Config{FirstByteTimeout: 2 * time.Second}, late, func(t *testing.T, e *Engine) {
		doFail(t, e.Client(0), Request{URL: "http://example.org/"}, fault.FirstByteTimeout)
	})
}
