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
		e.cfg.Probe(&snap.Gauges)
	}
	e.Gauges(&snap.Gauges)
	snap.Gauges.Blocked += e.blocked.Swap(0)
	snap.Gauges.PeakUsers = max(int64(snap.Gauges.Users), e.peak.Swap(0))
	if !final { // what was drained a moment later belongs to the second, the moment does not
		snap.Gauges.Loaded = min(snap.Gauges.Loaded, e.clock.was(int64(second+1)*int64(time.Second)))
	}
	e.cfg.Emit(snap)
}

// loaded is how much of the plan's time has gone by under load, at plan time now. A number of iterations is asked for until the last is done; a
// rate that left out the wait for the last answers would be that of handing them out.
func (e *Engine) loaded(now int64) int64 {
	if e.spent() {
		now = e.clock.stillGoing()
	}
	if d := int64(e.cfg.Duration); d > 0 {
		now = min(now, d)
	}
	return now
}

// loadEnd is the run time at which the load ended, of a run that took so long.
func (e *Engine) loadEnd(elapsed time.Duration) time.Duration {
	if e.spent() {
		return elapsed
	}
	return time.Duration(e.loaded(e.clock.planTime()) + e.clock.shiftNow())
}

// Gauges fills in the counts of now. It may be called at any time.
func (e *Engine) Gauges(g *stats.Gauges) {
	g.Users = int(e.users.Load())
	g.StartFailed, g.UsersStarted, g.Died = e.failedOn.Load(), e.started.Load(), e.died.Load()
	g.PeakUsers = max(int64(g.Users), e.peak.Load())
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
			g.Target += len(s.all)
			g.Planned += s.plannedBy(plan)
			g.Waiting += s.unreached(plan)
		} else {
			g.Target += s.target
		}
	}
	if e.cfg.Hold { // a change that came late has taken back what was begun already: it was planned here
		g.Planned = max(g.Planned, g.Sent+g.Dropped+g.NotStarted+g.Waiting)
	}
}
