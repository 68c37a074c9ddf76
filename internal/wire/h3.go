package wire

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/quic-go/quic-go"
	"github.com/quic-go/quic-go/http3"

	"github.com/stampede-load/stampede/internal/fault"
)

// h3conn is one HTTP/3 connection, spoken by quic-go. It allocates, and has goroutines of its own; the request's limits are those of a
// context. Requests at once share it, up to what the server permits: quic-go has the others wait.
type h3conn struct {
	e      *Engine
	origin *origin
	socket *quic.Transport
	udp    *net.UDPConn
	qc     *quic.Conn
	cc     *http3.ClientConn
	open   atomic.Int32  // requests on it
	left   atomic.Bool   // it takes no more
	in     atomic.Uint64 // bytes received that requests were told of
	out    atomic.Uint64
}

// keepAlive3 is how often a connection is kept alive: browsers do that while requests are open, and servers may be impatient.
const keepAlive3 = 10 * time.Second

// dial3 makes an HTTP/3 connection: names, then QUIC with its handshake of TLS, all of which counts as connecting.
func (d *dialing) dial3() error {
	o := d.origin
	if !o.secure {
		return &fault.Error{Kind: fault.Protocol, Op: "dial", Text: "HTTP/3 was asked for, but " + o.site + " is not https", Hint: "HTTP/3 is always encrypted"}
	}
	port := o.port
	if d.port3 != "" {
		port = d.port3
	}
	to, err := d.addressesAt(o, port)
	if err == nil {
		to, err = d.fromSources(to)
	}
	if err != nil {
		return err
	}
	begun := d.e.Now()
	for i, a := range to {
		ctx, cancel := d.ctx, context.CancelFunc(func() {})
		if due, ok := d.ctx.Deadline(); ok && i < len(to)-1 {
			ctx, cancel = context.WithTimeout(d.ctx, max(time.Until(due)/time.Duration(len(to)-i), 200*time.Millisecond))
		}
		err = d.dialQUIC(ctx, a)
		cancel()
		if err == nil || d.ctx.Err() != nil {
			break
		}
	}
	d.connect = time.Duration(d.e.Now() - begun)
	if err != nil {
		return quicError("dial", o, err)
	}
	return nil
}

// dialQUIC tries one address, from a socket of the connection's own.
func (d *dialing) dialQUIC(ctx context.Context, to netip.AddrPort) error {
	local := &net.UDPAddr{}
	if from := d.source(to.Addr()); from.IsValid() {
		local.IP, local.Zone = from.AsSlice(), from.Zone()
	}
	network := "udp6"
	if to.Addr().Is4() {
		network = "udp4"
	}
	udp, err := net.ListenUDP(network, local)
	if err != nil {
		return err
	}
	conf := d.client.tlsFor(d.origin).Clone()
	conf.NextProtos, conf.MinVersion = []string{http3.NextProtoH3}, tls.VersionTLS13
	h := &h3conn{e: d.e, origin: d.origin, udp: udp, socket: &quic.Transport{Conn: udp}}
	h.qc, err = h.socket.Dial(ctx, net.UDPAddrFromAddrPort(to), conf, &quic.Config{
		HandshakeIdleTimeout: d.e.cfg.ConnectTimeout, KeepAlivePeriod: keepAlive3,
		InitialStreamReceiveWindow: streamWindow, MaxStreamReceiveWindow: streamWindow,
		InitialConnectionReceiveWindow: connWindow, MaxConnectionReceiveWindow: connWindow,
	})
	if err != nil {
		h.socket.Close()
		udp.Close()
		return err
	}
	h.cc = d.e.h3.NewClientConn(h.qc)
	d.remote, d.link, d.h3 = to, h, h
	return nil
}

// newH3 is what the HTTP/3 connections of an engine have in common.
func newH3(cfg *Config) *http3.Transport {
	return &http3.Transport{DisableCompression: true, MaxResponseHeaderBytes: cfg.MaxHeader}
}

var errFirstByte = errors.New("no first byte in time")

