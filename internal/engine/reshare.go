package engine

import (
	"math"
	"slices"
	"time"

	"github.com/stampede-load/stampede/internal/pace"
)

// A worker's share changes while it runs: another one was lost and its numbers are dealt out, or one has joined and takes some over.
//
// Arrivals are easy: those due before the change are of the old share, the others of the new one. The users of an open stream that bear numbers which were
// given away leave when they have nothing to do, and whoever has the numbers makes users as it needs them. The users of a closed stream exist. Those whose numbers were given
// away leave; those that were taken over are made anew. Both happen at the plan's own spawn rate, in the order of their numbers, which is the
// same for those who give and those who take: the load does not fall into a hole, and no site sees a storm of log-ins.

// absent stands in a closed stream for a user that has been taken over and not been made yet.
var absent = &slot{}

// move is a user that leaves or comes after a change of the share.
type move struct {
	at     int64 // plan time
	number int
	leaves *slot // nil when it comes
}

// takeShare sets the share, and its part of the limits. mu is held, or nobody else knows the engine yet.
func (e *Engine) takeShare(s pace.Share) {
	e.share = s
	e.shareNow.Store(&s)
	e.cfg.MaxUsers, e.cfg.MaxWaiting = max(1, s.Count(e.allUsers)), max(1, s.Count(e.allWaiting))
}

// reshare changes the share at a plan time, up to which everything has been fired. moved is all that changes hands, at so many users a second
// over all workers; 0 means at once. mu is held.
func (e *Engine) reshare(plan int64, share, moved pace.Share, perSecond float64) {
	old := e.share
	e.takeShare(share)
	for _, s := range e.streams {
		if s.open() {
			s.arrivals.Reshare(time.Duration(plan)-s.spec.After, share)
			s.over = false
			s.created = share.Count(s.highest + 1)
			s.dismissStrangers()
			continue
		}
		s.reshareUsers(plan, old, moved, perSecond)
	}
	e.serveWaiting()
}

// dismissStrangers lets the users of an open stream go whose numbers were given away, as soon as nothing waits for them: another worker makes users of
// these numbers when it needs some, and what belongs to a number (a row of a feeder, say) must not be in use twice. Visitors have the numbers of their
// arrivals, which nobody else gets. mu is held.
func (s *stream) dismissStrangers() {
	if s.spec.Visits {
		return
	}
	e := s.e
	for u, number := range s.all {
		u.stranger = !e.share.Owns(number)
	}
	for typ := range s.free {
		s.free[typ] = slices.DeleteFunc(s.free[typ], func(u *slot) bool {
			if u.stranger {
				e.idle--
				e.retire(u)
				e.pool.give(u)
			}
			return u.stranger
		})
	}
}

// reshareUsers gives users away and takes others over. mu is held.
func (s *stream) reshareUsers(plan int64, old, moved pace.Share, perSecond float64) {
	share := s.e.share
	when := func(number int) int64 {
		if !(perSecond > 0) {
			return plan
		}
		return plan + int64(float64(moved.Before(int64(number)))/perSecond*1e9)
	}
	have := make(map[int]*slot, len(s.users))
	for place, u := range s.users {
		have[old.Number(place)] = u
	}
	moves := slices.DeleteFunc(s.moves, func(m move) bool { return m.leaves == nil && !share.Owns(m.number) })
	s.target = share.Count(s.caughtUp(plan))
	s.users = make([]*slot, s.target)
	for place := range s.users {
		number := share.Number(place)
		u, known := have[number]
		if !known {
			u = absent
			moves = append(moves, move{at: when(number), number: number})
		}
		if delete(have, number); u != nil && u != absent {
			u.place = int32(place)
		}
		s.users[place] = u
	}
	for number, u := range have {
		if u != nil && u != absent {
			u.place = math.MaxInt32 // nobody's, and not replaced
			moves = append(moves, move{at: when(number), number: number, leaves: u})
		}
	}
	slices.SortStableFunc(moves, func(a, b move) int {
		if a.at != b.at {
			return int(min(max(a.at-b.at, -1), 1))
		}
		return a.number - b.number
	})
	s.moves = moves
	s.pullAgain()
}

// fireMoves does the moves that are due at plan time now, and returns when the next one is. mu is held.
func (s *stream) fireMoves(now int64) int64 {
	for n := 0; len(s.moves) > 0; n++ {
		m := s.moves[0]
		if m.at > now || n == burst {
			return max(m.at, now)
		}
		s.moves = s.moves[1:]
		if m.leaves != nil {
			s.e.sendAway(m.leaves)
			continue
		}
		place := s.e.share.Count(m.number)
		if !s.e.share.Owns(m.number) || place >= len(s.users) || s.users[place] != absent {
			continue // it is not wanted any more
		}
		u := s.newSlot(m.number, place)
		u.intended = m.at + s.e.clock.shiftNow()
		s.users[place] = u
		s.e.pool.give(u)
	}
	s.moves = nil
	return never
}
