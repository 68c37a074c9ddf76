package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/stampede-load/stampede/internal/testsite"
)

// queue holds an M/M/1 server at 70 % against P(R > t) = exp(-(mu - lambda) t). Response times in a queue hang together for seconds, so the
// band that quantiles of a run this long fall into is wide; it is found by simulating as many such runs.
func (b *bench) queue() error {
	const (
		service = 10 * time.Millisecond
		lambda  = 70.0
		length  = 120 * time.Second
	)
	mu := 1 / service.Seconds()
	child, err := b.site(testsite.Config{Mode: testsite.Exp, Service: service, Seed: 7, Arrivals: -1})
	if err != nil {
		return err
	}
	defer child.Close()
	r, _, err := b.fans(child, 5*time.Minute, "-rate", "70", "-poisson", "-t", length.String())
	if err != nil {
		return err
	}
	quantiles := []float64{0.5, 0.9, 0.99}
	low, high := queueBand(mu, lambda, length, quantiles)
	for i, got := range []float64{r.P50, r.P90, r.P99} {
		word := "within"
		if got < low[i] || got > high[i] {
			word = "OUTSIDE"
		}
		fmt.Printf("   p%.0f %.1f ms, theory %.1f ms: %s the 95 %% band of such runs, %.1f to %.1f ms\n",
			100*quantiles[i], got, -math.Log(1-quantiles[i])/(mu-lambda)*1e3, word, low[i], high[i])
	}
	fmt.Printf("   sent %d of %d, %s\n", r.Sent, r.Planned, r.Verdict)
	return nil
}

// queueBand simulates runs of an M/M/1 queue that begins empty, by Lindley's recursion W' = max(0, W + S - A), and gives the middle 95 % of
// each quantile of the response time, in ms.
func queueBand(mu, lambda float64, length time.Duration, quantiles []float64) (low, high []float64) {
	const runs = 1000
	rng := rand.New(rand.NewPCG(1, 2))
	found := make([][]float64, len(quantiles))
	var times []float64
	for range runs {
		times = times[:0]
		wait := 0.0
		for t := 0.0; ; {
			gap := rng.ExpFloat64() / lambda
			if t += gap; t > length.Seconds() {
				break
			}
			wait = max(0, wait-gap) // what is left of the queue
			wait += rng.ExpFloat64() / mu
			times = append(times, wait)
		}
		slices.Sort(times)
		for i, q := range quantiles {
			found[i] = append(found[i], 1e3*times[int(q*float64(len(times)))])
		}
	}
	for i := range quantiles {
		slices.Sort(found[i])
		low, high = append(low, found[i][runs*25/1000]), append(high, found[i][runs*975/1000])
	}
	return low, high
}
