package wire

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/net/http2"

	"github.com/stampede-load/stampede/internal/fault"
)

// at makes n requests at once.
func atOnce(t *testing.T, c *Client, n int, req func(i int) Request) []*Response {
	t.Helper()
	all := make([]*Response, n)
	var wait sync.WaitGroup
	for i := range n {
		all[i] = new(Response)
		wait.Go(func() {
			r := req(i)
			if err := c.Do(t.Context(), &r, all[i]); err != nil {
				t.Errorf("request %d: %v", i, err)
			}
		})
	}
	wait.Wait()
	return all
}

// Requests at once are streams of one connection, up to what the server permits; the others wait, and that is told. The server changes its
// mind twice.
func TestStreamLimit(t *testing.T) {
	var mu sync.Mutex
	var most, open int
	eachPeer(t, Config{}, func(p *h2peer) {
		p.WriteSettings(http2.Setting{ID: http2.SettingMaxConcurrentStreams, Val: 3})
		var waiting []uint32
		served := 0
		for {
			f := p.request()
			if f == nil {
				return
			}
			waiting = append(waiting, f.StreamID)
			mu.Lock()
			open = max(open, len(waiting))
			mu.Unlock()
			if served++; served == 1 || len(waiting) == 3 {
				for _, id := range waiting {
					if served == 10 {
						p.WriteSettings(http2.Setting{ID: http2.SettingMaxConcurrentStreams, Val: 4})
					}
					p.headers(id, ok204, true)
				}
				waiting = nil
			}
		}
	}, func(t *testing.T, e *Engine, base *Target) {
		c := e.Client(0)
		do(t, c, Request{Base: base, URL: "/"})
		for _, r := range atOnce(t, c, 12, func(int) Request { return Request{Base: base, URL: "/"} }) {
			if r.Retried || !r.Reused {
				t.Errorf("%+v", r)
			}
			r.Release()
		}
		n := e.Counters()
		mu.Lock()
		most, open = open, 0
		mu.Unlock()
		if n.Dials != 1 || n.BlockedNS == 0 || most > 4 {
			t.Errorf("%d streams at once, %+v", most, n)
		}
	})
}

// Streams that were begun before the server said how few it permits, and that it refuses, are sent again on the same connection.
func TestStreamsTooMany(t *testing.T) {
	eachPeer(t, Config{}, func(p *h2peer) {
		first := true
		for n := 0; ; n++ {
			f := p.request()
			if f == nil {
				return
			}
			if n == 2 { // one alone: a request that is refused twice fails, and which comes again first is chance
				if first {
					p.WriteSettings(http2.Setting{ID: http2.SettingMaxConcurrentStreams, Val: 2})
					first = false
				}
				p.WriteRSTStream(f.StreamID, http2.ErrCodeRefusedStream)
				continue
			}
			if n == 0 {
				p.WriteSettings()
			}
			p.headers(f.StreamID, ok204, true)
		}
	}, func(t *testing.T, e *Engine, base *Target) {
		c := e.Client(0)
		do(t, c, Request{Base: base, URL: "/"})
		retried := 0
		for _, r := range atOnce(t, c, 8, func(int) Request { return Request{Base: base, URL: "/", Method: "POST"} }) {
			if r.Retried {
				retried++
			}
			r.Release()
		}
		if n := e.Counters(); retried == 0 || int64(retried) > n.Stale || e.inUse() != 0 {
			t.Errorf("%d sent again, %+v", retried, n)
		}
	})
}

