package main

import (
	"net"
	"sync"
)

// relay passes on what comes to its port, until it is cut: then it keeps the connections and passes nothing on, as a network does that lost
// its route.
type relay struct {
	l      net.Listener
	to     string
	mu     sync.Mutex
	goOn   *sync.Cond
	isCut  bool
	closed bool
	conns  []net.Conn
}

func newRelay(to string) (*relay, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	r := &relay{l: l, to: to}
	r.goOn = sync.NewCond(&r.mu)
	go r.accept()
	return r, nil
}

func (r *relay) address() string { return r.l.Addr().String() }

// cut stops or lets go what passes.
func (r *relay) cut(now bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.isCut = now
	r.goOn.Broadcast()
}

func (r *relay) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	r.goOn.Broadcast()
	_ = r.l.Close()
	for _, c := range r.conns {
		_ = c.Close()
	}
}

func (r *relay) accept() {
	for {
		in, err := r.l.Accept()
		if err != nil {
			return
		}
		out, err := net.Dial("tcp", r.to)
		if err != nil {
			_ = in.Close()
			continue
		}
		r.mu.Lock()
		r.conns = append(r.conns, in, out)
		r.mu.Unlock()
		go r.pass(in, out)
		go r.pass(out, in)
	}
}

func (r *relay) pass(from, to net.Conn) {
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		if !r.wait() || err != nil {
			break
		}
		if _, err := to.Write(buf[:n]); err != nil {
			break
		}
	}
	_ = from.Close()
	_ = to.Close()
}

// wait waits while the relay is cut; false means that it is closed.
func (r *relay) wait() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for r.isCut && !r.closed {
		r.goOn.Wait()
	}
	return !r.closed
}
