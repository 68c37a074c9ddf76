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

	heard   position      // what those who wait were told of
	ended   bool          // and whether the end
	spoken  time.Time     // when that was
	waiting bool          // a word is due soon
	news    chan struct{} // closed with the next word

	frames  frames
	journal journal
	paper   paper
}

// mostEvents bounds what is kept of a run whose test makes events without end; the ledger has them all.
const mostEvents = 10_000

func newLive() *live { return &live{news: make(chan struct{})} }

// batch is how long those who wait hear nothing new after a word: what comes within that time is sent together, with one set of figures.
const batch = 100 * time.Millisecond

// tell wakes those who wait: at once, or when the time of a batch is over. One timer does that for all of them. mu is held.
func (l *live) tell() {
	rest := batch - time.Since(l.spoken)
	if rest <= 0 {
		l.wake()
		return
	}
	if l.waiting {
		return
	}
	l.waiting = true
	time.AfterFunc(rest, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.waiting = false
		l.wake()
	})
}

// wake says how far the run is. mu is held.
func (l *live) wake() {
	l.heard, l.ended, l.spoken = position{l.seconds, len(l.events)}, l.report != nil, time.Now()
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
	l.wake() // at once: the program may end next
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

// reached is how far the run is.
func (l *live) reached() (at position, over bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return position{l.seconds, len(l.events)}, l.report != nil
}

// announced is how far the run was at the last word, and what is closed with the next one.
func (l *live) announced() (at position, over bool, news <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.heard, l.ended, l.news
}

// eventsBetween are those from a number on, up to another one.
func (l *live) eventsBetween(from, to int) []stampede.Event {
	l.mu.Lock()
	defer l.mu.Unlock()
	to = min(to, len(l.events))
	return slices.Clone(l.events[min(from, to):to])
}
