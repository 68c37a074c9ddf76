package main

import (
	"fmt"
	"os/exec"
	"strconv"
	"time"

	"github.com/stampede-load/stampede/internal/testsite"
)

// Rounds of the compared tools, and the length of each.
const (
	rounds      = 5
	roundLength = 4 * time.Second
)

// tool is another generator.
type tool struct {
	name string
	args func(url string, conns int) []string
	cap  int // most connections it is run with; 0 means any
}

func tools() []tool {
	seconds := strconv.Itoa(int(roundLength.Seconds()))
	return []tool{
		{name: "wrk", args: func(url string, conns int) []string {
			return []string{"-t1", "-c" + strconv.Itoa(conns), "-d" + seconds + "s", "-H", "Cookie: session=0123456789abcdef", url}
		}},
		{name: "hey", args: func(url string, conns int) []string {
			return []string{"-z", seconds + "s", "-c", strconv.Itoa(conns), "-cpus", "1", "-H", "Cookie: session=0123456789abcdef", url}
		}},
		{name: "h2load", args: func(url string, conns int) []string {
			return []string{"--h1", "-t1", "-D", seconds, "-c", strconv.Itoa(conns), "-H", "Cookie: session=0123456789abcdef", url}
		}},
		{name: "vegeta", cap: 64, args: func(url string, conns int) []string {
			return []string{"attack", "-rate=0", "-max-workers=" + strconv.Itoa(conns), "-duration=" + seconds + "s", "-targets=/dev/stdin", "-output=/dev/null"}
		}},
	}
}

func (b *bench) cost() error {
	child, err := b.site(testsite.Config{Mode: testsite.Fast, Arrivals: -1})
	if err != nil {
		return err
	}
	defer child.Close()
	for _, conns := range []int{64, 1000} {
		if err := b.compare(child, conns); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) tlsCost() error {
	child, err := b.site(testsite.Config{Mode: testsite.Fast, TLS: true, Arrivals: -1})
	if err != nil {
		return err
	}
	defer child.Close()
	return b.compare(child, 64)
}

// compare interleaves rounds of this project and of every other tool that is installed.
func (b *bench) compare(child *testsite.Child, conns int) error {
	costs := map[string][]float64{}
	var ours []float64
	var io string
	for range rounds {
		r, u, err := b.fans(child, 4*roundLength, "-users", strconv.Itoa(conns), "-t", roundLength.String())
		if err != nil {
			return err
		}
		if r.Failures > 0 {
			return fmt.Errorf("%d of %d requests failed", r.Failures, r.Requests)
		}
		io = r.IO
		ours = append(ours, u.perRequest())
		for _, t := range tools() {
			if _, err := exec.LookPath(t.name); err != nil || t.cap > 0 && conns > t.cap || t.name == "vegeta" {
				continue
			}
			u, err := b.generate(child, 4*roundLength, t.name, t.args(child.URL()+"/page", conns)...)
			if err != nil {
				return err
			}
			costs[t.name] = append(costs[t.name], u.perRequest())
		}
	}
	mine := spreadOf(ours)
	fmt.Printf("   %d connections, us of generator CPU a request, median (range) of %d rounds\n", conns, rounds)
	fmt.Printf("   %-10s %-26s (%s)\n", "stampede", mine, io)
	for _, t := range tools() {
		all, ok := costs[t.name]
		if !ok {
			fmt.Printf("   %-10s not installed or not run\n", t.name)
			continue
		}
		theirs := spreadOf(all)
		ratios := make([]float64, len(all))
		for i := range all {
			ratios[i] = all[i] / ours[i]
		}
		fmt.Printf("   %-10s %-26s costs %sx\n", t.name, theirs, spreadOf(ratios))
	}
	return nil
}

// cores compares what one process does on two cores with what it does on one. There are only two here, so the server shares them: its own
// CPU time is taken out by counting the generator's CPU per request, which must not rise.
func (b *bench) cores() error {
	child, err := testsite.StartChild(b.server, testsite.Config{Mode: testsite.Fast, Arrivals: -1})
	if err != nil {
		return err
	}
	defer child.Close()
	var ratios []float64
	for range rounds {
		cost := map[int]float64{}
		for _, procs := range []int{1, 2} {
			before, err := child.Stats(b.ctx)
			if err != nil {
				return err
			}
			u, err := runOn(b.ctx, "", procs, b.fan, "-host", child.URL(), "-users", "128", "-t", roundLength.String())
			if err != nil {
				return err
			}
			after, err := child.Stats(b.ctx)
			if err != nil {
				return err
			}
			u.requests = after.Requests - before.Requests
			cost[procs] = u.perRequest()
		}
		ratios = append(ratios, 2*cost[1]/cost[2])
	}
	fmt.Printf("   two cores do %sx the work of one for the same CPU time each\n", spreadOf(ratios))
	return nil
}
