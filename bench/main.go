// Command bench measures what this project promises, as ratios in one run on one machine, and prints a table:
//
//	go run ./bench                 everything, some minutes
//	go run ./bench cost memory     some of it
//
// The server runs on one core and the generator on another; rounds of the compared tools interleave; figures are medians with their range.
// CPU time is what the operating system says of the finished process, and requests are counted by the server. A busy machine makes all of
// them worse: run it on a quiet one. Tools that are not installed are left out and said so.
package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// measurement is one thing that is measured.
type measurement struct {
	name string
	what string
	run  func(*bench) error
}

func measurements() []measurement {
	return []measurement{
		{"start", "from process start to the first request", (*bench).start},
		{"cost", "generator CPU per request, 1 KB keep-alive GET", (*bench).cost},
		{"tls", "the same over TLS 1.3", (*bench).tlsCost},
		{"clock", "service times against the server's own clock", (*bench).clock},
		{"cores", "two generators' worth on two cores", (*bench).cores},
		{"memory", "memory per connected idle user", (*bench).memory},
		{"think", "10,000 thinking users in one process", (*bench).think},
		{"spawn", "50,000 users at 5,000 a second", (*bench).spawn},
		{"open", "open model against closed at 20,000 requests a second", (*bench).open},
		{"pacing", "pacing as the server sees it", (*bench).pacing},
		{"freeze", "one freeze of the server against the closed form", (*bench).freeze},
		{"others", "the same freeze as other tools see it", (*bench).others},
		{"queue", "an M/M/1 server at 70 % against the closed form", (*bench).queue},
		{"saturate", "a rate far beyond the core", (*bench).saturate},
		{"healthy", "20 healthy runs", (*bench).healthy},
		{"calibrate", "what the verdict watches, in 40 healthy runs, beside its limits", (*bench).calibrate},
		{"waiting", "users that wait: the engine's clock against a goroutine each", (*bench).waiting},
	}
}

// bench is one invocation.
type bench struct {
	ctx         context.Context
	dir         string // of the built programs
	server, fan string
	sleepers    string
	failed      []string
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, names []string) error {
	all := measurements()
	for _, name := range names {
		if !slices.ContainsFunc(all, func(m measurement) bool { return m.name == name }) {
			var known []string
			for _, m := range all {
				known = append(known, m.name)
			}
			return fmt.Errorf("there is no measurement %q; there are %s", name, strings.Join(known, ", "))
		}
	}
	dir, err := os.MkdirTemp("", "stampede-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	b := &bench{ctx: ctx, dir: dir, server: filepath.Join(dir, "server"), fan: filepath.Join(dir, "fan"), sleepers: filepath.Join(dir, "sleepers")}
	for _, program := range []string{"server", "fan", "sleepers"} {
		cmd := exec.CommandContext(ctx, "go", "build", "-o", filepath.Join(dir, program), "github.com/stampede-load/stampede/bench/"+program)
		cmd.Stderr = os.Stderr
		if err := cmd.Run(); err != nil {
			return fmt.Errorf("build bench/%s: %w", program, err)
		}
	}
	fmt.Printf("%s/%s, %d cores, %s\n", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version())
	for _, m := range all {
		if len(names) > 0 && !slices.Contains(names, m.name) || ctx.Err() != nil {
			continue
		}
		fmt.Printf("\n%s: %s\n", m.name, m.what)
		if err := m.run(b); err != nil {
			fmt.Printf("   failed: %v\n", err)
			b.failed = append(b.failed, m.name)
		}
	}
	if len(b.failed) > 0 {
		return fmt.Errorf("could not be measured: %s", strings.Join(b.failed, ", "))
	}
	return ctx.Err()
}
