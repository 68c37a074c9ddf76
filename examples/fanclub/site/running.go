package site

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"
)

// Running is a site that listens. Whoever started it calls Close.
type Running struct {
	server   *http.Server
	listener net.Listener
	cancel   context.CancelFunc // ends the requests that wait at the gate
	conns    sync.WaitGroup     // open connections, each with its goroutine
	done     chan struct{}      // closed when the server no longer accepts
	err      error              // why it stopped by itself; read after done

	closing sync.Mutex
	closed  bool
	result  error // what the first Close returned
}

// Start serves the site on addr in the background: "127.0.0.1:8080", or "127.0.0.1:0" for a free port; an empty addr means the latter. An
// address beyond loopback opens the site to the network, which is meant for load from other machines only.
func (s *Site) Start(addr string) (*Running, error) {
	if addr == "" {
		addr = "127.0.0.1:0"
	}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("site: listen on %s: %w (stop what is there, or give port 0 for a free one)", addr, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	r := &Running{listener: listener, cancel: cancel, done: make(chan struct{})}
	r.server = &http.Server{
		Handler:           s,
		ConnState:         r.track,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute, // longer than any fan thinks, so that a connection outlives the pause
		BaseContext:       func(net.Listener) context.Context { return ctx },
		ErrorLog:          slog.NewLogLogger(s.config.Log.Handler(), slog.LevelWarn),
	}
	go r.serve()
	return r, nil
}

// track counts the open connections, so that Close can wait for the last. StateNew comes from the goroutine that accepts, which has
// ended when Close waits.
func (r *Running) track(_ net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		r.conns.Add(1)
	case http.StateClosed, http.StateHijacked:
		r.conns.Done()
	}
}

func (r *Running) serve() {
	defer close(r.done)
	if err := r.server.Serve(r.listener); !errors.Is(err, http.ErrServerClosed) {
		r.err = fmt.Errorf("site: serve on %s: %w", r.Addr(), err)
	}
}

// Addr is the address the site listens on, with the real port.
func (r *Running) Addr() string { return r.listener.Addr().String() }

// URL is the address of the home page without the slash at its end, as --host takes it: "http://127.0.0.1:40123".
func (r *Running) URL() string { return "http://" + r.Addr() }

// Done is closed when the site no longer listens, whether Close was called or the listener failed.
func (r *Running) Done() <-chan struct{} { return r.done }

// Close stops the site: it accepts nothing new, answers what is being worked on, and returns when all of it is done. When ctx ends first
// the rest is cut off, and the error says so. A second Close waits for the first and returns the same.
func (r *Running) Close(ctx context.Context) error {
	r.closing.Lock()
	defer r.closing.Unlock()
	if r.closed {
		return r.result
	}
	r.closed = true
	err := r.server.Shutdown(ctx)
	r.cancel()
	if err != nil {
		err = fmt.Errorf("site: close %s: requests still being answered were cut off: %w", r.Addr(), err)
		_ = r.server.Close() // closes what Shutdown left open; the listener's own error was seen by Shutdown
	}
	<-r.done
	r.conns.Wait()
	r.result = errors.Join(r.err, err)
	return r.result
}
