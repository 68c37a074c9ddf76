package suspect

import (
	"fmt"
	"math"
	"slices"

	"github.com/stampede-load/stampede/internal/format"
)

// When a series counts as changed at equal load.
const (
	farAway    = 3.0  // interquartile ranges of the quiet part, from median to median: chance does not do that to a median
	leastMove  = 0.5  // of its usual value: what is less does not make answers take twice as long
	halfFull   = 0.5  // of its ceiling: nobody waits long for what is free for half of the time
	leastShare = 0.05 // of its ceiling, or for a time of how much longer the answers took
	nearMove   = 0.15 // of its usual value, for what came near its ceiling: there a little more makes everybody wait
)

// changed ranks the series by how far they moved when the answers did, at step k. The load was equal from step from on.
func (f *Finding) changed(run Run, from, k int, all []sampled) {
	var moved []Suspect
	follows := map[string]bool{}
	f.Watched = 0
	ill := slowStretch(run, from, k)
	for _, s := range all {
		one, looked := ill.move(run, s)
		if looked {
			f.Watched++
		}
		if one == nil {
			continue
		}
		moved = append(moved, *one)
		follows[one.Server+"."+one.Series] = s.Follows
	}
	slices.SortStableFunc(moved, func(a, b Suspect) int {
		switch {
		case a.Score > b.Score:
			return -1
		case a.Score < b.Score:
			return 1
		}
		return 0
	})
	f.Suspects = definite(run, k, all)
	for _, s := range moved {
		if slices.ContainsFunc(f.Suspects, func(d Suspect) bool { return d.Server == s.Server && d.Series == s.Series }) {
			continue
		}
		switch {
		case follows[s.Server+"."+s.Series]:
			if len(f.Victims) < mostSuspects {
				f.Victims = append(f.Victims, s)
			}
		case len(f.Suspects) < mostSuspects:
			f.Suspects = append(f.Suspects, s)
		}
	}
}

// definite are the series that need no measure of how far they moved: what became full, and what says by itself that work was held up.
func definite(run Run, k int, all []sampled) (out []Suspect) {
	for _, s := range all {
		if filled(s, k) {
			c := saturate(run, k, s)
			out = append(out, c.suspect(run))
		}
	}
	out = append(out, usedUp(run, k, all)...)
	out = append(out, signs(run, k, all)...)
	return out[:min(len(out), mostSuspects)]
}

// stretch is a part of a run in which it was not well, and the quiet part before.
type stretch struct {
	from, k, end int     // steps: the load was equal from the first on, answers were slow or failed from k until end
	longer       float64 // seconds that answers took longer
	fell         bool    // fewer were answered
}

func slowStretch(run Run, from, k int) *stretch {
	end := illUntil(run, k)
	return &stretch{from: from, k: k, end: end, longer: longer(run, k, end), fell: fell(run, k)}
}

// move is how far a series moved at the knee; nil when it did not. What fell with the throughput follows it and explains nothing.
func (t *stretch) move(run Run, s sampled) (moved *Suspect, looked bool) {
	k := t.k
	quiet, after := known(s.at, t.from, k-1), known(s.at, k, t.end)
	if len(quiet) < leastFor || len(after) < 2 {
		return nil, false
	}
	usual, now := median(quiet), median(after)
	spread := quantile(quiet, 0.75) - quantile(quiet, 0.25)
	spread = max(spread, 0.02*math.Abs(usual), 1e-9)
	if usual == 0 && spread <= 1e-9 {
		spread = max(quantile(quiet, 0.95), floor(&s, now))
	}
	z := (now - usual) / spread
	least := leastMove
	if s.ceiling > 0 && now >= nearCeiling*s.ceiling {
		least = nearMove
	}
	if math.Abs(z) < farAway || math.Abs(now-usual) < max(least*math.Abs(usual), leastShare*t.scale(&s)) {
		return nil, true
	}
	if z > 0 && now < halfFull*ceiling(&s) {
		return nil, true
	}
	if z < 0 && t.fell {
		return nil, true // where less is done, less of everything is done
	}
	since := k
	for i := max(0, k-2*lasting); i < min(len(s.at), k+4*lasting); i++ {
		if v := s.at[i]; !math.IsNaN(v) && math.Abs(v-usual) > math.Abs(now-usual)/2 && math.Signbit(v-usual) == math.Signbit(now-usual) {
			since = i
			break
		}
	}
	return &Suspect{
		Server: s.Server, Series: s.Name, Since: run.at(since), Score: math.Abs(z),
		Why: fmt.Sprintf("%s, usually %s, from %s", format.Amount(now, s.Unit), format.Amount(usual, s.Unit), format.Clock(run.at(since))),
	}, true
}

// scale is what a change of a series must be some share of to matter: its ceiling; or of a time, how much longer the answers took.
func (t *stretch) scale(s *sampled) float64 {
	switch top := ceiling(s); {
	case top > 0:
		return top
	case s.Unit == "ms":
		return 1000 * t.longer
	case s.Unit == "s":
		return t.longer
	}
	return 0
}

// ceiling is the most that a series can become, as far as that is known: every percentage is of something.
func ceiling(s *sampled) float64 {
	if s.ceiling == 0 && s.Unit == "%" {
		return max(100, s.Limit)
	}
	return s.ceiling
}

// floor is a spread for a series that was always zero: a tenth of what it came to, so that one event is not infinitely far away.
func floor(s *sampled, now float64) float64 {
	if s.ceiling > 0 {
		return s.ceiling / 100
	}
	return max(math.Abs(now)/10, 1e-9)
}

// fell reports whether the throughput after the knee was less than nine tenths of what it was before.
func fell(run Run, k int) bool {
	before, after := median(known(run.Rate, 0, k)), median(known(run.Rate, k, k+4*lasting))
	return before > 0 && after < 0.9*before
}
