package engine

import "time"

// arrivalsKept is how many times of random arrivals are kept for a look at their gaps.
const arrivalsKept = 10_000

// Arrivals are the plan times at which the first random arrivals were begun. Call it after Run.
func (e *Engine) Arrivals() []time.Duration { return e.arrived }

// fireArrivals starts the arrivals that are due at plan time now and returns when the next one is. mu is held.
func (s *stream) fireArrivals(now int64) int64 {
	now -= int64(s.spec.After)
	shift := s.e.clock.shiftNow() + int64(s.spec.After)
	s.adapt(now)
	for range burst {
		n, due, ok := s.arrivals.Peek()
		if !ok {
			s.over = true
			return s.soonest(now, never)
		}
		if int64(due) > now {
			return s.soonest(now, int64(due)+int64(s.spec.After))
		}
		s.arrivals.Next()
		if s.e.cfg.Poisson && len(s.e.arrived) < arrivalsKept {
			s.e.arrived = append(s.e.arrived, time.Duration(s.e.clock.planTime()))
		}
		s.arrive(n, int64(due)+shift)
	}
	return now
}

// arrive gives arrival n a user: a free one, a new one, or a place in the queue. mu is held.
func (s *stream) arrive(n, intended int64) {
	e := s.e
	typ := s.spec.Pick(int(n))
	// A first arrival due at time 0 is planned too.
	intended = max(1, intended)
	if free := s.free[typ]; len(free) > 0 && !s.spec.Visits {
		u := free[len(free)-1]
		s.free[typ] = free[:len(free)-1]
		s.begin(u, intended)
		return
	}
	if e.open < e.cfg.MaxUsers && !s.crowded() {
		s.begin(s.newOpen(typ, int(n)), intended)
		return
	}
	if int(e.waiting.Load()) >= e.cfg.MaxWaiting {
		s.drop(typ, 1)
		return
	}
	e.waiting.Add(1)
	s.queues[typ] = append(s.queues[typ], intended)
}

func (s *stream) newOpen(typ, n int) *slot {
	number := s.e.cfg.Share.Number(s.created)
	if s.spec.Visits {
		number = n
	}
	s.created++
	s.e.open++
	u := s.newSlotOf(typ, number, -1)
	s.all[u] = struct{}{}
	u.newcomer = true
	s.newcomers++
	return u
}

// begin sends the user off with an arrival. mu is held.
func (s *stream) begin(u *slot, intended int64) {
	u.intended, u.carries = intended, true
	s.e.sent.Add(1)
	s.e.crew.give(u)
}

// release gives a user that is done with its arrival the next one that waits. It reports false when there is none: the user is free, and
// no longer the caller's.
func (s *stream) release(u *slot) bool {
	e := s.e
	if e.isStopping() {
		return true // serve ends it
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	s.settle(u)
	if intended, ok := s.takeWaiting(int(u.typ)); ok {
		u.intended, u.carries = intended, true
		e.sent.Add(1)
		return true
	}
	if e.stopping {
		return true
	}
	s.free[u.typ] = append(s.free[u.typ], u)
	return false
}

// takeWaiting takes the oldest waiting arrival of a type. mu is held.
func (s *stream) takeWaiting(typ int) (int64, bool) {
	q, h := s.queues[typ], s.heads[typ]
	if h == len(q) {
		return 0, false
	}
	intended := q[h]
	h++
	if h == len(q) {
		s.queues[typ], h = q[:0], 0
	} else if h >= 1024 && h*2 >= len(q) {
		s.queues[typ], h = q[:copy(q, q[h:])], 0
	}
	s.heads[typ] = h
	s.e.waiting.Add(-1)
	if s.e.open+1 >= s.e.cfg.MaxUsers { // else it was the clock that was late, and not the users that were too few
		s.e.blocked.Add(max(0, s.e.Now()-intended))
	}
	return intended, true
}

// serveWaiting makes users for waiting arrivals while there is room. mu is held.
func (s *stream) serveWaiting() {
	for typ := range s.queues {
		for s.e.open < s.e.cfg.MaxUsers && !s.crowded() && !s.e.isStopping() {
			intended, ok := s.takeWaiting(typ)
			if !ok {
				break
			}
			s.begin(s.newOpen(typ, s.e.cfg.Share.Number(s.created)), intended)
		}
	}
}

func (s *stream) waitingNow() int {
	n := 0
	for typ := range s.queues {
		n += len(s.queues[typ]) - s.heads[typ]
	}
	return n
}

// drop counts arrivals that will not be sent.
func (s *stream) drop(typ int, n int64) {
	s.e.dropped.Add(n)
	s.e.cfg.Recorder.Drop(s.e.cfg.Types[typ].DropKey, n)
}

// dropWaiting gives up on every arrival that still waits, and on those that were due and that the clock never reached. mu is held.
func (s *stream) dropWaiting() {
	for typ := range s.queues {
		n := int64(len(s.queues[typ]) - s.heads[typ])
		if n == 0 {
			continue
		}
		s.queues[typ], s.heads[typ] = nil, 0
		s.e.waiting.Add(-n)
		s.drop(typ, n)
	}
	if !s.open() {
		return
	}
	missed := make([]int64, len(s.e.cfg.Types))
	end := time.Duration(s.e.stopAt.Load()) - s.spec.After
	for n, due, ok := s.arrivals.Peek(); ok && due <= end; n, due, ok = s.arrivals.Peek() {
		s.arrivals.Next()
		missed[s.spec.Pick(int(n))]++
	}
	for typ, n := range missed {
		if n > 0 {
			s.drop(typ, n)
		}
	}
}
