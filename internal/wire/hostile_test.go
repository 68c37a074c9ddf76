package wire

import (
	"bufio"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stampede-load/stampede/internal/fault"
)

// eachHostile runs a test on every back end against a server that follows a script.
func eachHostile(t *testing.T, cfg Config, script func(n int, c net.Conn, r *bufio.Reader), test func(t *testing.T, e *Engine, base *Target)) {
	eachBackend(t, func(t *testing.T, io string) {
		addr := scripted(t, script)
		cfg := cfg
		cfg.IO = io
		e := newEngine(t, cfg)
		test(t, e, target(t, e, "http://"+addr))
	})
}

func answerOnce(text string) func(int, net.Conn, *bufio.Reader) {
	return func(_ int, c net.Conn, r *bufio.Reader) {
		if readRequest(r) {
			io.WriteString(c, text)
		}
	}
}

func TestHostileAnswers(t *testing.T) {
	endless := func(first, more string) func(int, net.Conn, *bufio.Reader) {
		return func(_ int, c net.Conn, r *bufio.Reader) {
			if !readRequest(r) {
				return
			}
			_, err := io.WriteString(c, first)
			for more := strings.Repeat(more, 1000); err == nil; {
				_, err = io.WriteString(c, more)
			}
		}
	}
	for _, tt := range []struct {
		name   string
		script func(int, net.Conn, *bufio.Reader)
		kind   fault.Kind
		text   string // part of the error
	}{
		{"closed at once", func(int, net.Conn, *bufio.Reader) {}, fault.Reset, "without an answer"},
		{"closed without answer", answerOnce(""), fault.Reset, "without an answer"},
		{"half a status line", answerOnce("HTTP/1.1 2"), fault.Reset, "before its answer was complete"},
		{"body too short", answerOnce("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello"), fault.Reset, "before its answer was complete"},
		{"chunks cut off", answerOnce("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel"), fault.Reset, "before its answer was complete"},
		{"not HTTP", answerOnce("220 mail.example ESMTP\r\n"), fault.Protocol, "status line"},
		{"TLS", answerOnce("\x15\x03\x01\x00\x02\x02\x46"), fault.Protocol, "should the URL begin with https://?"},
		{"endless header", endless("HTTP/1.1 200 OK\r\n", "A: b\r\n"), fault.TooLarge, "header is larger"},
		{"endless field", endless("HTTP/1.1 200 OK\r\nA: ", "bbbb"), fault.TooLarge, "header is larger"},
		{"endless hints", endless("", "HTTP/1.1 103 Early Hints\r\n\r\n"), fault.TooLarge, "header is larger"},
		{"endless body", endless("HTTP/1.1 200 OK\r\n\r\n", strings.Repeat("b", 1000)), fault.TooLarge, "body is larger"},
		{"endless chunks", endless("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "4\r\nxxxx\r\n"), fault.TooLarge, "body is larger"},
		{"announced beyond the limit", answerOnce("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n"), fault.TooLarge, "body is larger"},
		{"reset in the body", func(_ int, c net.Conn, r *bufio.Reader) {
			readRequest(r)
			io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello")
			reset(c)
		}, fault.Reset, "before its answer was complete"},
		{"half closed in the body", func(_ int, c net.Conn, r *bufio.Reader) {
			readRequest(r)
			io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello")
			c.(*net.TCPConn).CloseWrite()
			hold(r)
		}, fault.Reset, "before its answer was complete"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			eachHostile(t, Config{MaxBody: 1 << 20}, tt.script, func(t *testing.T, e *Engine, base *Target) {
				for _, discard := range []bool{false, true} {
					if discard && strings.Contains(tt.text, "body is larger") {
						continue // what is not kept may be of any size
					}
					r, f := doFail(t, e.Client(0), Request{Base: base, URL: "/", Discard: discard}, tt.kind)
					if !strings.Contains(f.Error(), tt.text) {
						t.Errorf("the error is %q", f)
					}
					if r.Header("A") != "" || r.Raw() != nil || r.Retried {
						t.Errorf("a failed answer shows %+v", r)
					}
					if n := e.Counters(); n.Open != 0 || e.inUse() != 0 {
						t.Errorf("left open: %+v", n)
					}
				}
			})
		})
	}
}

// Bytes that come one at a time are an answer like any other, as long as the time lasts.
func TestSlowDrip(t *testing.T) {
	text := "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
	eachHostile(t, Config{}, func(_ int, c net.Conn, r *bufio.Reader) {
		for readRequest(r) {
			for i := range text {
				io.WriteString(c, text[i:i+1])
			}
		}
	}, func(t *testing.T, e *Engine, base *Target) {
		c := e.Client(0)
		for range 3 {
			if got := body(t, do(t, c, Request{Base: base, URL: "/"})); got != "hello" {
				t.Errorf("the body is %q", got)
			}
		}
	})
}

// A server may close an idle connection at any time. A browser asks again, and so do we, where that is safe.
func TestStale(t *testing.T) {
	for name, end := range map[string]func(c net.Conn){"closed": func(c net.Conn) { c.Close() }, "reset": reset} {
		t.Run(name, func(t *testing.T) {
			eachBackend(t, func(t *testing.T, backend string) {
				gone := make(chan bool, 10)
				addr := scripted(t, func(n int, c net.Conn, r *bufio.Reader) {
					readRequest(r)
					io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
					if n%2 == 0 {
						end(c)
						gone <- true
						return
					}
					hold(r)
				})
				e := newEngine(t, Config{IO: backend})
				base := target(t, e, "http://"+addr)
				for _, method := range []string{"GET", "POST"} {
					c := e.Client(0)
					do(t, c, Request{Base: base, URL: "/"})
					<-gone
					if backend == "epoll" && method == "GET" { // the poller hears of it when it gets to it
						eventually(func() bool { return !c.conns.link.alive(0, false) })
					}
					r := do(t, c, Request{Method: method, Base: base, URL: "/", Body: []byte("x")})
					if r.Reused || body(t, r) != "ok" {
						t.Errorf("%s: %+v", method, r)
					}
					c.Close()
				}
			})
		})
	}
}

// A connection that dies after the request was sent: only what may be sent twice is sent again, and only once.
func TestRetry(t *testing.T) {
	var requests atomic.Int32
	var deaf atomic.Bool
	eachHostile(t, Config{}, func(n int, c net.Conn, r *bufio.Reader) {
		for k := 0; readRequest(r); k++ {
			requests.Add(1)
			if k > 0 || deaf.Load() {
				return
			}
			io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
		}
	}, func(t *testing.T, e *Engine, base *Target) {
		deaf.Store(false)
		c := e.Client(0)
		ask := func(method string, fields ...Field) Request {
			return Request{Method: method, Base: base, URL: "/", Header: fields}
		}
		do(t, c, ask("GET"))
		requests.Store(0)
		if r := do(t, c, ask("GET")); !r.Retried || r.Reused || requests.Load() != 2 {
			t.Errorf("GET: %+v after %d requests", r, requests.Load())
		}
		if n := e.Counters().Stale; n != 1 {
			t.Errorf("%d stale connections counted", n)
		}
		requests.Store(0)
		doFail(t, c, ask("POST"), fault.Reset)
		if requests.Load() != 1 {
			t.Errorf("POST was sent %d times", requests.Load())
		}
		do(t, c, ask("GET"))
		if r := do(t, c, ask("POST", Field{"Idempotency-Key", "7"})); !r.Retried {
			t.Error("a POST with a key was not sent again")
		}
		deaf.Store(true)
		requests.Store(0)
		doFail(t, c, ask("GET"), fault.Reset)
		if requests.Load() != 2 {
			t.Errorf("a server that never answers was asked %d times", requests.Load())
		}
		requests.Store(0)
		doFail(t, c, ask("GET"), fault.Reset)
		if requests.Load() != 1 {
			t.Errorf("on a new connection it was asked %d times", requests.Load())
		}
	})
}

// A server that refuses a large body answers and closes before it has read all. The answer counts.
func TestEarlyAnswer(t *testing.T) {
	eachHostile(t, Config{}, func(_ int, c net.Conn, r *bufio.Reader) {
		r.ReadString('\n')
		io.WriteString(c, "HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nno!")
		c.(*net.TCPConn).CloseWrite()
		io.CopyN(io.Discard, r, 1<<20)
	}, func(t *testing.T, e *Engine, base *Target) {
		r := new(Response)
		err := e.Client(0).Do(t.Context(), &Request{Method: "POST", Base: base, URL: "/", Body: make([]byte, 64<<20)}, r)
		// Closing with unread bytes resets the connection, and the reset may overtake the answer: then it is gone.
		if err != nil && fault.Of(err) != fault.Reset || err == nil && (r.Status != 413 || string(r.Raw()) != "no!") {
			t.Errorf("%v, %+v", err, r)
		}
		if n := e.Counters().Open; n != 0 {
			t.Errorf("%d connections left", n)
		}
	})
}

// Each limit ends a request where it stands, and says how far it was. On a busy machine a short limit may pass before the request is as far as
// that: then a longer one is tried.
func TestTimeouts(t *testing.T) {
	whole := func(limit time.Duration) Config { return Config{Timeout: limit} }
	for _, tt := range []struct {
		name   string
		cfg    func(limit time.Duration) Config
		script func(int, net.Conn, *bufio.Reader)
		kind   fault.Kind
		text   string
	}{
		{
			"no answer", whole,
			func(_ int, _ net.Conn, r *bufio.Reader) { hold(r) },
			fault.Timeout, "longer than %v: no answer",
		},
		{
			"half a header", whole, func(_ int, c net.Conn, r *bufio.Reader) {
				io.WriteString(c, "HTTP/1.1 200 OK\r\nA:")
				hold(r)
			}, fault.Timeout, "the header was not complete",
		},
		{
			"half a body",
			func(limit time.Duration) Config { return Config{Timeout: limit, FirstByteTimeout: limit * 4 / 5} },
			func(_ int, c net.Conn, r *bufio.Reader) {
				io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello")
				hold(r)
			}, fault.Timeout, "the body was not complete",
		},
		{
			"no first byte",
			func(limit time.Duration) Config { return Config{FirstByteTimeout: limit} },
			func(_ int, _ net.Conn, r *bufio.Reader) { hold(r) },
			fault.FirstByteTimeout, "no first byte from 127.0.0.1:",
		},
		{
			"nobody reads", whole, func(_ int, c net.Conn, r *bufio.Reader) {
				r.ReadByte()
				io.Copy(io.Discard, deafReader{c})
			}, fault.Timeout, "no answer",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			req := Request{Method: "POST", URL: "/"}
			if tt.name == "nobody reads" {
				req.Body = make([]byte, 64<<20)
			}
			eachBackend(t, func(t *testing.T, io string) {
				for limit := 50 * time.Millisecond; ; limit *= 3 {
					cfg := tt.cfg(limit)
					cfg.IO = io
					e, again := newEngine(t, cfg), limit < 4*time.Second
					req, r := req, new(Response)
					req.Base = target(t, e, "http://"+scripted(t, tt.script))
					err := e.Client(0).Do(t.Context(), &req, r)
					took := time.Duration(r.Times.Done - r.Times.Sent)
					want := strings.Replace(tt.text, "%v", limit.String(), 1)
					if err == nil || fault.Of(err) != tt.kind || !strings.Contains(err.Error(), want) || took > 5*time.Second {
						if again && (fault.Of(err) == fault.Timeout || fault.Of(err) == fault.FirstByteTimeout) {
							continue
						}
						t.Errorf("within %v: %v of kind %v, took %v", limit, err, fault.Of(err), took)
					}
					if took < limit {
						t.Errorf("took %v of %v", took, limit)
					}
					if n := e.Counters(); n.Open != 0 {
						t.Errorf("left open: %+v", n)
					}
					return
				}
			})
		})
	}
}

// deafReader reads nothing until its connection is closed.
type deafReader struct{ c net.Conn }

func (d deafReader) Read([]byte) (int, error) {
	rc, err := d.c.(*net.TCPConn).SyscallConn()
	if err != nil {
		return 0, err
	}
	return 0, rc.Write(func(uintptr) bool { return false })
}
