package engine

import (
	"sync"
	"time"
)

// finishers is how many waiting users are ended side by side when a run stops.
const finishers = 256

// stuckGrace is how long cancelled tasks may take to notice before the run ends without them.
const stuckGrace = 5 * time.Second

// shutdown ends the run in two steps and returns how many users ignored it.
func (e *Engine) shutdown() (stuck int) {
	e.mu.Lock()
	e.stopping = true
	var idle []*slot
	for _, s := range e.streams {
		s.dropWaiting()
		for _, free := range s.free {
			idle = append(idle, free...)
		}
		s.free = make([][]*slot, len(s.free))
	}
	e.mu.Unlock()
	for _, s := range e.clock.unparkAll() {
		switch {
		case !s.carries || s.entered && !s.started: // the latter was to try its start again: leave counts it
		case s.started && s.stream.spec.Visits: // a visitor that is in, before its first task: the end of the run cuts its visit short, as others
			s.carries = false
			e.sent.Add(1)
		default: // a pause held it
			e.takeBack(s, e.spent())
		}
		idle = append(idle, s)
	}

	ended := make(chan struct{})
	go func() {
		defer close(ended)
		e.finish(idle)
		e.pool.close()
	}()
	if e.cfg.StopTimeout > 0 {
		timer := time.NewTimer(e.cfg.StopTimeout)
		defer timer.Stop()
		select {
		case <-ended:
			return 0
		case <-timer.C:
		case <-e.hardCh:
		}
	}
	e.cancel()
	timer := time.NewTimer(stopGrace + stuckGrace)
	defer timer.Stop()
	select {
	case <-ended:
		return 0
	case <-timer.C:
		e.mu.Lock()
		defer e.mu.Unlock()
		return e.live
	}
}

// finish ends users that wait, a bounded number at a time.
func (e *Engine) finish(idle []*slot) {
	work := make(chan *slot)
	var wg sync.WaitGroup
	var finisher func()
	finisher = func() {
		var s *slot
		defer func() {
			if s != nil { // its Stop has ended this goroutine
				e.pool.removeExited(s)
				wg.Go(finisher)
			}
		}()
		for s = range work {
			e.leave(s, Gone)
			s = nil
		}
	}
	for range min(finishers, len(idle)) {
		wg.Go(finisher)
	}
	for _, s := range idle {
		work <- s
	}
	close(work)
	wg.Wait()
}
