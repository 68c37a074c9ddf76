package suspect

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/stampede-load/stampede/internal/format"
	"github.com/stampede-load/stampede/internal/monitor"
)

// Run is what visitors felt, in steps of Grain: each slice has one value a step, NaN where nothing was measured.
type Run struct {
	Grain     time.Duration   // zero means a second
	Rate      []float64       // answers without a failure, per second
	Offered   []float64       // requests that were due, per second; nil for a closed load
	Users     []float64       // nil for an open load
	Latency   []float64       // p95 of the headline, seconds
	Failures  []float64       // share of the requests
	Generator []float64       // share of its processors that the generator used, of the busiest worker; nil or NaN where nobody knows
	At        []time.Duration // when each step was, where steps were put together of several stretches; nil: one after the other from 0
	Broke     int             // the step at which a rule broke, where that is known; 0 looks for it
	Disturbed string          // why the generator's figures are not to be trusted; "" when they are
}

// at is when a step was.
func (r *Run) at(step int) time.Duration {
	if n := len(r.At); n > 0 {
		return r.At[min(max(step, 0), n-1)]
	}
	return time.Duration(step) * r.Grain
}

// Series is a server's series.
type Series struct {
	Server string
	monitor.Series
}

// Suspect is a series that gave way.
type Suspect struct {
	Server, Series string
	Since          time.Duration // when it was at its ceiling, or changed
	Score          float64       // share of the ceiling at the knee, 0 to 1; at equal load the z-score
	Headroom       float64       // how much more throughput it would have allowed before the knee: 1.3 is 30 % more; 0 when not known
	Why            string        // a sentence with figures
}

// Finding is what the series say.
type Finding struct {
	Slow     bool          // the site became slow, or failed, at Knee
	Knee     time.Duration // from then on
	Rising   bool          // the load had been rising, or was not equal; else what came is held against the quiet part before
	What     string        // what visitors felt then: "p95 rose from 50 ms to 410 ms"
	Suspects []Suspect     // most likely first; at most five
	Victims  []Suspect     // that follow the answers' times
	Watched  int           // series that could have been named
	Text     string        // all of it in a few words
	Ours     bool          // the generator itself was at its end: what the servers say explains nothing
}

// mostSuspects is how many are named.
const mostSuspects = 5

// Find looks for what gave way first.
func Find(run Run, series []Series) Finding {
	if run.Grain <= 0 {
		run.Grain = time.Second
	}
	f := Finding{Watched: len(series)}
	k, what, slow := knee(run)
	if !slow && run.Broke > 0 {
		k, what, slow = run.Broke, "the rule broke", true
	}
	if !slow {
		f.Text = "nothing gave way: answers did not become slower while the load rose"
		return f
	}
	from, equal := equalSince(run, k)
	if k2, in := worst(run, k, what); k2 != k {
		if from2, still := equalSince(run, k2); still {
			k, what, from, equal = k2, in, from2, true
		}
	}
	f.Slow, f.Knee, f.What = true, run.at(k), what
	f.Rising = !equal
	if why := ours(run, k); why != "" { // whose limit it is comes first
		f.Ours = true
		f.Text = fmt.Sprintf("%s from %s, and the generator itself gave way: %s", what, format.Clock(f.Knee), why)
		return f
	}
	all := make([]sampled, 0, len(series))
	for i := range series {
		all = append(all, sample(&series[i], run.Grain, len(run.Rate)))
	}
	if f.Rising {
		f.saturated(run, k, all)
	} else {
		f.changed(run, from, k, all)
	}
	f.Text = f.words()
	return f
}

// ours says why the generator itself was at its end when answers became slow; "" when it was not. Its processors are a resource with a ceiling as every other.
func ours(run Run, k int) string {
	at := fullLoad(run, k)
	used := quantile(known(run.Generator, at, at+4*lasting), 0.75)
	switch {
	case run.Disturbed != "":
		return run.Disturbed
	case used >= nearCeiling:
		return fmt.Sprintf("it used %s of its processors; add workers or lower the load", format.Amount(math.Round(100*used), "%"))
	}
	return ""
}

// words is the finding in a sentence.
func (f *Finding) words() string {
	at := format.Clock(f.Knee)
	switch {
	case f.Watched == 0:
		return fmt.Sprintf("%s from %s, and no server was watched: --server db=mysql:..., web=apache:... would show what gave way", f.What, at)
	case len(f.Suspects) == 0:
		return fmt.Sprintf("%s from %s; none of the %d series that were watched explains it", f.What, at, f.Watched)
	}
	s := f.Suspects[0]
	return fmt.Sprintf("%s.%s gave way first: %s; %s from %s", s.Server, s.Series, s.Why, f.What, at)
}

// sampled is a series on the steps of the run.
type sampled struct {
	*Series
	at      []float64 // one value a step; NaN for a gap
	ceiling float64   // 0 for none
}

// sample puts points onto steps: the mean of those within one; between two points of a coarse series what the earlier one said, for as long
// as the series' own grain.
func sample(s *Series, grain time.Duration, steps int) sampled {
	out := sampled{Series: s, at: make([]float64, steps)}
	for i := range out.at {
		out.at[i] = math.NaN()
	}
	if s.Ceiling {
		out.ceiling = s.Limit
		if out.ceiling == 0 && s.Unit == "%" {
			out.ceiling = 100
		}
	}
	count := make([]int, steps)
	for _, p := range s.Points {
		i := int(p.At / grain)
		if i < 0 || i >= steps {
			continue
		}
		if count[i] == 0 {
			out.at[i] = 0
		}
		out.at[i] += (p.Value - out.at[i]) / float64(count[i]+1)
		count[i]++
	}
	hold := int(ownGrain(s.Points)/grain) - 1
	last, age := math.NaN(), 0
	for i := range out.at {
		if count[i] > 0 {
			last, age = out.at[i], 0
			continue
		}
		if age++; age <= hold {
			out.at[i] = last
		}
	}
	return out
}

// ownGrain is the usual distance of two points.
func ownGrain(points []monitor.Point) time.Duration {
	var gaps []time.Duration
	for i := 1; i < len(points); i++ {
		gaps = append(gaps, points[i].At-points[i-1].At)
	}
	if len(gaps) == 0 {
		return 0
	}
	slices.Sort(gaps)
	return gaps[len(gaps)/2].Round(time.Second)
}

// known are the values of a stretch that are there.
func known(values []float64, from, to int) []float64 {
	var out []float64
	for i := max(0, from); i < min(to, len(values)); i++ {
		if !math.IsNaN(values[i]) {
			out = append(out, values[i])
		}
	}
	return out
}

// median of values; NaN for none.
func median(values []float64) float64 { return quantile(values, 0.5) }

func quantile(values []float64, q float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	sorted := slices.Clone(values)
	slices.Sort(sorted)
	at := q * float64(len(sorted)-1)
	i := int(at)
	if i+1 >= len(sorted) {
		return sorted[i]
	}
	return sorted[i] + (at-float64(i))*(sorted[i+1]-sorted[i])
}
