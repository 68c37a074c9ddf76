package verdict

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/stampede-load/stampede/internal/suggest"
)

// forever is the end of a stretch without one.
const forever = math.MaxInt

// span is a stretch of whole seconds of the run: [from, to).
type span struct{ from, to int }

// spans are the stretches that a condition is judged on, in the order of the phases.
type spans []span

// whole reports whether the seconds [from, to) lie within one of the stretches.
func (s spans) whole(from, to int) bool {
	return slices.ContainsFunc(s, func(p span) bool { return p.from <= from && to <= p.to })
}

// and is the stretches with one more, which begins where the last ends or later.
func (s spans) and(from, to int) spans {
	if n := len(s); n > 0 && s[n-1].to == from {
		s[n-1].to = to
		return s
	}
	return append(s, span{from, to})
}

// warming reports whether the seconds up to to end within a stretch but would begin before it: the window is not whole yet.
func (s spans) warming(from, to int) bool {
	return slices.ContainsFunc(s, func(p span) bool { return from < p.from && p.from < to && to <= p.to })
}

// reach reports whether one of the stretches goes on up to the end of the load, given in seconds. What is measured later was asked for
// before, so it belongs there.
func (s spans) reach(end int) bool {
	return slices.ContainsFunc(s, func(p span) bool { return p.from < end && p.to >= end })
}

// seconds is how much of the stretches lies before now.
func (s spans) seconds(now float64) float64 {
	sum := 0.0
	for _, p := range s {
		sum += max(0, min(float64(p.to), now)-float64(p.from))
	}
	return sum
}

// key tells stretches apart.
func (s spans) key() string { return fmt.Sprint([]span(s)) }

// stretch is one closed second, or several rolled up, and how it lies in the run.
type stretch struct {
	from, to int
	loadEnd  int  // the second in which the load ended; forever while that is not known
	loaded   bool // under load from start to end
	whole    bool // loaded, and one second long: it can be part of a window
	gap      bool // windows cannot reach back over its start
}

// in reports whether what was measured then is judged by a condition with these stretches.
func (at stretch) in(s spans) bool {
	return s.whole(at.from, at.to) || at.to > at.loadEnd && s.reach(at.loadEnd)
}

// secondsUp is the number of the first second that begins at d or later.
func secondsUp(d time.Duration) int { return int((max(d, 0) + time.Second - 1) / time.Second) }

// spansOf is where a condition is judged: after the warm-up, or in all phases of its name. The warm-up is left out of phases that go on
// beyond it; a phase that lies within the warm-up was asked for by name and is judged as it is.
func spansOf(phase string, o *JudgeOptions) spans {
	warm := secondsUp(o.Warmup)
	if phase == "" {
		return spans{{warm, forever}}
	}
	var out spans
	for _, p := range o.Phases {
		if p.Name != phase {
			continue
		}
		s := span{secondsUp(p.From), forever}
		if p.To > 0 {
			s.to = int(p.To / time.Second)
		}
		if s.to > warm {
			s.from = max(s.from, warm)
		}
		if s.from < s.to {
			out = append(out, s)
		}
	}
	return out
}

// checkPhase refuses the name of a phase that the run does not have.
func checkPhase(r *Rule, c *condition, phases []Phase) error {
	var names []string
	for _, p := range phases {
		if p.Name == c.during {
			return nil
		}
		if !slices.Contains(names, p.Name) {
			names = append(names, p.Name)
		}
	}
	msg, hint := "the run has no phase "+phaseText(c.during), ""
	switch near := suggest.Nearest(c.during, names); {
	case len(names) == 0:
		msg = "the run has no phases"
		hint = "leave out during, or declare the phase in the test"
	case near != "":
		hint = "did you mean " + near + "? It has: " + strings.Join(names, ", ")
	default:
		hint = "it has: " + strings.Join(names, ", ")
	}
	if r.expr != "" && c.duringPos > 0 {
		return &SyntaxError{Expr: r.expr, Pos: c.duringPos, Msg: msg, Hint: hint}
	}
	return fmt.Errorf("threshold %s: %s; %s", r, msg, hint)
}
