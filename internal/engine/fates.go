package engine

// fates is what became of the arrivals that the clock reached. Each is in one of these, in a queue, or was begun (Engine.sent), so that at any
// moment
//
//	planned = sent + dropped + unstarted + waiting
//
// where waiting is those in a queue, those that were handed to a user which has not begun them, and those the clock has not reached. All is
// guarded by Engine.mu.
type fates struct {
	waiting   int64 // in the queues
	handed    int64 // given to a user, and begun or still to be begun
	dropped   int64 // given up: no user was free in time
	unstarted int64 // their user never got through its Start
	surplus   int64 // due and not begun when a run was stopped by hand, or its iterations were all begun: not planned any more
}

// lose counts arrivals that were planned and will not be sent: dropped, unless all the iterations that were wanted had been begun. mu is held.
func (s *stream) lose(typ int, n int64) {
	if s.e.spent() {
		s.e.surplus += n
		return
	}
	s.drop(typ, n)
}

// drop counts arrivals that will not be sent. mu is held.
func (s *stream) drop(typ int, n int64) {
	if n == 0 {
		return
	}
	s.e.dropped += n
	s.e.cfg.Recorder.Drop(s.e.cfg.Types[typ].DropKey, n)
}

// takeBack says that an arrival which was given a user will not be begun: it is dropped, or, when all iterations that were wanted had been begun,
// not planned any more. It is called by whoever runs the user.
func (e *Engine) takeBack(u *slot, spent bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	u.carries = false
	e.handed--
	if spent {
		e.surplus++
		return
	}
	u.stream.drop(int(u.typ), 1)
}

// leavesUnstarted says that the user of an arrival leaves without having got through its Start. In the rows it is dropped: nobody served it. excused
// is when the user's own code ended the run there.
func (e *Engine) leavesUnstarted(u *slot, excused bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	u.carries = false
	e.handed--
	if excused || e.spent() {
		e.surplus++
		return
	}
	e.unstarted++
	e.cfg.Recorder.Drop(e.cfg.Types[u.typ].DropKey, 1)
}

// unreached is how many arrivals were due by plan time now and are still before the clock. mu is held.
func (s *stream) unreached(now int64) int64 { return s.plannedBy(now) - s.arrivals.Taken() }
