package engine

import (
	"slices"
	"time"
)

// A run that begins with thousands of arrivals a second has no free users yet, and a new one costs several times what a request costs: it
// opens a connection. If every arrival got a new user at once the processors would fall behind, so that fewer users came free, so that still
// more were made: thousands of connections for what a hundred can do, and arrivals begun a quarter of a second late.
//
// Hence only so many users in their first task at a time while the clock is late. The other arrivals wait for users to come free, and have
// caught up within milliseconds. When the clock is on time although they wait, it is the site that is slow, and its visitors must come all
// the same: then the limit doubles each millisecond until nobody waits.
const (
	lateClock  = time.Millisecond
	spawnLimit = 16 // for each processor, at first
)

// admission is how many users of a stream of iterations may be in their first task. All is guarded by Engine.mu.
type admission struct {
	spawning int   // users that are
	room     int   // users that may be; 0 means any number
	since    int64 // run time at which room was set
}

// crowded reports whether an arrival without a free user has to wait for one. mu is held.
func (s *stream) crowded() bool { return s.room > 0 && s.spawning >= s.room }

// adapt opens or closes the door. now is a time of the stream, at which all that was due before is about to be begun. mu is held.
func (s *stream) adapt(now int64) {
	if !s.iterations() {
		return
	}
	least := spawnLimit * s.e.processors
	_, due, ok := s.arrivals.Peek()
	switch late := ok && now-int64(due) > int64(lateClock); {
	case late:
		s.room, s.since = least, s.e.Now()
	case s.room == 0:
	case s.waitingNow() == 0:
		s.room = 0
	case s.e.Now()-s.since >= int64(lateClock):
		s.room, s.since = min(2*s.room, s.e.cfg.MaxUsers), s.e.Now()
		s.e.serveWaiting()
	}
}

// holdsBack reports whether arrivals wait that could have a user of their own. mu is held.
func (s *stream) holdsBack() bool {
	return s.room > 0 && s.waitingNow() > 0 && s.e.open < s.e.cfg.MaxUsers
}

// heldBack is holdsBack of any stream. mu is held.
func (e *Engine) heldBack() bool { return slices.ContainsFunc(e.streams, (*stream).holdsBack) }

// soonest is when to fire again: at next, or earlier for those that are held back. now is a time of the stream, next one of the plan. mu is
// held.
func (s *stream) soonest(now, next int64) int64 {
	if s.holdsBack() {
		return min(next, now+int64(s.spec.After)+int64(lateClock))
	}
	return next
}

// settle says that a user has done its first task. mu is held.
func (s *stream) settle(u *slot) {
	if u.spawning {
		u.spawning = false
		s.spawning--
	}
}
