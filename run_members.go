package stampede

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/stampede-load/stampede/internal/stats"
)

// LiveWorker is a worker of a run that goes on.
type LiveWorker struct {
	Worker
	State    string        // "running", "draining", "lost", "left"; "" of the one process of a local run
	UsersNow int           // at its last second
	RateNow  float64       // begun in its last second
	CPUNow   float64       // share of its cores; negative when it is not known
	LagNow   time.Duration // p99 of how late it woke in its last second
}

// member is a worker while the run goes on.
type member struct {
	LiveWorker
	metered float64 // seconds whose CPU is known
}

func newMember(number int) *member {
	return &member{LiveWorker: LiveWorker{Worker: Worker{Number: number, Name: fmt.Sprintf("worker %d", number), Weight: 1}}}
}

// meet takes note of who a worker is.
func (m *member) meet(w *Worker) {
	m.Name, m.Host, m.Weight, m.Joined, m.State = w.Name, w.Host, w.Weight, w.Joined, "running"
	m.ClockOffset, m.ClockError, m.RTT = w.ClockOffset, w.ClockError, w.RTT
}

// takeWorker takes note of a worker's second. mu is held.
func (c *collector) takeWorker(w stats.Worker, second int) {
	m, g := c.member(w.Worker), &w.Gauges
	m.Users = max(m.Users, g.Users)
	m.RateNow = float64(g.Sent - m.Sent)
	m.Planned, m.Sent, m.Dropped, m.Lost = g.Planned, g.Sent, g.Dropped, g.Lost
	m.UsersNow, m.CPUNow = g.Users, g.CPU
	m.LagNow = max(0, time.Duration(g.WakeP99))
	if g.CPU >= 0 {
		m.metered++
		m.CPU += (g.CPU - m.CPU) / m.metered
	}
	m.LastSecond = second
}

// members are the workers so far, by number. mu is held.
func (c *collector) members() []LiveWorker {
	out := make([]LiveWorker, 0, len(c.workers))
	for _, n := range slices.Sorted(maps.Keys(c.workers)) {
		w := c.workers[n].LiveWorker
		if g, ok := c.merger.Rest(n); ok {
			w.Planned, w.Sent, w.Dropped, w.Lost = g.Planned, g.Sent, g.Dropped, g.Lost
		}
		out = append(out, w)
	}
	return out
}

// Workers are those that the run had so far, by number: what each does now. A local run has one, this process.
func (r *Running) Workers() []LiveWorker {
	r.collect.mu.Lock()
	defer r.collect.mu.Unlock()
	return r.collect.members()
}
