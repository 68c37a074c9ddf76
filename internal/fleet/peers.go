package fleet

import (
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"
)

// peer is a worker as the controller knows it.
type peer struct {
	number     int
	name       string
	addr       string // from where it came
	hello      Hello
	heard      time.Time
	state      peerStateWord
	last       Beat
	starvation starvation
}

type peerStateWord string

const (
	peerReady   peerStateWord = "ready"
	peerRunning peerStateWord = "running"
	peerLeaving peerStateWord = "draining"
	peerLost    peerStateWord = "lost"
)

// How long a worker may say nothing.
const (
	silence      = 4 * time.Second         // before it counts as lost
	silenceShut  = 1200 * time.Millisecond // the same, when its connection is closed too
	silenceSetup = 10 * time.Second        // the same, before the run begins: it may connect again
	watchEvery   = 250 * time.Millisecond
	namesLongest = 60
)

// WorkerInfo is a worker of the fleet, for people.
type WorkerInfo struct {
	Number      int
	Name, Host  string
	OS, Arch    string
	Cores       int
	Weight      float64
	State       string // joining (it has said nothing yet, and takes no part in a run that begins), ready, running, draining, lost
	Heard       time.Time
	ClockOffset time.Duration // its clock ahead of the controller's
	ClockError  time.Duration
	RTT         time.Duration
	Verdict     string
	Reasons     []string
	Run         string
	Cost        string // as its worker said it: nobody has looked at it
}

// Workers are all that are there, by number.
func (c *Controller) Workers() []WorkerInfo {
	c.mu.Lock()
	defer c.mu.Unlock()
	var all []WorkerInfo
	for _, n := range c.numbers() {
		p := c.peers[n]
		all = append(all, WorkerInfo{
			Number: n, Name: p.name, Host: p.host(), OS: p.hello.OS, Arch: p.hello.Arch, Cores: p.hello.Cores,
			Weight: float64(p.hello.Weight) / 1000, State: p.stateNow(), Heard: p.heard,
			ClockOffset: time.Duration(-p.last.Offset), ClockError: time.Duration(p.last.Error), RTT: time.Duration(p.last.RTT),
			Verdict: p.last.Level, Reasons: p.last.Reasons, Run: p.last.Run, Cost: p.hello.Cost,
		})
	}
	return all
}

// stateNow is its state, for people.
func (p *peer) stateNow() string {
	if p.state == peerReady && !p.mayStart() {
		return "joining"
	}
	return string(p.state)
}

// mayStart reports whether it can take part in a run that begins: its clock is not known before it has spoken.
func (p *peer) mayStart() bool { return p.state == peerReady && p.last.State != "" }

// host is a worker's machine, for people.
func (p *peer) host() string {
	switch {
	case p.addr == "" || p.addr == p.hello.Host:
		return p.hello.Host
	case p.hello.Host == "":
		return p.addr
	}
	return p.hello.Host + " " + p.addr
}

// join answers somebody who has the token.
func (c *Controller) join(m *nats.Msg) {
	var h Hello
	w := Welcome{}
	if err := json.Unmarshal(m.Data, &h); err != nil {
		w.Problem = "the greeting cannot be read: use the same version of stampede on both sides"
	} else {
		w = c.welcome(h)
	}
	b, err := json.Marshal(w)
	if err == nil {
		_ = m.Respond(b) // who asked and went asks again
	}
}

// welcome lets a worker in, or says why not.
func (c *Controller) welcome(h Hello) Welcome {
	if p := c.refuse(h); p != "" {
		return Welcome{Problem: p}
	}
	if c.opt.Test != "" && h.Test == "" || c.opt.Test == "" && h.Test != "" {
		return c.handOver(h)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return Welcome{Problem: "the controller is about to end"}
	}
	for _, p := range c.peers { // it asked twice: the first answer got lost
		if p.hello.Key == h.Key {
			return Welcome{Number: p.number, Name: p.name}
		}
	}
	n := c.state.Next
	c.state.Next++
	if h.Weight <= 0 {
		h.Weight = int64(max(1, h.Cores)) * 1000
	}
	p := &peer{number: n, name: c.freeName(h.Name, n), hello: h, heard: time.Now(), state: peerReady}
	c.peers[n] = p
	c.admit.let(h.Key, n)
	c.stale = true // a thousand that come at once are written down together, before a run needs them
	return Welcome{Number: n, Name: p.name}
}

