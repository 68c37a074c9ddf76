package suspect

import (
	"fmt"
	"math"
	"time"

	"github.com/stampede-load/stampede/internal/format"
)

// When answers count as slower, or as failing.
const (
	slower    = 2.0   // times the usual
	leastMore = 0.005 // seconds: what is less is nobody's pain
	failing   = 0.02  // share of the requests
	behind    = 0.9   // share of the offered load that is answered
	lasting   = 5     // steps that are looked at together
	ofThose   = 4     // so many of them must be slow: one bad second is no knee
	leastFor  = 5     // steps before: without them nothing is usual
)

// knee is the step from which answers take longer and go on to, or fail, or fall behind the load. A site that was slow from the first step
// has none: nothing is known of what it is like when it is well.
func knee(run Run) (at int, what string, slow bool) {
	n := len(run.Latency)
	for i := leastFor; i+lasting <= n; i++ {
		usual := typical(run.Latency, i)
		bad, failed, late := 0, 0, 0
		for j := i; j < i+lasting; j++ {
			if run.Latency[j] > slower*usual && run.Latency[j] > usual+leastMore {
				bad++
			}
			if j < len(run.Failures) && run.Failures[j] > failing {
				failed++
			}
			if j < len(run.Offered) && j < len(run.Rate) && run.Offered[j] > 1 && run.Rate[j] < behind*run.Offered[j] && run.Rate[j] < run.Offered[j]-3*math.Sqrt(run.Offered[j]) {
				late++
			}
		}
		switch {
		case bad >= ofThose:
			later := median(known(run.Latency, i, i+3*lasting))
			return i, fmt.Sprintf("p95 rose from %s to %s", seconds(usual), seconds(later)), true
		case failed >= ofThose:
			return i, fmt.Sprintf("%.0f %% failed", 100*median(known(run.Failures, i, i+lasting))), true
		case late >= ofThose:
			return i, fmt.Sprintf("only %.0f of %.0f requests a second were answered", median(known(run.Rate, i, i+lasting)), median(known(run.Offered, i, i+lasting))), true
		}
	}
	return 0, "", false
}

// typical is the median before a step, of the half minute before the last few: a slow rise must not become what is usual.
func typical(values []float64, at int) float64 {
	first := known(values, 0, max(leastFor, at/2))
	return median(first)
}

// seconds is a time in seconds, for people.
func seconds(s float64) string {
	if math.IsNaN(s) {
		return "no answer"
	}
	return format.Duration(time.Duration(s * 1e9))
}

// rising reports that the load before the knee was a good deal more than in the beginning. Arrivals or users say it, since throughput may
// fall.
func rising(run Run, k int) bool {
	load := run.Rate
	for _, other := range [][]float64{run.Offered, run.Users} {
		if other != nil {
			load = other
		}
	}
	early := median(known(load, 0, max(3, k/4)))
	late := median(known(load, k-max(3, k/8), k+3))
	return late > 1.3*early
}
