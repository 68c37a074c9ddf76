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
	e.cfg.Emit(snap)
}

// Gauges fills in the counts of now. It may be called at any time.
func (e *Engine) Gauges(g *stats.Gauges) {
	g.Users = int(e.users.Load())
	g.Planned, g.Sent = e.planned.Load(), e.sent.Load()
	g.Dropped, g.Waiting = e.dropped.Load(), e.waiting.Load()
	g.StartFailed, g.UsersStarted, g.Died = e.failedOn.Load(), e.started.Load(), e.died.Load()
	plan := e.clock.planTime()
	e.mu.Lock()
	defer e.mu.Unlock()
	g.Target = 0
	for _, s := range e.streams {
		if s.open() {
			g.Target += len(s.all)
			g.Planned += s.plannedBy(plan)
		} else {
			g.Target += s.target
		}
	}
	g.Planned -= e.surplus.Load()
}
