package wire

import (
	"bytes"
	"net"
	"time"
)

// h2net moves the bytes of an HTTP/2 connection over a net.Conn, with a goroutine that reads and one that writes. It works everywhere.
type h2net struct {
	h    *h2conn
	nc   net.Conn      // below TLS
	some chan struct{} // one value: there is something to send
	quit chan struct{}
	busy bool   // the kernel has what it takes now; guarded by h.mu
	said []byte // what the one that writes has to say at the end; likewise
}

// partingTime is how long a connection that ends may take to say why.
const partingTime = 100 * time.Millisecond

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

func (n *h2net) full() bool { return n.busy }
func (n *h2net) look()      {} // the goroutine that reads does

func (n *h2net) last(b []byte) { n.said = bytes.Clone(b) }

// close ends both goroutines. The one that writes says farewell, if the kernel takes it soon.
func (n *h2net) close() {
	close(n.quit)
	n.nc.SetReadDeadline(time.Unix(1, 0))
	n.nc.SetWriteDeadline(time.Now().Add(partingTime))
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
			n.h.mu.Lock()
			said := n.said
			n.h.mu.Unlock()
			if len(said) > 0 {
				n.h.rw.Write(said)
			}
			return
		}
		n.h.mu.Lock()
		for len(n.h.out) > 0 && !n.h.sendFailed && n.h.err == nil {
			out := n.h.takeOut()
			n.busy = true
			n.h.mu.Unlock()
			_, err := n.h.rw.Write(out)
			n.h.mu.Lock()
			n.busy = false
			if n.h.release(out); err != nil {
				n.h.cannotSend(err)
				break
			}
			n.h.pump()
		}
		n.h.mu.Unlock()
	}
}
