package cli

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/ledger"
)

// closing is how long the end of a run waits for a ledger that does not take it.
const closing = 10 * time.Second

// record makes the run that is about to begin one of the ledger. A ledger that was named must open; when the usual one does not, that is said
// and the run goes on without. end writes what is left and gives the line that says where the run is.
func (a *app) record(ctx context.Context, o *options) (end func() (string, error), err error) {
	none := func() (string, error) { return "", nil }
	if o.ledger.noRecord {
		return none, nil
	}
	b, err := a.open(ctx, &o.ledger)
	if err != nil {
		if o.ledger.ledger != "" {
			return nil, err
		}
		put(a.Err, fmt.Sprintf("%s: the run is not recorded: %s\n", a.name(), err))
		return none, nil
	}
	h := ledger.Header{Warmup: o.plan.Warmup, Command: strings.Join(a.Args[:min(len(a.Args), 2)], " ")} // flags may hold secrets
	h.CostHour, h.CostBasis = o.ledger.cost.hour, o.ledger.cost.basis
	if a.Test != nil {
		from := a.sources(ctx)
		h.Git = from.Git
		if o.plan.Changes == "" {
			o.plan.Changes = from.subject
		}
	}
	for _, t := range append(append([]stampede.Threshold{}, o.plan.Test.Thresholds...), o.plan.Thresholds...) {
		h.Thresholds = append(h.Thresholds, t.String())
	}
	if id := o.fleet.resume; id != "" {
		o.plan.Observers = append(o.plan.Observers, &replacement{ledger: b, run: filepath.Base(id)})
	}
	if h.CostHour == 0 {
		o.fleet.costs = &fleetCost{}
		o.plan.Observers = append(o.plan.Observers, o.fleet.costs) // before the recorder, which writes it down
	}
	r := b.Record(h, ledger.RecorderOptions{})
	o.plan.Observers = append(o.plan.Observers, r)
	return func() (string, error) { return a.recorded(context.WithoutCancel(ctx), b, r) }, nil
}

// replacement takes what a controller that was killed had recorded of a run out of the ledger, when another one goes on with it and records all of it.
type replacement struct {
	ledger *ledger.Ledger
	run    string
}

// Begin implements stampede.Observer: the run goes on for certain.
func (r *replacement) Begin(info stampede.RunInfo) {
	ctx, stop := context.WithTimeout(context.Background(), closing)
	defer stop()
	if half, err := r.ledger.Find(ctx, r.run); err == nil && half.ID == info.ID {
		_ = r.ledger.Delete(ctx, *half) // else the recorder says that the run is there already
	}
}

// Second implements stampede.Observer.
func (r *replacement) Second(*stampede.Second) {}

// Event implements stampede.Observer.
func (r *replacement) Event(stampede.Event) {}

// End implements stampede.Observer.
func (r *replacement) End(*stampede.Report) {}

// recorded closes a recorder and its ledger. The error says why the ledger does not hold the run as it was.
func (a *app) recorded(ctx context.Context, b *ledger.Ledger, r *ledger.Recorder) (string, error) {
	ctx, stop := context.WithTimeout(ctx, closing)
	defer stop()
	var wrong mistakes
	wrong.add(r.Close(ctx))
	run := r.Run()
	a.rollUp(ctx, b)
	wrong.add(b.Close())
	if len(wrong) > 0 {
		return "", fmt.Errorf("the run is not whole in the ledger: %w", wrong.err())
	}
	if run.ID == "" {
		return "", nil
	}
	return fmt.Sprintf("recorded: run %s in %s\n", run.ID, b.Where()), nil
}

// tag marks a run that was just recorded.
func (a *app) tag(o *ledgerOptions, id, tag string) {
	ctx, stop := context.WithTimeout(context.Background(), closing)
	defer stop()
	b, err := a.open(ctx, o)
	if err == nil {
		var run *ledger.Run
		if run, err = b.Find(ctx, id); err == nil {
			_, err = b.Write(ctx, run, ledger.Note{Tags: []string{tag}})
		}
		err = errors.Join(err, b.Close())
	}
	if err != nil {
		put(a.Err, fmt.Sprintf("%s: the run is not marked as %s: %s\n", a.name(), tag, err))
	}
}

// sources is the state of a test's own sources.
type sources struct {
	ledger.Git
	subject string // of the last commit
}

// sources asks git, for a moment: sources that are not in git, or a slow disk, must not keep the run. What the program was built from, when
// that is known, is surer than what lies in the folder.
func (a *app) sources(ctx context.Context) sources {
	ctx, stop := context.WithTimeout(ctx, 300*time.Millisecond)
	defer stop()
	var s sources
	if commit, subject, ok := strings.Cut(a.git(ctx, "log", "-1", "--format=%H%n%s"), "\n"); ok {
		s.Commit, s.subject = commit, subject
		s.Dirty = a.git(ctx, "status", "--porcelain", "--untracked-files=no") != ""
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return s
	}
	for _, kv := range info.Settings {
		switch kv.Key {
		case "vcs.revision":
			if kv.Value != s.Commit {
				s = sources{Git: ledger.Git{Commit: kv.Value}}
			}
		case "vcs.modified":
			s.Dirty = kv.Value == "true"
		}
	}
	return s
}

func (a *app) git(ctx context.Context, args ...string) string {
	c := exec.CommandContext(ctx, "git", args...)
	c.Dir, c.Env = a.Dir, append(a.Environ[:len(a.Environ):len(a.Environ)], "GIT_OPTIONAL_LOCKS=0")
	out, err := c.Output()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(out))
}
