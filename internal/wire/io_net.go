package wire

import (
	"io"
	"net"
)

// netBackend moves bytes with the methods of net.Conn. It works everywhere, also over connections that are no sockets, and holds a receive
// buffer while it waits for an answer.
type netBackend struct{}

func openNet(*Engine) (backend, error) { return netBackend{}, nil }

func (netBackend) name() string                     { return "net" }
func (netBackend) close()                           {}
func (netBackend) link(nc net.Conn) (link, error)   { return &netLink{nc}, nil }
func (b netBackend) pipe(nc net.Conn) (pipe, error) { return &netPipe{nc}, nil }

type netLink struct{ nc net.Conn }

func (l *netLink) ask(x *exchange) (int, error) { return askConn(l.nc, x) }

// askConn sends the request over any net.Conn and receives the first bytes of the answer.
func askConn(nc net.Conn, x *exchange) (int, error) {
	n, err := nc.Write(x.out)
	x.sent = n
	if err == nil && len(x.rest) > 0 {
		n, err = nc.Write(x.rest)
		x.sent += n
	}
	if err != nil {
		// A server that refuses a body answers and closes before it has read all: the answer is worth more than the error.
		x.failed = true
		if n, _ := readConn(nc, x); n > 0 {
			return n, nil
		}
		return 0, err
	}
	return readConn(nc, x)
}

// readConn receives. Connections may give the last bytes together with the end, as TLS does; the end will be told again.
func readConn(nc net.Conn, x *exchange) (int, error) {
	n, err := nc.Read(x.room())
	if n > 0 {
		return n, nil
	}
	return 0, err
}

func (l *netLink) more(x *exchange) (int, error) { return readConn(l.nc, x) }

func (l *netLink) wait(*exchange) {} // more does
func (l *netLink) alive(idle int64, once bool) bool {
	return idle < stale && !once || quiet(l.nc, true)
}
func (l *netLink) wake()  { l.nc.Close() }
func (l *netLink) close() { l.nc.Close() }
func (l *netLink) rest()  {}

type netPipe struct{ net.Conn }

func (p *netPipe) promote() error { return nil }
func (p *netPipe) use(*exchange)  {}
func (p *netPipe) alive(idle int64, once bool) bool {
	return idle < stale && !once || quiet(p.Conn, false)
}
func (p *netPipe) wake() { p.Conn.Close() }

var _ io.ReadWriter = (*netPipe)(nil)
