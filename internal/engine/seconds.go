package engine

import (
	"time"

	"github.com/stampede-load/stampede/internal/stats"
)

// emitSeconds emits one snapshot at each full second of run time, and a last one when end is closed.
func (e *Engine) emitSeconds(end <-chan struct{}) {
	second := e.cfg.FirstSecond
	timer := time.NewTimer(time.Until(e.cfg.Start.Add(time.Duration(second+1) * time.Second)))
	defer timer.Stop()
	for {
		select {
		case <-timer.C:
			// A generator that stalled for several seconds emits them all, the first with what happened in all of them: no second is
			// missing and nothing is counted twice.
			for now := e.Now(); int64(second+1)*int64(time.Second) <= now; second++ {
				e.emit(second, false)
			}
			timer.Reset(time.Until(e.cfg.Start.Add(time.Duration(second+1) * time.Second)))
		case <-end:
			for now := e.Now(); int64(second+1)*int64(time.Second) <= now; second++ {
				e.emit(second, false)
			}
			e.emit(second, true)
			return
		}
	}
}

func (e *Engine) emit(second int, final bool) {
	e.seq++
	snap := &stats.Snapshot{Run: e.cfg.Run, Worker: e.cfg.Worker, Seq: e.seq, Second: second, Final: final}
	e.cfg.Recorder.Drain(snap, e.Now())
	if e.cfg.Probe != nil {
		e.cfg.Probe(snap)
	}
	end := int64(never)
	if !final { // a generator that is behind counts late, and what came due since then is of the next second
		end = e.clock.was(int64(second+1) * int64(time.Second))
	}
	e.gaugesBy(&snap.Gauges, end)
	snap.Gauges.Blocked += e.blocked.Swap(0)
	snap.Gauges.PeakUsers = max(int64(snap.Gauges.Users), e.peak.Swap(0))
	if !final { // what was drained a moment later belongs to the second, the moment does not
		snap.Gauges.Loaded = min(snap.Gauges.Loaded, end)
	}
	e.cfg.Emit(snap)
}

// loaded is how much of the plan's time has gone by under load, at plan time now. A number of iterations is asked for until the last is done; a
// rate that left out the wait for the last answers would be that of handing them out.
func (e *Engine) loaded(now int64) int64 {
	switch {
	case e.dry(): // and while it waits for others nothing is asked for
		now = min(now, e.clock.was(e.rest.Load()))
	case e.spent():
		now = e.clock.stillGoing()
	}
	if d := int64(e.cfg.Duration); d > 0 {
		now = min(now, d)
	}
	return now
}

// loadEnd is the run time at which the load ended, of a run that took so long.
func (e *Engine) loadEnd(elapsed time.Duration) time.Duration {
	switch {
	case e.dry():
		return time.Duration(e.rest.Load())
	case e.spent():
		return elapsed
	}
	return time.Duration(e.loaded(e.clock.planTime()) + e.clock.shiftNow())
}

// Gauges fills in the counts of now. It may be called at any time.
func (e *Engine) Gauges(g *stats.Gauges) { e.gaugesBy(g, never) }

// gaugesBy is Gauges with what was due by a plan time not long ago, as far as that can be told: random arrivals are counted on and on, and a load
// that was changed has no past.
func (e *Engine) gaugesBy(g *stats.Gauges, end int64) {
	g.Users = int(e.users.Load())
	g.StartFailed, g.UsersStarted, g.Died = e.failedOn.Load(), e.started.Load(), e.died.Load()
	g.PeakUsers = max(int64(g.Users), e.peak.Load())
	if e.cfg.Limited {
		e.mu.Lock()
		g.Iterations = e.begun()
		e.mu.Unlock()
	}
	tasks := e.tasks.Load()
	e.mu.Lock()
	defer e.mu.Unlock()
	plan := e.clock.planTime()
	sent := e.sent.Load() // of those handed out, whose number cannot change now
	g.Target = 0
	g.Planned, g.Sent = tasks-e.surplus, tasks+sent
	g.Dropped, g.NotStarted, g.Waiting = e.dropped, e.unstarted, e.waiting+e.handed-sent
	g.Starting = e.handed - sent
	g.Loaded = e.loaded(plan)
	for _, s := range e.streams {
		if s.open() {
			if e.dry() {
				s.unplan(plan - int64(s.spec.After))
			}
			g.Target += len(s.all)
			due := plan
			if !e.cfg.Poisson && !e.cfg.Hold && !e.cfg.Limited && !s.steered {
				due = min(plan, end)
			}
			g.Planned += s.plannedBy(due)
			g.Waiting += s.unreached(due)
		} else {
			g.Target += s.target
		}
	}
	if begun := g.Starting - g.Waiting; begun > 0 { // of what came due since then something has begun already
		g.Planned, g.Waiting = g.Planned+begun, g.Starting
	}
	if e.cfg.Hold { // a change that came late has taken back what was begun already: it was planned here
		g.Planned = max(g.Planned, g.Sent+g.Dropped+g.NotStarted+g.Waiting)
	}
}
