package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/stampede-load/stampede/internal/testsite"
)

const (
	busyRuns   = 40
	busyLength = 10 * time.Second
	busyBuilds = 2 // that go on beside every run
)

// busyLoad is a load that a generator bears easily, and a site for it.
type busyLoad struct {
	name string
	site testsite.Config
	load []string
}

// busyLoads are sites from fast to slow under loads of every model.
func busyLoads() []busyLoad {
	return []busyLoad{
		{"20 ms, 100/s", testsite.Config{Mode: testsite.Fixed, Service: 20 * time.Millisecond}, []string{"-rate", "100"}},
		{"100 or 300 ms, 30/s random", testsite.Config{Mode: testsite.Bimodal, Service: 100 * time.Millisecond, Slow: 300 * time.Millisecond, Share: 0.2}, []string{"-rate", "30", "-poisson"}},
		{"50 or 500 ms, 50 users", testsite.Config{Mode: testsite.Bimodal, Service: 50 * time.Millisecond, Share: 0.1}, []string{"-users", "50", "-think", "500ms"}},
		{"one at a time, 16 users", testsite.Config{Mode: testsite.Exp, Service: 100 * time.Millisecond}, []string{"-users", "16"}}, // 1.6 s
	}
}

// busyRun is one run and what its server said of the same requests.
type busyRun struct {
	name  string
	r     fanResult
	truth [3]float64 // ms: p50, p95, p99 of the server's own times
}

// off is the percentiles that differ from the server's by more than they are sure and by more than matters: a tenth, a third for the p99.
func (b *busyRun) off() []string {
	var names []string
	shown := [3]float64{b.r.P50, b.r.P95, b.r.P99}
	for i, q := range []struct {
		name   string
		matter float64
	}{{"p50", 0.10}, {"p95", 0.10}, {"p99", 0.33}} {
		low, high := b.r.Intervals[i][0], b.r.Intervals[i][1]
		truth := b.truth[i]
		inside := truth >= low && (high == 0 || truth <= high)
		if !inside && max(shown[i]-truth, truth-shown[i]) > q.matter*shown[i] {
			names = append(names, fmt.Sprintf("%s %.1f ms, server %.1f ms", q.name, shown[i], truth))
		}
	}
	return names
}

// busy asks how often the verdict is wrong on a machine on which somebody builds software: INVALID where the server's own log says the same
// (false), and not INVALID where the generator was stopped, frozen together with the site, or asked for what it cannot send (missed).
func (b *bench) busy() error {
	stop, err := b.builds(busyBuilds)
	if err != nil {
		return err
	}
	defer stop()
	runs := busyRuns
	if b.count > 0 {
		runs = b.count
	}
	var healthy []busyRun
	for i := range runs {
		loads := busyLoads()
		run, err := b.busyOnce(loads[i%len(loads)], nil)
		if err != nil {
			return err
		}
		healthy = append(healthy, *run)
		fmt.Printf("   %-26s %-8s %-8s %s\n", run.name, run.r.Strict, run.r.Verdict, strings.Join(run.off(), "; "))
		for _, reason := range run.r.Reasons {
			fmt.Printf("      %s\n", reason)
		}
	}
	missed := [2]int{}
	for i := range runs {
		name, run, err := b.brokenOnce(i)
		if err != nil {
			return err
		}
		for j, level := range []string{run.r.Strict, run.r.Verdict} {
			if level != "INVALID" {
				missed[j]++
			}
		}
		fmt.Printf("   %-26s %-8s %-8s %s\n", name, run.r.Strict, run.r.Verdict, run.r.Reasons[:min(1, len(run.r.Reasons))])
	}
	busyTable(healthy, missed)
	return b.ctx.Err()
}

// busyTable prints the rates.
func busyTable(healthy []busyRun, missed [2]int) {
	n := len(healthy)
	wrong := 0
	for i := range healthy {
		if len(healthy[i].off()) > 0 {
			wrong++
		}
	}
	fmt.Printf("   %d runs beside builds; in %d of them a percentile differs from the server's by more than it is sure\n", n, wrong)
	fmt.Printf("   %-34s %8s %8s %8s %16s %22s %20s\n", "judged by", "VALID", "SUSPECT", "INVALID", "false INVALID", "differs and is VALID", "missed INVALID")
	for j, by := range []string{"share of the run (before)", "what it did to the times"} {
		levels := map[string]int{}
		alarms, silent := 0, 0
		for i := range healthy {
			level := [2]string{healthy[i].r.Strict, healthy[i].r.Verdict}[j]
			levels[level]++
			off := len(healthy[i].off()) > 0
			if level == "INVALID" && !off {
				alarms++
			}
			if level == "VALID" && off {
				silent++
			}
		}
		fmt.Printf("   %-34s %8d %8d %8d %9d (%.1f %%) %22d %13d of %d\n", by, levels["VALID"], levels["SUSPECT"], levels["INVALID"], alarms, percent(alarms, n), silent, missed[j], n)
	}
}

