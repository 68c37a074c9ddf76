// Package verdicttest makes runs that never happened, out of a noise model with stated sizes, to find out how often a comparison of runs
// is wrong. docs/compare.md shows what came out.
package verdicttest

import (
	"math"
	"math/rand/v2"
	"time"

	"github.com/stampede-load/stampede/internal/hist"
	"github.com/stampede-load/stampede/internal/verdict"
)

// Noise is what makes two runs of one and the same site differ. The time of a request is
//
//	Median * Scale * exp(between + level(second) + spell(second) + Spread * z)
//
// where z is standard normal for each request (times of one moment are log-normal), level wanders from second to second as an AR(1) process
// (level = Memory * level before + a normal step; its standard deviation is Wander), spell is log(SpellFactor) in the seconds of a slow
// spell and 0 outside, and between is drawn once for each run, normal with the standard deviation Between. Spells begin at random, on
// average every SpellEvery seconds, and last SpellLength seconds on average (geometric).
//
// Arrivals are Poisson, and their rate falls as times rise, as in a closed loop: Rate / exp(between + level + spell) * Scale^-1. A request
// fails with probability Failing, SpellFailing times as often during a spell.
type Noise struct {
	Seconds      int
	Rate         float64 // requests a second
	Median       time.Duration
	Scale        float64 // zero means 1; 1.1 plants a site that is 10 % slower
	Spread       float64
	Wander       float64
	Memory       float64 // of 0 to below 1
	SpellEvery   float64 // s; zero means no spells
	SpellLength  float64 // s
	SpellFactor  float64
	SpellFailing float64
	Between      float64
	Failing      float64
}

// Usual is the noise of a run of so many seconds at 200 requests a second, against a site that is not overloaded: the logarithm of a request's
// time has a standard deviation of 0.5 (p99 is 3.2 times the median), the level wanders by 2.5 % with a memory of five seconds (0.8 from one
// second to the next), and every two minutes comes a spell of two seconds in which everything takes half as long again and fails five times
// as often. Runs do not differ beyond that: Between is 0.
func Usual(seconds int) Noise {
	return Noise{
		Seconds: seconds, Rate: 200, Median: 20 * time.Millisecond, Spread: 0.5, Wander: 0.025, Memory: 0.8,
		SpellEvery: 120, SpellLength: 2, SpellFactor: 1.5, SpellFailing: 5, Failing: 0.005,
	}
}

// Run is one run, second by second. The same source gives the same run.
func (n Noise) Run(rng *rand.Rand) []verdict.Window {
	scale := n.Scale
	if scale == 0 {
		scale = 1
	}
	between := n.Between * rng.NormFloat64()
	level := n.Wander * rng.NormFloat64() // as if it had gone on for ever
	step := n.Wander * math.Sqrt(1-n.Memory*n.Memory)
	spell := false
	out := make([]verdict.Window, 0, n.Seconds)
	for range n.Seconds {
		level = n.Memory*level + step*rng.NormFloat64()
		if spell {
			spell = rng.Float64() >= 1/n.SpellLength
		} else {
			spell = n.SpellEvery > 0 && rng.Float64() < 1/n.SpellEvery
		}
		slow, failing := scale*math.Exp(between+level), n.Failing
		if spell {
			slow *= n.SpellFactor
			failing *= n.SpellFailing
		}
		out = append(out, n.second(rng, slow, failing))
	}
	return out
}

// second is a second in which everything takes slow times as long as usual.
func (n Noise) second(rng *rand.Rand, slow, failing float64) verdict.Window {
	w := verdict.Window{Times: &hist.Hist{}, Seconds: 1}
	mean := n.Rate / slow
	for at := rng.ExpFloat64(); at < mean; at += rng.ExpFloat64() {
		w.Count++
		if rng.Float64() < failing {
			w.Failures++
			continue // the headline has the times of answers
		}
		w.Times.Record(int64(float64(n.Median) * slow * math.Exp(n.Spread*rng.NormFloat64())))
	}
	return w
}
