package fleet

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"
)

// Fetched means that the controller has a program for this worker to run in its place.
type Fetched struct {
	Program string // its path
	Name    string // what it is called
	Folder  string // with the files that it needs
}

func (f *Fetched) Error() string { return "fleet: run " + f.Program + " in the place of this program" }

// Worker is one that was let in.
type Worker struct {
	cfg    WorkerConfig
	clock  clock
	nc     *nats.Conn
	gone   chan error // the connection is closed for good, or nothing is allowed
	number int
	name   string

	mu     sync.Mutex
	offset offset
	heard  time.Time
	part   *part // in a run; nil
	idle   time.Time
	drain  bool
	leave  bool // the controller lets it go
	nudge  chan struct{}

	answers chan int64 // the beats that were answered, by when they were sent
}

// Join dials the controller and asks to be let in. When the controller has another program for this worker the error is a *Fetched.
func Join(ctx context.Context, cfg WorkerConfig) (*Worker, error) {
	if cfg.Log == nil {
		cfg.Log = func(string) {}
	}
	if cfg.Start == nil {
		cfg.Start = startUsers
	}
	cfg.patience = cfg.patience.orUsual()
	key, err := nkeys.CreateUser()
	if err != nil {
		return nil, fmt.Errorf("fleet: make a key: %w", err)
	}
	public, err := key.PublicKey()
	if err != nil {
		return nil, fmt.Errorf("fleet: make a key: %w", err)
	}
	w := &Worker{cfg: cfg, clock: newClock(), gone: make(chan error, 1), heard: time.Now(), idle: time.Now(), nudge: make(chan struct{}, 1), answers: make(chan int64, 8)}
	w.clock.ahead, w.clock.drift = cfg.Ahead, cfg.Drift
	welcome, err := w.knock(ctx, public)
	if err != nil {
		return nil, err
	}
	w.number, w.name = welcome.Number, welcome.Name
	options := append(dialOptions(cfg.URL.Pin, w.gone),
		nats.Name(w.name), nats.CustomInboxPrefix(workerInbox(w.number)),
		nats.ReconnectHandler(func(*nats.Conn) { w.hurry() }))
	if cfg.URL.Outside == "" {
		options = append(options, nats.Nkey(public, key.Sign))
	}
	if w.nc, err = nats.Connect(cfg.URL.server(), options...); err != nil {
		return nil, fmt.Errorf("fleet: connect to %s: %w", cfg.URL.Address, explain(cfg.URL, err))
	}
	for subject, f := range map[string]nats.MsgHandler{callSubject(w.number): w.called, beatInbox(w.number) + "*": w.answered} {
		if _, err := w.nc.Subscribe(subject, f); err != nil {
			w.nc.Close()
			return nil, fmt.Errorf("fleet: %w", err)
		}
	}
	return w, nil
}

// Name is what the controller calls it.
func (w *Worker) Name() string { return w.name }

