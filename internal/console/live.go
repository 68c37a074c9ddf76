package console

import (
	"slices"
	"sync"
	"time"

	"github.com/stampede-load/stampede"
)

// live is the current run as streams read it: how far it is, and a word to those who wait for more.
type live struct {
	mu      sync.Mutex
	run     Run // nil until it goes on
	info    stampede.RunInfo
	seconds int // closed: [0, seconds)
	events  []stampede.Event
	report  *stampede.Report // at the end
	news    chan struct{}    // closed when something is new

	frames  frames
	journal journal
	paper   paper
}

// mostEvents bounds what is kept of a run whose test makes events without end; the ledger has them all.
const mostEvents = 10_000

func newLive() *live { return &live{news: make(chan struct{})} }

// tell wakes those who wait. mu is held.
func (l *live) tell() {
	close(l.news)
	l.news = make(chan struct{})
}

func (l *live) begin(info stampede.RunInfo) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.info = info
	l.journal.mu.Lock()
	l.journal.begun = time.Now()
	l.journal.mu.Unlock()
}

func (l *live) going(run Run) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.run = run
	l.tell()
}

func (l *live) second(end int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.seconds = max(l.seconds, end)
	l.tell()
}

func (l *live) event(e stampede.Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.events) < mostEvents {
		l.events = append(l.events, e)
	}
	l.tell()
}

func (l *live) end(r *stampede.Report) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.report = r
	l.tell()
}

func (l *live) id() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.info.ID
}

func (l *live) isOver() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.report != nil
}

func (l *live) state() string {
	l.mu.Lock()
	run, over := l.run, l.report != nil
	l.mu.Unlock()
	switch {
	case over:
		return "done"
	case run == nil:
		return "starting"
	}
	if state := run.Progress().State; state != "done" {
		return state
	}
	return "stopping" // its report is being made
}

// withServers is the report as it stands with what the servers said: that is much, and nobody needs it each second.
func (l *live) withServers() *stampede.Report {
	r := l.soFar()
	l.mu.Lock()
	run, over := l.run, l.report != nil
	l.mu.Unlock()
	if r != nil && !over && run != nil {
		r.Servers = run.Servers()
	}
	return r
}

// soFar is the report as it stands; nil before the run goes on.
func (l *live) soFar() *stampede.Report {
	l.mu.Lock()
	run, report := l.run, l.report
	l.mu.Unlock()
	if report != nil || run == nil {
		return report
	}
	return run.SoFar()
}

// reached is how far the run is, and what is closed when it gets farther.
func (l *live) reached() (at position, over bool, news <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return position{l.seconds, len(l.events)}, l.report != nil, l.news
}

// eventsFrom are those from a number on.
func (l *live) eventsFrom(n int) []stampede.Event {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.events[min(n, len(l.events)):])
}
