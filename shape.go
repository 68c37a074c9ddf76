package stampede

import (
	"io"
	"os"
	"time"

	"github.com/stampede-load/stampede/internal/pace"
)

// Shape is a level as a function of time: users, or arrivals per second. Make one with the functions below or with [ParseShape]; shapes
// are immutable and may be shared.
type Shape = pace.Shape

// Level is the same level all the time, and never ends by itself.
func Level(n float64) Shape { return pace.Constant(n) }

// Ramp goes in a straight line from one level to another. Where a shape stands in a literal [Must] takes the error away, as in
// Rate: stampede.Must(stampede.Ramp(0, 500, time.Minute)): it ends the program when the shape cannot be. It ends there, and stays there in a run that is told to go on longer.
func Ramp(from, to float64, over time.Duration) (Shape, error) { return pace.Ramp(from, to, over) }

// At is a point of [Stages]: a level at a time since the start.
type At = pace.Point

// Stages goes through points in straight lines; two points at one time are a jump. The last time ends the run.
func Stages(points ...At) (Shape, error) { return pace.Stages(points...) }

// Steps goes from one level to another in steps, each held for a while.
func Steps(from, to, by float64, every time.Duration) (Shape, error) {
	return pace.Steps(from, to, by, every)
}

// Spike is a level with a sudden rise: see its fields.
type Spike = pace.Spike

// Sine swings between two levels.
func Sine(from, to float64, period time.Duration) (Shape, error) { return pace.Sine(from, to, period) }

// ShapeFunc is any function of time, sampled over a length of time after which it stays at its last level.
func ShapeFunc(level func(t time.Duration) float64, over time.Duration) (Shape, error) {
	return pace.Func(level, over)
}

// Then runs shapes one after another; each but the last must have an end.
func Then(shapes ...Shape) (Shape, error) { return pace.Then(shapes...) }

// For is the first part of a shape, which ends after d: what comes before another one in [Then].
func For(s Shape, d time.Duration) (Shape, error) { return pace.For(s, d) }

// Sum is several shapes at once, one on top of another. It ends with the last of them; when one has no end, neither has the sum.
func Sum(shapes ...Shape) (Shape, error) { return pace.Sum(shapes...) }

// Scale is k times a shape.
func Scale(k float64, s Shape) (Shape, error) { return pace.Scale(k, s) }

// Playback is a recorded series, rows of time,rate as comma-separated values: each rate holds until the time of the next row, the last as
// long as the one before it. Times are seconds, durations or dates, and count from the first row. A speed of 2 plays it in half the time, with
// the rates as they are. name is what the shape is called: playback(name).
func Playback(name string, r io.Reader, speed float64) (Shape, error) {
	return pace.Playback(name, r, speed)
}

// ParseShape reads a shape as --users and --rate take it: `500`, `300/m`, `0:0,30s:500,5m:500`, `spike(100, 2000, at=1m, for=10s)`,
// `playback(rates.csv)`. A mistake is an error that points at the place and says what to write. See docs/load-models.md.
func ParseShape(text string) (Shape, error) {
	return pace.Parser{Open: openShape}.Parse(text)
}

// openShape opens the file of a playback.
func openShape(name string) (io.ReadCloser, error) { return os.Open(name) }
