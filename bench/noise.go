package main

import (
	"fmt"
	"math/rand/v2"

	"github.com/stampede-load/stampede/internal/compare"
	"github.com/stampede-load/stampede/internal/verdict"
	"github.com/stampede-load/stampede/internal/verdict/verdicttest"
)

// noisePairs is how many pairs of simulated runs each line of noise rests on.
const noisePairs = 1000

// noise compares simulated runs, for which the truth is known: how often a comparison is wrong, and how often it finds what was planted.
func (b *bench) noise() error {
	n := noisePairs
	if b.count > 0 {
		n = b.count
	}
	usual := verdicttest.Usual(300)
	fmt.Printf("   %d pairs of runs of 5 minutes at %.0f/s; the site is the same, or takes 10 %% longer\n", n, usual.Rate)
	fmt.Printf("   %-34s %s\n", "", "false alarms %, intervals of 95 % that hold the truth %, 10 % slower found %")
	for _, m := range append([]compare.Measure{{Name: "mean", Measure: verdict.MeanMeasure()}}, compare.Measures()...) {
		fmt.Printf("   %-34s %s\n", m.Name, wrong(usual, m, n))
	}
	p95 := compare.Measures()[3]
	for _, other := range []struct {
		name   string
		change func(*verdicttest.Noise)
	}{
		{"p95, 30 seconds", func(n *verdicttest.Noise) { n.Seconds = 30 }},
		{"p95, 1 minute", func(n *verdicttest.Noise) { n.Seconds = 60 }},
		{"p95, 15 minutes", func(n *verdicttest.Noise) { n.Seconds = 900 }},
		{"p95, 20/s", func(n *verdicttest.Noise) { n.Rate = 20 }},
		{"p95, no spells", func(n *verdicttest.Noise) { n.SpellEvery = 0 }},
		{"p95, a level that wanders by 5 %", func(n *verdicttest.Noise) { n.Wander = 0.05 }},
		{"p95, a memory of 20 s", func(n *verdicttest.Noise) { n.Memory = 0.95 }},
	} {
		noise := usual
		other.change(&noise)
		fmt.Printf("   %-34s %s\n", other.name, wrong(noise, p95, n))
	}
	fmt.Printf("\n   runs that differ for reasons of their own, 5 minutes: false alarms %% at p95, in pairs and in groups; 10 %% slower found %%\n")
	for _, between := range []float64{0, 0.01, 0.02, 0.03, 0.05, 0.08} {
		noise := usual
		noise.Between = between
		fmt.Printf("   by %.0f %%   pairs %s   5 a side %s   10 a side %s\n", 100*between, groupsWrong(noise, 1, n/2), groupsWrong(noise, 5, n/5), groupsWrong(noise, 10, n/10))
	}
	return nil
}

// sides are two ways to make runs: of the same site, and of one that takes 10 % longer.
func sides(noise verdicttest.Noise) (same, slower verdicttest.Noise) {
	same, slower = noise, noise
	slower.Scale = 1.1
	return same, slower
}

// wrong compares pairs by one figure.
func wrong(noise verdicttest.Noise, m compare.Measure, n int) string {
	rng := rand.New(rand.NewPCG(41, uint64(noise.Seconds)))
	same, slower := sides(noise)
	alarms, held, found := 0, 0, 0
	for i := range n {
		before := same.Run(rng)
		o := verdict.CompareOptions{Resamples: 800, Seed: uint64(i)}
		c := verdict.Compare(before, same.Run(rng), m.Measure, o)
		alarms += alarm(c)
		none := 1.0
		if m.Share {
			none = 0
		}
		if c.Low <= none && none <= c.High {
			held++
		}
		found += alarm(verdict.Compare(before, slower.Run(rng), m.Measure, o))
	}
	return fmt.Sprintf("%5.1f %5.1f %5.1f", percent(alarms, n), percent(held, n), percent(found, n))
}

// groupsWrong compares groups of so many runs by p95; one is a pair.
func groupsWrong(noise verdicttest.Noise, runs, n int) string {
	rng := rand.New(rand.NewPCG(43, uint64(runs)))
	same, slower := sides(noise)
	p95 := verdict.QuantileMeasure(0.95)
	side := func(of verdicttest.Noise) (figures []float64, last []verdict.Window) {
		for range runs {
			last = of.Run(rng)
			figure, _ := verdict.FigureOf(last, p95)
			figures = append(figures, figure)
		}
		return figures, last
	}
	against := func(after verdicttest.Noise) int {
		x, before := side(same)
		y, now := side(after)
		if runs == 1 {
			return alarm(verdict.Compare(before, now, p95, verdict.CompareOptions{Resamples: 800}))
		}
		return alarm(verdict.CompareRuns(x, y, p95, verdict.CompareOptions{}))
	}
	alarms, found := 0, 0
	for range n {
		alarms += against(same)
		found += against(slower)
	}
	return fmt.Sprintf("%5.1f, %5.1f", percent(alarms, n), percent(found, n))
}

func alarm(c verdict.Comparison) int {
	if c.Outcome == verdict.Regressed || c.Outcome == verdict.Improved {
		return 1
	}
	return 0
}

func percent(n, of int) float64 { return 100 * float64(n) / float64(max(1, of)) }
