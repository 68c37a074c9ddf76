package wire

import (
	"net"
	"time"
)

// h2net moves the bytes of an HTTP/2 connection over a net.Conn, with a goroutine that reads and one that writes. It works everywhere.
type h2net struct {
	h    *h2conn
	nc   net.Conn      // below TLS
	some chan struct{} // one value: there is something to send
	quit chan struct{}
}

// netBuffer is what a connection that waits holds to receive into. What does not fit is read in further steps.
const netBuffer = 4 << 10

// startNet begins to read and write.
func startNet(h *h2conn, nc net.Conn) bool {
	n := &h2net{h: h, nc: nc, some: make(chan struct{}, 1), quit: make(chan struct{})}
	h.line = n
	return h.e.begin(n.read) && h.e.begin(n.write)
}

func (n *h2net) kick() {
	select {
	case n.some <- struct{}{}:
	default:
	}
}

func (n *h2net) full() bool { return false }
func (n *h2net) look()      {} // the goroutine that reads does

// close ends both goroutines. The one that writes says farewell.
func (n *h2net) close() {
	close(n.quit)
	n.nc.SetDeadline(time.Unix(1, 0))
}

func (n *h2net) read() {
	buf := make([]byte, netBuffer)
	for {
		k, err := n.h.rw.Read(buf)
		d := n.h.e.h2workspace()
		n.h.mu.Lock()
		if n.h.took(d, buf[:k], n.h.e.Now()); err != nil {
			n.h.lost(err)
		}
		over := n.h.err != nil
		n.h.unlock()
		n.h.e.h2workspaces.Put(d)
		if over {
			return
		}
	}
}

func (n *h2net) write() {
	defer n.h.rw.Close()
	for {
		select {
		case <-n.some:
		case <-n.quit:
			return
		}
		n.h.mu.Lock()
		for len(n.h.out) > 0 && !n.h.sendFailed && n.h.err == nil {
			out := n.h.out
			n.h.out = nil
			n.h.mu.Unlock()
			_, err := n.h.rw.Write(out)
			n.h.mu.Lock()
			if n.h.release(out); err != nil {
				n.h.cannotSend(err)
				break
			}
			n.h.pump()
		}
		n.h.mu.Unlock()
	}
}