// A stream that is given up is cancelled, alone: the connection goes on, also when the server sends on for a while.
func TestStreamCancelled(t *testing.T) {
	codes := make(chan http2.ErrCode, 8)
	eachPeer(t, Config{}, func(p *h2peer) {
		p.WriteSettings()
		hanging := uint32(0)
		for {
			switch f := p.next().(type) {
			case nil:
				return
			case *http2.HeadersFrame:
				if hanging == 0 {
					hanging = f.StreamID
					p.headers(hanging, p.block(":status", "200", "x-some", "value"), false)
					p.WriteData(hanging, false, []byte("begun"))
					continue
				}
				p.WriteData(hanging, false, []byte("more")) // it has not heard yet, one may think
				p.headers(hanging, p.block("x-trailer", "value"), true)
				p.headers(f.StreamID, p.block(":status", "200", "x-some", "value"), true)
			case *http2.RSTStreamFrame:
				codes <- f.ErrCode
			}
		}
	}, func(t *testing.T, e *Engine, base *Target) {
		c := e.Client(0)
		_, f := doFail(t, c, Request{Base: base, URL: "/", Timeout: 500 * time.Millisecond}, fault.Timeout) // its header has to come by then
		if !strings.HasSuffix(f.Text, "the body was not complete") {
			t.Error(f)
		}
		if code := <-codes; code != http2.ErrCodeCancel {
			t.Error(code)
		}
		if r := do(t, c, Request{Base: base, URL: "/"}); r.Header("X-Some") != "value" || !r.Reused || e.Counters().Dials != 1 {
			t.Errorf("%+v", r)
		}
	})
}

// A body waits for the windows of the stream and of the connection, and for a change of the first.
func TestFlowControl(t *testing.T) {
	body := bytesOf(200_000)
	eachPeer(t, Config{}, func(p *h2peer) {
		p.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: 10}, http2.Setting{ID: http2.SettingMaxFrameSize, Val: 20_000})
		for {
			f := p.request()
			if f == nil {
				return
			}
			if f.StreamEnded() {
				p.headers(f.StreamID, ok204, true)
				continue
			}
			var got bytes.Buffer
			largest, room := 0, 65535
			for ended := false; !ended; {
				switch d := p.next().(type) {
				case nil:
					return
				case *http2.DataFrame:
					got.Write(d.Data())
					largest = max(largest, len(d.Data()))
					if room -= len(d.Data()); room < 0 {
						p.headers(f.StreamID, p.block(":status", "500"), true)
						return
					}
					ended = d.StreamEnded()
					switch n := got.Len(); {
					case n == 10:
						p.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: 1000})
					case n == 1000:
						p.WriteWindowUpdate(f.StreamID, uint32(len(body)))
					case room == 0:
						room += 100_000
						p.WriteWindowUpdate(0, 100_000)
					}
				}
			}
			p.WriteWindowUpdate(0, uint32(100_000))
			status := "200"
			if !bytes.Equal(got.Bytes(), body) || largest != 20_000 {
				status = "500"
			}
			p.headers(f.StreamID, p.block(":status", status), true)
			p.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: 10})
			p.serve()
		}
	}, func(t *testing.T, e *Engine, base *Target) {
		c := e.Client(0)
		do(t, c, Request{Base: base, URL: "/"}) // the settings have come by then
		if r := do(t, c, Request{Method: "POST", Base: base, URL: "/", Body: body}); r.Status != 200 || r.WireOut < int64(len(body)) {
			t.Errorf("%+v", r)
		}
	})
}

// A server that gives no room for a body is told from one that does not answer.
func TestFlowControlStall(t *testing.T) {
	eachPeer(t, Config{}, func(p *h2peer) {
		p.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: 100})
		p.headers(p.request().StreamID, ok204, true)
		for p.next() != nil {
		}
	}, func(t *testing.T, e *Engine, base *Target) {
		c := e.Client(0)
		do(t, c, Request{Base: base, URL: "/"})
		_, f := doFail(t, c, Request{Method: "POST", Base: base, URL: "/", Body: make([]byte, 1000), Timeout: 500 * time.Millisecond}, fault.Timeout)
		if !strings.Contains(f.Text, "flow control") {
			t.Error(f)
		}
	})
}

// A server that answers before it has read a large body, and wants no more of it, is heard.
func TestEarlyAnswerHTTP2(t *testing.T) {
	each2(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == "POST" {
			w.WriteHeader(http.StatusRequestEntityTooLarge)
		}
	}), func(t *testing.T, e *Engine, base *Target) {
		c := e.Client(0)
		for range 3 {
			if r := do(t, c, Request{Method: "POST", Base: base, URL: "/", Body: make([]byte, 20<<20)}); r.Status != 413 {
				t.Errorf("%+v", r)
			}
			do(t, c, Request{Base: base, URL: "/"})
		}
		if n := e.Counters(); n.Dials != 1 {
			t.Errorf("%+v", n)
		}
	})
}

