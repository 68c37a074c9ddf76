// Package pace is the arithmetic of load: at what time is arrival n due, how many users are wanted at time t, what part of both is
// mine. It is pure: no clock, no goroutine, no file.
//
// # Shapes
//
// A [Shape] is a level as a function of time: users, or arrivals per second. Every shape is straight pieces side by side. Arrivals
// are the integral of the level,
//
//	n(t) = n0 + r0 t + s t^2 / 2                       n in arrivals, t in s, r0 in arrivals/s, s = (r1 - r0) / D in arrivals/s^2
//	t(n) = 2 (n - n0) / (r0 + sqrt(r0^2 + 2 s (n - n0)))
//
// on a piece that goes from r0 to r1 in D seconds, and arrival n (counted from 0) is due at t(n), to the nanosecond, after a day as
// after a second. Nothing here ever says "now + gap": a late generator does not lower the load.
//
// # Text
//
// [Parse] reads, and String writes:
//
//	500                                          always 500
//	50/s   300/m   9000/h                        the same for arrivals, per second, minute or hour
//	0:0,30s:500,5m:500                           stages: time:level, straight lines between; two levels at one time are a jump
//	ramp(0, 500, over=30s)                       from 0 to 500 in 30 s
//	steps(100, 500, by=100, every=30s)           100 for 30 s, 200 for 30 s ... 500 for 30 s
//	spike(100, 2000, at=1m, for=10s, rise=2s)    up to 2000 at 1 m, there for 10 s, back; after=D stays at 100 that long (as long as at)
//	sine(100, 500, period=1m)                    a wave that starts at 100 and is at 500 half a period later
//	rates(8, 5.5, 12, every=1s)                  each level for one second
//	playback(file.csv)                           rows of time,rate: each rate until the next row's time; speed=2 plays it twice as fast
//	500 for 1m                                   the first minute of a shape
//	A from 1m                                    a shape without its first minute
//	A then B                                     B when A has ended
//	A + B                                        both at once
//	2 * A                                        twice as much of A
//	(A then B) + C                               parentheses as usual; * binds tightest, then for and from, +, then
//
// Times are Go's (1h20m, 1.5s) or bare seconds. Stages, and everything else that stops changing, stay at their last level when a run
// goes on longer; [Shape.End] says when that is.
//
// # Who takes what
//
// A [Share] is worker i of n: arrival or user number k is its own when k mod n = i. [ShareOf] cuts unevenly. Whatever the cut, the
// union over the workers is the whole, nothing lost, nothing doubled.
//
// [Arrivals] walks the due times of a share, [Levels] the changes of the number of users. Neither allocates while it walks. Both are
// used by one goroutine; shapes and shares are immutable and may be used by many.
package pace

import (
	"fmt"
	"math"
	"time"
)

// MaxLevel is the highest level a shape may have: a thousand million, one arrival each nanosecond, the smallest step of a schedule.
const MaxLevel = 1e9

// MaxTime is the latest time a shape may name.
const MaxTime = 366 * 24 * time.Hour

// Phase is a named stretch of a shape: "ramp", "ramp-down", "steady", "spike", "wave", "playback". Ramps are on the way somewhere and
// are left out of the steady figures; everything else is load to be judged. To is exclusive; 0 means open-ended.
type Phase struct {
	Name     string
	From, To time.Duration
}

// The names of the phases.
const (
	PhaseRamp     = "ramp"
	PhaseRampDown = "ramp-down"
	PhaseSteady   = "steady"
	PhaseSpike    = "spike"
	PhaseWave     = "wave"
	PhasePlayback = "playback"
)

// Shape is a level as a function of time, from the start of the run. Shapes are immutable, safe for concurrent use, and made by this
// package alone; a function of your own is a [Func].
type Shape interface {
	// Level is the wanted number of users, or arrivals per second, at t >= 0. Never negative, never NaN. At a jump it is the new level.
	Level(t time.Duration) float64
	// Integral is the number of arrivals due in [0, t), with its fraction.
	Integral(t time.Duration) float64
	// Inverse is when arrival n, counted from 0, is due: the latest t with Integral(t) <= n, so an arrival never falls into a stretch
	// of level 0. It is false when the shape never gets there.
	Inverse(n float64) (time.Duration, bool)
	// Next is the earliest time after t at which Target differs from the Target at t; false when it never does.
	Next(t time.Duration) (time.Duration, bool)
	// End is when the shape ends the run by itself (stages, steps, spike, playback); false for a shape without an end. Beyond it the
	// shape stays at its last level, for runs that are told to go on longer.
	End() (time.Duration, bool)
	// Max is the highest level ever wanted.
	Max() float64
	// Phases names the stretches, in order, without gaps from 0 on. The caller owns the slice.
	Phases() []Phase
	// String is the shape as Parse reads it.
	String() string

	curve() *curve
}

// CheckLevel says whether a level can be part of a shape: a number from 0 to MaxLevel.
func CheckLevel(level float64) error {
	switch {
	case math.IsNaN(level):
		return fmt.Errorf("a level that is not a number (NaN): write one, such as 500 or 300/m")
	case level < 0:
		return fmt.Errorf("level %s is below zero: a level is 0 or more", number(level))
	case level > MaxLevel:
		return fmt.Errorf("level %s is too high: at most 1000000000 (one each nanosecond); write less", number(level))
	}
	return nil
}

// checkTime says whether a time can be part of a shape. what names it in the message.
func checkTime(what string, t time.Duration) error {
	switch {
	case t < 0:
		return fmt.Errorf("%s %v is below zero: time starts at 0", what, t)
	case t > MaxTime:
		return fmt.Errorf("%s %v is too long: at most %v", what, t, MaxTime)
	}
	return nil
}
