package fleet

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// Options are those of a controller. The zero value listens on a free port of loopback.
type Options struct {
	Addr      string // host:port; empty means 127.0.0.1:0
	Advertise string // host, or host:port, in the join URL; empty means Addr, or this machine's address when Addr is all of them
	Token     string // that admits workers; empty makes one
	Key       string // certificate and key, as NewKey makes them, so that the pin stays from start to start; empty makes them anew
	NATS      string // the URL of an outside NATS server or cluster with JetStream, in place of Addr; empty means a server of the controller's own
	Folder    string // where the stream and the state are kept; empty means a temporary one that Close removes
	Resume    bool   // the folder holds a run to go on with
	OneRun    bool   // the folder is removed when its run is over

	Version string            // of stampede
	Test    string            // hash of the controller's test; empty for the stock program
	Binary  string            // path of the program that workers without the test can fetch; empty offers none
	Files   []string          // sent along with it, by name relative to the working folder
	Local   bool              // workers are processes of this machine
	Log     func(text string) // what happens to workers outside of a run; nil drops it

	silence time.Duration // tests: how long a worker may say nothing, connected or not; 0 means as long as it should
	shut    time.Duration // tests: the same, not connected; 0 means silence
}

// Controller is the one that everybody dials. Its methods may be called from any goroutine.
type Controller struct {
	opt    Options
	folder string
	lock   *os.File
	clock  clock
	srv    *server.Server
	nc     *nats.Conn
	admit  *admission
	files  *fileStore
	bundle *Bundle
	local  string // hash of the controller's own program

	seconds source                   // where seconds come from
	post    func(n int, data []byte) // says something to a worker
	save    func(s *state) error     // writes the state down

	leaveOutside func() // ends what watches the connection to an outside NATS; nil without one

	mu       sync.Mutex
	state    state
	peers    map[int]*peer
	run      *drive // the run that goes on; nil
	closed   bool
	finished bool          // a run came to its end
	stale    bool          // workers have come who are not written down yet
	unplaced bool          // workers have come of whom it is not known from where
	looked   time.Time     // when it last looked for workers that say nothing
	wake     chan struct{} // closed and made anew when a peer changes
	stop     context.CancelFunc
	done     sync.WaitGroup
}

