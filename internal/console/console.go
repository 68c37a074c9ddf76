package console

import (
	"errors"
	"log"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/stampede-load/stampede"
)

// ErrUnknown says that there is no such run.
var ErrUnknown = errors.New("there is no such run")

// ErrNoWorker says that there is no such worker.
var ErrNoWorker = errors.New("there is no such worker")

// ErrBusy says that a run goes on already.
var ErrBusy = errors.New("a run goes on already: stop it first, or wait for its end")

// Console is the page and the API of one program. Its methods may be called from any goroutine.
type Console struct {
	cfg     Config
	keys    *keys
	handler http.Handler
	streams chan struct{} // one for each that may be open
	closing chan struct{}
	closed  sync.Once
	edits   atomic.Int64 // how often the ledger was changed from here
	courses courses
	files   func() map[string]*asset // the page

	mu       sync.Mutex
	current  *live // the run that goes on, or the last one
	starting bool
}

// How much a console does at once.
const (
	mostStreams = 256
	mostBody    = 1 << 20
	mostImport  = 32 << 20
)

// New makes a console.
func New(cfg Config) *Console {
	c := &Console{cfg: cfg, keys: newKeys(cfg.Access), streams: make(chan struct{}, mostStreams), closing: make(chan struct{})}
	c.files = sync.OnceValue(readAssets)
	c.handler = c.guarded(c.routes())
	return c
}

// Handler answers everything. It may be mounted under Config.Base or behind a proxy that takes it away.
func (c *Console) Handler() http.Handler { return c.handler }

// Close ends the streams; no more are accepted.
func (c *Console) Close() { c.closed.Do(func() { close(c.closing) }) }

// Server is an HTTP server with the limits that a console needs. Its owner starts and ends it.
func (c *Console) Server() *http.Server {
	s := &http.Server{
		Handler: c.handler, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 60 * time.Second, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: 64 << 10, ErrorLog: log.New(lines(c.log), "", 0),
	}
	s.RegisterOnShutdown(c.Close)
	return s
}

// lines hands on what net/http has to say, but for the complaint that huma answers those who went away twice.
type lines func(string)

func (l lines) Write(p []byte) (int, error) {
	if text := strings.TrimSpace(string(p)); !strings.Contains(text, "superfluous response.WriteHeader") {
		l("console: " + text)
	}
	return len(p), nil
}

func (c *Console) log(text string) {
	if c.cfg.Log != nil {
		c.cfg.Log(text)
	}
}

// Watch is an observer for a run that is about to start; it becomes the current one when it begins. The run must be handed over with
// [Watched.Going] once it goes on.
func (c *Console) Watch() *Watched { return &Watched{console: c, live: newLive()} }

// Watched is a run on its way to being the current one.
type Watched struct {
	console *Console
	live    *live
}

// Going hands the run over.
func (w *Watched) Going(run Run) {
	w.live.going(run)
	w.console.mu.Lock()
	defer w.console.mu.Unlock()
	w.console.current = w.live
}

// Begin implements stampede.Observer.
func (w *Watched) Begin(info stampede.RunInfo) { w.live.begin(info) }

// Second implements stampede.Observer.
func (w *Watched) Second(sec *stampede.Second) { w.live.second(sec.Index + sec.Width) }

// Event implements stampede.Observer.
func (w *Watched) Event(e stampede.Event) { w.live.event(e) }

// End implements stampede.Observer.
func (w *Watched) End(r *stampede.Report) { w.live.end(r) }

// Edited says that the ledger was changed by somebody else than this console, so that those who look read it anew.
func (c *Console) Edited() { c.edits.Add(1) }

// now is the current run, nil before the first.
func (c *Console) now() *live {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.current
}

// reserve makes sure that one run starts at a time. done must be called when it has started, or could not.
func (c *Console) reserve() (done func(), err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.starting || c.current != nil && !c.current.isOver() {
		return nil, ErrBusy
	}
	c.starting = true
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.starting = false
	}, nil
}

// Status is what goes on.
type Status struct {
	State string `json:"state" enum:"ready,starting,running,paused,stopping,done"`
	Run   string `json:"run" doc:"the run that goes on, or the last one; empty before the first"`
	Edits int64  `json:"edits" doc:"grows when the ledger changed"`
}

// Status is what goes on.
func (c *Console) Status() Status {
	c.mu.Lock()
	current, starting := c.current, c.starting
	c.mu.Unlock()
	s := Status{State: "ready", Edits: c.edits.Load()}
	if current != nil {
		s.State, s.Run = current.state(), current.id()
	}
	if starting {
		s.State = "starting"
	}
	return s
}

// find is the current run when a reference names it, else nil.
func (c *Console) find(ref string) *live {
	current := c.now()
	if current != nil && (ref == current.id() || ref == "current" || ref == "last" && !current.isOver()) {
		return current
	}
	return nil
}

// ErrRefused marks errors of the ledger that whoever asked can do something about: they are shown as they are.
var ErrRefused = errors.New("refused")
