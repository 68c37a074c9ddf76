package main

import (
	"fmt"
	"math"
	"time"

	"github.com/stampede-load/stampede/internal/limit"
	"github.com/stampede-load/stampede/internal/limit/limittest"
	"github.com/stampede-load/stampede/internal/verdict"
)

// limitSeeds is how often each known server is measured.
const limitSeeds = 6

// limits looks for limits that are known in closed form, on simulated servers, and measures one server again and again.
func (b *bench) limits() error {
	n := limitSeeds
	if b.count > 0 {
		n = b.count
	}
	var near, inside, all, most int
	for i, k := range limittest.Known() {
		var worst float64
		var longest time.Duration
		rule, err := verdict.Parse(k.Rule)
		if err != nil {
			return err
		}
		for seed := range n {
			if err := b.ctx.Err(); err != nil {
				return err
			}
			a, took, err := k.New(uint64(1000*seed + i)).Search(limit.Options{Rule: rule, Open: k.Open, From: k.From, To: k.To})
			if err != nil {
				return err
			}
			off := a.Value/k.Truth - 1
			all++
			if math.Abs(off) <= 0.05 {
				near++
			}
			if a.Low <= k.Truth && k.Truth <= a.High {
				inside++
			}
			if math.Abs(off) > math.Abs(worst) {
				worst = off
			}
			most, longest = max(most, len(a.Steps)), max(longest, took)
		}
		fmt.Printf("   %-28s %-14s truth %7.1f, worst of %d: %+.1f %%, at most %v\n", k.Name, k.Rule, k.Truth, n, 100*worst, longest)
	}
	fmt.Printf("   within 5 %%: %d of %d; the interval holds the truth: %d; at most %d levels\n", near, all, inside, most)
	return b.sameLimit(3*n + 2)
}

// sameLimit measures one server n times: no measurement may be called worse than the one before.
func (b *bench) sameLimit(n int) error {
	rule, err := verdict.Parse("p95 < 200ms")
	if err != nil {
		return err
	}
	var before limit.Answer
	alarms := 0
	for seed := range n {
		a, _, err := limittest.MMC(4, 25, uint64(500+seed)).Search(limit.Options{Rule: rule, Open: true, From: 10, To: 1000})
		if err != nil {
			return err
		}
		if seed > 0 && limit.Worse(before, a) {
			alarms++
		}
		before = a
	}
	fmt.Printf("   the same server %d times: %d of %d pairs called a regression\n", n, alarms, n-1)
	return nil
}