// knock asks to be let in, with the token.
func (w *Worker) knock(ctx context.Context, public string) (*Welcome, error) {
	options := append(dialOptions(w.cfg.URL.Pin, make(chan error, 1)),
		nats.Name(public), nats.CustomInboxPrefix(joinerInbox(public)))
	if w.cfg.URL.Outside == "" {
		options = append(options, nats.Token(w.cfg.URL.Token))
	}
	nc, err := dial(ctx, w.cfg.URL, options, joinPatience, w.cfg.Log)
	if err != nil {
		return nil, fmt.Errorf("fleet: join %s: %w", w.cfg.URL.Address, err)
	}
	defer nc.Close()
	host, err := os.Hostname()
	if err != nil {
		host = ""
	}
	hello, err := json.Marshal(Hello{
		Protocol: Protocol, Version: w.cfg.Version, Key: public, Name: w.cfg.Name, Host: host, OS: runtime.GOOS, Arch: runtime.GOARCH,
		Cores: runtime.GOMAXPROCS(0), Weight: int64(w.cfg.Weight*1000 + 0.5), Test: w.cfg.Test, Binary: w.cfg.Binary, Cost: w.cfg.Cost, PID: os.Getpid(),
	})
	if err != nil {
		return nil, err
	}
	ask, stop := context.WithTimeout(ctx, joinPatience)
	defer stop()
	m, err := nc.RequestWithContext(ask, joinSubject(), hello)
	for errors.Is(err, nats.ErrNoResponders) && ask.Err() == nil { // the controller of an outside NATS is not there yet
		select {
		case <-time.After(500 * time.Millisecond):
		case <-ask.Done():
		}
		m, err = nc.RequestWithContext(ask, joinSubject(), hello)
	}
	if err != nil {
		return nil, fmt.Errorf("fleet: join %s: %w", w.cfg.URL.Address, unanswered(ctx, w.cfg.URL, err))
	}
	var welcome Welcome
	if err := json.Unmarshal(m.Data, &welcome); err != nil {
		return nil, fmt.Errorf("fleet: join %s: the answer cannot be read: use the same version of stampede on both sides", w.cfg.URL.Address)
	}
	switch {
	case welcome.Problem != "":
		return nil, fmt.Errorf("fleet: join %s: %s", w.cfg.URL.Address, show400(welcome.Problem))
	case welcome.Fetch != nil:
		return nil, w.fetch(nc, welcome.Fetch)
	}
	return &welcome, nil
}

// fetch gets the controller's program and its files.
func (w *Worker) fetch(nc *nats.Conn, b *Bundle) error {
	w.cfg.Log(fmt.Sprintf("fetching the test: %s, %d MB", show(b.Program.Name), b.Program.Size>>20))
	kept := w.cfg.Folder
	program, err := fetch(nc, kept, b.Program)
	if err != nil {
		return noRoom(err)
	}
	folder, err := os.MkdirTemp(kept, "test-")
	if err != nil {
		return fmt.Errorf("fleet: a folder for the test: %w", noRoom(err))
	}
	if err := settle(nc, kept, folder, b.Files); err != nil {
		return errors.Join(noRoom(err), os.RemoveAll(folder))
	}
	return &Fetched{Program: program, Name: show(b.Program.Name), Folder: folder}
}

func show400(text string) string {
	if r := []rune(text); len(r) > 400 {
		return string(r[:400])
	}
	return text
}

// Drain asks to leave: the users end their tasks, the load goes to the others, and Run returns.
func (w *Worker) Drain() {
	w.mu.Lock()
	w.drain = true
	w.mu.Unlock()
	w.hurry()
}

// hurry makes the next beat come at once.
func (w *Worker) hurry() {
	select {
	case w.nudge <- struct{}{}:
	default:
	}
}

// Run works until the controller lets the worker go, it was drained, or the controller is gone for good.
func (w *Worker) Run(ctx context.Context) error {
	defer w.nc.Close()
	for range 4 { // the clocks first
		w.beat()
	}
	ticker := time.NewTicker(beatEvery)
	defer ticker.Stop()
	ended := ctx.Done()
	for {
		select {
		case <-ticker.C:
		case <-w.nudge:
		case <-ended:
			w.abandon("interrupted")
			ended = nil
		case err := <-w.gone:
			return w.lostFor(err)
		}
		w.beat()
		if done, err := w.over(); done {
			return err
		}
	}
}

