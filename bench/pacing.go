package main

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/stampede-load/stampede/internal/pace"
	"github.com/stampede-load/stampede/internal/testsite"
)

// pacing looks at even arrivals from the server's side, beside what the machine does to threads that only sleep.
func (b *bench) pacing() error {
	for _, rate := range []int{1000, 5000} {
		if err := b.evenly(rate, 20*time.Second); err != nil {
			return err
		}
	}
	return b.ramp()
}

func (b *bench) evenly(rate int, length time.Duration) error {
	child, err := b.site(testsite.Config{Mode: testsite.Fast})
	if err != nil {
		return err
	}
	defer child.Close()
	r, _, err := b.fans(child, 3*length, "-rate", strconv.Itoa(rate), "-t", length.String())
	if err != nil {
		return err
	}
	st, err := child.Stats(b.ctx)
	if err != nil {
		return err
	}
	fmt.Printf("   %d/s: the server saw a median gap of %v, p99 %v, p99.9 %v, max %v; lag p99 %.3f ms, p99.9 %.3f ms, max %.3f ms, %s\n",
		rate, st.Gaps.Median, st.Gaps.P99, st.Gaps.P999, st.Gaps.Max, r.LagP99, r.LagP999, r.LagMax, r.Verdict)
	for core := range 2 {
		if late, ok := sleeperLateness(core, time.Second/time.Duration(rate), length/2); ok {
			fmt.Printf("      a bare thread on core %d that sleeps %v at a time wakes late by p50 %v, p99 %v, p99.9 %v, max %v\n",
				core, time.Second/time.Duration(rate), late.Median, late.P99, late.P999, late.Max)
		}
	}
	return nil
}

// ramp compares the arrivals of each second with the plan's own, counted from the first one.
func (b *bench) ramp() error {
	const length, top = 60 * time.Second, 5000
	child, err := b.site(testsite.Config{Mode: testsite.Fast})
	if err != nil {
		return err
	}
	defer child.Close()
	r, _, err := b.fans(child, 2*length, "-rate", fmt.Sprintf("ramp(0, %d, over=%v)", top, length), "-t", length.String())
	if err != nil {
		return err
	}
	st, err := child.Stats(b.ctx)
	if err != nil {
		return err
	}
	shape, err := pace.Ramp(0, top, length)
	if err != nil {
		return err
	}
	want := make([]float64, len(st.PerSecond)+1)
	arrivals := pace.NewArrivals(shape, pace.Options{})
	_, first, _ := arrivals.Peek()
	for {
		_, due, ok := arrivals.Next()
		if second := int((due - first) / time.Second); !ok || due >= length || second >= len(want) {
			break
		} else {
			want[second]++
		}
	}
	worst, at := 0.0, 0
	for i, n := range st.PerSecond[:min(len(st.PerSecond), int(length/time.Second))] {
		// One arrival more or less at a border is no error, and of the few in the first second it would be a large share.
		if off := max(0, math.Abs(float64(n)-want[i])-1) / want[i]; off > worst {
			worst, at = off, i
		}
	}
	fmt.Printf("   ramp 0 to %d/s in %v: %d arrivals of %d planned; the worst second, number %d, is off by %.2f %%, %s\n",
		top, length, st.Requests, r.Planned, at, 100*worst, r.Verdict)
	return nil
}