// refuse says why a worker is not let in; "" when it is.
func (c *Controller) refuse(h Hello) string {
	switch {
	case h.Protocol != Protocol:
		return fmt.Sprintf("this worker speaks protocol %d of the fleet and the controller %d: use the same version of stampede on both sides", h.Protocol, Protocol)
	case h.Version != c.opt.Version:
		return fmt.Sprintf("this worker is of stampede %s and the controller of %s: use the same version on both sides", show(h.Version), c.opt.Version)
	case !nkeys.IsValidPublicUserKey(h.Key):
		return "the key of this worker is none"
	case h.Cores < 0 || h.Cores > 1<<16 || h.Weight < 0 || h.Weight > 1<<30:
		return "the cores or the weight of this worker make no sense"
	case h.Test != "" && c.opt.Test != "" && h.Test != c.opt.Test:
		return fmt.Sprintf("the test of this worker has the hash %s and that of the controller %s: build both from the same sources", show(h.Test), c.opt.Test)
	case h.Test != "" && c.local != "" && h.Binary != c.local && h.OS == runtime.GOOS && h.Arch == runtime.GOARCH:
		return fmt.Sprintf("the program of this worker has the hash %.12s and that of the controller %.12s: copy the controller's program there, "+
			"or let the stock stampede fetch it", show(h.Binary), c.local)
	}
	return ""
}

// handOver gives a worker without the test the controller's program.
func (c *Controller) handOver(h Hello) Welcome {
	switch {
	case c.opt.Test == "":
		return Welcome{Problem: "this worker brings a test, and the controller has none: start the stock stampede as a worker"}
	case c.bundle == nil:
		return Welcome{Problem: "this worker has no test, and the controller offers none: copy the controller's program there and start that as a worker"}
	case h.OS != runtime.GOOS || h.Arch != runtime.GOARCH:
		return Welcome{Problem: fmt.Sprintf("the controller's program is for %s/%s and this machine is %s/%s: build the test for it with "+
			"GOOS=%s GOARCH=%s go build, copy it here and start that as a worker", runtime.GOOS, runtime.GOARCH, show(h.OS), show(h.Arch), show(h.OS), show(h.Arch))}
	}
	return Welcome{Fetch: c.bundle}
}

// freeName is a name that no other worker has. mu is held.
func (c *Controller) freeName(wanted string, n int) string {
	name := show(wanted)
	if name == "" {
		return numberName(n)
	}
	for _, p := range c.peers {
		if p.name == name && p.state != peerLost {
			return fmt.Sprintf("%s-%d", name, n)
		}
	}
	return name
}

// show makes what somebody else sent fit to be printed.
func show(text string) string { return limited(text, namesLongest) }

// bounded is show for sentences.
func bounded(text string) string { return limited(text, 400) }

func limited(text string, most int) string {
	text = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == '\ufffd' {
			return -1
		}
		return r
	}, text)
	if r := []rune(text); len(r) > most {
		return string(r[:most])
	}
	return text
}

// beat answers a worker.
func (c *Controller) beat(m *nats.Msg) {
	n, _, _, ok := parseWorker(m.Subject)
	var b Beat
	if !ok || json.Unmarshal(m.Data, &b) != nil {
		return // nobody of ours
	}
	b.clean()
	c.mu.Lock()
	a := c.heard(n, &b)
	c.mu.Unlock()
	data, err := json.Marshal(a)
	if err == nil {
		_ = m.Respond(data) // it asks again in a second
	}
}

