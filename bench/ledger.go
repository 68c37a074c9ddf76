package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/stampede-load/stampede/internal/testsite"
)

// The load that recording is measured on.
const (
	recordNames  = "200"
	recordRate   = "2000"
	recordRounds = 8
	recordLength = 20 * time.Second
)

// ledger measures what a ledger costs: while a run is recorded, and when it is read.
func (b *bench) ledger() error {
	if err := b.recording(); err != nil {
		return err
	}
	return b.reading()
}

// recording interleaves runs that are recorded with runs that are not, and compares the CPU time of the whole process: opening the ledger,
// recording, packing and closing.
func (b *bench) recording() error {
	program, err := b.build("bench/scribe")
	if err != nil {
		return err
	}
	child, err := b.site(testsite.Config{Mode: testsite.Fast, Arrivals: -1})
	if err != nil {
		return err
	}
	defer child.Close()
	length, rounds := recordLength, recordRounds
	if b.length > 0 {
		length = b.length
	}
	if b.count > 0 {
		rounds = b.count
	}
	for _, load := range [][]string{{"-rate", recordRate}, {"-users", "64"}} {
		var perSecond, perRequest []float64
		var cpu [2][]float64
		for i := range rounds {
			var cost [2]usage
			for _, with := range [2]int{i % 2, 1 - i%2} { // which comes first takes turns
				args := append([]string{"-names", recordNames, "-t", length.String()}, load...)
				if with == 1 {
					args = append(args, "-ledger", filepath.Join(b.dir, "cost.db"))
				}
				u, err := b.generate(child, 3*length, program, append(args, "-host", child.URL())...)
				if err != nil {
					return err
				}
				cost[with] = u
				cpu[with] = append(cpu[with], u.cpu.Seconds()/length.Seconds()*100)
			}
			perSecond = append(perSecond, cpu[1][i]-cpu[0][i])
			perRequest = append(perRequest, 100*(cost[1].perRequest()/cost[0].perRequest()-1))
		}
		fmt.Printf("   %s names, %s: without %s %% of a core, with %s; recording takes %s %% of a core; a request costs %s %% more\n",
			recordNames, strings.Join(load, " ")[1:], spreadOf(cpu[0]), spreadOf(cpu[1]), spreadOf(perSecond), spreadOf(perRequest))
	}
	return nil
}

// reading runs the tests of package ledger that make large ledgers, and prints what they say of their times.
func (b *bench) reading() error {
	cmd := exec.CommandContext(b.ctx, "go", "test", "-json", "-count=1", "-timeout=10m",
		"-run=^(TestAnHourOfAHundredNames|TestTenThousandRuns|TestAnyWindow)$", "github.com/stampede-load/stampede/internal/ledger")
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		var line struct{ Output string }
		if json.Unmarshal(lines.Bytes(), &line) != nil {
			continue
		}
		if _, said, ok := strings.Cut(line.Output, "_test.go:"); ok {
			_, said, _ = strings.Cut(said, ": ")
			fmt.Print("   ", said)
		}
	}
	return cmd.Wait()
}
