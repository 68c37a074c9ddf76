package engine

import (
	"context"
	"math"
	"time"

	"github.com/stampede-load/stampede/internal/pace"
)

// stream is one part of the load while it runs. Everything below spec is guarded by Engine.mu.
type stream struct {
	e      *Engine
	spec   *Stream
	offset int // first user number

	steered bool // the load was changed by hand: it may be nothing for now, and that is no end

	// Closed: the users by place. A nil is a user that has left and is not replaced; a place beyond len was never wanted.
	users   []*slot
	levels  *pace.Levels
	levelAt int64    // plan time of the next change of level; never when there is none
	level   int      // local users wanted from levelAt on
	target  int      // local users wanted now
	wanted  int      // users wanted from levelAt on, over all workers
	global  int      // users wanted now, over all workers: see caughtUp
	passed  []change // before levelAt, of which nothing is this share's
	ahead   []change // after levelAt, read already
	moves   []move

	// Open.
	arrivals *pace.Part
	created  int           // own numbers that users were given, or that were passed over
	highest  int           // the highest of those; -1 before
	free     [][]*slot     // per type, last in first out: the warmest connections
	queues   []queue       // per type, arrivals that wait for a user
	have     []int         // users per type
	all      map[*slot]int // their numbers
	over     bool          // no arrival will come any more
	admission
}

func newStream(e *Engine, spec *Stream, offset int) *stream {
	s := &stream{e: e, spec: spec, offset: offset, levelAt: never, highest: -1}
	if s.open() {
		n := len(e.cfg.Types)
		s.free, s.queues, s.have = make([][]*slot, n), make([]queue, n), make([]int, n)
		s.all = make(map[*slot]int)
		s.arrivals = s.newArrivals()
		return s
	}
	s.setLevels(pace.NewLevels(spec.Users, 0))
	return s
}

// newArrivals makes the arrivals of the stream. A run that is told to go on beyond the end of the shape has its last level until then.
func (s *stream) newArrivals() *pace.Part {
	o := pace.Options{Share: s.e.share, Poisson: s.e.cfg.Poisson, Seed: s.e.cfg.Seed + uint64(s.offset)}
	if d := s.e.cfg.Duration; d > 0 {
		o.Until = max(1, d-s.spec.After)
	}
	return pace.NewPart(s.spec.Rate, o)
}

// plannedBy is how many arrivals are due by plan time now, one that is due just then included.
func (s *stream) plannedBy(now int64) int64 {
	return s.arrivals.Planned(time.Duration(now) - s.spec.After + 1)
}

// open reports whether the stream is of arrivals.
func (s *stream) open() bool { return s.spec.Rate != nil }

// iterations reports whether each arrival is one task of a user that stays.
func (s *stream) iterations() bool { return s.open() && !s.spec.Visits }

// visits reports whether each arrival is a user that leaves after its visit.
func (s *stream) visits() bool { return s.open() && s.spec.Visits }

// numbersEnd is the first user number after those of this stream.
func (s *stream) numbersEnd() int {
	if s.open() {
		return s.offset + 1<<24
	}
	return s.offset + int(math.Ceil(s.spec.Users.Max()))
}

func (s *stream) setLevels(l *pace.Levels) {
	s.levels, s.passed, s.ahead = l, nil, nil
	s.pullLevel()
}

// change is a change of how many users are wanted over all workers, at a plan time.
type change struct {
	at     int64
	wanted int
}

// mostPassed bounds how far pullLevel looks ahead: a share that has nothing of a load without an end would never find anything.
const mostPassed = 1000

// pullLevel fetches the next change of level that is this share's. One worker of fifty has a part in one of fifty changes: to wake for each of
// them took more of the processor than its users did.
func (s *stream) pullLevel() {
	for {
		c, ok := s.nextChange()
		if !ok {
			s.levelAt = never
			return
		}
		level := s.e.share.Count(c.wanted)
		if level == s.target && len(s.passed) < mostPassed {
			s.passed = append(s.passed, c)
			continue
		}
		s.levelAt, s.level, s.wanted = c.at, level, c.wanted
		return
	}
}

func (s *stream) nextChange() (c change, ok bool) {
	if len(s.ahead) > 0 {
		c, s.ahead = s.ahead[0], s.ahead[1:]
		return c, true
	}
	at, target, ok := s.levels.Next()
	return change{int64(at) + int64(s.spec.After), target}, ok
}

// caughtUp is how many users are wanted over all workers at plan time now, up to which everything has been fired. mu is held.
func (s *stream) caughtUp(now int64) int {
	for len(s.passed) > 0 && s.passed[0].at <= now {
		s.global, s.passed = s.passed[0].wanted, s.passed[1:]
	}
	return s.global
}

// pullAgain fetches the next change once more, as another share has a part in others.
func (s *stream) pullAgain() {
	ahead := s.passed
	if s.levelAt != never {
		ahead = append(ahead, change{s.levelAt, s.wanted})
	}
	s.ahead, s.passed = append(ahead, s.ahead...), nil
	s.pullLevel()
}

