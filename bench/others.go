package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/stampede-load/stampede/internal/testsite"
)

// told is what a tool says of a run, in ms. A figure that it does not print is negative.
type told struct{ mean, p95, p99, highest float64 }

// seer is a tool, as people run it at 1,000 requests a second, that is shown one freeze.
type seer struct {
	program, name string
	args          func(url, dir string) []string
	read          func(b *bench, out []byte) (told, error)
}

const (
	seenRate   = 1000
	seenLength = 30 * time.Second
	seenFreeze = 2 * time.Second
)

func seers() []seer {
	seconds := strconv.Itoa(int(seenLength.Seconds()))
	rate := strconv.Itoa(seenRate)
	return []seer{
		{"wrk", "wrk, as fast as it can", func(url, dir string) []string {
			return []string{"-t1", "-c10", "-d" + seconds + "s", "-s" + filepath.Join(dir, "told.lua"), url}
		}, readWrk},
		{"hey", "hey -q 100 -c 10", func(url, _ string) []string {
			return []string{"-z", seconds + "s", "-c", "10", "-q", "100", "-cpus", "1", url}
		}, readHey},
		{"h2load", "h2load --rps 100 -c 10", func(url, _ string) []string {
			return []string{"--h1", "-t1", "-c10", "-D", seconds, "--rps", "100", url}
		}, readH2load},
		{"vegeta", "vegeta, 50 workers", func(url, dir string) []string { return vegeta(url, dir, rate, seconds, "50") }, readVegeta},
		{"vegeta", "vegeta, any number", func(url, dir string) []string { return vegeta(url, dir, rate, seconds, "") }, readVegeta},
	}
}

func vegeta(url, dir, rate, seconds, workers string) []string {
	// An error writing the file shows as one of vegeta, which reads it.
	_ = os.WriteFile(filepath.Join(dir, "targets"), []byte("GET "+url+"\n"), 0o600)
	args := []string{"attack", "-rate=" + rate, "-duration=" + seconds + "s", "-targets=" + filepath.Join(dir, "targets"), "-output=" + filepath.Join(dir, "vegeta.bin")}
	if workers != "" {
		args = append(args, "-max-workers="+workers)
	}
	return args
}

// others shows the same freeze to this project's models and to other tools.
func (b *bench) others() error {
	const lua = `done = function(s, l, r) io.write(string.format("told %f %f %f %f\n", l.mean, l:percentile(95), l:percentile(99), l.max)) end`
	if err := os.WriteFile(filepath.Join(b.dir, "told.lua"), []byte(lua), 0o600); err != nil {
		return err
	}
	truth := func(q float64) float64 { return ms(seenFreeze) - (1-q)*ms(seenLength) }
	fmt.Printf("   %-34s %9s %9s %9s %9s %9s\n", "ms", "requests", "mean", "p95", "p99", "max")
	fmt.Printf("   %-34s %9d %9.1f %9.1f %9.1f %9.1f\n", "the truth, were arrivals even", int(seenRate*seenLength.Seconds()),
		ms(seenFreeze)*ms(seenFreeze)/(2*ms(seenLength)), truth(0.95), truth(0.99), ms(seenFreeze))
	for _, own := range []struct {
		name string
		args []string
	}{
		{"stampede, open, 1000/s", []string{"-rate", strconv.Itoa(seenRate)}},
		{"stampede, closed, 10 users paced", []string{"-users", "10", "-pacing", "10ms"}},
		{"stampede, closed, 10 users", []string{"-users", "10", "-think", "10ms"}},
	} {
		if err := b.showTo(own.name, b.fan, func(url string) []string {
			return append([]string{"-host", strings.TrimSuffix(url, "/page"), "-t", seenLength.String()}, own.args...)
		}, readFan); err != nil {
			return err
		}
	}
	for _, s := range seers() {
		if _, err := exec.LookPath(s.program); err != nil {
			fmt.Printf("   %-34s not installed\n", s.name)
			continue
		}
		if err := b.showTo(s.name, s.program, func(url string) []string { return s.args(url, b.dir) }, s.read); err != nil {
			return err
		}
	}
	return nil
}

