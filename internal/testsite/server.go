package testsite

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// Server is a running server. Whoever started it calls Close. All methods may be called at the same time.
type Server struct {
	config   Config
	listener net.Listener
	tls      *tls.Config // nil without TLS
	roots    *x509.CertPool

	clock    clock
	worker   *worker // of the exp mode
	page     *page   // the usual answer
	failure  *page   // status 500
	behave   behaviour
	arrivals arrivals
	handling handling
	visitors atomic.Int64 // of the cookie mode
	accepted atomic.Int64

	closing chan struct{} // closed by Close
	done    sync.WaitGroup

	mu      sync.Mutex
	closed  bool
	conns   map[*conn]struct{}
	pending *time.Timer // the freeze that will come, nil if none
}

// Start runs a server in the background. The error names every mistake in the configuration, or says why it cannot listen.
func Start(config Config) (*Server, error) {
	config, err := config.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("testsite: %w", err)
	}
	body := filler(config.Body)
	s := &Server{
		config:   config,
		clock:    clock{origin: time.Now()},
		worker:   newWorker(config.Service, config.Seed),
		page:     newPage("200 OK", "text/plain", "", body),
		failure:  newPage("500 Internal Server Error", "text/plain", "", body),
		arrivals: newArrivals(config.Arrivals),
		handling: newHandling(config.Handling),
		closing:  make(chan struct{}),
		conns:    map[*conn]struct{}{},
	}
	s.behave = s.behaviour()
	if config.TLS {
		if s.tls, s.roots, err = selfSigned(); err != nil {
			return nil, err
		}
	}
	// Probes on idle connections would cost three system calls for each connection accepted.
	listen := net.ListenConfig{KeepAlive: -1}
	if s.listener, err = listen.Listen(context.Background(), "tcp", config.Addr); err != nil {
		return nil, fmt.Errorf("testsite: listen on %s: %w (stop what is there, or give port 0 for a free one)", config.Addr, err)
	}
	s.done.Go(s.accept)
	return s, nil
}

// accept takes connections until the listener is closed. Any other error, such as too many open files, may pass: try again.
func (s *Server) accept() {
	for {
		stream, err := s.listener.Accept()
		switch {
		case err == nil:
			s.accepted.Add(1)
			s.open(stream)
		case errors.Is(err, net.ErrClosed):
			return
		default:
			select {
			case <-s.closing:
				return
			case <-time.After(5 * time.Millisecond):
			}
		}
	}
}

// open serves a new connection, unless the server has been closed meanwhile.
func (s *Server) open(stream net.Conn) {
	c := &conn{server: s, tcp: stream.(*net.TCPConn), stream: stream, buf: make([]byte, firstBuffer)}
	if s.tls != nil {
		c.stream = tls.Server(stream, s.tls)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		_ = stream.Close()
		return
	}
	s.conns[c] = struct{}{}
	s.done.Go(c.serve)
}

// forget closes a connection that is done.
func (s *Server) forget(c *conn) {
	_ = c.stream.Close() // for TLS this says goodbye first; a connection already reset has nothing to say
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, c)
}

// Addr is the address the server listens on, with the real port.
func (s *Server) Addr() string { return s.listener.Addr().String() }

// URL is the server's address as a URL without a path: "http://127.0.0.1:40123", or https with TLS.
func (s *Server) URL() string {
	if s.tls != nil {
		return "https://" + s.Addr()
	}
	return "http://" + s.Addr()
}

// ClientTLS is a client configuration that trusts this server, nil without TLS. The caller owns it.
func (s *Server) ClientTLS() *tls.Config {
	if s.tls == nil {
		return nil
	}
	return &tls.Config{RootCAs: s.roots}
}

// Freeze makes the server stand still for d from now, in any mode: connections are accepted by the kernel, nothing is answered, what
// was being worked on is d later. What overlaps a freeze already on adds only what outlasts it. Freeze returns at once.
func (s *Server) Freeze(d time.Duration) { s.clock.freeze(d) }

// freezeLater plans the freeze of the configuration, in place of one still to come.
func (s *Server) freezeLater() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	if s.pending != nil {
		s.pending.Stop()
	}
	s.pending = time.AfterFunc(s.config.FreezeAt, func() { s.Freeze(s.config.FreezeFor) })
}

// Close ends all connections at once and returns when every goroutine of the server has ended. A second Close does nothing.
func (s *Server) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		s.done.Wait()
		return nil
	}
	s.closed = true
	if s.pending != nil {
		s.pending.Stop()
	}
	close(s.closing)
	err := s.listener.Close()
	for c := range s.conns {
		_ = c.tcp.Close() // wakes its goroutine, which does the rest
	}
	s.mu.Unlock()
	s.done.Wait()
	if err != nil {
		return fmt.Errorf("testsite: close %s: %w", s.Addr(), err)
	}
	return nil
}
