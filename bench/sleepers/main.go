// Command sleepers is what stampede does not do, to be measured beside what it does: a goroutine for each user, asleep on a timer of the Go
// runtime until its next task is due. It prints one line of JSON for bench to read.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/stampede-load/stampede/internal/hist"
)

func main() {
	users := flag.Int("users", 50_000, "goroutines")
	pacing := flag.Duration("pacing", time.Second, "time from wake to wake")
	length := flag.Duration("t", 10*time.Second, "length")
	flag.Parse()
	if err := run(*users, *pacing, *length); err != nil {
		fmt.Fprintln(os.Stderr, "sleepers:", err)
		os.Exit(1)
	}
}

func run(users int, pacing, length time.Duration) error {
	runtime.GC()
	base := rss()
	var (
		late  hist.Atomic
		wakes atomic.Int64
		all   sync.WaitGroup
	)
	start := time.Now()
	for range users {
		phase := time.Duration(rand.Int64N(int64(pacing)))
		all.Go(func() {
			for due := phase; due < length; due += pacing {
				time.Sleep(due - time.Since(start))
				late.Record(int64(time.Since(start) - due))
				wakes.Add(1)
			}
		})
	}
	time.Sleep(length - time.Since(start) - pacing) // most still sleep
	full := rss()
	all.Wait()
	var h hist.Hist
	late.Drain(&h)
	ms := func(q float64) float64 { return float64(h.Quantile(q)) / 1e6 }
	return json.NewEncoder(os.Stdout).Encode(map[string]any{
		"RSS": full, "BaseRSS": base, "Requests": wakes.Load(), "LagP50": ms(0.5), "LagP99": ms(0.99), "LagMax": float64(h.Max()) / 1e6,
	})
}

// rss is the resident memory of this process in bytes; 0 where there is no /proc.
func rss() int64 {
	b, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	var all, resident int64
	if _, err := fmt.Sscan(string(b), &all, &resident); err != nil {
		return 0
	}
	return resident * int64(os.Getpagesize())
}