// fireStreams does what is due at plan time now, and returns the plan time of what comes next.
func (e *Engine) fireStreams(now int64) int64 {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.stopping {
		return never
	}
	next := int64(never)
	d := int64(e.cfg.Duration)
	over, late := d > 0 && now >= d, now-d
	if over {
		now = d - 1 // what was due before the end still comes, though the clock is late
	}
	for _, s := range e.streams {
		if s.open() {
			next = min(next, s.fireArrivals(now))
		} else {
			next = min(next, s.fireLevels(now))
		}
	}
	if over && (next > now && !e.heldBack() || late > int64(catchUp)) {
		e.Stop("time")
		return never
	}
	if d > 0 {
		next = min(next, d)
	}
	e.endWhenOver()
	return next
}

// catchUp is how long after its end a run still begins what was due before: a late clock needs milliseconds. One that cannot keep up would
// need for ever; what it has not reached by then is dropped.
const catchUp = 500 * time.Millisecond

// burst bounds what one round of the clock starts, so that waiting users are not held up behind a spike.
const burst = 512

func (s *stream) fireLevels(now int64) int64 {
	for range burst {
		next := s.fireMoves(now)
		if s.levelAt > now {
			return min(next, s.levelAt)
		}
		s.global, s.passed = s.wanted, s.passed[:0]
		s.setTarget(s.level, s.levelAt)
		if len(s.users) < s.target {
			return now // more of this same step in the next round
		}
		s.pullLevel()
	}
	return now
}

// setTarget starts or stops users until there are target places, at most burst at once. at is the plan time of the change.
func (s *stream) setTarget(target int, at int64) {
	s.target = target
	for n := 0; len(s.users) < target && n < burst; n++ {
		place := len(s.users)
		k := s.e.share.Number(place)
		u := s.newSlot(k, place)
		u.intended = at + s.e.clock.shiftNow()
		s.users = append(s.users, u)
		s.e.pool.give(u)
	}
	for len(s.users) > target {
		last := len(s.users) - 1
		u := s.users[last]
		s.users = s.users[:last]
		if u != nil && u != absent {
			s.e.sendAway(u)
		}
	}
}

// sendAway makes a user leave: at once when it waits, else after its task. mu is held.
func (e *Engine) sendAway(u *slot) {
	u.leaving.Store(true)
	if e.clock.unpark(u) {
		e.pool.give(u)
	} else {
		e.cancelLater(u)
	}
}

// cancelLater cancels a leaving user's task when it is not done within the stop timeout.
func (e *Engine) cancelLater(u *slot) {
	time.AfterFunc(max(0, e.cfg.StopTimeout), func() {
		u.user.CutOff()
		u.cancel()
	})
}

// newSlot makes user k of the stream. place is -1 in an open stream.
func (s *stream) newSlot(k, place int) *slot { return s.newSlotOf(s.spec.Pick(k), k, place) }

func (s *stream) newSlotOf(typ, k, place int) *slot {
	ctx, cancel := context.WithCancel(s.e.base)
	s.e.live++
	u := &slot{
		user: s.e.cfg.Types[typ].New(s.offset + k), stream: s, ctx: ctx, cancel: cancel, place: int32(place), typ: int32(typ),
	}
	if light, ok := u.user.(Light); ok && light.Attach(Seat{u}) {
		u.light = light
	}
	return u
}

// gone takes a user that has left out of the stream, and replaces it when its visit was over.
func (s *stream) gone(u *slot, how Leave) {
	e := s.e
	e.mu.Lock()
	defer e.mu.Unlock()
	e.live--
	if s.open() {
		s.goneOpen(u)
	} else if p := int(u.place); p < len(s.users) && s.users[p] == u {
		s.users[p] = nil
		if how == Visited && !e.isStopping() {
			k := e.share.Number(p)
			fresh := s.newSlot(k, p)
			s.users[p] = fresh
			e.pool.give(fresh)
		}
	}
	e.endWhenOver()
}

// endWhenOver stops the run when nobody is left and nobody will come. mu is held.
func (e *Engine) endWhenOver() {
	if e.allLeft() && !e.isStopping() && !e.cfg.Hold {
		e.Stop("everybody has left")
	}
}

// Left reports whether nobody is there and nobody will come, unless a change brings some.
func (e *Engine) Left() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.allLeft()
}

// allLeft is Left. mu is held.
func (e *Engine) allLeft() bool {
	if e.live > 0 || len(e.orders) > 0 {
		return false
	}
	for _, s := range e.streams {
		if s.open() && (!s.over || s.waitingNow() > 0) {
			return false
		}
		if !s.open() && (s.levelAt != never || len(s.users) < s.target || len(s.moves) > 0 || s.steered && s.target == 0) {
			return false
		}
	}
	return true
}
