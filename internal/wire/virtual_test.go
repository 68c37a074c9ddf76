package wire

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stampede-load/stampede/internal/fault"
)

// virtual runs a test in virtual time against a server at the other end of a pipe.
func virtual(t *testing.T, cfg Config, script func(c net.Conn, r *bufio.Reader), test func(t *testing.T, e *Engine)) {
	synctest.Test(t, func(t *testing.T) {
		cfg := cfg
		cfg.Allow = []string{"example.org"}
		cfg.Dial = func(ctx context.Context, _, _ string) (net.Conn, error) {
			if script == nil {
				<-ctx.Done()
				return nil, ctx.Err()
			}
			here, there := net.Pipe()
			go func() {
				defer there.Close()
				script(there, bufio.NewReader(there))
			}()
			return here, nil
		}
		e, err := New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		defer e.Close()
		if e.Backend() != "net" {
			t.Errorf("the back end is %q", e.Backend())
		}
		test(t, e)
	})
}

// limits are noticed on time: never early, and at most 10 ms late.
func TestLimitsOnTime(t *testing.T) {
	late := func(_ net.Conn, r *bufio.Reader) { hold(r) }
	begin := func(c net.Conn, r *bufio.Reader) {
		readRequest(r)
		io.WriteString(c, "HTTP/1.1 200 OK\r\n")
		hold(r)
	}
	for _, tt := range []struct {
		name   string
		cfg    Config
		script func(net.Conn, *bufio.Reader)
		kind   fault.Kind
		limit  time.Duration
	}{
		{"whole", Config{Timeout: 3 * time.Second}, late, fault.Timeout, 3 * time.Second},
		{"whole by default", Config{}, late, fault.Timeout, 30 * time.Second},
		{"longer than a turn of the wheel", Config{Timeout: 5 * time.Minute}, late, fault.Timeout, 5 * time.Minute},
		{"first byte", Config{FirstByteTimeout: 777 * time.Millisecond}, late, fault.FirstByteTimeout, 777 * time.Millisecond},
		{"first byte came", Config{FirstByteTimeout: time.Second, Timeout: 2 * time.Second}, begin, fault.Timeout, 2 * time.Second},
		{"whole before first byte", Config{FirstByteTimeout: 3 * time.Second, Timeout: 2 * time.Second}, late, fault.Timeout, 2 * time.Second},
		{"connect", Config{ConnectTimeout: 1500 * time.Millisecond}, nil, fault.ConnectTimeout, 1500 * time.Millisecond},
		{"connect by default", Config{}, nil, fault.ConnectTimeout, 10 * time.Second},
		{"whole while connecting", Config{Timeout: time.Second}, nil, fault.Timeout, time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			virtual(t, tt.cfg, tt.script, func(t *testing.T, e *Engine) {
				c := e.Client(0)
				for range 3 { // the wheel turns, and connections come and go
					begun := time.Now()
					r, _ := doFail(t, c, Request{URL: "http://example.org/"}, tt.kind)
					if took := time.Since(begun); took < tt.limit || took > tt.limit+10*time.Millisecond {
						t.Errorf("gave up after %v", took)
					}
					if told := time.Duration(r.Times.Done - r.Times.Sent); told != tt.limit {
						t.Errorf("says it took %v", told)
					}
					time.Sleep(7 * time.Second)
				}
			})
		})
	}
}

// A kept connection stays queued in the wheel while its requests come and go with limits of all lengths.
func TestLimitsOfOneConnection(t *testing.T) {
	virtual(t, Config{}, func(c net.Conn, r *bufio.Reader) {
		for {
			line, err := r.ReadString('\n')
			if err != nil {
				return
			}
			for other := "-"; other != "\r\n" && err == nil; {
				other, err = r.ReadString('\n')
			}
			if line == "GET /late HTTP/1.1\r\n" {
				hold(r)
				return
			}
			time.Sleep(100 * time.Millisecond)
			io.WriteString(c, "HTTP/1.1 204 No Content\r\n\r\n")
		}
	}, func(t *testing.T, e *Engine) {
		c := e.Client(0)
		for i, limit := range []time.Duration{30e9, 1e9, 20e9, 200e6, 60e9, 5e9, 150e6, 40e9} {
			do(t, c, Request{URL: "http://example.org/", Timeout: limit})
			begun := time.Now()
			doFail(t, c, Request{URL: "http://example.org/late", Timeout: limit}, fault.Timeout)
			if took := time.Since(begun); took < limit || took > limit+10*time.Millisecond {
				t.Errorf("limit %v (%d): gave up after %v", limit, i, took)
			}
			time.Sleep(time.Duration(i) * 3 * time.Second)
		}
	})
}

