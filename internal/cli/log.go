package cli

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/cli/setting"
)

// logOptions say where what a test logs goes.
type logOptions struct {
	file  string // "-" is standard error; empty is nowhere
	level slog.Level
}

// logSettings are about what a test says with its users' Log.
func (a *app) logSettings(o *logOptions) []setting.Setting {
	return []setting.Setting{
		{
			Name: "log", Arg: "FILE|-", Group: groupOther, Help: "what the test's users log; - writes it to standard error, and shows no dashboard",
			Read: func(t string) error {
				if o.file = t; t != "-" {
					o.file = a.path(t)
				}
				return nil
			},
		},
		{
			Name: "log-level", Arg: "LEVEL", Default: "info", Group: groupOther, Needs: "log", Help: "the least that is logged: debug, info, warn or error",
			Read: func(t string) error {
				word, err := setting.Choice(t, "debug", "info", "warn", "error")
				if err != nil {
					return err
				}
				return o.level.UnmarshalText([]byte(word))
			},
		},
	}
}

// files are the paths to write to.
func (o *logOptions) files() []string {
	if o.file == "" || o.file == "-" {
		return nil
	}
	return []string{o.file}
}

// open gives the plan its log. end closes it and says what could not be written.
func (o *logOptions) open(plan *stampede.Plan, stderr io.Writer) (end func() error, err error) {
	w := &logWriter{w: stderr}
	switch o.file {
	case "":
		return w.end, nil
	case "-":
	default:
		if w.file, err = os.Create(o.file); err != nil {
			return nil, fmt.Errorf("--log %s: the file cannot be made: %w", o.file, errors.Unwrap(err))
		}
		w.w = w.file
	}
	plan.Log = slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: o.level}))
	return w.end, nil
}

// logWriter remembers the first thing that went wrong: slog tells nobody.
type logWriter struct {
	w    io.Writer
	file *os.File // to close; nil for standard error

	mu  sync.Mutex
	err error
}

func (l *logWriter) Write(b []byte) (int, error) {
	n, err := l.w.Write(b)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err == nil {
		l.err = err
	}
	return n, err
}

func (l *logWriter) end() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file == nil {
		return nil // whoever closed standard error does not want to be told
	}
	if err := errors.Join(l.err, l.file.Close()); err != nil {
		return fmt.Errorf("--log %s: %w", l.file.Name(), err)
	}
	return nil
}
