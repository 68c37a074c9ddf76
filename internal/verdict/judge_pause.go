package verdict

import (
	"math"
	"slices"
	"time"
)

// pause is a stretch of the run in which the plan stood still.
type pause struct{ from, to time.Duration }

// later is where phases and the end of the plan are put while nobody knows how long a pause lasts: whole seconds, beyond any run.
const later = time.Duration(1<<31) * time.Second

// Pause tells that the plan stands still from at on. Until Resume its phases and its end do not come nearer, and seconds are under no load: they
// are part of totals and of no window.
func (j *Judge) Pause(at time.Duration) {
	j.pauses = append(j.pauses, pause{at, math.MaxInt64})
	j.delay(at, int(later/time.Second), int(later/time.Second))
	if j.end > at {
		j.end += later
	}
}

// Resume tells that the plan goes on at a time, after a Pause: what it had later comes as much later as that lasted.
func (j *Judge) Resume(at time.Duration) {
	if len(j.pauses) == 0 {
		return
	}
	p := &j.pauses[len(j.pauses)-1]
	if p.to != math.MaxInt64 {
		return
	}
	p.to = at
	by := max(0, at-p.from)
	j.delay(p.from, secondsUp(by)-int(later/time.Second), int(by/time.Second)-int(later/time.Second))
	if j.end > later {
		j.end += by - later
	}
}

// delay moves what begins or ends after at.
func (j *Judge) delay(at time.Duration, from, to int) {
	for _, s := range j.placed {
		for i := range s {
			p := &s[i]
			if time.Duration(p.from)*time.Second > at {
				p.from += from
			}
			if p.to != forever && time.Duration(p.to)*time.Second > at {
				p.to += to
			}
		}
	}
}

// gone is how much of a run has gone by.
type gone struct {
	to     float64 // run time up to which there was load, in seconds
	pauses []pause
	judged float64 // seconds of load after the warm-up, to the digit that tables show rates by
	known  bool    // judged is
}

// seconds is how much of the stretches of a condition has gone by under load.
func (g gone) seconds(l *leaf) float64 {
	if g.known && l.cond.during == "" {
		return g.judged
	}
	sum := l.spans.seconds(g.to)
	for _, p := range g.pauses {
		to := min(g.to, time.Duration(p.to).Seconds())
		sum -= max(0, l.spans.seconds(to)-l.spans.seconds(p.from.Seconds()))
	}
	return max(0, sum)
}

// stood reports whether the plan stood still in some of the seconds [from, to).
func (j *Judge) stood(from, to int) bool {
	return slices.ContainsFunc(j.pauses, func(p pause) bool {
		return p.from < time.Duration(to)*time.Second && p.to > time.Duration(from)*time.Second
	})
}
