// Command picture runs the freeze test and draws docs/pictures from what it measured:
//
//	go run ./bench/picture
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
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *dir); err != nil {
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
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for name, picture := range map[string]string{
		"freeze-over-time.svg":   overTime(closed, open),
		"freeze-percentiles.svg": percentiles(closed, open),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(picture), 0o644); err != nil {
			return err
		}
	}
	return nil
}
