package wire

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/stampede-load/stampede/internal/fault"
)

// newH2 makes the transport whose only task is to turn connections of ours into HTTP/2 client connections. Whether TLS lies below is not
// its concern: we have dialled and agreed on the protocol already.
func newH2(cfg *Config) *http.Transport {
	var p http.Protocols
	p.SetUnencryptedHTTP2(true)
	return &http.Transport{
		Protocols:              &p,
		DisableCompression:     true,
		MaxResponseHeaderBytes: int64(cfg.MaxHeader),
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return ctx.Value(dialledKey{}).(net.Conn), nil
		},
	}
}

type dialledKey struct{}

// speak2 makes an HTTP/2 connection of nc.
func (d *dialing) speak2(nc net.Conn) error {
	counted := &countingConn{Conn: nc}
	ctx := context.WithValue(d.ctx, dialledKey{}, net.Conn(counted))
	cc, err := d.e.h2.NewClientConn(ctx, "http", d.origin.hostport)
	if err != nil {
		return transportError("handshake", d.origin, err)
	}
	d.h2, d.counted = cc, counted
	return nil
}

// countingConn counts the bytes of an HTTP/2 connection above TLS. Frames of requests that overlap are not told apart: each request that
// ends takes what was counted since the one before, so that nothing is counted twice.
type countingConn struct {
	net.Conn
	in, out atomic.Int64
	heard   bool        // something was received; touched by the one who reads
	older   atomic.Bool // and it began as an answer of HTTP/1 does
}

func (c *countingConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.in.Add(int64(n))
	if n > 0 && !c.heard {
		c.heard = true
		c.older.Store(bytes.HasPrefix(p[:n], []byte("HTTP/1")))
	}
	return n, err
}

func (c *countingConn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	c.out.Add(int64(n))
	return n, err
}

// ConnectionState lets net/http see that there is TLS below.
func (c *countingConn) ConnectionState() tls.ConnectionState {
	if tc, ok := c.Conn.(*tls.Conn); ok {
		return tc.ConnectionState()
	}
	return tls.ConnectionState{}
}

var errFirstByte = errors.New("no first byte in time")

// roundTrip2 is roundTrip over HTTP/2. net/http does the work, so it allocates, and the request's limits are those of a context.
func (c *conn) roundTrip2(x *exchange) error {
	defer func() { x.wireIn, x.wireOut = c.counted.in.Swap(0), c.counted.out.Swap(0) }()
	ctx, cancel := context.WithCancelCause(x.ctx)
	defer cancel(nil)
	ctx, cancelDeadline := context.WithTimeout(ctx, time.Duration(x.deadline-x.e.Now()))
	defer cancelDeadline()
	x.due = x.deadline
	var first *time.Timer
	if limit := x.e.cfg.FirstByteTimeout; limit > 0 {
		first = time.AfterFunc(limit, func() { cancel(errFirstByte) })
		defer first.Stop()
	}
	firstDue := x.e.Now() + int64(x.e.cfg.FirstByteTimeout)
	var sent atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		WroteHeaders: func() { sent.Store(true) },
	})
	err := c.exchange2(ctx, x, first)
	if sent.Load() {
		x.sent = 1
	}
	if err == nil {
		return nil
	}
	switch {
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
	return c.h2Error(x, err)
}

