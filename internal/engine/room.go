package engine

import "slices"

// MaxUsers bounds the users of all open streams together, and a user can only do the tasks of its own type. So users of one type may stand
// idle, or be busy for ever, while arrivals of another type find no room for even one user. Hence, when there is no room:
//
//   - an arrival that has to wait sends an idle user of another type away;
//   - a user that is done leaves when arrivals of other types wait and none of its own does;
//   - and also when some type has arrivals waiting and not a single user.
//
// Who has left makes room, which goes to a type that has no user, and then to the arrival that has waited the longest. Visitors leave by
// themselves, so that visits need no more than their turn.

// full reports whether no user can be made. mu is held.
func (e *Engine) full() bool { return e.open >= e.cfg.MaxUsers }

// makeRoom sends an idle user away for an arrival that waits, when there is no room. mu is held.
func (e *Engine) makeRoom() {
	if !e.full() || e.idle == 0 || e.retiring >= int(e.waiting) {
		return
	}
	var at *[]*slot // of the type with the most
	for _, s := range e.streams {
		for typ := range s.free {
			if at == nil || len(s.free[typ]) > len(*at) {
				at = &s.free[typ]
			}
		}
	}
	coldest := (*at)[0]
	*at = slices.Delete(*at, 0, 1)
	e.idle--
	e.retire(coldest)
	e.pool.give(coldest)
}

// retire makes a user leave that has nothing to do. mu is held.
func (e *Engine) retire(u *slot) {
	u.retired = true
	u.leaving.Store(true)
	e.retiring++
}

// yields reports whether a user of a type that is done with its arrival is to leave for others. mu is held.
func (s *stream) yields(typ int) bool {
	e := s.e
	others := int(e.waiting) - s.queues[typ].len()
	if others <= e.retiring || !e.full() {
		return false
	}
	return s.queues[typ].len() == 0 || e.without() > e.retiring
}

// alone reports whether arrivals of a type have no user that could ever do them. mu is held.
func (s *stream) alone(typ int) bool { return !s.spec.Visits && s.have[typ] == 0 }

// without is how many types have arrivals waiting and no user. mu is held.
func (e *Engine) without() int {
	n := 0
	for _, s := range e.streams {
		for typ := range s.queues {
			if s.alone(typ) && s.queues[typ].len() > 0 {
				n++
			}
		}
	}
	return n
}

// serveWaiting makes users for waiting arrivals while there is room. mu is held.
func (e *Engine) serveWaiting() {
	for !e.full() && !e.isStopping() {
		s, typ := e.neediest()
		if s == nil {
			return
		}
		next, _ := s.takeWaiting(typ)
		s.begin(s.newOpen(typ, next.n), next.intended)
	}
}

// neediest is where the next user is wanted; nil when no arrival waits that may have one. mu is held.
func (e *Engine) neediest() (*stream, int) {
	var best *stream
	kind, oldest, alone := 0, int64(never), false
	for _, s := range e.streams {
		if !s.open() || s.crowded() {
			continue
		}
		for typ := range s.queues {
			first, none := s.queues[typ].first(), s.alone(typ)
			if first == never || alone && !none {
				continue
			}
			if none && !alone || first < oldest {
				best, kind, oldest, alone = s, typ, first, none
			}
		}
	}
	return best, kind
}
