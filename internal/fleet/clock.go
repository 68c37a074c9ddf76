package fleet

import "time"

// clock is a clock in ns that never jumps: the wall clock at its start, and monotonic time from there.
type clock struct {
	base  time.Time
	ahead time.Duration // tests: how far it is set apart
	drift int64         // tests: by how much it is too fast, in parts of a million
}

func newClock() clock { return clock{base: time.Now()} }

func (c clock) now() int64 {
	gone := int64(time.Since(c.base))
	return c.base.UnixNano() + gone + gone/1000*c.drift/1000 + int64(c.ahead)
}

// when is the moment of a time of the clock, with a monotonic reading.
func (c clock) when(ns int64) time.Time { return time.Now().Add(time.Duration(ns - c.now())) }

// offset is how far the controller's clock is ahead of ours: the fastest of the last exchanges says it best, for its error is at most half its
// round trip. Older ones are doubted more and more, since clocks drift.
type offset struct {
	samples []exchange
}

type exchange struct {
	offset, rtt int64 // ns
	at          int64 // ns of our clock
}

// exchangesKept is how many are looked at.
const exchangesKept = 32

// drift is how much two clocks may drift apart, in parts of a million: what a bad quartz does.
const drift = 100

// add takes an exchange: asked and got are of our clock, told is what the controller's said in between.
func (o *offset) add(asked, told, got int64) {
	if got < asked {
		return
	}
	if o.samples = append(o.samples, exchange{offset: told - (asked+got)/2, rtt: got - asked, at: got}); len(o.samples) > exchangesKept {
		o.samples = o.samples[1:]
	}
}

// best is the offset, how far it can be wrong, and the round trip it comes from. ok is false before the first exchange.
func (o *offset) best(now int64) (ahead, wrong, rtt int64, ok bool) {
	for _, s := range o.samples {
		if w := s.rtt/2 + (now-s.at)*drift/1e6; !ok || w < wrong {
			ahead, wrong, rtt, ok = s.offset, w, s.rtt, true
		}
	}
	return ahead, wrong, rtt, ok
}
