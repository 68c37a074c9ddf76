package wire

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stampede-load/stampede/internal/fault"
)

// silent reads requests and tells of each, but never answers.
func silent(told chan<- bool) func(int, net.Conn, *bufio.Reader) {
	return func(_ int, _ net.Conn, r *bufio.Reader) {
		for readRequest(r) {
			told <- true
		}
	}
}

func TestCancelInFlight(t *testing.T) {
	told := make(chan bool, 100)
	eachHostile(t, Config{}, silent(told), func(t *testing.T, e *Engine, base *Target) {
		c := e.Client(0)
		stop := errors.New("the run was stopped")
		ctx, cancel := context.WithCancelCause(t.Context())
		ended := make(chan error, 4)
		for range 3 {
			go func() { ended <- c.Do(ctx, &Request{Base: base, URL: "/"}, new(Response)) }()
		}
		other := make(chan error, 1)
		otherCtx, cancelOther := context.WithTimeout(t.Context(), time.Hour)
		go func() { other <- c.Do(otherCtx, &Request{Base: base, URL: "/"}, new(Response)) }()
		for range 4 {
			<-told
		}
		cancel(stop)
		for range 3 {
			if err := <-ended; fault.Of(err) != fault.Cancelled || !errors.Is(err, stop) {
				t.Errorf("%v of kind %v", err, fault.Of(err))
			}
		}
		select {
		case err := <-other:
			t.Errorf("a request with another context ended: %v", err)
		default:
		}
		cancelOther()
		if err := <-other; fault.Of(err) != fault.Cancelled {
			t.Error(err)
		}
		if err := c.Do(ctx, &Request{Base: base, URL: "/"}, new(Response)); fault.Of(err) != fault.Cancelled {
			t.Errorf("with a context that is done: %v", err)
		}
		if len(told) > 0 {
			t.Error("a request with a context that is done was sent")
		}
	})
}

// A context with a deadline of the test's own ends a request like any other, and says so.
func TestContextDeadline(t *testing.T) {
	told := make(chan bool, 100)
	eachHostile(t, Config{}, silent(told), func(t *testing.T, e *Engine, base *Target) {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		err := e.Client(0).Do(ctx, &Request{Base: base, URL: "/"}, new(Response))
		if fault.Of(err) != fault.Cancelled || !strings.Contains(err.Error(), "deadline") {
			t.Errorf("%v of kind %v", err, fault.Of(err))
		}
	})
}

func TestCancelWhileWaiting(t *testing.T) {
	told := make(chan bool, 100)
	eachHostile(t, Config{MaxConnsPerHost: 1}, silent(told), func(t *testing.T, e *Engine, base *Target) {
		c := e.Client(0)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- c.Do(ctx, &Request{Base: base, URL: "/"}, new(Response)) }()
		<-told
		second, cancelSecond := context.WithCancel(t.Context())
		r := new(Response)
		waited := make(chan error, 1)
		go func() { waited <- c.Do(second, &Request{Base: base, URL: "/"}, r) }()
		if !eventually(func() bool { c.mu.Lock(); defer c.mu.Unlock(); return c.waiting != nil }) {
			t.Fatal("the second request does not wait")
		}
		cancelSecond()
		if err := <-waited; fault.Of(err) != fault.Cancelled || r.Times.Wait == 0 {
			t.Errorf("%v, %+v", err, r.Times)
		}
		if r, f := doFail(t, c, Request{Base: base, URL: "/", Timeout: 20 * time.Millisecond}, fault.Timeout); !strings.Contains(f.Text, "became free") || r.Times.Wait == 0 {
			t.Errorf("%v, %+v", f, r.Times)
		}
		cancel()
		<-ended
	})
}

// Closing the engine ends what is in flight, and everything of it is gone when Close returns.
func TestCloseInFlight(t *testing.T) {
	told := make(chan bool, 100)
	eachHostile(t, Config{}, silent(told), func(t *testing.T, e *Engine, base *Target) {
		ended := make(chan error, 10)
		for i := range 10 {
			go func() { ended <- e.Client(i).Do(background, &Request{Base: base, URL: "/"}, new(Response)) }()
		}
		for range 10 {
			<-told
		}
		e.Close()
		for range 10 {
			if err := <-ended; fault.Of(err) != fault.Cancelled {
				t.Error(err)
			}
		}
		if err := e.Client(0).Do(background, &Request{Base: base, URL: "/"}, new(Response)); fault.Of(err) != fault.Cancelled {
			t.Errorf("after Close: %v", err)
		}
		if n := e.Counters(); n.Open != 0 {
			t.Errorf("%+v", n)
		}
	})
}

func TestRefused(t *testing.T) {
	eachBackend(t, func(t *testing.T, io string) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		addr := l.Addr().String()
		l.Close()
		e := newEngine(t, Config{IO: io})
		_, f := doFail(t, e.Client(0), Request{URL: "http://" + addr}, fault.Refused)
		if got, want := f.Error(), "refused: nothing listens on "+addr+"; is the site up?"; got != want {
			t.Errorf("%q, want %q", got, want)
		}
		if n := e.Counters(); n.Dials != 1 || n.DialFails != 1 || n.Open != 0 {
			t.Errorf("%+v", n)
		}
	})
}

// One client waits for its turn at the connections in the order of asking.
func TestTurns(t *testing.T) {
	eachHostile(t, Config{MaxConnsPerHost: 1}, func(_ int, c net.Conn, r *bufio.Reader) {
		for readRequest(r) {
			io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
		}
	}, func(t *testing.T, e *Engine, base *Target) {
		c := e.Client(0)
		ended := make(chan error, 50)
		for range 50 {
			go func() {
				var r Response
				err := c.Do(t.Context(), &Request{Base: base, URL: "/"}, &r)
				r.Release()
				ended <- err
			}()
		}
		for range 50 {
			if err := <-ended; err != nil {
				t.Error(err)
			}
		}
		if n := e.Counters(); n.Dials != 1 {
			t.Errorf("%+v", n)
		}
	})
}

// However Close and requests meet, every request ends.
func TestCloseRaces(t *testing.T) {
	eachBackend(t, func(t *testing.T, backend string) {
		addr := scripted(t, func(_ int, c net.Conn, r *bufio.Reader) {
			for readRequest(r) {
				io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
			}
		})
		for round := range 20 {
			e := newEngine(t, Config{IO: backend})
			base := target(t, e, "http://"+addr)
			ended := make(chan error, 10)
			for i := range 10 {
				go func() {
					var r Response
					var err error
					for err == nil {
						err = e.Client(i).Do(background, &Request{Base: base, URL: "/"}, &r)
						r.Release()
					}
					ended <- err
				}()
			}
			for range round % 5 {
				do(t, e.Client(100), Request{Base: base, URL: "/"})
			}
			e.Close()
			for range 10 {
				if err := <-ended; fault.Of(err) != fault.Cancelled {
					t.Errorf("%v (%v)", err, errors.Unwrap(err))
				}
			}
			if n := e.Counters(); n.Open != 0 {
				t.Errorf("%+v", n)
			}
		}
	})
}
