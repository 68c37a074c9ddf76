package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// How many random runs the arithmetic is held against: in virtual time, and against a server that counts.
const (
	sumsVirtual = 100_000
	sumsServed  = 500
	sumsChunk   = 10_000 // runs between two lines of progress
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
	program := filepath.Join(b.dir, "sums.test")
	if out, err := exec.CommandContext(b.ctx, "go", "test", "-c", "-o", program, ".").CombinedOutput(); err != nil {
		return fmt.Errorf("build the tests of the sums: %w\n%s", err, out)
	}
	for from := 0; from < virtual; from += sumsChunk {
		n := min(sumsChunk, virtual-from)
		if err := b.sums(program, from, n, 0); err != nil {
			return err
		}
		fmt.Printf("   seeds %d to %d in virtual time: difference 0 (%v)\n", from, from+n-1, time.Since(begun).Round(time.Second))
	}
	if err := b.sums(program, 0, 0, served); err != nil {
		return err
	}
	fmt.Printf("   %d random runs in virtual time, %d with a counting server: difference 0 (%v)\n", virtual, served, time.Since(begun).Round(time.Second))
	return nil
}

// sums makes so many random runs of both kinds, with the seeds from first on.
func (b *bench) sums(program string, first, virtual, served int) error {
	cmd := exec.CommandContext(b.ctx, program, "-test.timeout=1h", "-test.run=^TestSums")
	cmd.Env = append(os.Environ(), fmt.Sprint("STAMPEDE_SUMS_SEED=", first), fmt.Sprint("STAMPEDE_SUMS=", virtual), fmt.Sprint("STAMPEDE_SUMS_SERVED=", served))
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		return fmt.Errorf("the sums differ:\n%s", out)
	case err != nil:
		return fmt.Errorf("run the tests of the sums: %w", err)
	}
	return nil
}
