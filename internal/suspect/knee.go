package suspect

import (
	"fmt"
	"math"
	"time"

	"github.com/stampede-load/stampede/internal/format"
)

// When answers count as slower, or as failing.
const (
	slower     = 2.0   // times the usual
	nearlyWell = 0.1   // of how long answers took while it was worst
	muchSlower = 5.0   // times what it was lately
	leastMore  = 0.005 // seconds: what is less is nobody's pain
	failing    = 0.02  // share of the requests
	behind     = 0.9   // share of the offered load that is answered
	lasting    = 5     // steps that are looked at together
	ofThose    = 4     // so many of them must be slow: one bad second is no knee
	leastFor   = 5     // steps before: without them nothing is usual
	expected   = 4     // answers that were usual in a step: when none comes, that is no chance
)

// knee is the step from which answers take longer and go on to, or do not come, or fail, or fall behind the load. A site that was slow from the first step
// has none: nothing is known of what it is like when it is well.
func knee(run Run) (at int, what string, slow bool) {
	for i := leastFor; i+lasting <= len(run.Latency); i++ {
		w := before(run, i)
		for _, one := range []struct {
			ill  func(step int) bool
			what func(step int) string
		}{{w.slow, w.slowed}, {w.fails, w.failed}, {w.behind, w.late}} {
			n := 0
			for j := i; j < i+lasting; j++ {
				if one.ill(j) {
					n++
				}
			}
			if n >= ofThose && one.ill(i) {
				return i, one.what(i), true
			}
		}
	}
	return 0, "", false
}

// well is what a site was like when it was well.
type well struct {
	Run
	latency float64 // its p95, seconds
	rate    float64 // answers a second just before
}

func before(run Run, step int) well {
	return well{run, typical(run.Latency, step), median(known(run.Rate, step-2*lasting, step))}
}

// silent reports that no answer came in a step in which some are usual.
func (w *well) silent(step int) bool {
	return math.IsNaN(w.Latency[step]) && !w.fails(step) && step < len(w.Rate) && w.Rate[step] == 0 && w.rate*w.Grain.Seconds() >= expected
}

func (w *well) slow(step int) bool {
	return w.Latency[step] > slower*w.latency && w.Latency[step] > w.latency+leastMore || w.silent(step)
}

func (w *well) slowed(step int) string {
	quiet := 0
	for i := step; i < step+lasting; i++ {
		if w.silent(i) {
			quiet++
		}
	}
	if quiet >= lasting/2 {
		return fmt.Sprintf("no answer came, of %s a second before,", format.Amount(math.Round(w.rate), ""))
	}
	return fmt.Sprintf("p95 rose from %s to %s", seconds(w.latency), seconds(median(known(w.Latency, step, max(step+lasting, illUntil(w.Run, step))))))
}

func (w *well) fails(step int) bool { return step < len(w.Failures) && w.Failures[step] > failing }

func (w *well) failed(step int) string {
	return fmt.Sprintf("%.0f %% failed", 100*median(known(w.Failures, step, step+lasting)))
}

// behind reports that fewer requests were answered than were due, and not by chance.
func (w *well) behind(step int) bool {
	if step >= len(w.Offered) || step >= len(w.Rate) {
		return false
	}
	due, done := w.Offered[step], w.Rate[step]
	return due > 1 && done < behind*due && done < due-3*math.Sqrt(due)
}

func (w *well) late(step int) string {
	return fmt.Sprintf("only %.0f of %.0f requests a second were answered", median(known(w.Rate, step, step+lasting)), median(known(w.Offered, step, step+lasting)))
}

