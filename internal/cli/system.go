package cli

import (
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/charmbracelet/x/term"
)

// System is the world around a command line.
type System struct {
	Args     []string // the first is the program's name
	Environ  []string // "NAME=value"
	Dir      string   // where relative paths begin; empty means the process's own folder
	In       io.Reader
	Out, Err io.Writer
	// Interrupts brings Ctrl-C, SIGTERM and SIGHUP: the first stops a run in an orderly way, the second ends it now. nil brings none.
	Interrupts <-chan os.Signal
}

// Process is the world of this process. From now on Ctrl-C, SIGTERM and SIGHUP come through Interrupts; after three of them the next one
// ends the process at once, whatever it does. A closed standard output no longer ends it.
func Process() System {
	caught, out := make(chan os.Signal, 1), make(chan os.Signal, 3)
	signal.Notify(caught, os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) { // nohup says that the run is to outlive its terminal
		signal.Notify(caught, syscall.SIGHUP)
	}
	go func() {
		for range cap(out) {
			out <- <-caught
		}
		signal.Stop(caught)
	}()
	// Without anybody to notify the runtime ends a process that writes to a closed standard output: "run | head" would lose the run. Nobody
	// reads this channel, since the write says it all. Ignoring the signal would do too, but children would inherit that.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	return System{Args: os.Args, Environ: os.Environ(), In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Interrupts: out}
}

// name is what the program was called.
func (s *System) name() string {
	if len(s.Args) == 0 || s.Args[0] == "" {
		return "stampede"
	}
	return strings.TrimSuffix(filepath.Base(s.Args[0]), ".exe")
}

// path makes a path absolute or leaves it relative to the process, as Dir asks.
func (s *System) path(name string) string {
	if s.Dir == "" || name == "" || filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(s.Dir, name)
}

// lookup finds a variable of the environment; of two the last counts.
func (s *System) lookup(name string) (string, bool) {
	for i := len(s.Environ) - 1; i >= 0; i-- {
		if n, v, ok := strings.Cut(s.Environ[i], "="); ok && n == name {
			return v, true
		}
	}
	return "", false
}

// terminal reports whether a stream is a terminal, and how large.
func terminal(stream any) (columns int, ok bool) {
	f, isFile := stream.(interface{ Fd() uintptr })
	if !isFile || !term.IsTerminal(f.Fd()) {
		return 0, false
	}
	columns, _, err := term.GetSize(f.Fd())
	return columns, err == nil && columns > 0
}

// colourful reports whether colours are welcome on a stream.
func (s *System) colourful(stream any) bool {
	if _, ok := terminal(stream); !ok {
		return false
	}
	if no, set := s.lookup("NO_COLOR"); set && no != "" {
		return false
	}
	kind, _ := s.lookup("TERM")
	return kind != "dumb"
}
