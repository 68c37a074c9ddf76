package wire

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/stampede-load/stampede/internal/fault"
)

// dialing is one attempt to get a connection. It runs in a goroutine of its own: package net's dialling would grow the stack of the user's
// goroutine, and crypto/tls much more.
type dialing struct {
	e      *Engine
	client *Client
	origin *origin
	ctx    context.Context

	lookup, connect, tls time.Duration

	link    link
	h2      *h2conn // the same, when it is one
	h3      *h3conn // likewise
	via3    bool    // by QUIC
	lone    bool    // for a stream: see Client.Open
	tunnels bool    // through the proxy whatever will be spoken
	calls   bool    // for calls: see CallPool
	port3   string  // the port of a site's alternative; "" for the one of its URL
	remote  netip.AddrPort
	siteAt  []netip.AddrPort // of the site, for a SOCKS proxy; those not tried yet
	err     error

	stage   atomic.Int32 // what it waits for: see dialStage
	done    chan struct{}
	settled atomic.Bool // whoever sets it decides: the dialer that it is done, the client that it does not wait any longer
}

// dialStage is what a dialing waits for.
type dialStage int32

const (
	connecting dialStage = iota
	unlocking            // for the TLS handshake with the proxy
	tunnelling           // for the proxy's answer to CONNECT, or of SOCKS
	shaking              // for the TLS handshake
)

// dial opens the connection cn and fills it in.
func (c *Client) dial(x *exchange, cn *conn, port3 string) error {
	now := x.e.Now()
	own := now + int64(x.e.cfg.ConnectTimeout)
	if port3 != "" { // there is another way
		own = min(own, now+int64(alternativeTimeout))
	}
	limit := min(own, x.deadline)
	ctx, cancel := context.WithTimeout(x.ctx, time.Duration(limit-now))
	defer cancel()
	d := &dialing{e: c.e, client: c, origin: cn.origin, via3: cn.via3, port3: port3, ctx: ctx, done: make(chan struct{})}
	if cn.origin.secure {
		c.e.tidier.shaking.Add(1)
		defer c.e.shaken()
	}
	if cn.pool == streamPool {
		d.lone, d.tunnels = true, x.req.Upgrade != ""
	}
	d.calls = cn.pool == CallPool
	if !c.e.begin(d.run) {
		return x.limitError(closed)
	}
	select {
	case <-d.done:
	case <-ctx.Done():
	case <-c.e.life.Done():
	}
	if !d.settled.CompareAndSwap(false, true) {
		<-d.done // it is just being closed
		x.resp.Times.Lookup, x.resp.Times.Connect, x.resp.Times.TLS = d.lookup, d.connect, d.tls
		if d.err == nil {
			cn.link, cn.h3, cn.remote = d.link, d.h3, d.remote
			if d.h2 != nil {
				d.h2.belongs(cn)
			}
			c.stripe().open.Add(1)
			if c.e.conns.add(cn) {
				return nil
			}
			cn.shut()
			return x.limitError(closed)
		}
		if at, ok := ctx.Deadline(); ok && fault.Of(d.err) == fault.ConnectTimeout && time.Until(at) < 20*time.Millisecond {
			<-ctx.Done() // package net has noticed it a moment before
		}
	}
	switch {
	case c.e.life.Err() != nil:
		return x.limitError(closed)
	case x.ctx.Err() != nil:
		return cancelledError(context.Cause(x.ctx))
	case ctx.Err() == nil:
		return d.err
	}
	x.due = limit
	return d.timeout(x, limit == own)
}

// othersGotOne is the hint where no connection came to be beside some that did.
const othersGotOne = "others got one: its listen queue may be full"

// timeout is the failure of a dial whose time ran out; own says that it was the time to connect and not that of the whole request.
func (d *dialing) timeout(x *exchange, own bool) error {
	what, whose, hint := d.awaited()
	f := &fault.Error{Kind: fault.ConnectTimeout, Op: "dial", Hint: hint, Err: context.DeadlineExceeded}
	if f.Text = what + whose + " within " + x.e.cfg.ConnectTimeout.String(); !own {
		f.Kind, f.Text = fault.Timeout, d.origin.place()+" took longer than "+x.limit().String()+": "+what
	}
	return f
}

