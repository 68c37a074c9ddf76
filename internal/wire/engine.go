package wire

import (
	"context"
	"crypto/tls"
	"fmt"
	"hash/maphash"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/quic-go/quic-go/http3"
	"golang.org/x/sync/semaphore"
)

// Engine is what the clients of a run share: settings, name answers, buffers, the back end and its pollers. Make it with New, end it with
// Close.
type Engine struct {
	cfg     Config
	guard   guard
	fence   *Fence
	resolve map[string][]netip.AddrPort
	tls     *tls.Config // nil until New; cloned for each client's session cache
	backend backend
	follows bool    // requests can go on without a goroutine
	nowhere *poller // the loop of who is on none and waits for nothing: no connection belongs to it

	origins    origins
	names      names
	buffers    buffers
	exchanges  sync.Pool
	workspaces sync.Pool
	decoders   decoders
	unpacking  chan struct{}       // one for each body that is being decompressed
	large      *semaphore.Weighted // bytes of decompressed bodies that are large
	wheel      wheel
	conns      registry
	streams    streams
	opened     atomic.Uint32 // connections
	idle       idlePoller
	stripes    [stripes]stripe
	lookups    atomic.Int64
	lookupNS   atomic.Int64

	seed         maphash.Seed // of hashes of header fields and blocks
	heads        heads
	vetted       vetted
	tidier       tidier
	h3           *http3.Transport
	frames       sync.Pool // *[outSize]byte
	h2workspaces sync.Pool

	life   context.Context // ends with Close
	end    context.CancelFunc
	work   sync.WaitGroup // goroutines of the engine
	closed sync.Once
}

// New makes an engine. The error says which part of the configuration cannot be.
func New(cfg Config) (*Engine, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	e := &Engine{cfg: cfg, nowhere: new(poller)}
	if e.guard, err = parseAllow(cfg.Allow); err != nil {
		return nil, err
	}
	if e.fence, err = NewFence(cfg.Never, cfg.Swap); err != nil {
		return nil, err
	}
	if e.resolve, err = resolveTable(cfg.Resolve); err != nil {
		return nil, err
	}
	e.life, e.end = context.WithCancel(context.Background())
	e.tls = e.tlsConfig()
	e.seed = maphash.MakeSeed()
	e.h3 = newH3(&cfg)
	e.h2workspaces.New = func() any { return new(h2workspace) }
	e.unpacking = make(chan struct{}, unpackers())
	e.large = semaphore.NewWeighted(max(largeBodies, cfg.MaxBody))
	e.names.init(e)
	e.wheel.init(e)
	e.exchanges.New = func() any { return newExchange(e) }
	e.workspaces.New = func() any { return newWorkspace(e) }
	if e.backend, err = e.openBackend(); err != nil {
		e.end()
		return nil, fmt.Errorf("wire: %w", err)
	}
	// HTTP/3 waits by itself, and who opens a connection for each request has to wait for that.
	e.follows = canFollow(e.backend) && cfg.HTTP != "3" && cfg.HTTP != "auto+3" && cfg.Fresh == KeepAlive
	e.work.Go(e.wheel.turn)
	return e, nil
}

// Backend names the back end that was chosen: "net", "raw" or "epoll".
func (e *Engine) Backend() string { return e.backend.name() }

// Now is the time since Config.Start in nanoseconds, on the monotonic clock.
func (e *Engine) Now() int64 { return int64(time.Since(e.cfg.Start)) }

// Close closes every connection and waits for the engine's goroutines. Requests in flight fail as cancelled. The engine cannot be used
// again. Idempotent.
func (e *Engine) Close() error {
	e.closed.Do(func() {
		e.end()
		e.conns.giveUpAll(closed)
		e.streams.closeAll()
		e.idle.close()
		e.wheel.stop()
		e.backend.close()
		e.work.Wait()
		e.conns.closeAll()
	})
	return nil
}

// begin runs f in a goroutine that Close waits for. It reports false when the engine is closed already.
func (e *Engine) begin(f func()) bool {
	e.conns.mu.Lock()
	defer e.conns.mu.Unlock()
	if e.conns.shut.Load() {
		return false
	}
	e.work.Go(f)
	return true
}

func (e *Engine) h2workspace() *h2workspace { return e.h2workspaces.Get().(*h2workspace) }

// registry knows every open connection, for Close and for cancelled contexts. It is touched when connections come and go, never by a
// request.
type registry struct {
	mu    sync.Mutex
	first *conn
	shut  atomic.Bool
}

// add reports false when the engine is closed already.
func (r *registry) add(c *conn) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.shut.Load() {
		return false
	}
	c.after = r.first
	if r.first != nil {
		r.first.before = c
	}
	r.first = c
	if c.origin.secure {
		c.client.e.tidier.open.Add(1)
	}
	return true
}

func (r *registry) remove(c *conn) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if c.before == nil && c.after == nil && r.first != c {
		return
	}
	if c.origin.secure {
		c.client.e.tidier.open.Add(-1)
	}
	if c.before != nil {
		c.before.after = c.after
	} else {
		r.first = c.after
	}
	if c.after != nil {
		c.after.before = c.before
	}
	c.before, c.after = nil, nil
}

// giveUpAll ends the requests in flight on all connections and admits no further ones.
func (r *registry) giveUpAll(why cause) {
	r.mu.Lock()
	defer r.mu.Unlock()
	// A request that is about to start looks at shut after it has set due; this looks at due after it has set shut.
	r.shut.Store(true)
	for c := r.first; c != nil; c = c.after {
		if c.h2 != nil {
			c.h2.shut(why)
		} else {
			c.giveUp(why)
		}
	}
}

// closeAll closes the idle connections, and sees to it that those in use are closed when their request is done.
func (r *registry) closeAll() {
	r.mu.Lock()
	var all []*conn
	for c := r.first; c != nil; c = c.after {
		all = append(all, c)
	}
	r.mu.Unlock()
	for _, c := range all {
		c.client.retire(c)
	}
}