// Listen starts a controller.
func Listen(ctx context.Context, o Options) (*Controller, error) {
	c := &Controller{opt: o, clock: newClock(), peers: map[int]*peer{}, files: newFileStore(), wake: make(chan struct{})}
	if c.opt.Addr == "" {
		c.opt.Addr = "127.0.0.1:0"
	}
	if err := c.openFolder(); err != nil {
		return nil, err
	}
	if err := errors.Join(c.prepareState(), c.offer()); err != nil {
		c.closeFolder()
		return nil, err
	}
	if err := c.open(ctx); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// openFolder makes the folder this controller's alone.
func (c *Controller) openFolder() (err error) {
	c.folder = c.opt.Folder
	if c.folder == "" {
		if c.folder, err = os.MkdirTemp("", "stampede-fleet-"); err != nil {
			return fmt.Errorf("fleet: no folder for the stream: %w", err)
		}
	} else if _, err := os.Stat(filepath.Join(c.folder, stateFile)); c.opt.Resume && err != nil {
		return fmt.Errorf("fleet: there is nothing to go on with in %s: the run has come to its end, or its controller was on another machine", c.folder)
	} else if err := os.MkdirAll(c.folder, 0o700); err != nil {
		return fmt.Errorf("fleet: the folder for the stream: %w", err)
	}
	c.lock, err = lockFolder(c.folder)
	return err
}

func (c *Controller) closeFolder() {
	if c.lock != nil {
		c.lock.Close()
	}
	if c.opt.Folder == "" || c.opt.OneRun && (c.finished || c.run == nil && !c.opt.Resume) {
		os.RemoveAll(c.folder)
	}
}

// prepareState makes what a controller is known by, or reads it.
func (c *Controller) prepareState() error {
	if c.opt.Resume {
		s, err := loadState(c.folder)
		if err != nil {
			return err
		}
		c.state, c.opt.Addr = *s, s.Address
		c.opt.Token, c.opt.NATS = s.Token, s.NATS
		return nil
	}
	id, err := c.identity()
	if err != nil {
		return err
	}
	if c.opt.Token == "" {
		c.opt.Token = secret(18)
	}
	if len(c.opt.Token) < 16 {
		return errors.New("fleet: the token is shorter than 16 characters, and could be guessed: give a longer one, or none")
	}
	c.state = state{Protocol: Protocol, Identity: id, Token: c.opt.Token, Operator: secret(24), NATS: c.opt.NATS}
	return nil
}

// identity is the certificate that was given, or a new one.
func (c *Controller) identity() (identity, error) {
	if c.opt.Key != "" {
		id, err := parseKey(c.opt.Key)
		if err != nil {
			return id, fmt.Errorf("fleet: read the key: %w", err)
		}
		return id, nil
	}
	id, err := newIdentity()
	if err != nil {
		return id, fmt.Errorf("fleet: make a certificate: %w", err)
	}
	return id, nil
}

// offer gets ready what workers without the test fetch.
func (c *Controller) offer() error {
	if c.opt.Binary == "" {
		return nil
	}
	program, err := c.files.put(filepath.Base(c.opt.Binary), c.opt.Binary)
	if err != nil {
		return err
	}
	c.local = program.Hash
	c.bundle = &Bundle{Program: program}
	for _, name := range c.opt.Files {
		if !filepath.IsLocal(name) {
			return fmt.Errorf("fleet: the file %s for the workers lies outside of this folder: give a path below it", name)
		}
		f, err := c.files.put(name, name)
		if err != nil {
			return err
		}
		c.bundle.Files = append(c.bundle.Files, f)
	}
	return nil
}

// open starts the server and answers what comes.
func (c *Controller) open(ctx context.Context) error {
	c.admit = &admission{token: c.opt.Token, inside: secret(24), operator: c.state.Operator, keys: map[string]int{}}
	most, err := int64(maxStored/2), c.connect()
	if err != nil {
		return err
	}
	if c.srv == nil {
		most = maxOutside
	}
	if c.seconds, err = openStream(ctx, c.nc, most); err != nil {
		return err
	}
	c.post = func(n int, data []byte) { _ = c.nc.Publish(callSubject(n), data) } // its next beat brings the same
	c.save = func(s *state) error { return s.save(c.folder) }
	c.remember()
	if err := c.save(&c.state); err != nil {
		return err
	}
	for subject, f := range map[string]nats.MsgHandler{
		joinSubject(): c.join, fileSubject(): c.files.serve, workerSubjects("beat"): c.beat, operatorSubject(): c.operate,
	} {
		if _, err := c.nc.Subscribe(subject, f); err != nil {
			return err
		}
	}
	watch, stop := context.WithCancel(context.WithoutCancel(ctx))
	c.stop = stop
	c.done.Go(func() { c.watch(watch) })
	return c.nc.Flush()
}

// connect starts the controller's own server, or connects to the outside one.
func (c *Controller) connect() (err error) {
	if c.opt.NATS != "" {
		c.nc, err = c.outside()
		return err
	}
	if c.srv, err = listen(c.opt.Addr, filepath.Join(c.folder, "stream"), c.state.Identity, c.admit); err != nil {
		return err
	}
	c.state.Address = c.srv.Addr().String()
	c.nc, err = inside(c.srv, c.admit)
	return err
}

func workerSubjects(what string) string { return prefix + ".w.*." + what }

// remember makes peers of those that a controller before this one had.
func (c *Controller) remember() {
	for _, s := range c.state.Workers {
		p := &peer{number: s.Number, name: s.Name, addr: s.Addr, hello: s.Hello, heard: time.Now(), state: peerReady}
		c.peers[p.number] = p
		c.admit.let(s.Hello.Key, s.Number)
	}
}

// keep writes the state down. mu is held.
func (c *Controller) keep() error {
	c.state.Workers = nil
	for _, n := range c.numbers() {
		p := c.peers[n]
		c.state.Workers = append(c.state.Workers, peerState{p.number, p.name, p.addr, p.hello})
	}
	c.state.Run = nil
	if c.run != nil {
		c.state.Run = c.run.keep()
	}
	return c.save(&c.state)
}

// numbers are those of all peers, ascending. mu is held.
func (c *Controller) numbers() []int {
	var all []int
	for n := range c.peers {
		all = append(all, n)
	}
	slices.Sort(all)
	return all
}

// JoinURL is what a worker needs to join. It is a secret.
func (c *Controller) JoinURL() JoinURL {
	if c.opt.NATS != "" {
		if j, err := ParseJoinURL(c.opt.NATS); err == nil {
			return j
		}
	}
	j := JoinURL{Token: c.opt.Token, Pin: c.state.Identity.pin(), Address: c.state.Address}
	host, port, err := net.SplitHostPort(c.state.Address)
	if err != nil {
		return j
	}
	if c.opt.Advertise != "" {
		if _, _, err := net.SplitHostPort(c.opt.Advertise); err == nil {
			j.Address = c.opt.Advertise
			return j
		}
		j.Address = net.JoinHostPort(c.opt.Advertise, port)
		return j
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		j.Address = net.JoinHostPort(ownAddress(), port)
	}
	return j
}

// Await waits until so many workers are ready, and says how many are there when the wait is over or ctx ends.
func (c *Controller) Await(ctx context.Context, n int, most time.Duration) (ready int, err error) {
	var over <-chan time.Time
	if most > 0 {
		t := time.NewTimer(most)
		defer t.Stop()
		over = t.C
	}
	for {
		c.mu.Lock()
		ready, wake := len(c.ready()), c.wake
		c.mu.Unlock()
		if ready >= n {
			return ready, nil
		}
		select {
		case <-wake:
		case <-over:
			return ready, fmt.Errorf("fleet: %d of %d workers came within %v: start more, or wait longer with --expect-workers-max-wait", ready, n, most)
		case <-ctx.Done():
			return ready, context.Cause(ctx)
		}
	}
}

// changed wakes who waits for peers. mu is held.
func (c *Controller) changed() {
	close(c.wake)
	c.wake = make(chan struct{})
}

// Close lets everybody go and ends the controller.
func (c *Controller) Close() {
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return
	}
	c.closed = true
	for _, n := range c.numbers() {
		c.call(n, &Answer{Now: c.clock.now(), Leave: true})
	}
	c.mu.Unlock()
	if c.nc != nil {
		_ = c.nc.FlushTimeout(time.Second) // it is on its way out
		c.partings(2 * time.Second)
	}
	if c.stop != nil {
		c.stop()
	}
	if c.leaveOutside != nil {
		c.leaveOutside()
	}
	c.done.Wait()
	if c.nc != nil {
		c.nc.Close()
	}
	if c.srv != nil {
		c.srv.Shutdown()
		c.srv.WaitForShutdown()
	}
	c.files.close()
	c.closeFolder()
}

// partings waits a moment for workers to go by themselves.
func (c *Controller) partings(most time.Duration) {
	for end := time.Now().Add(most); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		c.mu.Lock()
		n := 0
		for _, p := range c.peers {
			if p.state != peerLost {
				n++
			}
		}
		c.mu.Unlock()
		if n == 0 {
			return
		}
	}
}

// secret is so many random bytes, as text.
func secret(bytes int) string {
	b := make([]byte, bytes)
	rand.Read(b)
	return hex.EncodeToString(b)
}

func (c *Controller) say(format string, args ...any) {
	if c.opt.Log != nil {
		c.opt.Log(fmt.Sprintf(format, args...))
	}
}

// numberName is what a worker is called that says nothing of itself.
func numberName(n int) string { return "worker-" + strconv.Itoa(n) }