// awaited says what a dialing whose time is over did not get, whose it would have been, and what to look at. Somebody who takes connections
// and says nothing is another matter than one who takes none.
func (d *dialing) awaited() (what, whose, hint string) {
	o := d.origin
	switch stage := dialStage(d.stage.Load()); {
	case stage == shaking:
		return "no TLS handshake", " with " + o.place(), "it took the connection and said nothing: does it speak TLS, or should the URL begin with http://?"
	case stage == unlocking:
		return "no TLS handshake", " with " + o.via.place.named(), "it took the connection and said nothing: does it speak TLS, or should its URL begin with http://?"
	case stage == tunnelling && o.via.socks != nil:
		return "no answer of SOCKS", " from " + o.via.place.named(), "is this the port of a SOCKS proxy, and can it reach the site?"
	case stage == tunnelling:
		return "no answer to CONNECT", " from " + o.via.place.named(), "can the proxy reach the site?"
	case o.via != nil:
		return "no connection", " to " + o.via.place.named(), "is the proxy reachable?"
	case o.met.Load():
		return "no connection", " to " + o.place(), othersGotOne
	}
	return "no connection", " to " + o.place(), "is the site reachable?"
}

func (d *dialing) run() {
	d.err = d.connectAll()
	if d.settled.CompareAndSwap(false, true) {
		close(d.done)
		return
	}
	d.drop()
}

// drop closes what was made of the connection so far.
func (d *dialing) drop() {
	if d.link != nil {
		d.link.close()
	}
	d.h2, d.h3, d.link = nil, nil, nil
}

// connectAll does all that must be done before a request can be sent.
func (d *dialing) connectAll() error {
	if d.via3 {
		return d.dial3()
	}
	return d.through(func(nc net.Conn) error {
		if !d.origin.met.Load() {
			d.origin.met.Store(true)
		}
		if a, ok := nc.RemoteAddr().(*net.TCPAddr); ok {
			p := a.AddrPort()
			d.remote = netip.AddrPortFrom(p.Addr().Unmap(), p.Port())
		}
		return d.prepare(nc)
	})
}

// prepare goes from a bare connection to a link: through the proxy, the TLS handshake, and into the back end.
func (d *dialing) prepare(nc net.Conn) error {
	if d.lone {
		return d.stream(nc)
	}
	if d.e.cfg.HTTP == "2" && !d.origin.secure && !d.calls {
		return &fault.Error{
			Kind: fault.Protocol, Op: "dial", Text: "HTTP/2 was asked for, but " + d.origin.site + " is not https",
			Hint: `use "h2c" for HTTP/2 without TLS`,
		}
	}
	if d.inClear() {
		_, err := d.pass(nc)
		if err == nil {
			if d.link, err = d.e.backend.link(nc); err != nil {
				err = transportError("dial", d.origin, err)
			}
		}
		return err
	}
	p, err := d.e.backend.pipe(nc)
	if err != nil {
		return transportError("dial", d.origin, err)
	}
	over, err := d.pass(p)
	switch {
	case err != nil:
		return err
	case d.origin.secure:
		return d.handshake(over, p)
	case d.at2():
		return d.speak2(over, p)
	}
	return d.overTLS(over.(*tls.Conn), p)
}

// overTLS is HTTP/1.1 on TLS with the site, or with the proxy before one without.
func (d *dialing) overTLS(tc *tls.Conn, p pipe) error {
	if err := p.promote(); err != nil {
		return transportError("dial", d.origin, err)
	}
	d.link = &tlsLink{tc: tc, pipe: p}
	return nil
}

// open makes the bare connection: to the socket, the proxy or the site.
func (d *dialing) open() (net.Conn, error) {
	begun := d.e.Now()
	dialer := net.Dialer{KeepAlive: -1}
	if d.e.cfg.UnixSocket != "" {
		nc, err := dialer.DialContext(d.ctx, "unix", d.e.cfg.UnixSocket)
		return d.opened(nc, err, begun)
	}
	if d.e.cfg.Dial != nil {
		nc, err := d.e.cfg.Dial(d.ctx, "tcp", d.peer().hostport)
		return d.opened(nc, err, begun)
	}
	if d.siteAt == nil {
		var err error
		if d.siteAt, err = d.socksAddresses(); err != nil {
			return nil, err
		}
	}
	to, err := d.addresses(d.peer())
	if err == nil {
		to, err = d.fromSources(to)
	}
	if err != nil {
		return nil, err
	}
	begun = d.e.Now()
	var nc net.Conn
	for i, a := range to {
		if nc, err = d.openOne(dialer, a, len(to)-i); err == nil || d.ctx.Err() != nil {
			break
		}
	}
	return d.opened(nc, err, begun)
}

