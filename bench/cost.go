package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strconv"
	"time"

	"github.com/stampede-load/stampede/internal/testsite"
)

// Rounds of the compared tools, and the length of each, where -count and -length do not say otherwise.
const (
	rounds      = 5
	roundLength = 4 * time.Second
)

// roundsOr is how many rounds are made.
func (b *bench) roundsOr(usual int) int { return cmp.Or(b.count, usual) }

// each is how long a round is: whole seconds, as most tools know nothing less.
func (b *bench) each() time.Duration {
	return max(time.Second, cmp.Or(b.length, roundLength).Round(time.Second))
}

func (b *bench) cost() error {
	child, err := b.site(testsite.Config{Mode: testsite.Fast, Arrivals: -1})
	if err != nil {
		return err
	}
	defer child.Close()
	for _, conns := range []int{64, 1000} {
		if err := b.compare(child, conns, false); err != nil {
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
	return b.compare(child, 64, true)
}

// comparison is what rounds of this project and of the other tools cost, in us of CPU time a request.
type comparison struct {
	ours   []float64
	known  []float64 // ours, of users whose request is known before the run
	io     string    // our back end
	theirs map[string][]float64
	failed map[string]error     // tools that could not be measured
	user   map[string][]float64 // what of each was spent in user space; ours below ""
	made   []float64            // allocations of ours
}

// compare interleaves rounds of this project and of every other tool that is installed.
func (b *bench) compare(child *testsite.Child, conns int, secure bool) error {
	do := assignment{site: child.URL(), secure: secure, conns: conns, dir: b.dir}
	if err := writeScripts(do); err != nil {
		return err
	}
	c := comparison{theirs: map[string][]float64{}, failed: map[string]error{}, user: map[string][]float64{}}
	n := b.roundsOr(rounds)
	for range n {
		if err := b.round(child, do, &c); err != nil {
			return err
		}
	}
	fmt.Printf("   %d connections, us of generator CPU a request once all are connected, median (range) of %d rounds of %v\n", conns, n, b.each())
	fmt.Printf("   %-10s %-30s %.2f in user space, %.1f allocations (%s)\n", "stampede", spreadOf(c.ours), spreadOf(c.user[""]).median, spreadOf(c.made).median, c.io)
	fmt.Printf("   %-10s %-30s %.2f in user space: the request is known before the run, as those of hit are\n", "known", spreadOf(c.known), spreadOf(c.user["known"]).median)
	for _, t := range b.opponents(secure) {
		promised := t.plain
		if secure {
			promised = t.secure
		}
		fmt.Printf("   %-10s %s\n", t.name, c.line(t, promised))
	}
	return nil
}

// round is one of ours and one of each tool. One that is not installed is left out; one that fails is not asked again.
func (b *bench) round(child *testsite.Child, do assignment, c *comparison) error {
	r, u, err := b.ours(child, do)
	if err != nil {
		return err
	}
	c.io, c.ours = r.IO, append(c.ours, u.perRequest())
	c.user[""] = append(c.user[""], u.each(u.user))
	c.made = append(c.made, r.Allocations)
	if _, u, err = b.ours(child, do, "-ask"); err != nil {
		return err
	}
	c.known = append(c.known, u.perRequest())
	c.user["known"] = append(c.user["known"], u.each(u.user))
	for _, t := range b.opponents(do.secure) {
		if _, err := exec.LookPath(t.path()); err != nil || c.failed[t.name] != nil {
			continue
		}
		w := b.window(t.script)
		do.length = w.runs()
		u, err := b.observe(w, counter(child), t.path(), t.args(do)...)
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

// ours is one run of bench/fan.
func (b *bench) ours(child *testsite.Child, do assignment, more ...string) (fanResult, usage, error) {
	w := b.window(false)
	args := append([]string{"-host", child.URL(), "-users", strconv.Itoa(do.conns), "-t", w.runs().String()}, more...)
	u, err := b.observe(w, counter(child), b.fan, args...)
	if err != nil {
		return fanResult{}, u, err
	}
	r, err := readResult(u)
	if err == nil && r.Failures > 0 {
		err = fmt.Errorf("%d of %d requests failed", r.Failures, r.Requests)
	}
	return r, u, err
}

// counter asks a server how many requests came so far.
func counter(child *testsite.Child) func(context.Context) (int64, error) {
	return func(ctx context.Context) (int64, error) {
		s, err := child.Stats(ctx)
		return s.Requests, err
	}
}

// window is the part of a run that is measured, in whole seconds, as most tools know nothing less.
func (b *bench) window(script bool) window {
	w := window{settle: settle, length: b.each()}
	if script {
		w.settle *= 2 // to start an interpreter takes long
	}
	return w
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
	for range b.roundsOr(rounds) {
		cost := map[int]float64{}
		for _, procs := range []int{1, 2} {
			before, err := child.Stats(b.ctx)
			if err != nil {
				return err
			}
			u, err := runOn(b.ctx, "", procs, b.fan, "-host", child.URL(), "-users", "128", "-t", b.each().String())
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