// exchange2 sends the request and receives the answer.
func (c *conn) exchange2(ctx context.Context, x *exchange, first *time.Timer) error {
	res, err := c.h2.RoundTrip(x.request2(ctx))
	if err != nil {
		return err
	}
	defer res.Body.Close()
	x.resp.Times.FirstByte = x.e.Now()
	x.resp.Times.Done = x.resp.Times.FirstByte
	if first != nil {
		first.Stop()
	}
	if err := x.answer.adopt(res); err != nil {
		return err
	}
	for {
		n, err := res.Body.Read(x.answer.room())
		x.resp.Times.Done = x.e.Now()
		if n > 0 {
			if _, err := x.answer.took(n); err != nil {
				return err
			}
		}
		if err == io.EOF {
			x.answer.eof()
			x.answer.keep = true
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// request2 is the hop's request in net/http's form.
func (x *exchange) request2(ctx context.Context) *http.Request {
	o := x.at.origin
	target := string(x.appendPath(nil))
	path, query, asked := strings.Cut(target, "?")
	req := &http.Request{
		Method: x.method, Host: o.authority, Header: http.Header{}, Proto: "HTTP/2.0", ProtoMajor: 2,
		URL: &url.URL{Scheme: "http", Host: o.authority, Opaque: "", Path: path, RawQuery: query, ForceQuery: asked && query == ""},
	}
	if o.secure {
		req.URL.Scheme = "https"
	}
	if p, err := url.PathUnescape(path); err == nil {
		req.URL.Path, req.URL.RawPath = p, path
	}
	x.header2(req)
	if body := x.body(); len(body) > 0 {
		req.Body, req.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	}
	return req.WithContext(ctx)
}

// header2 fills in the fields, with the same rules as for HTTP/1.1: it reads back what those would have written.
func (x *exchange) header2(req *http.Request) {
	lines := x.at.origin.lines
	for i, line := range lines[1:] {
		if x.own&(ownHost<<(i+1)) == 0 {
			name, value, _ := strings.Cut(line, ": ")
			req.Header[name] = []string{strings.TrimSuffix(value, "\r\n")}
		}
	}
	for line := range strings.SplitSeq(string(x.appendFields(nil, x.own)), "\r\n") {
		name, value, ok := strings.Cut(line, ": ")
		switch {
		case !ok || equalFold(name, "connection") || equalFold(name, "content-length"):
		case equalFold(name, "host"):
			req.Host = value
		default:
			name = http.CanonicalHeaderKey(name)
			req.Header[name] = append(req.Header[name], value)
		}
	}
	if x.own&ownAgent != 0 && req.Header["User-Agent"] == nil {
		req.Header["User-Agent"] = []string{""} // net/http would send its own
	}
}

// adopt takes over status and header of an answer that net/http received, in the form in which HTTP/1.1 sends them.
func (a *answer) adopt(res *http.Response) error {
	var b []byte
	for _, name := range slices.Sorted(maps.Keys(res.Header)) {
		for _, v := range res.Header[name] {
			b = append(b, name...)
			b = append(b, ": "...)
			b = append(b, v...)
			b = append(b, "\r\n"...)
		}
		switch name {
		case "Set-Cookie":
			a.cookies = true
		case "Content-Encoding":
			a.encoded = true
		case "Location":
			a.hop = true
		}
	}
	if len(b) > a.maxHeader {
		return headerTooLarge()
	}
	if res.ContentLength > a.maxBody {
		return a.bodyTooLarge()
	}
	a.buf = a.pool.get(len(b) + smallBuffer/2)
	n := copy(a.buf, b)
	a.fields = a.buf[:n]
	a.at, a.have, a.floor, a.seen = n, n, n, n
	a.status, a.minor, a.stage = res.StatusCode, 2, atClose
	return nil
}

// h2Error names what went wrong on an HTTP/2 connection. net/http does not export its error types.
func (c *conn) h2Error(x *exchange, err error) error {
	if f, ok := errors.AsType[*fault.Error](err); ok {
		return f
	}
	text := err.Error()
	o := c.origin
	has := func(parts ...string) bool {
		return slices.ContainsFunc(parts, func(p string) bool { return strings.Contains(text, p) })
	}
	f := &fault.Error{Op: "read", Err: err}
	switch {
	case has("header list larger"), has("COMPRESSION_ERROR"): // which is what one field above the limit gives
		f.Kind, f.Text = fault.TooLarge, "the response header is larger than the limit"
	case has("looked like an HTTP/1.1 header") || c.counted.older.Load(): // it may have answered and closed before there was a request
		f.Kind, f.Text, f.Hint = fault.Protocol, o.place()+" does not speak HTTP/2", `use HTTP "auto" or "1.1"`
	case has("frame too large", "PROTOCOL_ERROR", "FRAME_SIZE_ERROR", "FLOW_CONTROL_ERROR", "malformed", "invalid"):
		f.Kind, f.Text = fault.Protocol, "the answer of "+o.place()+" is not valid HTTP/2"
	case has("REFUSED_STREAM", "graceful shutdown GOAWAY"):
		x.sent = 0 // the server says that it has not looked at the request (RFC 9113, 6.8 and 8.7)
		f.Kind, f.Text = fault.Reset, o.place()+" refused the request on its HTTP/2 connection"
	case has("not usable", "connection lost", "GOAWAY", "stream error", "closed", "REFUSED_STREAM", "conn") || isReset(err):
		f.Kind, f.Text = fault.Reset, resetText("read", o)
		if !x.answer.started() {
			f.Text = o.place() + " closed the connection without an answer"
		}
	default:
		f = transportError("read", o, err)
	}
	return f
}