// over reports whether the worker has nothing to do any more.
func (w *Worker) over() (bool, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	quiet := time.Since(w.heard)
	if p := w.part; p != nil {
		if quiet > w.cfg.patience.deserted && p.stop(desertedReason) {
			w.cfg.Log(fmt.Sprintf("nothing was heard of the controller for %v: the users stop; what they measured is kept for %v in case it comes back",
				w.cfg.patience.deserted, w.cfg.patience.deliver))
		}
		if !p.isOver() {
			return quiet > w.cfg.patience.deserted+w.cfg.patience.deliver, w.deserted(quiet)
		}
		if p.err != nil {
			w.cfg.Log(p.err.Error())
		}
		w.part, w.idle = nil, time.Now()
		if p.drained {
			w.leave = true
		}
	}
	switch {
	case w.leave || w.drain:
		w.farewell()
		return true, nil
	case quiet > w.cfg.patience.deserted:
		return true, w.deserted(quiet)
	case w.cfg.IdleExit > 0 && time.Since(w.idle) > w.cfg.IdleExit:
		w.cfg.Log(fmt.Sprintf("no run for %v: leaving", w.cfg.IdleExit))
		w.farewell()
		return true, nil
	}
	return false, nil
}

// errDeserted means that the controller did not come back.
var errDeserted = errors.New("fleet: the controller is gone")

// farewell tells the controller that this worker goes. mu is held.
func (w *Worker) farewell() {
	b, err := json.Marshal(Beat{State: "ready", Leave: true})
	if err == nil {
		_, _ = w.nc.Request(beatSubject(w.number), b, time.Second) // it notices all the same
	}
}

// abandon stops a run by hand at this worker: it drains.
func (w *Worker) abandon(string) { w.Drain() }

// beat tells the controller how it goes, and waits a moment for what it answers.
func (w *Worker) beat() {
	w.mu.Lock()
	b := Beat{State: "ready", Drain: w.drain}
	b.Offset, b.Error, b.RTT, _ = w.offset.best(w.clock.now())
	if w.part != nil {
		w.part.tell(&b)
	}
	w.mu.Unlock()
	b.Sent = w.clock.now()
	data, err := json.Marshal(b)
	if err != nil {
		return
	}
	if err := w.nc.PublishRequest(beatSubject(w.number), beatInbox(w.number)+strconv.FormatInt(b.Sent, 10), data); err != nil {
		return
	}
	patience := time.NewTimer(beatPatience)
	defer patience.Stop()
	for {
		select {
		case sent := <-w.answers:
			if sent == b.Sent {
				return
			}
		case <-patience.C:
			return
		}
	}
}

// answered takes the answer to a beat, whenever it comes: a controller that answers late is there all the same.
func (w *Worker) answered(m *nats.Msg) {
	got := w.clock.now()
	sent, err := strconv.ParseInt(strings.TrimPrefix(m.Subject, beatInbox(w.number)), 10, 64)
	var a Answer
	if err != nil || json.Unmarshal(m.Data, &a) != nil {
		return
	}
	w.mu.Lock()
	w.offset.add(sent, a.Now, got)
	w.mu.Unlock()
	w.take(&a)
	w.mu.Lock()
	if w.part != nil && got-sent < int64(beatPatience) { // an old one does not know what became of this worker since
		w.part.goOn()
	}
	w.mu.Unlock()
	select {
	case w.answers <- sent:
	default: // nobody waits
	}
}

// called takes what the controller says by itself.
func (w *Worker) called(m *nats.Msg) {
	var a Answer
	if json.Unmarshal(m.Data, &a) == nil {
		w.take(&a)
		w.hurry() // which acknowledges it, or asks for the job
	}
}

// take does what an answer says.
func (w *Worker) take(a *Answer) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.heard = time.Now()
	if a.Problem != "" {
		w.cfg.Log(show400(a.Problem))
		w.leave = true
		if w.part != nil {
			w.part.stop(show400(a.Problem))
		}
		return
	}
	w.leave = w.leave || a.Leave
	if a.Job != nil && w.part == nil && !w.drain {
		p, err := newPart(w, a.Job)
		if err != nil {
			w.cfg.Log(err.Error())
			return
		}
		w.part = p
		go p.prepare()
	}
	if w.part != nil && a.Drop == w.part.job.Run {
		w.part.abandon()
		return
	}
	if w.part != nil && a.Run == w.part.job.Run {
		w.part.obey(a.Orders)
	}
}