// busyOnce makes one run against a server of its own. disturb, when there is one, is given the generator's process and the server.
func (b *bench) busyOnce(l busyLoad, disturb func(*os.Process, *testsite.Child)) (*busyRun, error) {
	length := busyLength
	if b.length > 0 {
		length = b.length
	}
	l.site.Arrivals, l.site.Handling = -1, 1<<20
	child, err := testsite.StartChild(b.server, l.site)
	if err != nil {
		return nil, err
	}
	defer child.Close()
	ctx, cancel := context.WithTimeout(b.ctx, length+2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, b.fan, append([]string{"-host", child.URL(), "-t", length.String(), "-strict"}, l.load...)...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, os.Stderr
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	var wait sync.WaitGroup
	if disturb != nil {
		wait.Go(func() { disturb(cmd.Process, child) })
	}
	err = cmd.Wait()
	wait.Wait()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", l.name, err)
	}
	run := &busyRun{name: l.name}
	if err := json.Unmarshal(out.Bytes(), &run.r); err != nil {
		return nil, fmt.Errorf("read what fan printed: %w", err)
	}
	st, err := child.Stats(ctx)
	if err != nil {
		return nil, err
	}
	if len(st.Handling) == 0 {
		return run, nil
	}
	sorted := slices.Sorted(slices.Values(st.Handling))
	for i, q := range []float64{0.5, 0.95, 0.99} {
		run.truth[i] = ms(sorted[min(int(q*float64(len(sorted))), len(sorted)-1)])
	}
	return run, nil
}

// brokenOnce makes a run that must be INVALID: the generator is stopped for 3 s from some moment on (the first second included), it is frozen
// together with the site for 2 s, as a machine is that holds its guest, or it is asked for far more than it can send.
func (b *bench) brokenOnce(i int) (name string, run *busyRun, err error) {
	loads := busyLoads()
	l := loads[(i/3)%len(loads)]
	at := time.Duration(300+(i*1700)%5000) * time.Millisecond
	stopped := func(long time.Duration, site bool) func(*os.Process, *testsite.Child) {
		return func(p *os.Process, child *testsite.Child) {
			time.Sleep(at)
			if hold(p) != nil {
				return // the verdict will tell
			}
			if site {
				_, _ = child.Freeze(b.ctx, long)
			} else {
				time.Sleep(long)
			}
			_ = release(p)
		}
	}
	switch i % 3 {
	case 0:
		name = fmt.Sprintf("stopped 3 s at %.1f s", at.Seconds())
		run, err = b.busyOnce(l, stopped(3*time.Second, false))
	case 1:
		name = fmt.Sprintf("both frozen 2 s at %.1f s", at.Seconds())
		run, err = b.busyOnce(l, stopped(2*time.Second, true))
	default:
		name = "500,000/s"
		run, err = b.busyOnce(busyLoad{name, testsite.Config{Mode: testsite.Fast}, []string{"-rate", strconv.Itoa(500_000)}}, nil)
	}
	return name, run, err
}

// builds keeps so many builds of the standard library going, from nothing each time, until stop is called.
func (b *bench) builds(n int) (stop func(), err error) {
	ctx, cancel := context.WithCancel(b.ctx)
	var wait sync.WaitGroup
	for i := range n {
		cache := filepath.Join(b.dir, "cache"+strconv.Itoa(i))
		wait.Go(func() {
			for ctx.Err() == nil {
				cmd := exec.CommandContext(ctx, "go", "build", "-a", "std")
				cmd.Env = append(os.Environ(), "GOCACHE="+cache)
				cmd.WaitDelay = 10 * time.Second
				if err := cmd.Run(); err != nil && ctx.Err() == nil {
					fmt.Printf("   a build beside failed: %v\n", err)
					return
				}
			}
		})
	}
	return func() { cancel(); wait.Wait() }, nil
}