// A request without an answer is given up on time in virtual time, with its stream alone.
func TestLimitsOnTimeHTTP2(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dials := 0
		e, err := New(Config{HTTP: "h2c", FirstByteTimeout: 2 * time.Second, Allow: []string{"example.org"}, Dial: func(context.Context, string, string) (net.Conn, error) {
			here, there := net.Pipe()
			dials++
			go func() {
				defer there.Close()
				p := newPeer(0, there, bufio.NewReader(there))
				p.WriteSettings()
				for n := 0; ; n++ {
					f := p.request()
					if f == nil {
						return
					}
					if n%3 > 0 {
						p.headers(f.StreamID, p.block(":status", "200"), false) // the rest does not come
					}
				}
			}()
			return here, nil
		}})
		if err != nil {
			t.Fatal(err)
		}
		defer e.Close()
		c := e.Client(0)
		for i := range 9 {
			limit, kind := 2*time.Second, fault.FirstByteTimeout
			if i%3 > 0 {
				limit, kind = 5*time.Second, fault.Timeout
			}
			begun := time.Now()
			r, _ := doFail(t, c, Request{URL: "http://example.org/", Timeout: 5 * time.Second}, kind)
			if took := time.Since(begun); took < limit || took > limit+10*time.Millisecond || time.Duration(r.Times.Done-r.Times.Sent) != limit {
				t.Errorf("gave up after %v, says %v, want %v", took, time.Duration(r.Times.Done-r.Times.Sent), limit)
			}
		}
		// Several at once, each with a limit of its own.
		begun := time.Now()
		var all sync.WaitGroup
		for i := range 4 {
			all.Go(func() {
				limit := time.Duration(i+1) * 300 * time.Millisecond
				doFail(t, c, Request{URL: "http://example.org/", Timeout: limit}, fault.Timeout)
				if took := time.Since(begun); took < limit || took > limit+10*time.Millisecond {
					t.Errorf("gave up after %v, want %v", took, limit)
				}
			})
		}
		all.Wait()
		if dials != 1 {
			t.Errorf("%d connections", dials)
		}
	})
}

// Bytes that are sent to HTTP/2 in pieces of every length are understood alike.
func TestFramesInPieces(t *testing.T) {
	var whole bytes.Buffer
	f := http2.NewFramer(&whole, nil)
	f.WriteSettings()
	f.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: []byte{0x88}})
	f.WriteContinuation(1, true, []byte{0x0f, 0x0d, 1, '5'}) // content-length: 5
	f.WriteDataPadded(1, false, []byte("he"), []byte{0, 0, 0})
	f.WritePing(false, [8]byte{})
	f.WriteData(1, true, []byte("llo"))
	for step := 1; step < whole.Len(); step = step*3/2 + 1 {
		t.Run(fmt.Sprint(step), func(t *testing.T) {
			eachPeer(t, Config{}, func(p *h2peer) {
				p.request()
				for b := whole.Bytes(); len(b) > 0; {
					n := min(step, len(b))
					p.c.Write(b[:n])
					b = b[n:]
				}
				io.Copy(io.Discard, p.c)
			}, func(t *testing.T, e *Engine, base *Target) {
				if r := do(t, e.Client(0), Request{Base: base, URL: "/"}); body(t, r) != "hello" {
					t.Errorf("%+v", r)
				}
			})
		})
	}
}

// A server that ends every stream has one connection, and the failure names the stream.
func TestStreamsReset(t *testing.T) {
	eachPeer(t, Config{}, func(p *h2peer) {
		p.WriteSettings()
		for f := p.request(); f != nil; f = p.request() {
			p.WriteRSTStream(f.StreamID, http2.ErrCodeInternal)
		}
	}, func(t *testing.T, e *Engine, base *Target) {
		c := e.Client(0)
		for range 10 {
			if _, f := doFail(t, c, Request{Base: base, URL: "/"}, fault.Reset); f.Text != "HTTP/2: the server reset the stream: INTERNAL_ERROR" {
				t.Error(f)
			}
		}
		if n := e.Counters(); n.Dials != 1 || n.Stale != 0 {
			t.Errorf("%+v", n)
		}
	})
}
