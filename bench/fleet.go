package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"
)

// fleets are the measurements of the fleet; "fleet" names all of them.
func fleets() []measurement {
	return []measurement{
		{"fleet-controller", "1,000 workers that report 100 names a second (-count: how many workers); 3 minutes", (*bench).fleetController},
		{"fleet-cost", "what the fleet costs a worker beside its load, at 100 names; 1 minute", (*bench).fleetCost},
		{"fleet-freeze", "one freeze of the server over 4 workers, against the times that the server noted; 1 minute", (*bench).fleetFreeze},
		{"fleet-kills", "workers killed and sent away, 20 times each (-count); 3 minutes", (*bench).fleetKills},
		{"fleet-cuts", "workers stopped and cut off for a while, 20 times each (-count); 4 minutes", (*bench).fleetCuts},
		{"fleet-resume", "a controller killed and started again, 10 times (-count); 1 minute", (*bench).fleetResume},
		{"fleet-change", "how soon and how evenly a change of load holds, 10 times (-count); 1 minute", (*bench).fleetChange},
		{"fleet-clock", "workers whose clocks are minutes apart, as the server sees them; 1 minute", (*bench).fleetClock},
		{"fleet-join", "50 stock workers that fetch the test at once (-count); 2 minutes", (*bench).fleetJoin},
		{"fleet-users", "connected users that think, over worker processes (-count: how many, 100,000 as usual; -length: how long all are there)", (*bench).fleetUsers},
	}
}

// herd is the program of these measurements, built when it is first asked for.
func (b *bench) herd() (string, error) {
	b.building.Lock() // trials ask for it side by side
	defer b.building.Unlock()
	path := filepath.Join(b.dir, "herd")
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	return b.build("bench/herd")
}

// process is a program that runs beside this one.
type process struct {
	cmd  *exec.Cmd
	out  *bufio.Reader
	errs lockedBuffer
	rest chan []byte // what it printed after the lines that were read, once it has ended
	err  error
}

// lockedBuffer may be read while a process writes to it.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(b)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// begin starts a program, with its first line already read when lines is true.
func begin(ctx context.Context, env []string, lines bool, name string, args ...string) (p *process, first string, err error) {
	p = &process{cmd: exec.CommandContext(ctx, name, args...), rest: make(chan []byte, 1)}
	p.cmd.Env = append(os.Environ(), env...)
	p.cmd.Stderr = &p.errs
	p.cmd.Cancel = func() error { return killTree(p.cmd.Process) }
	p.cmd.WaitDelay = 5 * time.Second
	pipe, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, "", err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, "", err
	}
	p.out = bufio.NewReader(pipe)
	if lines {
		if first, err = p.out.ReadString('\n'); err != nil {
			p.err = p.cmd.Wait()
			return nil, "", fmt.Errorf("%s %s said nothing (%w): %s", filepath.Base(name), strings.Join(args, " "), err, p.errs.String())
		}
	}
	go func() {
		all, _ := io.ReadAll(p.out) // the end of the program, whatever it was
		p.err = p.cmd.Wait()
		p.rest <- all
	}()
	return p, strings.TrimSpace(first), nil
}

// wait is what the program printed, when it has ended.
func (p *process) wait() ([]byte, error) {
	b := <-p.rest
	p.rest <- b
	if p.err != nil {
		return b, fmt.Errorf("%s: %w: %s", filepath.Base(p.cmd.Path), p.err, lastLines(p.errs.String()))
	}
	return b, nil
}

// end makes sure that the program has gone.
func (p *process) end() {
	_ = p.cmd.Process.Kill() // one that has gone is what we want
	<-p.rest
	p.rest <- nil
}

// killTree ends a program and those that it has started itself: workers are in groups of their own, which Ctrl-C does not reach, and look for a
// controller that was killed for a while.
func killTree(p *os.Process) error {
	children := childrenOf(p.Pid)
	err := p.Kill()
	for _, pid := range children {
		if child, err := os.FindProcess(pid); err == nil {
			_ = child.Kill() // one that has gone is what we want
		}
	}
	return err
}

// childrenOf are the processes that one has started and that have not ended; none where there is no /proc.
func childrenOf(parent int) (pids []int) {
	files, err := filepath.Glob("/proc/[0-9]*/status")
	if err != nil {
		return nil
	}
	for _, file := range files {
		status, err := os.ReadFile(file)
		if pid, ok := strconv.Atoi(filepath.Base(filepath.Dir(file))); err == nil && ok == nil && field(string(status), "PPid:") == int64(parent) {
			pids = append(pids, pid)
		}
	}
	return pids
}

func lastLines(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-5):], "\n")
}

// fleetResult is what the JSON of a run says, as far as it is looked at here.
type fleetResult struct {
	Planned, Sent, Dropped, Lost int64
	NotStarted                   int64 `json:"not_started"`
	InFlight                     int64 `json:"in_flight"`
	Run                          struct{ ID, Stopped, Started string }
	Verdict                      struct {
		Level   string
		Reasons []string
	}
	Total struct {
		Count, Failures   int64
		Response, Service struct{ Mean, P50, P95, P99, Max float64 }
	}
	Workers []struct {
		Name, Reason, Verdict string
		Planned, Sent, Lost   int64
	}
}

func readFleetResult(file string) (r fleetResult, err error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return r, err
	}
	return r, json.Unmarshal(b, &r)
}

// adds reports whether every arrival of a run is accounted for, once it is over: of so many at most, which a worker that was killed had begun when it
// spoke last, nobody knows the answer.
func (r *fleetResult) adds(unknown int64) bool {
	return r.Planned == r.Sent+r.Dropped+r.NotStarted+r.Lost && r.Total.Count <= r.Sent && r.Sent-r.Total.Count <= unknown
}
