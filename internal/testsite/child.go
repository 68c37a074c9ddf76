package testsite

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"
)

// Child is a server in a process of its own. Whoever started it calls Close; if nobody does, it ends with this process.
type Child struct {
	command *exec.Cmd
	stdin   io.Closer // its end stops the child
	url     string

	closeOnce sync.Once
	closeErr  error
}

// startTimeout bounds how long a child may take to listen, and to end, on a machine with much else to do.
const startTimeout = 30 * time.Second

// StartChild runs a server in a new process and returns when it listens. program is the path of a program that runs [Main], such as a built
// bench/server; empty means this very test binary, whose TestMain must call [ExitIfChild].
func StartChild(program string, config Config) (*Child, error) {
	config, err := config.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("testsite: %w", err)
	}
	command := exec.Command(program)
	if program == "" {
		self, err := os.Executable()
		if err != nil {
			return nil, fmt.Errorf("testsite: find the test binary: %w", err)
		}
		command = exec.Command(self)
		command.Env = append(os.Environ(), childVariable+"=1")
	}
	command.Args = append(command.Args, append(config.args(), "-with-stdin")...)
	command.Stderr = os.Stderr
	stdin, err := command.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("testsite: start %s: %w", command.Path, err)
	}
	stdout, err := command.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("testsite: start %s: %w", command.Path, err)
	}
	if err := command.Start(); err != nil {
		return nil, fmt.Errorf("testsite: start %s: %w", command.Path, err)
	}
	c := &Child{command: command, stdin: stdin}
	if c.url, err = awaitReady(stdout); err != nil {
		_ = command.Process.Kill()
		_ = command.Wait() // the child has been killed: that is all it could say
		return nil, fmt.Errorf("testsite: start %s: %w", command.Path, err)
	}
	return c, nil
}

// awaitReady reads the line that says where the child listens.
func awaitReady(out io.ReadCloser) (url string, err error) {
	timer := time.AfterFunc(startTimeout, func() { _ = out.Close() }) // ends the read below
	line, err := bufio.NewReader(out).ReadString('\n')
	if !timer.Stop() {
		return "", fmt.Errorf("the child did not listen within %v", startTimeout)
	}
	url, ok := strings.CutPrefix(strings.TrimSpace(line), readyLine)
	if err != nil || !ok {
		return "", fmt.Errorf("the child said %q instead of where it listens: does its main call testsite.Main, or its TestMain testsite.ExitIfChild?", line)
	}
	return url, nil
}

// URL is the address of the child without a path: "http://127.0.0.1:40123", or https with TLS.
func (c *Child) URL() string { return c.url }

// Pid is the process id of the child.
func (c *Child) Pid() int { return c.command.Process.Pid }

// Stats asks the child for its account.
func (c *Child) Stats(ctx context.Context) (Stats, error) { return ReadStats(ctx, c.url) }

// Arrivals asks the child when requests arrived, in order and counted from its start: as many as Config.Arrivals lets it keep.
func (c *Child) Arrivals(ctx context.Context) (times []time.Duration, err error) {
	err = read(ctx, c.url+arrivalsPath, &times)
	return times, err
}

// ReadStats asks the server at url for its account. Certificates are not verified: it is for servers on this machine.
func ReadStats(ctx context.Context, url string) (stats Stats, err error) {
	err = read(ctx, url+statsPath, &stats)
	return stats, err
}

// read reads what a server says of itself.
func read(ctx context.Context, url string, into any) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return fmt.Errorf("testsite: read the account: %w", err)
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true}
	response, err := transport.RoundTrip(request)
	if err != nil {
		return fmt.Errorf("testsite: read the account: %w", err)
	}
	defer response.Body.Close()
	if err := json.NewDecoder(response.Body).Decode(into); err != nil {
		return fmt.Errorf("testsite: read the account of %s: %w", url, err)
	}
	return nil
}

// Freeze stops the child's process with a signal, as a debugger or a host short of processors would, and lets it go on after d or when ctx
// ends. It returns how long the child really stood still: a busy machine wakes this process late.
func (c *Child) Freeze(ctx context.Context, d time.Duration) (time.Duration, error) {
	began := time.Now()
	if err := stop(c.command.Process); err != nil {
		return 0, fmt.Errorf("testsite: freeze the child: %w", err)
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
	err := resume(c.command.Process)
	length := time.Since(began)
	if err != nil {
		return length, fmt.Errorf("testsite: let the child go on: %w", err)
	}
	return length, nil
}

// Close ends the child and waits until it is gone. The error says so if it did not end well.
func (c *Child) Close() error {
	c.closeOnce.Do(func() {
		_ = resume(c.command.Process) // one that is stopped cannot see its input end; one that has ended is reported below
		_ = c.stdin.Close()
		timer := time.AfterFunc(startTimeout, func() { _ = c.command.Process.Kill() })
		defer timer.Stop()
		if err := c.command.Wait(); err != nil && !errors.Is(err, os.ErrProcessDone) {
			c.closeErr = fmt.Errorf("testsite: the child ended with: %w", err)
		}
	})
	return c.closeErr
}
