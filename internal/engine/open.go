package engine

import "time"

// arrivalsKept is how many times of random arrivals are kept for a look at their gaps.
const arrivalsKept = 10_000

// Arrivals are the plan times at which the first random arrivals were begun, up to the first change of the rate by hand. Call it after Run.
func (e *Engine) Arrivals() []time.Duration { return e.arrived }

// fireArrivals starts the arrivals that are due at plan time now and returns when the next one is. mu is held.
func (s *stream) fireArrivals(now int64) int64 {
	now -= int64(s.spec.After)
	if s.e.dry() {
		return s.passOver(now)
	}
	shift := s.e.clock.shiftNow() + int64(s.spec.After)
	s.adapt(now)
	for range burst {
		n, due, ok := s.arrivals.Peek()
		if !ok {
			s.over = !s.steered
			return s.soonest(now, never)
		}
		if int64(due) > now {
			return s.soonest(now, int64(due)+int64(s.spec.After))
		}
		s.arrivals.Next()
		if s.e.cfg.Poisson && !s.steered && len(s.e.arrived) < arrivalsKept {
			s.e.arrived = append(s.e.arrived, time.Duration(s.e.clock.planTime()))
		}
		s.arrive(n, int64(due)+shift)
	}
	return now
}

// catchUp begins all that is due at plan time now. mu is held.
func (s *stream) catchUp(now int64) {
	// So many can be begun or wait; beyond that they would be dropped one by one.
	for room := s.e.cfg.MaxUsers + s.e.cfg.MaxWaiting; room > 0; room -= burst {
		if s.fireArrivals(now) > now {
			return
		}
	}
	for typ, n := range s.missed(time.Duration(now) - s.spec.After) {
		s.drop(typ, n)
	}
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
		e.idle--
		s.begin(u, intended)
		return
	}
	if e.open < e.cfg.MaxUsers && !s.crowded() {
		s.begin(s.newOpen(typ, n), intended)
		return
	}
	if int(e.waiting) >= e.cfg.MaxWaiting {
		s.drop(typ, 1)
		return
	}
	e.waiting++
	s.queues[typ].add(arrival{intended, n})
	e.makeRoom()
}

// newOpen makes a user for arrival n.
func (s *stream) newOpen(typ int, n int64) *slot {
	number := s.e.share.Number(s.created)
	if s.spec.Visits {
		number = int(n)
	}
	s.highest = max(s.highest, number)
	s.created++
	s.have[typ]++
	s.e.open++
	u := s.newSlotOf(typ, number, -1)
	s.all[u] = number
	u.spawning = true
	s.spawning++
	return u
}

// goneOpen takes a user that has left out of an open stream: there is room for another one. mu is held.
func (s *stream) goneOpen(u *slot) {
	e := s.e
	e.open--
	s.have[u.typ]--
	delete(s.all, u)
	s.settle(u)
	if u.retired {
		e.retiring--
	}
	e.serveWaiting()
}

// begin sends the user off with an arrival. mu is held.
func (s *stream) begin(u *slot, intended int64) {
	u.intended, u.carries = intended, true
	s.e.handed++
	s.e.pool.give(u)
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
	if s.yields(int(u.typ)) {
		e.retire(u)
		return true // the same
	}
	if next, ok := s.takeWaiting(int(u.typ)); ok {
		u.intended, u.carries = next.intended, true
		e.handed++
		return true
	}
	if e.stopping {
		return true
	}
	if u.stranger {
		e.retire(u)
		return true
	}
	s.free[u.typ] = append(s.free[u.typ], u)
	e.idle++
	return false
}

// takeWaiting takes the oldest waiting arrival of a type. mu is held.
func (s *stream) takeWaiting(typ int) (arrival, bool) {
	next, ok := s.queues[typ].take()
	if !ok {
		return arrival{}, false
	}
	s.e.waiting--
	if s.e.open+1 >= s.e.cfg.MaxUsers { // else it was the clock that was late, and not the users that were too few
		s.e.blocked.Add(max(0, s.e.Now()-next.intended))
	}
	return next, true
}

// waitingNow is how many arrivals wait. mu is held.
func (s *stream) waitingNow() int {
	n := 0
	for typ := range s.queues {
		n += s.queues[typ].len()
	}
	return n
}

// delay makes all that waits due later. mu is held.
func (s *stream) delay(by int64) {
	for typ := range s.queues {
		s.queues[typ].delay(by)
	}
}

// justDue is how late the clock may be for what it has not reached to count as not due yet when a run is stopped by hand: nobody wants to
// read of an arrival that was dropped because Ctrl-C came a moment before it was begun.
const justDue = 10 * time.Millisecond

// dropWaiting gives up on every arrival that still waits, and on those that were due and that the clock never reached. mu is held.
func (s *stream) dropWaiting() {
	if !s.open() {
		return
	}
	for typ := range s.queues {
		if n := int64(s.queues[typ].len()); n > 0 {
			s.queues[typ] = queue{}
			s.e.waiting -= n
			s.lose(typ, n)
		}
	}
	end := time.Duration(s.e.clock.planTime())
	early := s.e.cfg.Duration == 0 || end < s.e.cfg.Duration
	end -= s.spec.After
	reached := end
	if early {
		reached -= justDue
	}
	for typ, n := range s.missed(reached) {
		s.lose(typ, n)
	}
	left := max(0, s.arrivals.Planned(end+1)-s.arrivals.Taken())
	s.arrivals.Skip(left)
	s.e.surplus += left
}

// mostMissed is how many arrivals that the clock never reached are looked at one by one, to learn their types.
const mostMissed = 1 << 20

// missed takes the arrivals that were due up to end, a time of the stream, and were never reached, and says how many there are of each
// type. A rate far beyond the machine leaves thousands of millions: the types of those beyond mostMissed are taken to be like those before.
// mu is held.
func (s *stream) missed(end time.Duration) []int64 {
	all := max(0, s.arrivals.Planned(end+1)-s.arrivals.Taken())
	counts := make([]int64, len(s.e.cfg.Types))
	seen := int64(0)
	for ; seen < min(all, mostMissed); seen++ {
		n, due, ok := s.arrivals.Peek()
		if !ok || due > end { // what was left had been sent before a change that came late
			return counts
		}
		s.arrivals.Next()
		counts[s.spec.Pick(int(n))]++
	}
	rest, most := all-seen, 0
	s.arrivals.Skip(rest)
	for typ, n := range counts {
		if n > counts[most] {
			most = typ
		}
	}
	left := rest
	for typ, n := range counts {
		more := int64(float64(rest) * (float64(n) / float64(max(1, seen))))
		counts[typ] += more
		left -= more
	}
	counts[most] += left // what rounding left over
	return counts
}
