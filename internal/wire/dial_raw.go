package wire

import (
	"context"
	"crypto/tls"
	"net"
	"time"

	"github.com/stampede-load/stampede/internal/fault"
)

// Dial opens a bare connection to a host and port for a protocol that is not HTTP, as a request would: the guard before it, then name lookup,
// source address and proxy (by CONNECT). secure says that TLS will be spoken on it, which decides the proxy and nothing else. The error is a
// *fault.Error. Close it; what is open when the engine closes is closed with it.
func (c *Client) Dial(ctx context.Context, secure bool, hostport string) (net.Conn, error) {
	o := c.e.origin(secure, hostport)
	if o.err != nil {
		return nil, o.err
	}
	ctx, cancel := context.WithTimeout(ctx, c.e.cfg.ConnectTimeout)
	defer cancel()
	d := &dialing{e: c.e, client: c, origin: o, ctx: ctx, lone: true, tunnels: true}
	s := c.stripe()
	s.dials.Add(1)
	stream, err := d.openThrough()
	if err != nil {
		s.dialFails.Add(1)
		return nil, d.rawError(err)
	}
	s.open.Add(1)
	stream.e, stream.client = c.e, c
	if !c.e.streams.add(stream) {
		stream.Close()
		return nil, &fault.Error{Kind: fault.Cancelled, Text: "the run ended", Err: context.Canceled}
	}
	return stream, nil
}

// openThrough opens the connection and goes through the proxy, if there is one.
func (d *dialing) openThrough() (s *Stream, err error) {
	err = d.through(func(nc net.Conn) (err error) {
		s = newStream(nc)
		s.conn, err = d.pass(s.bare)
		return err
	})
	return s, err
}

// rawError is the failure of a connection that did not come to be.
func (d *dialing) rawError(err error) error {
	switch {
	case d.ctx.Err() == nil || fault.Of(err) == fault.Guard:
		return transportError("dial", d.peer(), err)
	case context.Cause(d.ctx) != context.DeadlineExceeded:
		return cancelledError(context.Cause(d.ctx))
	}
	return &fault.Error{
		Kind: fault.ConnectTimeout, Op: "dial", Text: "no connection to " + d.peer().place() + " within " + d.e.cfg.ConnectTimeout.Round(time.Millisecond).String(),
		Hint: "is the address right, and no firewall between?", Err: context.DeadlineExceeded,
	}
}

// TLS is how the visitor speaks TLS with a host, for protocols that are not HTTP: the run's authorities, certificates and --insecure, and the
// visitor's own sessions. The config is the caller's.
func (c *Client) TLS(host string, protocols ...string) *tls.Config {
	t := c.tlsFor(&origin{host: host}).Clone()
	t.NextProtos = protocols
	return t
}

// Refused turns the error of a TLS handshake with a host into a failure whose text groups.
func Refused(hostport string, err error) *fault.Error {
	return transportError("handshake", &origin{hostport: hostport}, err)
}
