package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"time"
)

// How many random runs the arithmetic is held against: in virtual time, and against a server that counts.
const (
	sumsVirtual = 100_000
	sumsServed  = 500
)

// arithmetic makes random runs of every model and shape, with live changes, pauses, stops, limits and tests that fail in every way, and wants a
// difference of 0: planned = sent + dropped + not started + waiting at the end of every second, and every count as the test and the server have it. A
// smaller sample of the same runs is part of `go test`.
func (b *bench) arithmetic() error {
	virtual, served := sumsVirtual, sumsServed
	if b.count > 0 {
		virtual, served = b.count, min(b.count, sumsServed)
	}
	begun := time.Now()
	cmd := exec.CommandContext(b.ctx, "go", "test", "-count=1", "-timeout=2h", "-run", "^TestSums", ".")
	cmd.Env = append(os.Environ(), fmt.Sprint("STAMPEDE_SUMS=", virtual), fmt.Sprint("STAMPEDE_SUMS_SERVED=", served))
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		return fmt.Errorf("the sums differ:\n%s", out)
	case err != nil:
		return fmt.Errorf("run the tests of the sums: %w", err)
	}
	fmt.Printf("   %d random runs in virtual time, %d with a counting server: difference 0 (%v)\n", virtual, served, time.Since(begun).Round(time.Second))
	return nil
}
