package main

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/stampede-load/stampede/internal/testsite"
)

const (
	clockRate   = 200 // requests a second, by one user on one connection: far from any queue
	clockLength = 10 * time.Second
	clockSettle = clockRate // requests left out at the start, the first of which also connects
)

// clock holds each service time against what the server's own clock says of the same request.
//
// The error is the generator's service time (from the beginning of the request to after the read that brought its last byte) less the
// server's (from when it had read the request to when the kernel had taken the last byte of the answer). It is not all the generator's: the
// way there and back through the loopback is in it, and twice the time until a sleeping process runs. How much that is on this machine two
// bare threads tell that send each other a byte.
func (b *bench) clock() error {
	if bare, ok := bareExchange(time.Second/clockRate, clockLength/2); ok {
		fmt.Printf("   two bare threads that send each other a byte with blocking calls: p50 %v, p99 %v, which is nobody's error\n",
			bare.Median.Round(100*time.Nanosecond), bare.P99.Round(100*time.Nanosecond))
	}
	for _, config := range []testsite.Config{{Mode: testsite.Fast}, {Mode: testsite.Fixed, Service: 2 * time.Millisecond}} {
		if err := b.clockOnce(config); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) clockOnce(config testsite.Config) error {
	config.Arrivals, config.Handling = -1, 2*clockRate*int(clockLength.Seconds())
	child, err := b.site(config)
	if err != nil {
		return err
	}
	defer child.Close()
	r, _, err := b.fans(child, time.Minute, "-rate", strconv.Itoa(clockRate), "-max-users", "1", "-times", "-t", clockLength.String())
	if err != nil {
		return err
	}
	st, err := child.Stats(b.ctx)
	if err != nil {
		return err
	}
	if r.Failures > 0 || len(r.Times) != len(st.Handling) || len(r.Times) <= 2*clockSettle {
		return fmt.Errorf("the generator timed %d requests (%d failed), the server %d: they cannot be paired", len(r.Times), r.Failures, len(st.Handling))
	}
	felt, took := r.Times[clockSettle:], st.Handling[clockSettle:]
	errs := clockErrors(felt, took)
	fmt.Printf("   %-5s at %d/s: error p50 %v, p99 %v, max %v (aim: p50 100µs); the server took p50 %v, the generator said %v; %s\n",
		config.Mode, clockRate, rank(errs, 0.5), rank(errs, 0.99), errs[len(errs)-1],
		rank(slices.Sorted(slices.Values(took)), 0.5), rank(slices.Sorted(slices.Values(felt)), 0.5), r.Verdict)
	return nil
}

// clockErrors are the absolute differences of the pairs, sorted.
func clockErrors(felt, took []time.Duration) []time.Duration {
	errs := make([]time.Duration, len(felt))
	for i := range felt {
		errs[i] = (felt[i] - took[i]).Abs()
	}
	slices.Sort(errs)
	return errs
}

// rank is the value below which a share q of the sorted values lies, to 0.1 us.
func rank(sorted []time.Duration, q float64) time.Duration {
	i := min(int(q*float64(len(sorted))), len(sorted)-1)
	return sorted[i].Round(100 * time.Nanosecond)
}