// A request that is sent again has the time limits of its second attempt, and the failure says which of them it was.
func TestLimitsOfSecondAttempt(t *testing.T) {
	conns := 0
	virtual(t, Config{FirstByteTimeout: 80 * time.Millisecond}, func(c net.Conn, r *bufio.Reader) {
		if conns++; conns > 1 {
			hold(r)
			return
		}
		readRequest(r)
		io.WriteString(c, "HTTP/1.1 204 No Content\r\n\r\n")
		readRequest(r)
		time.Sleep(50 * time.Millisecond)
	}, func(t *testing.T, e *Engine) {
		c := e.Client(0)
		do(t, c, Request{URL: "http://example.org/"})
		r, _ := doFail(t, c, Request{URL: "http://example.org/", Timeout: 100 * time.Millisecond}, fault.Timeout)
		if took := time.Duration(r.Times.Done - r.Times.Sent); !r.Retried || took != 100*time.Millisecond {
			t.Errorf("%v, %+v", took, r)
		}
	})
}

// Cancelling frees the caller at once, whatever it waits for.
func TestCancelAtOnce(t *testing.T) {
	for name, script := range map[string]func(net.Conn, *bufio.Reader){
		"connecting": nil, "waiting": func(_ net.Conn, r *bufio.Reader) { hold(r) },
	} {
		t.Run(name, func(t *testing.T) {
			virtual(t, Config{}, script, func(t *testing.T, e *Engine) {
				ctx, cancel := context.WithCancel(t.Context())
				time.AfterFunc(2*time.Second, cancel)
				begun := time.Now()
				err := e.Client(0).Do(ctx, &Request{URL: "http://example.org/"}, new(Response))
				if took := time.Since(begun); fault.Of(err) != fault.Cancelled || took != 2*time.Second {
					t.Errorf("%v after %v", err, took)
				}
			})
		})
	}
}

// A name is looked up again when its time is over, its addresses are used in turn, and clients that ask at once share one lookup.
func TestNames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, err := New(Config{IO: "net", DNSTTL: 30 * time.Second})
		if err != nil {
			t.Fatal(err)
		}
		defer e.Close()
		var mu sync.Mutex
		asked := 0
		count := func() int {
			mu.Lock()
			defer mu.Unlock()
			return asked
		}
		e.names.ask = func(context.Context, string, string) ([]netip.Addr, error) {
			mu.Lock()
			asked++
			mu.Unlock()
			time.Sleep(100 * time.Millisecond)
			return []netip.Addr{
				netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("::ffff:192.0.2.2"), netip.MustParseAddr("2001:db8::1"),
			}, nil
		}
		first := map[string]int{}
		for range 10 {
			go func() {
				addrs, _, err := e.names.addresses(t.Context(), "example.org")
				if err != nil || len(addrs) != 3 || addrs[2].String() != "2001:db8::1" {
					t.Errorf("%v, %v", addrs, err)
					return
				}
				mu.Lock()
				defer mu.Unlock()
				first[addrs[0].String()]++
			}()
			synctest.Wait()
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if n := count(); n != 1 || first["192.0.2.1"] != 5 || first["192.0.2.2"] != 5 {
			t.Errorf("asked %d times; first were %v", n, first)
		}
		time.Sleep(28 * time.Second)
		e.names.addresses(t.Context(), "example.org")
		if count() != 1 {
			t.Errorf("asked again before the time")
		}
		time.Sleep(2 * time.Second)
		e.names.addresses(t.Context(), "example.org")
		if n := count(); n != 2 || e.Counters().Lookups != 2 || e.Counters().LookupNS != 200e6 {
			t.Errorf("asked %d times, %+v", n, e.Counters())
		}
	})
}
