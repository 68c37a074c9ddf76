package wire

import (
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/http2"

	"github.com/stampede-load/stampede/internal/fault"
)

// within fails the test when f does not return in good time; rescue then makes it return.
func within(t *testing.T, what string, f, rescue func()) {
	t.Helper()
	done := make(chan bool)
	go func() {
		defer close(done)
		f()
	}()
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		t.Errorf("%s hangs", what)
		rescue()
		<-done
	}
}

// A server that takes nothing from its socket any more holds up nobody: requests end on time, and the engine can be closed.
func TestHTTP2Unread(t *testing.T) {
	var mu sync.Mutex
	var all []net.Conn
	eachPeer(t, Config{}, func(p *h2peer) {
		mu.Lock()
		all = append(all, p.c)
		mu.Unlock()
		p.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: 1 << 30})
		p.WriteWindowUpdate(0, 1<<30)
		p.headers(p.idOfNext(), ok204, true)
		for p.WritePing(false, [8]byte{}) == nil { // it goes on talking
			time.Sleep(time.Millisecond)
		}
	}, func(t *testing.T, e *Engine, base *Target) {
		c := e.Client(0)
		do(t, c, Request{Base: base, URL: "/"})
		for _, size := range []int{64 << 20, 0, 1 << 20} {
			within(t, "a request", func() {
				doFail(t, c, Request{Method: "POST", Base: base, URL: "/", Body: make([]byte, size), Timeout: 100 * time.Millisecond}, fault.Timeout)
			}, func() { e.Close() })
		}
		within(t, "Close", func() { e.Close() }, func() {
			mu.Lock()
			defer mu.Unlock()
			for _, c := range all {
				c.Close()
			}
		})
	})
}

// A server that asks and asks, and takes no answers, does not fill the memory: a useful byte now and then is no excuse.
func TestHTTP2AnswersUnread(t *testing.T) {
	eachPeer(t, Config{}, func(p *h2peer) {
		p.c.(*net.TCPConn).SetReadBuffer(4 << 10)
		p.WriteSettings()
		id := p.idOfNext()
		p.headers(id, p.block(":status", "200"), false)
		for p.atOnce(func(f *http2.Framer) {
			f.WriteData(id, false, []byte("x"))
			for range 2000 {
				f.WriteSettings()
				f.WritePing(false, [8]byte{})
			}
		}) == nil {
		}
	}, func(t *testing.T, e *Engine, base *Target) {
		if _, f := doFail(t, e.Client(0), Request{Base: base, URL: "/"}, fault.Protocol); !strings.Contains(f.Text, "does not read the answers") {
			t.Error(f)
		}
	})
}

// What comes on a stream that was given up uses the connection's window like anything else, and the client gives it back.
func TestHTTP2WindowOfCancelled(t *testing.T) {
	const part = 16 << 10
	eachPeer(t, Config{MaxBody: 1 << 20}, func(p *h2peer) {
		p.WriteSettings()
		room := int64(windowAtOnce)
		var asked []uint32
		next := func() bool {
			switch f := p.next().(type) {
			case nil:
				return false
			case *http2.HeadersFrame:
				asked = append(asked, f.StreamID)
			case *http2.WindowUpdateFrame:
				if f.StreamID == 0 {
					room += int64(f.Increment)
				}
			}
			return true
		}
		for {
			for len(asked) == 0 {
				if !next() {
					return
				}
			}
			id := asked[0]
			asked = asked[1:]
			p.headers(id, p.block(":status", "200"), false)
			for range streamWindow / part { // as much as the stream may have, whatever the client says meanwhile
				for room < part {
					if !next() {
						return
					}
				}
				p.WriteData(id, false, make([]byte, part))
				room -= part
			}
		}
	}, func(t *testing.T, e *Engine, base *Target) {
		c := e.Client(0)
		for range 8 { // 48 MB, of which the connection may have 15
			doFail(t, c, Request{Base: base, URL: "/", Timeout: 20 * time.Second}, fault.TooLarge)
		}
		if n := e.Counters(); n.Dials != 1 {
			t.Errorf("%+v", n)
		}
	})
}

// Servers that always go away, or always refuse, are given up.
func TestHTTP2AlwaysLeaves(t *testing.T) {
	for name, leave := range map[string]func(p *h2peer, id uint32){
		"before the request": func(p *h2peer, _ uint32) { p.WriteGoAway(0, http2.ErrCodeNo, nil) },
		"and stays": func(p *h2peer, _ uint32) {
			p.WriteGoAway(0, http2.ErrCodeNo, nil)
			for p.next() != nil {
			}
		},
		"twice, and takes it back": func(p *h2peer, _ uint32) {
			p.WriteGoAway(0, http2.ErrCodeNo, nil)
			p.WriteGoAway(1<<31-1, http2.ErrCodeNo, nil)
		},
		"refusing": func(p *h2peer, id uint32) {
			for ; id > 0; id = p.idOfNext() {
				p.WriteRSTStream(id, http2.ErrCodeRefusedStream)
			}
		},
		"refusing what it permits": func(p *h2peer, id uint32) {
			p.WriteSettings(http2.Setting{ID: http2.SettingMaxConcurrentStreams, Val: 1})
			for ; id > 0; id = p.idOfNext() {
				p.WriteRSTStream(id, http2.ErrCodeRefusedStream)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			eachPeer(t, Config{}, func(p *h2peer) {
				p.WriteSettings()
				leave(p, p.idOfNext())
			}, func(t *testing.T, e *Engine, base *Target) {
				c := e.Client(0)
				var wait sync.WaitGroup
				for range 10 {
					wait.Go(func() { doFail(t, c, Request{Base: base, URL: "/"}, fault.Reset) })
				}
				wait.Wait()
				if n := e.Counters(); n.Dials > 100 || e.inUse() != 0 {
					t.Errorf("%+v", n)
				}
			})
		})
	}
}

// idOfNext is the stream of the next request; 0 when none comes.
func (p *h2peer) idOfNext() uint32 {
	if f := p.request(); f != nil {
		return f.StreamID
	}
	return 0
}

// A server that permits no stream at all is waited for, as long as the request's time lasts.
func TestHTTP2NoStreams(t *testing.T) {
	eachPeer(t, Config{}, func(p *h2peer) {
		p.WriteSettings(http2.Setting{ID: http2.SettingMaxConcurrentStreams, Val: 1})
		p.headers(p.idOfNext(), ok204, true)
		p.WriteSettings(http2.Setting{ID: http2.SettingMaxConcurrentStreams, Val: 0})
		p.serve()
	}, func(t *testing.T, e *Engine, base *Target) {
		c := e.Client(0)
		do(t, c, Request{Base: base, URL: "/"})
		if !eventually(func() bool { return noStreams(c) }) {
			t.Fatal("the settings did not come")
		}
		_, f := doFail(t, c, Request{Base: base, URL: "/", Timeout: 50 * time.Millisecond}, fault.Timeout)
		if !strings.HasPrefix(f.Text, "no connection to ") || e.Counters().Dials != 1 {
			t.Errorf("%v, %+v", f, e.Counters())
		}
	})
}

// noStreams reports whether the client's connection permits none.
func noStreams(c *Client) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.conns != nil && c.conns.h2 != nil && c.conns.h2.most.Load() == 0
}
