package wire

import (
	"bufio"
	"fmt"
	"net"
	"testing"
)

// A large answer is counted without being kept, and kept where that is asked for.
func TestHundredMegabytes(t *testing.T) {
	size := 100 << 20
	if racing { // without it all of them
		size = 10 << 20
	}
	eachHostile(t, Config{}, func(_ int, c net.Conn, r *bufio.Reader) {
		part := make([]byte, 1<<20)
		for readRequest(r) {
			fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", size)
			for range size / len(part) {
				if _, err := c.Write(part); err != nil {
					return
				}
			}
		}
	}, func(t *testing.T, e *Engine, base *Target) {
		c := e.Client(0)
		r := do(t, c, Request{Base: base, URL: "/", Discard: true})
		if r.BodySize != int64(size) || r.Raw() != nil {
			t.Errorf("%d bytes, %d kept", r.BodySize, len(r.Raw()))
		}
		if _, err := r.Body(); err == nil {
			t.Error("a discarded body can be had")
		}
		if b := body(t, do(t, c, Request{Base: base, URL: "/"})); len(b) != size {
			t.Errorf("%d bytes", len(b))
		}
	})
}
