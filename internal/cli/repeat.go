package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/format"
	"github.com/stampede-load/stampede/internal/report"
	"github.com/stampede-load/stampede/internal/verdict"
)

// series is runs of one plan, or of two in turn, one after the other.
type series struct {
	*again
	repeatOptions
	changes  []change   // of B
	shown    string     // the same as it may be printed
	ready    []*options // of each side: what each run is a copy of
	stops    []func()   // that undo what was prepared
	baseline *stampede.Report
	lines    *oneAtTime // where it is told; the handler of Ctrl-C writes there too
	status   int        // the worst so far
	runs     [2][]*stampede.Report
	left     []string // runs that do not count, and why
	invalid  bool     // INVALID runs count too
	limit    float64  // the change that matters, from the baseline or from A to B; 0 means the default
	json     string   // the file of --json, without the mark of a run
	recorded bool     // they are in the ledger
	columns  int
	colour   bool
}

// inSeries runs a command line several times. o and wrong are what was read of it already.
func (g *again) inSeries(ctx context.Context, o *options, wrong mistakes) error {
	s := &series{again: g, repeatOptions: o.repeat, invalid: o.allowInvalid, limit: o.baselineLimit, json: o.out.paths[formatJSON], recorded: !o.ledger.noRecord, colour: g.colourful(g.Out)}
	s.times = max(s.times, 1)
	s.columns, _ = terminal(g.Out)
	s.lines = &oneAtTime{w: g.Out}
	defer s.undo()
	if err := s.prepare(ctx, o, wrong); err != nil {
		return err
	}
	closeWeb, err := g.beside(ctx, o)
	if err != nil {
		return err
	}
	defer closeWeb()
	var fleet *keptFleet
	if o.fleet.wanted() {
		fleet = &keptFleet{} // the workers stay for all runs
		defer fleet.close()
	}
	for _, side := range s.ready {
		side.page, side.fleet.kept = o.page, fleet
	}
	g.presses.handle(func(int) {}) // from now on Ctrl-C ends the series and not the context of the command
	s.begin()
	order := s.order()
	for i, side := range order {
		if i > 0 && !s.rest(ctx) {
			break
		}
		if err := s.one(ctx, i, len(order), side); err != nil {
			if i == 0 {
				return err
			}
			put(g.Err, fmt.Sprintf("%s: run %d of %d: %s\n", g.name(), i+1, len(order), err))
			s.worse(statusUsage)
			break
		}
		if g.presses.count() > 0 {
			break
		}
	}
	if g.presses.count() > 0 {
		s.worse(statusInterrupted)
	}
	err = s.conclude()
	g.remain(ctx, o)
	g.status = s.status
	return err
}

func (s *series) sides() int {
	if s.interleave != "" {
		return 2
	}
	return 1
}

func (s *series) out(text string) { put(s.lines, text) }

// order is which side each run is of: A B B A A B B A, so that what drifts meets both sides alike.
func (s *series) order() []int {
	var order []int
	for i := range s.times {
		switch {
		case s.sides() == 1:
			order = append(order, 0)
		case i%2 == 0:
			order = append(order, 0, 1)
		default:
			order = append(order, 1, 0)
		}
	}
	return order
}

// mark is what a run is called: "3", or "b3".
func (s *series) mark(side, i int) string {
	if s.sides() == 1 {
		return strconv.Itoa(i + 1)
	}
	return string("ab"[side]) + strconv.Itoa(i+1)
}

// begin says what is to come.
func (s *series) begin() {
	n := s.times * s.sides()
	switch least := verdict.RunsNeeded(0.05); {
	case s.sides() == 1:
		s.out(fmt.Sprintf("%s, one after the other\n\n", format.Plural(int64(n), "run", "runs")))
	default:
		s.out(fmt.Sprintf("%d runs in turn: A as given, B with %s\n", n, format.Text(s.shown, 0)))
		if s.times < least && s.times > 1 {
			s.out(fmt.Sprintf("%d runs a side cannot be told apart, whatever they show: --repeat %d can, 6 and more see smaller changes\n", s.times, least))
		}
		s.out("\n")
	}
}

// rest waits between two runs. It is false when the series is to end.
func (s *series) rest(ctx context.Context) bool {
	if s.pause > 0 {
		pressed := make(chan struct{})
		var once sync.Once
		s.presses.handle(func(int) { once.Do(func() { close(pressed) }) })
		timer := time.NewTimer(s.pause)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-pressed:
		case <-ctx.Done():
		}
	}
	return s.presses.count() == 0 && ctx.Err() == nil
}

// one makes one run and prints it in a line.
func (s *series) one(ctx context.Context, i, all, side int) error {
	n := 0
	for _, before := range s.order()[:i] {
		if before == side {
			n++
		}
	}
	s.ownFlags(side)
	o := *s.ready[side]
	o.plan.Observers = slices.Clip(o.plan.Observers)
	o.out.numbered(s.mark(side, n))
	o.quiet, o.lines, o.plan.Baseline, o.foreseen = true, s.lines, s.baseline, i > 0
	if o.marked != "" { // the ledger says what B was
		if o.plan.Changes == "" && s.Test != nil {
			o.plan.Changes = s.sources(ctx).subject
		}
		o.plan.Changes = strings.TrimSpace(o.plan.Changes + " " + o.marked)
	}
	name := fmt.Sprintf("run %d of %d", i+1, all)
	if s.sides() == 2 {
		name += ", " + "AB"[side:side+1]
	}
	done, err := s.once(ctx, &o)
	if err != nil {
		return err
	}
	s.told(name, side, &o, done)
	return nil
}

// told prints a run that is over and takes it in.
func (s *series) told(name string, side int, o *options, done *done) {
	r := done.report
	failed := errors.Join(o.out.write(r, baselined{}, done.csv, s.Out), done.logged)
	status := ExitStatus(r, ExitOptions{AllowInvalid: o.allowInvalid, AfterFailed: done.after != nil, ExportFailed: failed != nil})
	s.worse(status)
	line := fmt.Sprintf("%s: %s: %s (run %s)\n", name, report.Word(r, nil, o.allowInvalid), report.Results(r)+report.Cause(r), r.Run.ID)
	if files := o.out.written(); files != "" && failed == nil {
		line += "    written: " + files + "\n"
	}
	s.out(line)
	for _, err := range []error{failed, done.after} {
		if err != nil {
			put(s.Err, fmt.Sprintf("%s: %s: %s\n", s.name(), name, err))
		}
	}
	switch {
	case r.Run.Interrupted || r.Run.Stopped == stoppedByPerson:
		s.left = append(s.left, r.Run.ID+" was interrupted")
	case r.Verdict.Level == verdict.Invalid && !s.invalid:
		s.left = append(s.left, r.Run.ID+" is INVALID")
	default:
		s.runs[side] = append(s.runs[side], r)
	}
}

// worse keeps the status that counts most: see ExitStatus.
func (s *series) worse(status int) {
	order := []int{
		statusInterrupted, int(report.Nothing), int(report.Invalid), int(report.Threshold), int(report.Regression), statusFailures, statusUsage, statusPassed,
	}
	if slices.Index(order, status) < slices.Index(order, s.status) {
		s.status = status
	}
}
