package wire

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"github.com/stampede-load/stampede/internal/fault"
)

// tunnelPeer is a server that takes extended CONNECT. The path says what it does with it; other requests get 204.
func tunnelPeer(p *h2peer) {
	p.WriteSettings(http2.Setting{ID: http2.SettingEnableConnectProtocol, Val: 1})
	for {
		switch f := p.next().(type) {
		case nil:
			return
		case *http2.HeadersFrame:
			p.opened(f)
		case *http2.DataFrame:
			if n := len(f.Data()); n > 0 {
				p.WriteWindowUpdate(0, uint32(n))
				p.WriteWindowUpdate(f.StreamID, uint32(n))
				p.WriteData(f.StreamID, false, f.Data())
			}
			if f.StreamEnded() {
				p.WriteData(f.StreamID, true, nil)
			}
		}
	}
}

// opened answers a request of tunnelPeer.
func (p *h2peer) opened(f *http2.HeadersFrame) {
	if p.dec == nil {
		p.dec = hpack.NewDecoder(64<<10, nil)
	}
	fields, err := p.dec.DecodeFull(f.HeaderBlockFragment())
	if err != nil {
		return
	}
	of := map[string]string{}
	for _, field := range fields {
		of[field.Name] = field.Value
	}
	id := f.StreamID
	if of[":method"] != "CONNECT" {
		p.headers(id, ok204, true)
		return
	}
	said := strings.Join([]string{of[":protocol"], of[":scheme"], of[":path"], of["cookie"], of["x-a"]}, " ")
	switch path := of[":path"]; {
	case f.StreamEnded():
		p.headers(id, p.block(":status", "500"), true)
	case path == "/no":
		p.headers(id, p.block(":status", "403", "x-said", said), false)
		p.WriteData(id, true, []byte("not you"))
	case path == "/silent":
	case path == "/reset":
		p.headers(id, p.block(":status", "200"), false)
		p.WriteData(id, false, []byte("last words"))
		p.WriteRSTStream(id, http2.ErrCodeInternal)
	case path == "/end":
		p.headers(id, p.block(":status", "200"), false)
		p.WriteDataPadded(id, true, []byte("all"), []byte{0, 0, 0})
	case path == "/cut":
		p.headers(id, p.block(":status", "200"), false)
		p.c.Close()
	default:
		p.headers(id, p.block(":status", "200", "x-said", said, "set-cookie", "t=1"), false)
	}
}

// openOver2 is Open that does not go on over HTTP/1.1.
func openOver2(t *testing.T, c *Client, req *Request, resp *Response) (*Stream, error) {
	x := c.begin(t.Context(), req, resp)
	var s *Stream
	err := x.prepare()
	if err == nil {
		if err = x.at.origin.err; err == nil {
			s, err = x.openOver2()
		}
	}
	if err == errNoTunnel {
		resp.Release()
		return nil, err
	}
	x.err = err
	return s, x.end()
}

// opens makes a tunnel.
func opens(t *testing.T, c *Client, base *Target, path string) (*Stream, *Response) {
	t.Helper()
	r := new(Response)
	conn, err := openOver2(t, c, &Request{Base: base, URL: path, Upgrade: "websocket", Header: []Field{{"X-A", "b"}}}, r)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	t.Cleanup(r.Release)
	if conn != nil {
		t.Cleanup(func() { conn.Close() })
	}
	return conn, r
}

