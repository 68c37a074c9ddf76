package suspect

import (
	"fmt"
	"math"
	"slices"

	"github.com/stampede-load/stampede/internal/format"
)

// When a series with a ceiling is named.
const (
	nearCeiling = 0.8  // share of the ceiling, as predicted and as seen
	fullPool    = 0.97 // of a pool that follows the answers' times
	clearly     = 2.0  // standard errors that the prediction may be too low by
	fitBelow    = 0.8  // of the throughput at the knee: beyond, U = X D bends
	leastFit    = 5    // steps
	leastRise   = 0.1  // of the ceiling, from the beginning of the run
	leastJump   = 0.9  // share of the ceiling, for what the load does not explain
	leastStep   = 0.3  // of the ceiling, beyond what it was before, and beyond what the load explains
)

// saturation is a candidate.
type saturation struct {
	sampled
	seen      float64 // share of the ceiling after the knee
	predicted float64 // by U = U0 + X D
	err       float64 // standard error of that
	since     int     // the first step at 90 % of what it came to
}

// saturated ranks the series with a ceiling by how near they were to it at the knee.
func (f *Finding) saturated(run Run, k int, all []sampled) {
	var hard, pools []saturation
	f.Watched = 0
	at := fullLoad(run, k)
	for _, s := range all {
		if s.ceiling <= 0 || len(known(s.at, 0, k)) < 3 {
			continue
		}
		f.Watched++
		c := saturate(run, at, s)
		if s.Follows {
			pools = append(pools, c)
		} else {
			hard = append(hard, c)
		}
	}
	byShare := func(a, b saturation) int {
		switch {
		case a.seen > b.seen:
			return -1
		case a.seen < b.seen:
			return 1
		}
		return 0
	}
	slices.SortStableFunc(hard, byShare)
	slices.SortStableFunc(pools, byShare)
	for _, c := range hard {
		if len(f.Suspects) < mostSuspects && (c.near() && c.rose(k) || filled(c.sampled, k) || c.jumped(k)) {
			f.Suspects = append(f.Suspects, c.suspect(run))
		}
	}
	for _, s := range append(usedUp(run, k, all), signs(run, k, all)...) {
		if len(f.Suspects) < mostSuspects {
			f.Suspects = append(f.Suspects, s)
		}
	}
	full := fullPools(pools, at)
	if len(f.Suspects) == 0 {
		for _, c := range full {
			if len(f.Suspects) < mostSuspects {
				f.Suspects = append(f.Suspects, c.suspect(run))
			}
		}
		return
	}
	for _, c := range full {
		if len(f.Victims) < mostSuspects {
			f.Victims = append(f.Victims, c.suspect(run))
		}
	}
}

// near reports that something was near its ceiling, as seen and as predicted. What is stored, such as memory, holds nothing up before it is full.
func (c *saturation) near() bool {
	return c.Unit != "B" && c.seen >= nearCeiling && c.predicted >= nearCeiling-clearly*c.err
}

// rose reports that it was not as near from the beginning, before the load was there to bring it so far: a processor that somebody else keeps busy, a disk that
// is nearly full.
func (c *saturation) rose(k int) bool {
	before := known(c.at, 0, max(leastFor, k/4))
	return len(before) == 0 || c.seen-median(before)/c.ceiling >= leastRise
}

// jumped reports that something came to its ceiling when answers became slow, all at once, and the load does not explain it: a job or a neighbour that took
// what was left of it. Until then it followed the load, so that much of it was free.
func (c *saturation) jumped(k int) bool {
	before := known(c.at, k-3*lasting, k-1)
	return c.Unit != "B" && c.seen >= leastJump && len(before) >= leastFit && quantile(before, 0.9) < nearCeiling*c.ceiling && c.seen-median(before)/c.ceiling >= leastStep &&
		c.seen-c.predicted >= leastStep && c.since >= k-lasting && c.since <= k+2
}

// fullPools are those that came to their end, the one that was full first before the others: when everybody waits, the pools before it fill
// up after it.
func fullPools(pools []saturation, k int) []saturation {
	var full []saturation
	for _, c := range pools {
		if c.full() && c.since <= k+3*lasting {
			full = append(full, c)
		}
	}
	slices.SortStableFunc(full, func(a, b saturation) int { return a.since - b.since })
	return full
}

