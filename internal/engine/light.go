package engine

import "context"

// Light is a user whose tasks may go on without a goroutine: the answer to a request that is known before is taken by whoever receives it,
// and that one begins the user's next task.
type Light interface {
	User
	// Attach gives the user its seat, before anything else is called. It reports whether the user's Iterate may say Later.
	Attach(Seat) bool
	// IterateThere is Iterate on the goroutine that called Seat.GoOn with busy set: it must not wait. What has to goes on elsewhere, and Later
	// is said.
	IterateThere(ctx context.Context, intended int64) Next
}

// Seat is a user's place in the engine.
type Seat struct{ s *slot }

// GoOn says how a task ended that said Later, and what the user does next. It is called once for each. busy says that the caller serves
// others too: then nothing is done here that could wait for anything.
func (t Seat) GoOn(next Next, busy bool) {
	s := t.s
	e := s.stream.e
	switch {
	case !busy || next.Leave != Stay || next.StopRun != "": // leaving runs code of the test
		s.owed = owe(next)
	case !e.goesOn(s, next): // it waits, or is free
		e.pool.drop()
		return
	case e.clock.stands.Load() || e.ends(s) || !e.begins(s):
	default:
		intended := s.intended
		s.intended = 0
		if next = s.light.IterateThere(s.ctx, intended); next.Later {
			return
		}
		s.owed = owe(next) // one that ends at once must not keep the others waiting
	}
	e.pool.give(s)
	e.pool.drop()
}

// owe keeps what a task wants. It is rare: the usual way allocates nothing.
func owe(next Next) *Next { return &next }

// iterate runs a task. When that goes on by itself, the user is no longer the caller's.
func (e *Engine) iterate(s *slot, intended int64) Next {
	if s.light == nil {
		return s.user.Iterate(s.ctx, intended)
	}
	e.pool.carry()
	next := s.user.Iterate(s.ctx, intended)
	if !next.Later {
		e.pool.drop()
	}
	return next
}
