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
	levelAt int64 // plan time of the next change of level; never when there is none
	level   int   // local users wanted from levelAt on
	target  int   // local users wanted now
	wanted  int   // users wanted from levelAt on, over all workers
	global  int   // users wanted now, over all workers
	moves   []move

	// Open.
	arrivals *pace.Part
	created  int       // own numbers that users were given, or that were passed over
	highest  int       // the highest of those; -1 before
	free     [][]*slot // per type, last in first out: the warmest connections
	queues   []queue   // per type, arrivals that wait for a user
	have     []int     // users per type
	all      map[*slot]struct{}
	over     bool // no arrival will come any more
	admission
}

func newStream(e *Engine, spec *Stream, offset int) *stream {
	s := &stream{e: e, spec: spec, offset: offset, levelAt: never, highest: -1}
	if s.open() {
		n := len(e.cfg.Types)
		s.free, s.queues, s.have = make([][]*slot, n), make([]queue, n), make([]int, n)
		s.all = make(map[*slot]struct{})
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

// numbersEnd is the first user number after those of this stream.
func (s *stream) numbersEnd() int {
	if s.open() {
		return s.offset + 1<<24
	}
	return s.offset + int(math.Ceil(s.spec.Users.Max()))
}

func (s *stream) setLevels(l *pace.Levels) {
	s.levels = l
	s.pullLevel()
}

// pullLevel fetches the next change of level.
func (s *stream) pullLevel() {
	at, target, ok := s.levels.Next()
	if !ok {
		s.levelAt = never
		return
	}
	s.levelAt, s.level, s.wanted = int64(at)+int64(s.spec.After), s.e.share.Count(target), target
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
		s.global = s.wanted
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
	if light, ok := u.user.(Light); ok && light.Sit(Seat{u}) {
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