// showTo runs one tool through the freeze and prints what it says.
func (b *bench) showTo(name, program string, args func(url string) []string, read func(*bench, []byte) (told, error)) error {
	child, err := b.site(testsite.Config{Mode: testsite.Fast, Arrivals: -1})
	if err != nil {
		return err
	}
	defer child.Close()
	ctx, cancel := context.WithTimeout(b.ctx, 3*seenLength)
	defer cancel()
	held := make(chan error, 1)
	go func() {
		select {
		case <-time.After(seenLength / 3):
		case <-ctx.Done():
		}
		_, err := child.Freeze(ctx, seenFreeze)
		held <- err
	}()
	u, err := b.generate(child, 3*seenLength, program, args(child.URL()+"/page")...)
	if err != nil {
		return err
	}
	if err := <-held; err != nil {
		return err
	}
	t, err := read(b, u.out)
	if err != nil {
		return fmt.Errorf("read what %s said: %w", name, err)
	}
	line := fmt.Sprintf("   %-34s %9d", name, u.requests)
	for _, v := range []float64{t.mean, t.p95, t.p99, t.highest} {
		if v < 0 {
			line += fmt.Sprintf(" %9s", "-")
			continue
		}
		line += fmt.Sprintf(" %9.1f", v)
	}
	fmt.Println(line)
	return nil
}

func readFan(_ *bench, out []byte) (told, error) {
	var r fanResult
	err := json.Unmarshal(out, &r)
	return told{r.Mean, r.P95, r.P99, r.Max}, err
}

// readWrk reads the line of told.lua, in microseconds.
func readWrk(_ *bench, out []byte) (told, error) {
	var t told
	_, line, found := strings.Cut(string(out), "told ")
	if !found {
		return t, errors.New("no line of figures")
	}
	_, err := fmt.Sscan(line, &t.mean, &t.p95, &t.p99, &t.highest)
	return told{t.mean / 1e3, t.p95 / 1e3, t.p99 / 1e3, t.highest / 1e3}, err
}

// readHey reads its summary, in seconds.
func readHey(_ *bench, out []byte) (told, error) {
	figure := func(pattern string) (float64, error) {
		m := regexp.MustCompile(pattern).FindSubmatch(out)
		if m == nil {
			return 0, fmt.Errorf("there is no %q", pattern)
		}
		v, err := strconv.ParseFloat(string(m[1]), 64)
		return v * 1e3, err
	}
	mean, err1 := figure(`Average:\s+([0-9.]+) secs`)
	p95, err2 := figure(`95%+ in ([0-9.]+) secs`)
	p99, err3 := figure(`99%+ in ([0-9.]+) secs`)
	highest, err4 := figure(`Slowest:\s+([0-9.]+) secs`)
	return told{mean, p95, p99, highest}, errors.Join(err1, err2, err3, err4)
}

// readH2load reads its table. It prints no percentiles.
func readH2load(_ *bench, out []byte) (told, error) {
	m := regexp.MustCompile(`time for request:\s+(\S+)\s+(\S+)\s+(\S+)`).FindSubmatch(out)
	if m == nil {
		return told{}, errors.New("no time for request")
	}
	highest, err1 := time.ParseDuration(string(m[2]))
	mean, err2 := time.ParseDuration(string(m[3]))
	return told{ms(mean), -1, -1, ms(highest)}, errors.Join(err1, err2)
}

// readVegeta asks it for a report, in nanoseconds.
func readVegeta(b *bench, _ []byte) (told, error) {
	u, err := runOn(b.ctx, "", 0, "vegeta", "report", "-type=json", filepath.Join(b.dir, "vegeta.bin"))
	if err != nil {
		return told{}, err
	}
	var r struct {
		Latencies struct {
			Mean float64 `json:"mean"`
			P95  float64 `json:"95th"`
			P99  float64 `json:"99th"`
			Max  float64 `json:"max"`
		} `json:"latencies"`
	}
	err = json.Unmarshal(u.out, &r)
	l := r.Latencies
	return told{l.Mean / 1e6, l.P95 / 1e6, l.P99 / 1e6, l.Max / 1e6}, err
}
