package main

import (
	"errors"
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

func (b *bench) cost() error {
	child, err := b.site(testsite.Config{Mode: testsite.Fast, Arrivals: -1})
	if err != nil {
		return err
	}
	defer child.Close()
	for _, conns := range []int{64, 1000} {
		if err := b.compare(child, conns, func(t tool) float64 { return t.plain }); err != nil {
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
	return b.compare(child, 64, func(t tool) float64 { return t.secure })
}

// comparison is what rounds of this project and of the other tools cost, in us of CPU time a request.
type comparison struct {
	ours   []float64
	known  []float64 // ours, of users whose request is known before the run
	io     string    // our back end
	theirs map[string][]float64
	failed map[string]error     // tools that could not be measured
	user   map[string][]float64 // what of each was spent in user space; ours below ""
}

// compare interleaves rounds of this project and of every other tool that is installed.
func (b *bench) compare(child *testsite.Child, conns int, promised func(tool) float64) error {
	do := assignment{site: child.URL(), conns: conns, dir: b.dir}
	if err := writeScripts(do); err != nil {
		return err
	}
	c := comparison{theirs: map[string][]float64{}, failed: map[string]error{}, user: map[string][]float64{}}
	for range rounds {
		if err := b.round(child, do, &c); err != nil {
			return err
		}
	}
	fmt.Printf("   %d connections, us of generator CPU a request, median (range) of %d rounds\n", conns, rounds)
	fmt.Printf("   %-10s %-30s %.2f in user space (%s)\n", "stampede", spreadOf(c.ours), spreadOf(c.user[""]).median, c.io)
	fmt.Printf("   %-10s %-30s %.2f in user space: the request is known before the run, as those of hit are\n", "known", spreadOf(c.known), spreadOf(c.user["known"]).median)
	for _, t := range tools() {
		fmt.Printf("   %-10s %s\n", t.name, c.line(t, promised(t)))
	}
	return nil
}

// round is one of ours and one of each tool. One that is not installed is left out; one that fails is not asked again.
func (b *bench) round(child *testsite.Child, do assignment, c *comparison) error {
	r, u, err := b.fans(child, 4*roundLength, "-users", strconv.Itoa(do.conns), "-t", roundLength.String())
	if err != nil {
		return err
	}
	if r.Failures > 0 {
		return fmt.Errorf("%d of %d requests failed", r.Failures, r.Requests)
	}
	c.io, c.ours = r.IO, append(c.ours, u.perRequest())
	c.user[""] = append(c.user[""], u.each(u.user))
	r, u, err = b.fans(child, 4*roundLength, "-users", strconv.Itoa(do.conns), "-t", roundLength.String(), "-ask")
	if err != nil {
		return err
	}
	if r.Failures > 0 {
		return fmt.Errorf("%d of %d known requests failed", r.Failures, r.Requests)
	}
	c.known = append(c.known, u.perRequest())
	c.user["known"] = append(c.user["known"], u.each(u.user))
	for _, t := range tools() {
		if _, err := exec.LookPath(t.name); err != nil || c.failed[t.name] != nil {
			continue
		}
		u, err := b.generate(child, 4*t.length, t.name, t.args(do)...)
		switch {
		case b.ctx.Err() != nil:
			return b.ctx.Err()
		case err == nil && u.requests == 0:
			err = errors.New("not a single request came")
		}
		if err != nil {
			c.failed[t.name] = err
			continue
		}
		c.theirs[t.name] = append(c.theirs[t.name], u.perRequest())
		c.user[t.name] = append(c.user[t.name], u.each(u.user))
	}
	return nil
}

// line is what was measured of a tool. Ratios are of the same round.
func (c *comparison) line(t tool, promised float64) string {
	if err := c.failed[t.name]; err != nil {
		return fmt.Sprintf("failed: %v", err)
	}
	all := c.theirs[t.name]
	if len(all) == 0 {
		return "not installed"
	}
	ratios, known := make([]float64, len(all)), make([]float64, len(all))
	for i := range all {
		ratios[i], known[i] = all[i]/c.ours[i], all[i]/c.known[i]
	}
	line := fmt.Sprintf("%-30s %.2f in user space, costs %sx, %sx a known one", spreadOf(all), spreadOf(c.user[t.name]).median, spreadOf(ratios), spreadOf(known))
	if promised > 0 {
		line += fmt.Sprintf("   promised: %gx", promised)
	}
	return line
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
