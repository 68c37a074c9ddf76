package suspect

import (
	"fmt"
	"math"
	"slices"

	"github.com/stampede-load/stampede/internal/format"
)

// When a series counts as changed at equal load.
const (
	farAway   = 3.0  // interquartile ranges of the quiet part, from median to median: chance does not do that to a median
	leastMove = 0.15 // of its usual value: what is less is no reason for anything
)

// changed ranks the series by how far they moved when the answers did.
func (f *Finding) changed(run Run, k int, all []sampled) {
	var moved []Suspect
	follows := map[string]bool{}
	f.Watched = 0
	for _, s := range all {
		one, looked := move(run, k, s)
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
	out = append(out, signs(run, k, all)...)
	return out[:min(len(out), mostSuspects)]
}

// move is how far a series moved at the knee; nil when it did not. What only fell with the throughput follows it and explains nothing.
func move(run Run, k int, s sampled) (moved *Suspect, looked bool) {
	quiet, after := known(s.at, 0, k-1), known(s.at, k, k+4*lasting)
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
	if math.Abs(z) < farAway || math.Abs(now-usual) < leastMove*math.Abs(usual) {
		return nil, true
	}
	if z < 0 && fell(run, k) && now >= usual*throughput(run, k)*0.7 {
		return nil, true
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

// floor is a spread for a series that was always zero: a tenth of what it came to, so that one event is not infinitely far away.
func floor(s *sampled, now float64) float64 {
	if s.ceiling > 0 {
		return s.ceiling / 100
	}
	return max(math.Abs(now)/10, 1e-9)
}

// throughput is what it was after the knee, as a share of before.
func throughput(run Run, k int) float64 {
	before, after := median(known(run.Rate, 0, k)), median(known(run.Rate, k, k+4*lasting))
	if !(before > 0) || math.IsNaN(after) {
		return 1
	}
	return after / before
}

func fell(run Run, k int) bool { return throughput(run, k) < 0.9 }