// clean bounds what a worker says.
func (b *Beat) clean() {
	b.Problem, b.Level = bounded(b.Problem), show(b.Level)
	if len(b.Reasons) > 8 {
		b.Reasons = b.Reasons[:8]
	}
	for i, r := range b.Reasons {
		b.Reasons[i] = bounded(r)
	}
}

// heard takes note of a beat and makes the answer. mu is held.
func (c *Controller) heard(n int, b *Beat) *Answer {
	a := &Answer{Now: c.clock.now()}
	p := c.peers[n]
	if p == nil {
		a.Problem = "the controller does not know this worker any more"
		return a
	}
	fresh := p.last.State == ""
	p.heard, p.last = time.Now(), *b
	if b.Leave {
		c.part(p, "it left")
		return a
	}
	if p.state == peerLost && b.Run == "" { // it is back, and done with what it had
		p.state = peerReady
		c.changed()
	}
	if c.closed && b.State != "running" && b.State != "stopping" {
		a.Leave = true
		return a
	}
	switch {
	case b.Run != "" && c.run == nil && c.state.Run != nil && c.state.Run.Job.Run == b.Run: // this controller is about to go on with it
	case b.Run != "" && (c.run == nil || c.run.job.Run != b.Run):
		a.Drop = b.Run
	case c.run != nil:
		c.run.heard(p, b, a)
	}
	if fresh {
		c.unplaced = true
		c.changed()
	}
	return a
}

// part lets a worker go. mu is held.
func (c *Controller) part(p *peer, why string) {
	if c.run != nil {
		c.run.left(p, why)
	}
	p.state = peerLost
	c.admit.forget(p.hello.Key)
	delete(c.peers, p.number)
	c.changed()
}

// ready are the workers that can take part in a run, by number. mu is held.
func (c *Controller) ready() []*peer {
	var all []*peer
	for _, n := range c.numbers() {
		if p := c.peers[n]; p.mayStart() {
			all = append(all, p)
		}
	}
	return all
}

// call tells a worker something at once. mu is held.
func (c *Controller) call(n int, a *Answer) {
	b, err := json.Marshal(a)
	if err == nil && c.post != nil {
		c.post(n, b)
	}
}

// place finds out from where workers came, of all that are new at once: the server tells of all connections or of none. mu is held.
func (c *Controller) place() {
	if !c.unplaced {
		return
	}
	c.unplaced = false
	from := map[string]string{}
	for _, conn := range c.connections() {
		from[conn.AuthorizedUser] = conn.IP
	}
	for _, p := range c.peers {
		if addr, known := from[p.hello.Key]; known && p.addr == "" {
			p.addr = addr
		}
	}
}

// connections are all there are, as far as the server is this controller's own; the user of one is its key.
func (c *Controller) connections() []*server.ConnInfo {
	if c.srv == nil {
		return nil
	}
	z, err := c.srv.Connz(&server.ConnzOptions{Username: true, Limit: maxConns})
	if err != nil {
		return nil
	}
	return z.Conns
}

// ErrNoWorker says that no worker has the name that was asked for.
var ErrNoWorker = errors.New("see who is there with fleet list")

// Drain lets a worker end its users' tasks and leave. Its load goes to the others. The events of a run that goes on tell who wanted it; "" is
// somebody at this machine.
func (c *Controller) Drain(name, who string) error {
	why := "drained by hand"
	if who != "" {
		why = "drained by " + who
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, n := range c.numbers() {
		p := c.peers[n]
		if p.name != name || p.state == peerLost {
			continue
		}
		if c.run != nil && c.run.drain(p, why) {
			return nil
		}
		c.call(n, &Answer{Now: c.clock.now(), Leave: true})
		return nil
	}
	return fmt.Errorf("fleet: there is no worker %q: %w", name, ErrNoWorker)
}
