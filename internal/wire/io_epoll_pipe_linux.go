package wire

import (
	"io"
	"net"
	"syscall"
	"time"
)

// epollPipe lies below TLS. The handshake runs on the connection as it was dialled; then the descriptor moves to the poller, who reads it
// himself if the server has chosen HTTP/2.
type epollPipe struct {
	net.Conn // nil after promote
	b        *epollBackend
	l        *epollLink
	x        *exchange
	line     *h2epoll // instead of x
}

func (b *epollBackend) pipe(nc net.Conn) (pipe, error) { return &epollPipe{Conn: nc, b: b}, nil }

func (p *epollPipe) promote() (err error) {
	p.l, err = p.b.take(p.Conn)
	p.Conn = nil
	return err
}

func (p *epollPipe) use(x *exchange) {
	p.x = x
	p.l.filled = false
	if x == nil {
		p.l.rest()
	}
}

func (p *epollPipe) Read(b []byte) (int, error) {
	if p.l == nil {
		return p.Conn.Read(b)
	}
	if p.line != nil {
		return p.line.read(b)
	}
	for {
		if !p.l.filled {
			if err := p.l.await(p.x); err != nil {
				return 0, err
			}
		}
		n, err := p.l.receive(b)
		if err != errAgain {
			return n, err
		}
	}
}

func (p *epollPipe) Write(b []byte) (int, error) {
	if p.l == nil {
		return p.Conn.Write(b)
	}
	if p.line != nil {
		return p.line.write(b)
	}
	sent := 0
	for {
		n, e := sysWrite(int(p.l.fd), b[sent:])
		if e != 0 && e != syscall.EAGAIN {
			return sent, e
		}
		if e == 0 {
			sent += n
		}
		if sent == len(b) || p.x == nil { // without a request it is TLS's farewell, which may get lost
			return sent, nil
		}
		if p.l.ended() {
			return sent, io.EOF
		}
		if err := p.l.awaitRoom(p.x); err != nil {
			return sent, err
		}
	}
}

// Close is called by the owner alone, also by way of TLS.
func (p *epollPipe) Close() error {
	if p.l == nil {
		return p.Conn.Close()
	}
	p.l.close()
	return nil
}

func (p *epollPipe) SetDeadline(t time.Time) error {
	if p.l == nil {
		return p.Conn.SetDeadline(t)
	}
	return nil // the wheel does that
}

func (p *epollPipe) SetReadDeadline(t time.Time) error {
	if p.l == nil {
		return p.Conn.SetReadDeadline(t)
	}
	return nil
}

func (p *epollPipe) SetWriteDeadline(t time.Time) error {
	if p.l == nil {
		return p.Conn.SetWriteDeadline(t)
	}
	return nil
}

func (p *epollPipe) alive(_ int64, once bool) bool { return p.l.quiet(false, once) }
func (p *epollPipe) wake()                         { p.l.wake() }