// A stream of another protocol beside requests on the same connection: what it carries, large and small, deadlines, both ends of it.
func TestTunnel(t *testing.T) {
	eachPeer(t, Config{}, tunnelPeer, func(t *testing.T, e *Engine, base *Target) {
		c := e.Client(0)
		conn, r := opens(t, c, base, "/talk?x=y")
		if want := "websocket http /talk?x=y  b"; r.Status != 200 || r.Header("X-Said") != want || r.Proto != "HTTP/2.0" || r.Times.FirstByte == 0 {
			t.Errorf("%+v, %q, want %q", r, r.Header("X-Said"), want)
		}
		r.Release()
		if r := do(t, c, Request{Base: base, URL: "/"}); r.Status != 204 || !r.Reused {
			t.Errorf("beside a tunnel: %+v", r)
		}
		buf := make([]byte, 100)
		for _, text := range []string{"hello", "again"} {
			io.WriteString(conn, text)
			if n, err := conn.Read(buf); err != nil || string(buf[:n]) != text {
				t.Errorf("%q, %v", buf[:n], err)
			}
		}
		conn.SetReadDeadline(time.Now().Add(5 * time.Millisecond))
		if n, err := conn.Read(buf); n != 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("after the deadline: %d, %v", n, err)
		}
		conn.SetReadDeadline(time.Time{})
		large := bytesOf(20 << 20) // more than all windows
		go conn.Write(large)
		got := make([]byte, len(large))
		if n, err := io.ReadFull(conn, got); err != nil || !bytes.Equal(got, large) {
			t.Errorf("a large message: %d bytes, %v", n, err)
		}
		second, r2 := opens(t, c, base, "/talk")
		if !r2.Reused || !strings.Contains(r2.Header("X-Said"), "t=1") {
			t.Errorf("the second tunnel has not the first one's cookie, or another connection: %+v, %q", r2, r2.Header("X-Said"))
		}
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
		if _, err := conn.Read(buf); !errors.Is(err, net.ErrClosed) {
			t.Error(err)
		}
		if _, err := conn.Write(buf); !errors.Is(err, net.ErrClosed) {
			t.Error(err)
		}
		io.WriteString(second, "still here")
		if n, err := second.Read(buf); err != nil || string(buf[:n]) != "still here" {
			t.Errorf("%q, %v", buf[:n], err)
		}
		second.Close()
		if n := e.Counters(); n.Dials != 1 || n.BytesIn < 20<<20 || n.BytesOut < 20<<20 {
			t.Errorf("%+v", n)
		}
		c.Close()
		if n := e.Counters(); n.Open != 0 {
			t.Errorf("%d connections are left", n.Open)
		}
	})
}

// How a tunnel ends, or does not begin.
func TestTunnelEnds(t *testing.T) {
	eachPeer(t, Config{}, tunnelPeer, func(t *testing.T, e *Engine, base *Target) {
		c := e.Client(0)
		if conn, r := opens(t, c, base, "/no"); conn != nil || r.Status != 403 || body(t, r) != "not you" {
			t.Errorf("%v, %+v", conn, r)
		}
		if _, err := openOver2(t, c, &Request{Base: base, URL: "/silent", Upgrade: "websocket", Timeout: 300 * time.Millisecond}, new(Response)); fault.Of(err) != fault.Timeout {
			t.Error(err)
		}
		conn, _ := opens(t, c, base, "/end")
		ready := make(chan bool)
		conn.Watch(func() { close(ready) })
		<-ready
		if b, err := io.ReadAll(conn); err != nil || string(b) != "all" {
			t.Errorf("%q, %v", b, err)
		}
		conn, _ = opens(t, c, base, "/reset")
		if b, err := io.ReadAll(conn); string(b) != "last words" || !strings.Contains(err.Error(), "INTERNAL_ERROR") {
			t.Errorf("%q, %v", b, err)
		}
		if _, err := conn.Write([]byte("x")); err == nil {
			t.Error("it can be written to after its end")
		}
		long, _ := opens(t, c, base, "/talk")
		conn, _ = opens(t, c, base, "/cut")
		for _, conn := range []*Stream{conn, long} {
			if b, err := io.ReadAll(conn); len(b) > 0 || fault.Of(err) != fault.Reset {
				t.Errorf("%q, %v", b, err)
			}
		}
		for _, req := range []Request{{Base: base, URL: "/", Upgrade: "websocket", Body: []byte("x")}, {Base: base, URL: "http://elsewhere.example/", Upgrade: "websocket"}} {
			if conn, err := openOver2(t, c, &req, new(Response)); err == nil {
				t.Errorf("%+v: %v", req, conn)
			}
		}
		conn, _ = opens(t, c, base, "/talk")
		e.Close()
		if _, err := conn.Read(make([]byte, 1)); err == nil {
			t.Error("it outlives the engine")
		}
	})
}