// addresses finds out where a site or proxy is.
func (d *dialing) addresses(o *origin) ([]netip.AddrPort, error) {
	return d.addressesAt(o, o.port)
}

// addressesAt is addresses for another port than the one of its URL.
func (d *dialing) addressesAt(o *origin, port string) ([]netip.AddrPort, error) {
	host, literal := o.host, o.addr
	if to := d.e.resolved(host, port); to != nil {
		for _, a := range to {
			if err := cmp.Or(Permit(host, a.Addr()), d.e.fence.never.addr(host, strconv.Itoa(int(a.Port())), a.Addr())); err != nil {
				return nil, err
			}
		}
		return slices.Clone(to), nil
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return nil, transportError("dial", d.origin, err)
	}
	if literal.IsValid() {
		return []netip.AddrPort{netip.AddrPortFrom(literal, uint16(n))}, nil
	}
	begun := d.e.Now()
	addrs, asked, err := d.e.names.addresses(d.ctx, host)
	if asked {
		d.lookup += time.Duration(d.e.Now() - begun)
	}
	if f, ok := errors.AsType[*fault.Error](err); ok && f.Kind == fault.Lookup && o.isProxy {
		of := *f // the resolver's own text is shared
		of.Text, of.Hint = "the proxy: "+f.Text, "correct the URL of the proxy, or give --resolve"
		return nil, &of
	}
	if err != nil {
		return nil, err
	}
	to := make([]netip.AddrPort, len(addrs))
	for i, a := range addrs {
		if err := d.e.fence.never.addr(host, port, a); err != nil { // of rules with a port: the others were held when the name was looked up
			return nil, err
		}
		to[i] = netip.AddrPortFrom(a, uint16(n))
	}
	return to, nil
}

// openOne tries one address. While others are left it may use only its part of the time, so that a dead address does not hide a live one.
func (d *dialing) openOne(dialer net.Dialer, to netip.AddrPort, left int) (net.Conn, error) {
	if due, ok := d.ctx.Deadline(); ok && left > 1 {
		dialer.Timeout = max(time.Until(due)/time.Duration(left), 200*time.Millisecond)
	}
	if from := d.source(to.Addr()); from.IsValid() {
		dialer.LocalAddr = &net.TCPAddr{IP: from.AsSlice(), Zone: from.Zone()}
		dialer.Control = bindWithoutPort
	}
	nc, err := dialer.DialContext(d.ctx, "tcp", to.String())
	if s, ok := errors.AsType[*os.SyscallError](err); ok && s.Syscall == "bind" && errors.Is(err, syscall.EADDRNOTAVAIL) {
		from := dialer.LocalAddr.(*net.TCPAddr)
		err = &fault.Error{
			Kind: fault.Unreachable, Op: "dial", Text: "cannot send from " + from.IP.String() + ", which is no address of this machine",
			Hint: "correct the source addresses (--source-ip)", Err: err,
		}
	}
	return nc, err
}

// fromSources leaves out the destinations that none of the source addresses can send to, being of the other IP version: whoever names
// sources wants none of the traffic to come from elsewhere.
func (d *dialing) fromSources(to []netip.AddrPort) ([]netip.AddrPort, error) {
	if len(d.e.cfg.SourceIPs) == 0 {
		return to, nil
	}
	usable := slices.DeleteFunc(to, func(a netip.AddrPort) bool { return !d.source(a.Addr()).IsValid() })
	if len(usable) > 0 {
		return usable, nil
	}
	return nil, &fault.Error{
		Kind: fault.Unreachable, Op: "dial", Text: "no source address is of the IP version of " + d.peer().place(),
		Hint: "give addresses of its version (--source-ip)",
	}
}

// source is the client's own local address for a destination; invalid when there is none of its IP version.
func (d *dialing) source(to netip.Addr) netip.Addr {
	all := d.e.cfg.SourceIPs
	for i := range all {
		a := all[uint(d.client.number+i)%uint(len(all))]
		if a.Is4() == to.Is4() {
			return a
		}
	}
	return netip.Addr{}
}

func (d *dialing) opened(nc net.Conn, err error, begun int64) (net.Conn, error) {
	d.connect += time.Duration(d.e.Now() - begun)
	if err != nil {
		return nil, transportError("dial", d.peer(), err)
	}
	return nc, nil
}

// peer is who the bare connection leads to: the site or the proxy.
func (d *dialing) peer() *origin {
	if d.origin.via != nil {
		return d.origin.via.place
	}
	return d.origin
}
