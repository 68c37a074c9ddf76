package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/stampede-load/stampede/internal/report"
)

// prepare finds what is mistaken in any of the runs, and lets the program prepare each side, before the first run begins. The sides stay
// ready until undo: a site that the program brings is the same one for all runs of a side.
func (s *series) prepare(ctx context.Context, o *options, wrong mistakes) error {
	if o.out.toStdout() {
		wrong.add(errors.New("--json -: standard output has room for one result; write --json FILE, and each run gets a file with its number"))
	}
	if s.interleave != "" && o.baseline != "" {
		wrong.add(errors.New("--interleave and --baseline contradict each other: B is compared with A; give one of them"))
	}
	wrong.add(s.earlier(ctx, o), o.plan.Validate())
	s.baseline = o.plan.Baseline
	for side := range s.sides() {
		for i := range s.times {
			files := o.out
			files.numbered(s.mark(side, i))
			wrong.add(files.preflight())
		}
	}
	if path := s.comparedFile(); path != "" {
		wrong.add(report.Preflight([]string{path}))
	}
	var b *options
	if s.interleave != "" {
		var more mistakes
		b, more = s.readB()
		known := slices.Clone(wrong)
		for _, err := range more { // what is mistaken in A too is said once
			if !known.has(err.Error()) {
				wrong.add(fmt.Errorf("--interleave: %w", err))
			}
		}
	}
	if len(wrong) > 0 {
		wrong.add(reach(ctx, &o.plan, append(o.plan.Hosts(), o.also...))...) // so that all is said at once
		return wrong.err()
	}
	s.ownFlags(0)
	if err := s.side(ctx, o, nil); err != nil || b == nil {
		return err
	}
	s.ownFlags(1)
	return s.side(ctx, b, func(err error) error { return fmt.Errorf("--interleave: %w", err) })
}

// ownFlags gives the flags of the test's own, which are its variables, the values of a side.
func (s *series) ownFlags(side int) {
	if s.sides() == 1 {
		return
	}
	var changes []change
	if side == 1 {
		changes = s.changes
	}
	if _, _, wrong := s.read(changes); len(wrong) > 0 {
		s.warn([]string{wrong.Error()}) // it was read before, without a mistake
	}
}

// readB reads the command line as it is for B.
func (s *series) readB() (*options, mistakes) {
	changes, err := parseChanges(s.interleave)
	if err != nil {
		var wrong mistakes
		wrong.add(err)
		return &options{}, wrong
	}
	b, shown, wrong := s.read(changes)
	s.changes, s.shown = changes, shown
	wrong.add(b.plan.Validate())
	if !slices.ContainsFunc(changes, func(c change) bool { return c.name == "changes" }) {
		b.marked = "[" + shown + "]"
	}
	return b, wrong
}

// side makes one side ready. said puts its mistakes in words.
func (s *series) side(ctx context.Context, o *options, said func(error) error) error {
	stop, err := s.app.ready(ctx, &o.plan, nil)
	if err != nil && said != nil {
		var wrong mistakes
		for _, one := range partsOf(err) {
			wrong.add(said(one))
		}
		return wrong
	}
	if err != nil {
		return err
	}
	s.stops = append(s.stops, stop)
	s.ready = append(s.ready, o)
	return nil
}

func partsOf(err error) []error {
	var all mistakes
	if errors.As(err, &all) {
		return all
	}
	return []error{err}
}

// undo ends what was prepared.
func (s *series) undo() {
	for _, stop := range slices.Backward(s.stops) {
		stop()
	}
}
