// Package pace is the arithmetic of load: at what time is arrival n due, how many users are wanted at time t, what part of both is
// mine. It is pure: no clock, no goroutine.
//
// A [Shape] is a level as a function of time: users, or arrivals per second. Arrivals are its integral,
//
//	n(t) = r0 t + (r1 - r0) t^2 / (2 D)        n in arrivals, t and D in s, r in arrivals/s, for a ramp from r0 to r1 over D
//
// and arrival n is due at the inverse of that. Nothing here ever says "now + gap": a late generator does not lower the load.
package pace

import "time"

// Share is worker I of N (0 <= I < N). The zero value is the whole: 0 of 1.
type Share struct{ I, N int }

// Phase is a named stretch of a shape: "ramp", "steady", "ramp-down", or a name the test gave. To is exclusive; 0 means open-ended.
type Phase struct {
	Name     string
	From, To time.Duration
}

// Shape is a level as a function of time, from the start of the run. Implementations are immutable.
type Shape interface {
	// Level is the wanted number of users, or arrivals per second, at t >= 0. Never negative, never NaN.
	Level(t time.Duration) float64
	// Integral is the number of arrivals due in [0, t).
	Integral(t time.Duration) float64
	// Inverse is the earliest t with Integral(t) >= n; false when the shape never gets there.
	Inverse(n float64) (time.Duration, bool)
	// Next is the earliest time after t at which ceil(Level) differs from ceil(Level(t)); false when it never does.
	Next(t time.Duration) (time.Duration, bool)
	// End is when the shape ends the run by itself (stages, playback, spike with a hold); false for a shape without an end.
	End() (time.Duration, bool)
	// Max is the highest level ever wanted.
	Max() float64
	// Phases names the stretches, in order.
	Phases() []Phase
	// String is the shape as Parse reads it.
	String() string
}