// worst looks beyond a knee for a jump that makes it small: a site whose answers take 20 ms instead of 10, and then do not come at all. Who asks what gave
// way means that. A queue that only goes on growing is no jump. It is the knee itself where there is none.
func worst(run Run, k int, what string) (at int, in string) {
	for i := k + lasting; i+lasting <= len(run.Latency); i++ {
		w := before(run, i)
		usual, lately := w.latency, median(known(run.Latency, i-lasting, i))
		if math.IsNaN(lately) {
			continue // nobody got an answer before, either
		}
		w.latency = muchSlower / slower * max(usual, lately)
		n := 0
		for j := i; j < i+lasting; j++ {
			if w.slow(j) {
				n++
			}
		}
		if n >= ofThose && w.slow(i) {
			w.latency, k = usual, i
			what = w.slowed(i)
			i += lasting - 1 // what is part of this jump is no further one
		}
	}
	return k, what
}

// illUntil is the step at which a site that was not well from step k on was well again, for a few steps at least, or the end of what is looked at.
func illUntil(run Run, k int) int {
	w, end := before(run, k), min(len(run.Latency), k+4*lasting)
	if ill := quantile(known(run.Latency, k, k+3*lasting), 0.75); ill > 0 {
		w.latency = max(w.latency, nearlyWell*ill) // what is far from how bad it was counts as well, though it is not what it was before
	}
	for i, good := k, 0; i < end; i++ {
		if good++; w.slow(i) || w.fails(i) || w.behind(i) {
			good = 0
		}
		if good == 3 && i-good >= k+1 {
			return i - good + 1
		}
	}
	return end
}

// wellAgain is the step from which a site that was not well from step k on was well again, and stayed so for a while; the end of the run where it was not.
func wellAgain(run Run, k int) int {
	w, good := before(run, k), 0
	for i := k; i < min(len(run.Rate), len(run.Latency)); i++ {
		if good++; w.slow(i) || w.fails(i) || w.behind(i) {
			good = 0
		}
		if good == 2*lasting && i-good > k+lasting {
			return i - good + 1
		}
	}
	return len(run.Rate)
}

// longer is by how much answers took longer between two steps, in seconds; when none came, they took as long as that.
func longer(run Run, k, end int) float64 {
	w := before(run, k)
	if rise := median(known(run.Latency, k, end)) - w.latency; rise > 0 && len(known(run.Latency, k, end)) > (end-k)/2 {
		return rise
	}
	return float64(end-k) * run.Grain.Seconds()
}

// mostTypical is how many values a median is taken of: it is asked for at every step, and runs last for half a day.
const mostTypical = 400

// typical is the median of the first half of what was before a step: a slow rise must not become what is usual. Of many values every so-manieth is taken.
func typical(values []float64, at int) float64 {
	n := min(max(leastFor, at/2), len(values))
	var some []float64
	for i := 0; i < n; i += 1 + n/mostTypical {
		if !math.IsNaN(values[i]) {
			some = append(some, values[i])
		}
	}
	return median(some)
}

// seconds is a time in seconds, for people.
func seconds(s float64) string {
	if math.IsNaN(s) {
		return "no answer"
	}
	return format.Duration(time.Duration(s * 1e9))
}

// When the load counts as equal.
const (
	alike      = 0.2 // of the load at the knee: what differs less is the same load
	leastEqual = 10  // steps
)

// equalSince reports whether the load had been equal for most of the time when the knee came, and from which step on: only then is there a quiet part that
// what came later can be held against. Arrivals or users say it, since throughput may fall. Where a rule broke on levels of load, one after the other, the load rose.
func equalSince(run Run, k int) (from int, equal bool) {
	if run.Broke > 0 {
		return 0, false
	}
	load := run.Rate
	for _, other := range [][]float64{run.Offered, run.Users} {
		if other != nil {
			load = other
		}
	}
	level := median(known(load, k-lasting, k))
	if math.IsNaN(level) {
		return 0, false
	}
	from = k
	for i, other := k-1, 0; i >= 0; i-- {
		if math.IsNaN(load[i]) || math.Abs(load[i]-level) <= alike*level+1 {
			from, other = i, 0
			continue
		}
		if other++; other > 2 { // a second or two are chance
			break
		}
	}
	return from, k-from >= max(leastEqual, k/2)
}
