package monitor

import (
	"context"
	"time"
)

// Value is one figure as a server gives it.
type Value struct {
	Name    string  // within the server: "connections", "cpu"; see [CleanName]
	Unit    string  // "%", "B", "s", "ms", "/s", "" for plain counts. A counter's rate has this unit per second
	Help    string  // what it means, in a few words
	Value   float64 // NaN: the server has the figure and does not know it now
	Limit   float64 // the most that Value can become, in its unit: max_connections, cores; 0 when there is none or nobody says
	Counter bool    // Value only grows, but for restarts: what is shown is its rate
	// Scale is what the rate of a counter is multiplied by: 100 for a counter of processor seconds that is shown as a percentage. Zero means 1.
	Scale float64
	// Follows says that the figure follows the answers' times, whatever makes them long: connections, busy workers, queue lengths. It is a
	// victim as often as a cause.
	Follows bool
	// Ceiling says that reaching Limit, or 100 for a percentage without one, stops the server from doing more.
	Ceiling bool
	// Sign says that more of it than usual is by itself a sign that work was turned away or held up: refused connections, a listen queue that ran
	// over, keys that had to go, statements that wait for a lock.
	Sign bool
}

// Reading is what a server said at one moment.
type Reading struct {
	Time   time.Time // on the server's clock; zero when it does not say
	Values []Value
	Notes  []string // doubts worth telling once: "server-status without ExtendedStatus"
}

// Source is one server. Its methods are called from one goroutine at a time.
type Source interface {
	// Read asks for the figures of now. The error says what was asked and what to do.
	Read(ctx context.Context) (Reading, error)
	// Grain is how often Read makes sense; zero means each second.
	Grain() time.Duration
	// Close gives up connections.
	Close() error
}

// Point is one figure at one moment of a run.
type Point struct {
	At    time.Duration // since the start of the run
	Value float64
}

// Series is one figure over a run. Points are in order of time; a gap is a missing point, never a zero.
type Series struct {
	Name, Unit, Help string
	Limit            float64 // the highest that was said; 0 for none
	Follows, Ceiling bool
	Sign             bool
	Points           []Point
}

// Historian is a server that keeps the history itself, and is asked for stretches of it. Its points come late, and may change until they are
// complete.
type Historian interface {
	// Range gives the series between two moments of our clock. Complete is false while points of that stretch may still come. An error beside series is of those
	// that are not among them.
	Range(ctx context.Context, from, to time.Time) (series []Recorded, complete bool, err error)
	// Grain is how far apart its points are.
	Grain() time.Duration
	// Cost is what was asked for so far, in words for people: "1,440 metrics requested: $0.014"; "" when it costs nothing.
	Cost() string
	Close() error
}

// Estimator is a [Historian] that can say before a run what it will ask for and what that costs: "about 160 CloudWatch metrics requested: $0.0016".
type Estimator interface {
	Estimate(length time.Duration) string
}

// Recorded is a series of a historian, on our clock.
type Recorded struct {
	Series
	Times []time.Time // of each value
	Is    []float64
}

// Server is all that was read of one server.
type Server struct {
	Name, Kind string
	Series     []Series
	Notes      []string
	Asked      int // how often it was asked
	Failed     int // and did not answer
}
