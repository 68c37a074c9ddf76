package stampede

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"

	"github.com/stampede-load/stampede/internal/wire"
)

// Dial connects to "host:port" for a protocol that is not HTTP, as the run's requests do: only to its own hosts, by its name lookup, from the
// user's source address, through its proxy. It measures nothing: see [User.Record]. The connection is closed when the user stops. network is
// "tcp".
func (u *User) Dial(ctx context.Context, network, addr string) (net.Conn, error) {
	return u.dial(ctx, network, addr, false)
}

// DialTLS is Dial with TLS, as the run's requests speak it: with its authorities and certificates, and the user's own sessions. The first of
// the protocols (ALPN) that the server knows is spoken; none are offered when none are given.
func (u *User) DialTLS(ctx context.Context, network, addr string, protocols ...string) (net.Conn, error) {
	nc, err := u.dial(ctx, network, addr, true)
	if err != nil {
		return nil, err
	}
	tc := tls.Client(nc, u.TLS(addr, protocols...))
	if err := tc.HandshakeContext(ctx); err != nil {
		nc.Close()
		return nil, wire.Refused(addr, err)
	}
	return tc, nil
}

// TLS is how the user speaks TLS with a host, for libraries that do so themselves. The config is the caller's. A port is passed over.
func (u *User) TLS(host string, protocols ...string) *tls.Config {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	return u.dialer().TLS(host, protocols...)
}

// Wire is what [User.Dial] is for connections, for HTTP/2: another client of the user's, which measures nothing. It is for packages of this
// module, such as stampede/grpc; no other one can name what it gives. Whoever takes it closes it with [User.Cleanup].
func (u *User) Wire() *wire.Client { return u.run.wire.Client(u.number) }

func (u *User) dial(ctx context.Context, network, addr string, secure bool) (net.Conn, error) {
	if _, _, err := net.SplitHostPort(addr); err != nil || network != "tcp" {
		return nil, fmt.Errorf("dial %s %s: only tcp can be dialled, and it needs host:port", network, addr)
	}
	return u.dialer().Dial(ctx, secure, addr)
}

// dialer is the user's client; a user without HTTP gets one when it dials.
func (u *User) dialer() *wire.Client {
	if u.http != nil {
		return u.http.open()
	}
	if c, ok := u.run.dialers.Load(u); ok {
		return c.(*wire.Client)
	}
	c, there := u.run.dialers.LoadOrStore(u, u.run.wire.Client(u.number))
	client := c.(*wire.Client)
	if !there {
		u.Cleanup(func() {
			u.run.dialers.Delete(u)
			client.CloseStreams()
		})
	}
	return client
}