// roundTrip makes a request and receives its answer.
func (h *h3conn) roundTrip(x *exchange) error {
	h.open.Add(1)
	defer h.open.Add(-1)
	defer func() {
		s := h.qc.ConnectionStats() // bytes of requests at once are not told apart: each takes what was counted since the one before
		x.wireIn, x.wireOut = int64(s.BytesReceived-h.in.Swap(s.BytesReceived)), int64(s.BytesSent-h.out.Swap(s.BytesSent))
	}()
	ctx, cancel := context.WithCancelCause(x.ctx)
	defer cancel(nil)
	ctx, cancelDeadline := context.WithTimeout(ctx, time.Duration(x.deadline-x.e.Now()))
	defer cancelDeadline()
	stop := context.AfterFunc(x.e.life, func() { cancel(context.Canceled) })
	defer stop()
	x.due = x.deadline
	var first *time.Timer
	firstDue := x.e.Now() + int64(x.e.cfg.FirstByteTimeout)
	if limit := x.e.cfg.FirstByteTimeout; limit > 0 {
		first = time.AfterFunc(limit, func() { cancel(errFirstByte) })
		defer first.Stop()
	}
	var sent atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaders: func() { sent.Store(true) }})
	err := h.exchange(ctx, x, first)
	if sent.Load() {
		x.sent = 1
	}
	x.resp.Times.Done = x.e.Now()
	switch {
	case err == nil:
		x.answer.keep = true
		return nil
	case x.e.life.Err() != nil:
		return x.limitError(closed)
	case x.ctx.Err() != nil:
		return x.limitError(cancelled)
	case context.Cause(ctx) == errFirstByte:
		x.firstDue, x.due = true, firstDue
		return x.limitError(expired)
	case ctx.Err() != nil:
		return x.timeoutError()
	}
	return h.failed(x, err)
}

// exchange sends the request and receives the answer.
func (h *h3conn) exchange(ctx context.Context, x *exchange, first *time.Timer) error {
	res, err := h.cc.RoundTrip(x.request3(ctx))
	if err != nil {
		return err
	}
	defer res.Body.Close()
	x.resp.Times.FirstByte = x.e.Now()
	x.resp.Times.Done = x.resp.Times.FirstByte
	if first != nil {
		first.Stop()
	}
	head := head3(res, x.e.cfg.MaxHeader)
	if head.tooLarge {
		return headerTooLarge()
	}
	if err := x.answer.adopt(head, true); err != nil {
		return err
	}
	x.answer.minor = 3
	for {
		n, err := res.Body.Read(x.answer.room())
		if n > 0 {
			if _, err := x.answer.took(n); err != nil {
				return err
			}
		}
		if err == io.EOF {
			x.answer.eof()
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// request3 is the hop's request in net/http's form, with the same rules as for the other versions: it reads back what those would send.
func (x *exchange) request3(ctx context.Context) *http.Request {
	o := x.at.origin
	x.build2()
	lines := strings.Split(string(x.out), "\n")
	path, query, asked := strings.Cut(lines[0], "?")
	req := &http.Request{
		Method: x.method, Host: string(x.authority()), Header: http.Header{}, Proto: "HTTP/3.0", ProtoMajor: 3,
		URL: &url.URL{Scheme: "https", Host: o.authority, Path: path, RawQuery: query, ForceQuery: asked && query == ""},
	}
	if p, err := url.PathUnescape(path); err == nil {
		req.URL.Path, req.URL.RawPath = p, path
	}
	add := func(name, value string) {
		if _, sent := fieldOf([]byte(strings.ToLower(name)), []byte(value)); sent && !equalFold(name, "content-length") {
			name = http.CanonicalHeaderKey(name)
			req.Header[name] = append(req.Header[name], value)
		}
	}
	for i, f := range o.fields {
		if x.own&(ownAgent<<i) == 0 {
			add(string(f.name), string(f.value))
		}
	}
	for _, line := range lines[1:] {
		if name, value, ok := strings.Cut(strings.TrimSuffix(line, "\r"), ": "); ok {
			add(name, value)
		}
	}
	if x.own&ownAgent != 0 && req.Header["User-Agent"] == nil {
		req.Header["User-Agent"] = []string{""} // quic-go would send its own
	}
	if body := x.body(); len(body) > 0 {
		req.Body, req.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	}
	return req.WithContext(ctx)
}

// head3 is the header of an answer in the form that exchanges have.
func head3(res *http.Response, limit int) *h2head {
	var r headReader
	r.begin(limit)
	for name, values := range res.Header {
		for _, v := range values {
			r.Field([]byte(strings.ToLower(name)), []byte(v))
		}
	}
	r.head.status, r.head.length = res.StatusCode, res.ContentLength
	return &r.head
}

// usable reports whether the connection still lives.
func (h *h3conn) usable() bool { return h.qc.Context().Err() == nil && !h.left.Load() }

func (h *h3conn) alive(int64, bool) bool       { return h.usable() }
func (h *h3conn) ask(x *exchange) (int, error) { return 0, h.roundTrip(x) }
func (h *h3conn) more(*exchange) (int, error)  { return 0, nil }
func (h *h3conn) wait(*exchange)               {}
func (h *h3conn) rest()                        {}
func (h *h3conn) wake()                        {}

func (h *h3conn) close() {
	// Nothing can be done about what fails here.
	_ = h.cc.CloseWithError(quic.ApplicationErrorCode(http3.ErrCodeNoError), "")
	_ = h.socket.Close()
	_ = h.udp.Close()
}
