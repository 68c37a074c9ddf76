package suspect

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/stampede-load/stampede/internal/format"
)

// signs are the series that say by themselves that work was turned away or held up, where they did so from about the knee on and not before: refused
// connections, a listen queue that ran over, a locked table. They have no ceiling, and need none. The one that began first comes first.
func signs(run Run, k int, all []sampled) (out []Suspect) {
	for _, s := range all {
		if !s.Sign {
			continue
		}
		before := quantile(known(s.at, 0, max(leastFor, k-2*lasting)), 0.9)
		after := known(s.at, max(0, k-lasting), k+4*lasting)
		if len(after) == 0 {
			continue
		}
		if math.IsNaN(before) {
			before = 0
		}
		above, since := 0, -1
		for i := max(0, k-lasting); i < min(len(s.at), k+4*lasting); i++ {
			if s.at[i] > 3*before && s.at[i] > before {
				above++
				if since < 0 {
					since = i
				}
			}
		}
		if above < leastSigns {
			continue
		}
		now, at := quantile(after, 0.75), run.at(since)
		if now <= before {
			now = slices.Max(after)
		}
		out = append(out, Suspect{
			Server: s.Server, Series: s.Name, Since: at, Score: 1,
			Why: fmt.Sprintf("%s, before %s, from %s", format.Amount(now, s.Unit), format.Amount(before, s.Unit), format.Clock(at)),
		})
	}
	slices.SortStableFunc(out, func(a, b Suspect) int { return int(a.Since - b.Since) })
	return out
}

// leastSigns is in how many steps about the knee a sign must be seen.
const leastSigns = 3

// filled reports whether something that fills up, such as memory or a disk, became full at the knee and had room before. Its level follows what was put
// into it, not the load, so that no line through the load says when.
func filled(s sampled, k int) bool {
	if s.Follows || s.ceiling <= 0 || s.Unit == "%" {
		return false
	}
	before, after := known(s.at, 0, max(leastFor, k/2)), known(s.at, k, k+4*lasting)
	return len(before) > 0 && len(after) > 0 && median(after) >= fullPool*s.ceiling && median(before) < 0.9*s.ceiling
}

// usedUp are the series of which nothing was left when answers became slow, and that had done nothing but fall until then: burst credits, memory that is
// free. What is left of something has no ceiling. A rate or a time that falls is no store.
func usedUp(run Run, k int, all []sampled) (out []Suspect) {
	for _, s := range all {
		if s.Follows || s.Sign || strings.HasSuffix(s.Unit, "/s") || s.Unit == "s" || s.Unit == "ms" {
			continue
		}
		before, after := known(s.at, 0, k), known(s.at, k, k+4*lasting)
		if len(before) < leastFor || len(after) == 0 {
			continue
		}
		first, nothing := before[0], 0.02*before[0]
		if !(first > 0) || median(after) > nothing || median(known(s.at, k/2-lasting, k/2+lasting)) < 0.1*first {
			continue
		}
		if since := emptied(&s, k, nothing); since >= 0 {
			out = append(out, Suspect{
				Server: s.Server, Series: s.Name, Since: run.at(since), Score: 1,
				Why: fmt.Sprintf("used up, %s of %s at first, from %s", format.Amount(median(after), s.Unit), format.Amount(first, s.Unit), format.Clock(run.at(since))),
			})
		}
	}
	return out
}

// emptied is the step about the knee from which nothing was left of something that fell all the time; -1 when it is not so.
func emptied(s *sampled, k int, nothing float64) int {
	last := math.NaN()
	for i, v := range s.at[:min(len(s.at), k+4*lasting)] {
		switch {
		case math.IsNaN(v):
			continue
		case v > last+nothing:
			return -1
		case v <= nothing && i < k-4*lasting:
			return -1 // long before
		case v <= nothing:
			return i
		}
		last = v
	}
	return -1
}
