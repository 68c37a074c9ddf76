package compare

import (
	"math"
	"slices"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/stats"
	"github.com/stampede-load/stampede/internal/verdict"
)

// leastSteady is how many seconds must be left for the ramps to be left out: a run that only ramps is compared as it is.
const leastSteady = 10

// SpanOf is the stretch of a run that is compared: without its warm-up, without the ramps before and after its steady load where it has
// one, without the wait for the last answers, and without its last second when the load ended within it.
func SpanOf(r *stampede.Report) Span {
	s := Span{To: int((r.Run.Duration - r.Run.Drain()) / time.Second)}
	for _, p := range r.Phases {
		if p.Name == verdict.PhaseWarmup {
			s.From = max(s.From, secondsUp(p.To))
		}
	}
	steady := s
	begun := false
	for _, p := range r.Phases {
		if isWayThere(p) {
			continue
		}
		if !begun {
			steady.From, begun = max(s.From, secondsUp(p.From)), true
			steady.To = steady.From
		}
		end := s.To
		if p.To > 0 {
			end = min(end, int(p.To/time.Second))
		}
		steady.To = max(steady.To, end)
	}
	if begun && steady.To-steady.From >= leastSteady {
		return steady
	}
	return s
}

// spansOf is the stretches of all runs of both sides that are compared. Where the load changes with time every run is cut to the length of
// the shortest: one that was stopped before the load had risen would otherwise be the better one.
func spansOf(before, after []Run) (old, fresh []Span) {
	runs := slices.Concat(before, after)
	spans := make([]Span, len(runs))
	end := math.MaxInt
	for i := range runs {
		spans[i] = SpanOf(runs[i].Report)
		end = min(end, spans[i].To)
	}
	if slices.ContainsFunc(runs, func(r Run) bool { return shaped(r.Report) }) {
		for i := range spans {
			spans[i].To = end
		}
	}
	return spans[:len(before)], spans[len(before):]
}

// shaped reports whether the load of a run was more than one level with ramps before and after it.
func shaped(r *stampede.Report) bool {
	levels := 0
	for _, p := range r.Phases {
		if !isWayThere(p) {
			levels++
		}
	}
	return len(r.Phases) > 0 && levels != 1
}

// isWayThere reports whether a phase is none that a run was made for: it leads to one, or away from it.
func isWayThere(p stampede.Phase) bool {
	return p.Name == verdict.PhaseWarmup || p.Name == "ramp" || p.Name == "ramp-down" || p.Name == verdict.PhaseDrain
}

func secondsUp(d time.Duration) int { return int((d + time.Second - 1) / time.Second) }

// side is the runs of one side, with the frame that all their names share.
type side struct {
	runs   []Run
	frames [][]frame
	widest []int // s, the longest stretch of each run: 1 unless its ledger rolled it up
}

// frame is a stretch of a run that was measured as a whole: the place of one window of every name.
type frame struct {
	from, to int
	seconds  float64
}

// newSide reads when the runs were measured, of each a span.
func newSide(runs []Run, spans []Span) (*side, error) {
	s := &side{runs: runs}
	for i, run := range runs {
		points, err := run.Course(stats.Key{})
		if err != nil {
			return nil, err
		}
		widest := 0
		for k := range points {
			widest = max(widest, points[k].Width)
		}
		s.widest = append(s.widest, widest)
		s.frames = append(s.frames, framesOf(points, spans[i]))
	}
	return s, nil
}

// framesOf is the frames of a run: its whole stretches within a span. Where old stretches of the run are longer than later ones, for a ledger
// rolls them up, the later ones are joined: a window of a second and one of a minute are not drawn from one urn.
func framesOf(points []stats.Point, span Span) []frame {
	widest := 1
	kept := make([]stats.Point, 0, len(points))
	for _, p := range points {
		if p.From < span.From || p.From+p.Width > span.To || p.Lasted < time.Duration(p.Width)*time.Second {
			continue
		}
		kept = append(kept, p)
		widest = max(widest, p.Width)
	}
	var frames []frame
	for _, p := range kept {
		n := len(frames)
		if n > 0 && frames[n-1].to == p.From && frames[n-1].to-frames[n-1].from+p.Width <= widest {
			frames[n-1].to, frames[n-1].seconds = p.From+p.Width, frames[n-1].seconds+p.Lasted.Seconds()
			continue
		}
		frames = append(frames, frame{p.From, p.From + p.Width, p.Lasted.Seconds()})
	}
	if widest > 1 {
		frames = slices.DeleteFunc(frames, func(f frame) bool { return f.to-f.from < widest })
	}
	return frames
}

// windows is one name in the frames of run i. Where nothing happened there is an empty window: a second without a request is one too.
func (s *side) windows(i int, key stats.Key) ([]verdict.Window, error) {
	points, err := s.runs[i].Course(key)
	if err != nil {
		return nil, err
	}
	out := make([]verdict.Window, len(s.frames[i]))
	at := 0
	paced := s.runs[i].Report.Run.Paced
	for j, f := range s.frames[i] {
		w := verdict.Window{Seconds: f.seconds}
		rows := 0
		for ; at < len(points) && points[at].From+points[at].Width <= f.to; at++ {
			if points[at].From >= f.from {
				add(&w, &points[at].Row, paced, rows)
				rows++
			}
		}
		out[j] = w
	}
	return out, nil
}

// add puts a row into a window that has so many. A window of a single row shares its histogram, which nobody changes; one of more has its
// own.
func add(w *verdict.Window, row *stats.Row, paced bool, rows int) {
	times := row.Headline(paced)
	switch rows {
	case 0:
		w.Times = times
	case 1:
		sum := w.Times.Clone()
		w.Times = &sum
		fallthrough
	default:
		w.Times.Merge(times)
	}
	w.Endless += row.Dropped
	w.Count += row.Count
	w.Failures += row.Failures
}
