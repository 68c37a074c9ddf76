package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// settle is how long a generator is left alone before it is measured. Until then it starts, connects and shakes hands: in a load test soon over,
// in a round of seconds up to a third of everything, and more for those that make fewer requests in it.
const settle = 2 * time.Second

// farewell is how much longer a generator runs than it is measured.
const farewell = time.Second

// window is which part of a generator's run is measured.
type window struct {
	settle, length time.Duration
	endless        bool // the program does not end by itself: it is ended
}

// runs is how long the program is to run.
func (w window) runs() time.Duration { return w.settle + w.length + farewell }

// observe runs a generator on core 0, and measures it within the window. The requests are those that the server counts.
func (b *bench) observe(w window, count func(context.Context) (int64, error), name string, args ...string) (usage, error) {
	ctx, cancel := context.WithTimeout(b.ctx, 4*w.runs()+15*time.Second)
	defer cancel()
	cmd := command(ctx, "0", 1, name, args...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	fail := func(err error) (usage, error) {
		return usage{}, fmt.Errorf("%s: %w: %s", name, err, strings.TrimSpace(errs.String()))
	}
	if err := cmd.Start(); err != nil {
		return fail(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	var seen [2]usage
	for i, wait := range []time.Duration{w.settle, w.length} {
		select {
		case <-time.After(wait):
		case err := <-ended:
			return fail(errors.Join(errors.New("it ended before it was measured"), err))
		}
		var err error
		if seen[i], err = spentBy(cmd.Process.Pid); err == nil {
			seen[i].requests, err = count(ctx)
		}
		if err != nil {
			cancel()
			<-ended
			return fail(err)
		}
	}
	if w.endless {
		cancel()
	}
	if err := <-ended; err != nil && !w.endless {
		return fail(err)
	}
	return usage{cpu: seen[1].cpu - seen[0].cpu, user: seen[1].user - seen[0].user, requests: seen[1].requests - seen[0].requests, out: out.Bytes()}, nil
}

// clockTick is the unit of /proc/PID/stat on all platforms that Go supports.
const clockTick = 10 * time.Millisecond

// spentBy is the CPU time of a process so far, from /proc.
func spentBy(pid int) (usage, error) {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return usage{}, fmt.Errorf("read the CPU time of a process, which only Linux tells: %w", err)
	}
	_, rest, _ := strings.Cut(string(text), ") ") // behind the program's name
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return usage{}, fmt.Errorf("what the kernel says of a process is %q", text)
	}
	user, err1 := strconv.ParseInt(fields[11], 10, 64)
	system, err2 := strconv.ParseInt(fields[12], 10, 64)
	return usage{user: time.Duration(user) * clockTick, cpu: time.Duration(user+system) * clockTick}, errors.Join(err1, err2)
}

// command is a program on the cores given, "" meaning any, with GOMAXPROCS set to procs.
func command(ctx context.Context, cores string, procs int, name string, args ...string) *exec.Cmd {
	if cores != "" && pinnable() {
		args = append([]string{"-c", cores, name}, args...)
		name = "taskset"
	}
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Cancel = func() error { return killTree(cmd.Process) }
	cmd.Env = append(os.Environ(), quiet()...)
	if procs > 0 {
		cmd.Env = append(cmd.Env, "GOMAXPROCS="+strconv.Itoa(procs))
	}
	return cmd
}
