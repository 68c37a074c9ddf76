package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/stampede-load/stampede/internal/testsite"
)

// usage is what a finished generator cost.
type usage struct {
	cpu      time.Duration // user and system, of the whole process
	user     time.Duration // of that in user space
	requests int64         // counted by the server
	out      []byte
}

// perRequest is in microseconds.
func (u usage) perRequest() float64 { return u.each(u.cpu) }

// each is a part of the cost for each request, in microseconds.
func (u usage) each(d time.Duration) float64 {
	if u.requests == 0 {
		return 0
	}
	return float64(d.Nanoseconds()) / 1e3 / float64(u.requests)
}

// site starts a server on core 1, or on no core in particular when the machine has only one.
func (b *bench) site(config testsite.Config) (*testsite.Child, error) {
	child, err := testsite.StartChild(b.server, config)
	if err != nil {
		return nil, err
	}
	if pinnable() {
		if err := exec.CommandContext(b.ctx, "taskset", "-a", "-p", "-c", "1", strconv.Itoa(child.Pid())).Run(); err != nil {
			child.Close()
			return nil, fmt.Errorf("pin the server to core 1: %w", err)
		}
	}
	return child, nil
}

// pinnable reports whether processes can be pinned to cores here.
func pinnable() bool {
	_, err := exec.LookPath("taskset")
	return err == nil
}

// generate runs a generator on core 0 and counts what reached the server.
func (b *bench) generate(child *testsite.Child, limit time.Duration, name string, args ...string) (usage, error) {
	before, err := child.Stats(b.ctx)
	if err != nil {
		return usage{}, err
	}
	ctx, cancel := context.WithTimeout(b.ctx, limit)
	defer cancel()
	u, err := runOn(ctx, "0", 1, name, args...)
	if err != nil {
		return u, err
	}
	after, err := child.Stats(b.ctx)
	u.requests = after.Requests - before.Requests
	return u, err
}

// runOn runs a program on the cores given, "" meaning any, with GOMAXPROCS set to procs. The CPU time is that of its process and of children
// that it waited for.
func runOn(ctx context.Context, cores string, procs int, name string, args ...string) (usage, error) {
	cmd := command(ctx, cores, procs, name, args...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	u := usage{out: out.Bytes()}
	if cmd.ProcessState != nil {
		u.user = cmd.ProcessState.UserTime()
		u.cpu = u.user + cmd.ProcessState.SystemTime()
	}
	if err != nil {
		return u, fmt.Errorf("%s: %w: %s", name, err, strings.TrimSpace(errs.String()))
	}
	return u, nil
}

// fanResult is what bench/fan prints.
type fanResult struct {
	Requests, Failures, Planned, Sent, Dropped                 int64
	Started, RSS, BaseRSS                                      int64
	P50, P90, P95, P99, Mean, LagP99, LagP999, LagMax, Seconds float64
	Verdict, IO                                                string
	Reasons                                                    []string
	FirstRequest                                               float64
	LagP50, Max, LateShare                                     float64
	Vitals                                                     []vital
	Times                                                      []time.Duration
	Intervals                                                  [3][2]float64
	Strict                                                     string
	Allocations                                                float64
}

// vital is the generator's health in one second, as bench/fan prints it: shares from 0 to 1, and ms.
type vital struct {
	CPU, Machine             float64
	Wake, WakeMax, Sched, GC float64
	LagP99                   float64
}

// fans runs bench/fan against a server and reads its result.
func (b *bench) fans(child *testsite.Child, limit time.Duration, args ...string) (fanResult, usage, error) {
	u, err := b.generate(child, limit, b.fan, append([]string{"-host", child.URL()}, args...)...)
	if err != nil {
		return fanResult{}, u, err
	}
	r, err := readResult(u)
	return r, u, err
}

// readResult reads what bench/fan has printed.
func readResult(u usage) (r fanResult, err error) {
	if err := json.Unmarshal(u.out, &r); err != nil {
		return r, fmt.Errorf("read what fan printed: %w", err)
	}
	return r, nil
}

// spread is the median and the range of some values.
type spread struct{ low, median, high float64 }

func spreadOf(values []float64) spread {
	if len(values) == 0 {
		return spread{}
	}
	v := slices.Sorted(slices.Values(values))
	return spread{v[0], v[len(v)/2], v[len(v)-1]}
}

func (s spread) String() string { return fmt.Sprintf("%.2f (%.2f to %.2f)", s.median, s.low, s.high) }
