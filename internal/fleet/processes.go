package fleet

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"
)

// ProcessOptions say what to start on this machine.
type ProcessOptions struct {
	Program string
	Args    []string // the first is the program's name
	Environ []string
	Dir     string
	URL     JoinURL
	Count   int
	Err     io.Writer // what they say when something went wrong
}

// Processes are workers of this machine.
type Processes struct {
	opt  ProcessOptions
	all  []*process
	wg   sync.WaitGroup
	died chan error
}

type process struct {
	cmd  *exec.Cmd
	said tail
}

// joinVariable is how a process gets the join URL: its arguments can be seen by everybody.
const joinVariable = "STAMPEDE_JOIN"

// StartProcesses starts workers. They are in a group of their own: Ctrl-C is for the controller, which tells them.
func StartProcesses(o ProcessOptions) (*Processes, error) {
	p := &Processes{opt: o, died: make(chan error, o.Count)}
	for i := range o.Count {
		one := &process{cmd: exec.Command(o.Program)}
		one.cmd.Args, one.cmd.Dir = o.Args, o.Dir
		one.cmd.Env = append(slices.Concat(o.Environ, processors(o.Count, o.Environ)), joinVariable+"="+o.URL.String())
		one.cmd.Stderr = &one.said
		apart(one.cmd)
		if err := start(one.cmd, crowded(o.Count)); err != nil {
			p.kill()
			return nil, fmt.Errorf("fleet: start worker %d: %w", i+1, err)
		}
		p.all = append(p.all, one)
		p.wg.Go(func() {
			err := one.cmd.Wait()
			if err != nil {
				fmt.Fprintf(o.Err, "worker process %d ended: %v\n%s", i+1, err, one.said.text())
			}
			p.died <- errors.Join(err, errGone)
		})
	}
	return p, nil
}

// processors limits each of many processes to one processor, unless the environment says what they may use: where there are twice as many as processors,
// what a process that has several spends on looking for work for the others is taken from its neighbours.
func processors(processes int, environ []string) []string {
	given := slices.ContainsFunc(environ, func(s string) bool { return strings.HasPrefix(s, "GOMAXPROCS=") })
	if given || !crowded(processes) {
		return nil
	}
	return []string{"GOMAXPROCS=1"}
}

// crowded reports whether so many processes are twice as many as processors.
func crowded(processes int) bool { return processes >= 2*runtime.GOMAXPROCS(0) }

var errGone = errors.New("a worker process ended before the run began: see what it said")

// Await waits until all have joined, or one has ended.
func (p *Processes) Await(ctx context.Context, c *Controller, n int) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	done := make(chan struct{})
	defer close(done)
	go func() {
		select {
		case <-p.died:
			stop(fmt.Errorf("fleet: %w", errGone))
		case <-done:
		}
	}()
	_, err := c.Await(ctx, n, preparing)
	return err
}

// leaving is how long processes may take to go when they are no longer needed.
const leaving = 5 * time.Second

// Wait waits until all have gone, and ends those that do not go.
func (p *Processes) Wait() {
	gone := make(chan struct{})
	go func() { defer close(gone); p.wg.Wait() }()
	select {
	case <-gone:
		return
	case <-time.After(leaving):
	}
	p.kill()
	<-gone
}

// PIDs are their process ids.
func (p *Processes) PIDs() []int {
	var ids []int
	for _, one := range p.all {
		ids = append(ids, one.cmd.Process.Pid)
	}
	return ids
}

func (p *Processes) kill() {
	for _, one := range p.all {
		_ = one.cmd.Process.Kill() // one that has gone is what we want
	}
}

// tail keeps the end of what a process said.
type tail struct {
	mu sync.Mutex
	b  bytes.Buffer
}

const tailMost = 8 << 10

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.b.Write(b); t.b.Len() > tailMost {
		t.b.Next(t.b.Len() - tailMost)
	}
	return len(b), nil
}

func (t *tail) text() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.b.String()
}

// RunsFolder is where controllers keep what they need to go on after they were killed. What is older than a day and nobody's is removed.
func RunsFolder(cache string) (string, error) { return kept(cache, "runs") }

// FilesFolder is where workers keep what they fetched, by hash.
func FilesFolder(cache string) (string, error) { return kept(cache, "files") }

func kept(cache, what string) (string, error) {
	folder := filepath.Join(cache, "stampede", "fleet", what)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", fmt.Errorf("fleet: a folder for %s: %w", what, err)
	}
	sweep(folder, what)
	return folder, nil
}

// keptFor is how long leftovers stay.
const keptFor = 24 * time.Hour

// sweep removes what was left behind by runs that were killed, and what was fetched long ago.
func sweep(folder, what string) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return
	}
	for _, e := range entries {
		path := filepath.Join(folder, e.Name())
		info, err := e.Info()
		if err != nil || time.Since(info.ModTime()) < keptFor || what == "files" && time.Since(info.ModTime()) < 30*keptFor {
			continue
		}
		if what == "runs" {
			lock, err := lockFolder(path)
			if err != nil {
				continue // somebody uses it
			}
			lock.Close()
		}
		_ = os.RemoveAll(path) // next time, then
	}
}
