package wire

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"strconv"
	"time"

	"github.com/stampede-load/stampede/internal/fault"
)

// through opens the bare connection and has prepare make of it what is wanted, in the time of the dialing. Where a SOCKS proxy cannot reach one
// address of the site, the next is tried.
func (d *dialing) through(prepare func(nc net.Conn) error) error {
	for {
		nc, err := d.open()
		if err != nil {
			return err
		}
		// Whatever follows reads from the connection; closing it is what ends that in time.
		stop := context.AfterFunc(d.ctx, func() { nc.Close() })
		err = prepare(nc)
		if !stop() && err == nil {
			err = context.Cause(d.ctx)
		}
		if err == nil {
			return nil
		}
		d.drop() // a link may have a descriptor of its own
		nc.Close()
		if r, ok := errors.AsType[*socksRefusal](err); !ok || !r.elsewhere() || len(d.siteAt) < 2 || d.ctx.Err() != nil {
			return err
		}
		d.siteAt = d.siteAt[1:]
	}
}

// tunnelled reports whether what is said to the site goes through the proxy unseen.
func (d *dialing) tunnelled() bool {
	p := d.origin.via
	return p != nil && (p.socks != nil || d.origin.secure || d.tunnels || d.at2() && !d.lone)
}

// inClear reports whether nothing but the bare connection lies below HTTP/1.1.
func (d *dialing) inClear() bool {
	return !d.origin.secure && !d.at2() && (d.origin.via == nil || !d.origin.via.secure)
}

// pass goes through the proxy, if there is one: it gives what the site, or an HTTP proxy that is asked for http:// in its own form, is spoken
// to on. All of that counts as connecting.
func (d *dialing) pass(nc net.Conn) (net.Conn, error) {
	p := d.origin.via
	if p == nil {
		return nc, nil
	}
	begun := d.e.Now()
	defer func() { d.connect += time.Duration(d.e.Now() - begun) }()
	if p.secure {
		tc := tls.Client(nc, d.client.tlsForProxy(p.place))
		d.stage.Store(int32(unlocking))
		if err := tc.HandshakeContext(d.ctx); err != nil {
			return nil, transportError("handshake", p.place, err)
		}
		nc = tc
	}
	switch {
	case p.socks != nil:
		return nc, d.socks(nc)
	case d.tunnelled():
		return nc, d.tunnel(nc)
	}
	return nc, nil
}

// tlsForProxy is the client's configuration for a proxy that TLS is spoken with.
func (c *Client) tlsForProxy(place *origin) *tls.Config {
	t := c.tlsFor(place).Clone()
	t.ServerName, t.NextProtos = place.host, []string{"http/1.1"}
	return t
}

// tunnel asks the proxy to connect nc through to the site (RFC 9110, 9.3.6). The dialer closes nc when its time is over.
func (d *dialing) tunnel(nc net.Conn) error {
	d.stage.Store(int32(tunnelling))
	b := append([]byte("CONNECT "), d.origin.hostport...)
	b = append(b, " HTTP/1.1\r\nHost: "...)
	b = append(b, d.origin.hostport...)
	b = append(b, "\r\nUser-Agent: "...)
	b = append(b, d.e.cfg.UserAgent...)
	if auth := d.origin.via.auth; auth != "" {
		b = append(b, "\r\nProxy-Authorization: "...)
		b = append(b, auth...)
	}
	b = append(b, "\r\n\r\n"...)
	if _, err := nc.Write(b); err != nil {
		return transportError("dial", d.peer(), err)
	}
	a := answer{pool: &d.e.buffers, maxHeader: d.e.cfg.MaxHeader, maxBody: d.e.cfg.MaxBody}
	a.begin(false, true)
	defer a.release()
	for a.fields == nil {
		// One byte at a time at the end: what follows the header belongs to the site, and must not be taken from it.
		n, err := nc.Read(a.room()[:1])
		if err != nil {
			return transportError("dial", d.peer(), err)
		}
		done, err := a.took(n)
		if err != nil {
			return d.notProxy(err)
		}
		if done {
			break
		}
	}
	if a.status/100 == 2 {
		return nil
	}
	f := &fault.Error{Kind: fault.Refused, Op: "dial", Text: d.peer().named() + " answered " + strconv.Itoa(a.status) + " to CONNECT " + d.origin.hostport}
	if a.status == 407 || a.status == 401 { // tinyproxy says the latter of a wrong password
		f.Hint = proxyLogin(d.origin.via.auth != "", append(a.schemes("Proxy-Authenticate"), a.schemes("WWW-Authenticate")...))
	}
	return f
}

// notProxy is the failure where what answers CONNECT does not speak HTTP.
func (d *dialing) notProxy(err error) error {
	return &fault.Error{
		Kind: fault.Protocol, Op: "dial", Text: d.peer().named() + " does not answer as an HTTP proxy: " + plainText(err),
		Hint: "is this the port of an HTTP proxy, and not of SOCKS (socks5h://) or of a proxy that wants TLS (https://)?", Err: err,
	}
}
