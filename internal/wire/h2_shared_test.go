package wire

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"golang.org/x/net/http2"

	"github.com/stampede-load/stampede/internal/fault"
)

// Bytes of requests that overlap on a connection are counted once.
func TestHTTP2Bytes(t *testing.T) {
	each2(t, parts(), func(t *testing.T, e *Engine, base *Target) {
		c := e.Client(0)
		do(t, c, Request{Base: base, URL: "/size/0"})
		const requests, size = 20, 50_000
		var all sync.WaitGroup
		for range requests {
			all.Go(func() {
				var r Response
				if err := c.Do(t.Context(), &Request{Base: base, URL: fmt.Sprint("/size/", size), Discard: true}, &r); err != nil {
					t.Error(err)
				}
				r.Release()
			})
		}
		all.Wait()
		if n := e.Counters(); n.Dials != 1 || n.BytesIn < requests*size || n.BytesIn > requests*size*11/10 {
			t.Errorf("%+v", n)
		}
	})
}

// With a connection for each request none is shared, however many are under way.
func TestHTTP2Fresh(t *testing.T) {
	var waiting atomic.Int32
	go2 := make(chan bool)
	each2(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if waiting.Add(1)%3 == 0 {
			go func() {
				for range 3 {
					go2 <- true
				}
			}()
		}
		<-go2
		fmt.Fprint(w, r.RemoteAddr)
	}), func(t *testing.T, base *Engine, at *Target) {
		cfg := base.cfg
		cfg.Fresh = PerRequest
		e := newEngine(t, cfg)
		c := e.Client(0)
		for range 2 {
			var all sync.WaitGroup
			for range 3 {
				all.Go(func() {
					var r Response
					if err := c.Do(t.Context(), &Request{URL: at.String()}, &r); err != nil || r.Reused {
						t.Errorf("%v, %+v", err, r)
					}
					r.Release()
				})
			}
			all.Wait()
		}
		if n := e.Counters(); n.Dials != 6 || n.Open != 0 {
			t.Errorf("%+v", n)
		}
	})
}

// A server that knows HTTP/1.1 alone answers in that.
func TestHTTP2Unknown(t *testing.T) {
	eachHostile(t, Config{HTTP: "h2c"}, func(_ int, c net.Conn, r *bufio.Reader) {
		r.ReadString('\n')
		io.WriteString(c, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
		hold(r)
	}, func(t *testing.T, e *Engine, base *Target) {
		if _, f := doFail(t, e.Client(0), Request{Base: base, URL: "/"}, fault.Protocol); !strings.HasSuffix(f.Text, "does not speak HTTP/2") {
			t.Error(f)
		}
	})
}

// What the server says it has not looked at may be sent again, whatever the method.
func TestHTTP2Refused(t *testing.T) {
	for name, refuse := range map[string]func(*http2.Framer, uint32){
		"stream":     func(f *http2.Framer, stream uint32) { f.WriteRSTStream(stream, http2.ErrCodeRefusedStream) },
		"connection": func(f *http2.Framer, stream uint32) { f.WriteGoAway(stream-2, http2.ErrCodeNo, nil) },
	} {
		t.Run(name, func(t *testing.T) {
			eachHostile(t, Config{HTTP: "h2c"}, func(n int, c net.Conn, r *bufio.Reader) {
				io.CopyN(io.Discard, r, int64(len(http2.ClientPreface)))
				f := http2.NewFramer(c, r)
				f.WriteSettings()
				for {
					frame, err := f.ReadFrame()
					if err != nil {
						return
					}
					h, ok := frame.(*http2.HeadersFrame)
					switch {
					case !ok:
					case n%2 == 0 && h.StreamID > 1:
						refuse(f, h.StreamID)
					default: // 0x89 is :status 204 of the static table
						f.WriteHeaders(http2.HeadersFrameParam{StreamID: h.StreamID, BlockFragment: []byte{0x89}, EndHeaders: true, EndStream: true})
					}
				}
			}, func(t *testing.T, e *Engine, base *Target) {
				c := e.Client(0)
				do(t, c, Request{Base: base, URL: "/"})
				r := do(t, c, Request{Method: "POST", Base: base, URL: "/", Body: []byte("x")})
				if r.Status != 204 || !r.Retried || r.Reused || e.Counters().Dials != 2 {
					t.Errorf("%+v, %+v", r, e.Counters())
				}
			})
		})
	}
}