// full reports that a pool was full. Whoever looks at one that is full finds, now and then, one that was just given back and not yet taken again.
func (c *saturation) full() bool {
	return c.seen*c.ceiling >= min(fullPool*c.ceiling, max(1, c.ceiling-1))
}

// fullLoad is the step from which the site gave all that it could: answers are slow, and the throughput is within three per cent of its
// highest, before the site was well again, as one is that machines were added to. Queues make answers slow well before anything is at its end, so it may come after the knee.
func fullLoad(run Run, k int) int {
	smooth := make([]float64, wellAgain(run, k))
	peak := 0.0
	for i := range smooth {
		smooth[i] = median(known(run.Rate, i, i+lasting))
		if i >= k-lasting && i+lasting <= len(smooth) && smooth[i] > peak { // a shorter stretch at the end is higher by chance
			peak = smooth[i]
		}
	}
	for i := max(0, k-lasting); i < len(smooth); i++ {
		if smooth[i] >= 0.97*peak {
			return max(i, k)
		}
	}
	return k
}

// saturate looks at one series.
func saturate(run Run, k int, s sampled) saturation {
	c := saturation{sampled: s, since: k}
	after := known(s.at, k, k+4*lasting)
	if len(after) == 0 {
		after = known(s.at, k-lasting, k)
	}
	top := quantile(after, 0.75) // a few low steps, as while it restarts, do not speak against a ceiling
	c.seen = top / s.ceiling
	c.predicted, c.err = c.fit(run, k)
	for i, v := range s.at {
		if !math.IsNaN(v) && v >= 0.9*top && i <= k+4*lasting {
			c.since = i
			break
		}
	}
	return c
}

// fit is the utilisation law: a line of the series over the throughput, through what was seen well below the knee, and what it says for the
// throughput at the knee. Where there is too little to fit, what was seen just before the knee stands for it.
func (c *saturation) fit(run Run, k int) (share, err float64) {
	peak := quantile(known(run.Rate, k-2*lasting, k+2*lasting), 0.75)
	var xs, us []float64
	for i := range k {
		if i < len(run.Rate) && run.Rate[i] <= fitBelow*peak && !math.IsNaN(run.Rate[i]) && !math.IsNaN(c.at[i]) {
			xs, us = append(xs, run.Rate[i]), append(us, c.at[i])
		}
	}
	before := median(known(c.at, k-lasting, k)) / c.ceiling
	if len(xs) < leastFit {
		return max(before, c.seen), 0.05
	}
	slope, base, spread := line(xs, us)
	if slope <= 0 {
		return max(before, 0), 0.05 // it does not follow the load: a lock, a leak
	}
	predicted := (base + slope*peak) / c.ceiling
	return predicted, max(spread/c.ceiling, 0.02)
}

// line is the least-squares line, and the standard error of a prediction at 1.25 times the highest x.
func line(xs, ys []float64) (slope, base, spread float64) {
	n := float64(len(xs))
	var mx, my float64
	for i := range xs {
		mx, my = mx+xs[i]/n, my+ys[i]/n
	}
	var sxx, sxy float64
	for i := range xs {
		sxx += (xs[i] - mx) * (xs[i] - mx)
		sxy += (xs[i] - mx) * (ys[i] - my)
	}
	if sxx == 0 {
		return 0, my, 0
	}
	slope = sxy / sxx
	base = my - slope*mx
	var rest float64
	for i := range xs {
		d := ys[i] - base - slope*xs[i]
		rest += d * d
	}
	at := 1.25*slices.Max(xs) - mx
	return slope, base, math.Sqrt(rest / max(1, n-2) * (1/n + at*at/sxx))
}

// suspect is the candidate in words.
func (c *saturation) suspect(run Run) Suspect {
	s := Suspect{Server: c.Server, Series: c.Name, Since: run.at(c.since), Score: min(c.seen, 1)}
	if c.predicted > 0 {
		s.Headroom = 1 / max(c.predicted, c.seen)
	}
	s.Why = fmt.Sprintf("%s of %s from %s", format.Amount(c.seen*c.ceiling, c.Unit), format.Amount(c.ceiling, c.Unit), format.Clock(s.Since))
	if c.Unit == "%" && c.ceiling == 100 {
		s.Why = fmt.Sprintf("at %s from %s", format.Amount(c.seen*100, "%"), format.Clock(s.Since))
	}
	return s
}
