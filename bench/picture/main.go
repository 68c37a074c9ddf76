// Command picture draws docs/pictures from real runs. By itself it runs the freeze test; with -ledger it draws the runs that a ledger has:
//
//	go run ./bench/picture
//	go run ./bench/picture -ledger runs.db
//
// docs/compare.md says how such a ledger is made: three runs with the tag "pair", and some with the tag "trend".
//
// A server in a process of its own is stopped by a signal for two seconds, once under a closed load of ten users and once under an open load
// of 1,000 arrivals a second. Each run lasts 30 s. Everything stays on this machine. The pictures are plain SVG, a few kilobytes each,
// readable on dark and on light pages; a busy machine makes them worse.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"time"

	"github.com/stampede-load/stampede/internal/ledger"
	"github.com/stampede-load/stampede/internal/testsite"
)

// The freeze test: see docs/truth.md for the arithmetic.
const (
	rate     = 1000 // arrivals a second of the open run, and about as many of the closed one
	users    = 10   // of the closed run, each of which pauses 10 ms between two requests
	length   = 30 * time.Second
	freezeAt = 10 * time.Second
	freeze   = 2 * time.Second
)

func main() {
	testsite.ExitIfChild()
	dir := flag.String("o", filepath.Join("docs", "pictures"), "`folder` to write to")
	led := flag.String("ledger", "", "draw the runs of this `ledger` instead")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	draw := run
	if *led != "" {
		draw = func(ctx context.Context, dir string) error { return fromLedger(ctx, *led, dir) }
	}
	if err := draw(ctx, *dir); err != nil {
		fmt.Fprintln(os.Stderr, "picture:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, dir string) error {
	closed, err := observe(ctx, false)
	if err != nil {
		return fmt.Errorf("the closed run: %w", err)
	}
	open, err := observe(ctx, true)
	if err != nil {
		return fmt.Errorf("the open run: %w", err)
	}
	for _, s := range []*seen{closed, open} {
		fmt.Println(s)
	}
	return write(dir, map[string]string{
		"freeze-over-time.svg":   overTime(closed, open),
		"freeze-percentiles.svg": percentiles(closed, open),
	})
}

// fromLedger draws the pictures of comparisons.
func fromLedger(ctx context.Context, where, dir string) error {
	if _, err := os.Stat(where); err != nil { // opening would make it
		return err
	}
	led, err := ledger.Open(ctx, where, ledger.Options{})
	if err != nil {
		return err
	}
	defer led.Close()
	pairs, err := readPairs(ctx, led)
	if err != nil {
		return err
	}
	t, err := readTrend(ctx, led)
	if err != nil {
		return err
	}
	pictures := map[string]string{}
	if pairs != nil {
		pictures["compare-pairs.svg"] = comparison(pairs)
	}
	if t != nil {
		pictures["compare-trend.svg"] = t.draw()
	}
	if len(pictures) == 0 {
		return fmt.Errorf("no run in %s has the tag pair or trend: docs/compare.md says how to make them", where)
	}
	return write(dir, pictures)
}

func write(dir string, pictures map[string]string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for name, picture := range pictures {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(picture), 0o644); err != nil {
			return err
		}
	}
	return nil
}