// An upgrade goes over the HTTP/2 connection that is there, as a stream of it, which can be watched.
func TestUpgradeOverHTTP2(t *testing.T) {
	eachPeer(t, Config{}, tunnelPeer, func(t *testing.T, e *Engine, base *Target) {
		c := e.Client(0)
		do(t, c, Request{Base: base, URL: "/"})
		r := new(Response)
		s, err := c.Open(t.Context(), &Request{Base: base, URL: "/talk", Upgrade: "websocket", Header: []Field{{"Sec-WebSocket-Key", "x"}}}, r)
		if err != nil || r.Status != 200 || r.Proto != "HTTP/2.0" || !r.Reused {
			t.Fatalf("%v, %+v", err, r)
		}
		r.Release()
		if b, err := s.TakeNow(); b != nil || err != nil {
			t.Errorf("%q, %v", b, err)
		}
		told := make(chan bool)
		if !s.Watch(func() { close(told) }) {
			t.Error("it cannot be watched")
		}
		io.WriteString(s, "hello")
		<-told
		if b, err := s.TakeNow(); string(b) != "hello" || err != nil {
			t.Errorf("%q, %v", b, err)
		} else {
			s.Give(b)
		}
		if b, err := s.TakeNow(); b != nil || err != nil {
			t.Errorf("%q, %v", b, err)
		}
		if s, err := c.Open(t.Context(), &Request{Base: base, URL: "/no", Upgrade: "websocket"}, r); s != nil || err != nil || r.Status != 403 {
			t.Errorf("%v, %v, %+v", s, err, r)
		}
		r.Release()
		c.CloseStreams()
		if n := e.Counters(); n.Open != 1 || n.Dials != 1 {
			t.Errorf("%+v", n)
		}
	})
}

// A peer that does not offer it; one that takes nothing.
func TestTunnelNotOffered(t *testing.T) {
	eachPeer(t, Config{Timeout: time.Minute}, func(p *h2peer) {
		p.WriteSettings()
		p.serve()
	}, func(t *testing.T, e *Engine, base *Target) {
		if _, err := openOver2(t, e.Client(0), &Request{Base: base, URL: "/", Upgrade: "websocket"}, new(Response)); err != errNoTunnel {
			t.Error(err)
		}
	})
	came := make(chan bool)
	eachPeer(t, Config{}, func(p *h2peer) {
		p.WriteSettings(http2.Setting{ID: http2.SettingEnableConnectProtocol, Val: 1}, http2.Setting{ID: http2.SettingInitialWindowSize, Val: 10})
		for {
			switch f := p.next().(type) {
			case nil:
				return
			case *http2.HeadersFrame:
				p.headers(f.StreamID, p.block(":status", "200"), false)
			case *http2.DataFrame:
				if len(f.Data()) > 0 {
					came <- true
				}
			}
		}
	}, func(t *testing.T, e *Engine, base *Target) {
		conn, _ := opens(t, e.Client(0), base, "/")
		go func() {
			<-came
			conn.SetWriteDeadline(time.Now())
		}()
		if n, err := conn.Write(make([]byte, 100)); n != 10 || !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("%d, %v", n, err)
		}
	})
	e := newEngine(t, Config{})
	if _, err := openOver2(t, e.Client(0), &Request{URL: "http://127.0.0.1:1/", Upgrade: "websocket"}, new(Response)); err != errNoTunnel {
		t.Error(err)
	}
}
