package cli

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/stampede-load/stampede/internal/console"
	"github.com/stampede-load/stampede/internal/format"
	"github.com/stampede-load/stampede/internal/ledger"
	"github.com/stampede-load/stampede/internal/schedule"
)

// schedules are those of a ledger, as the command line and the page have them.
type schedules struct {
	starter *starter // reads settings
	ledger  *ledger.Ledger
}

// shownTurns is how many turns of each schedule the page and the list have.
const shownTurns = 30

var scheduleName = regexp.MustCompile(`^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,59}$`)

// Add implements console.Schedules.
func (s *schedules) Add(ctx context.Context, one console.Schedule, settings map[string]any) error {
	var wrong console.Mistakes
	if !scheduleName.MatchString(one.Name) {
		wrong = append(wrong, console.Mistake{Key: "name", Text: "name: use up to 60 letters, digits, spaces, and . _ -"})
	}
	if one.Repeats < 0 || one.Repeats > 10 {
		wrong = append(wrong, console.Mistake{Key: "repeat_when_unsure", Text: "repeat-when-unsure: write a number from 0 to 10"})
	}
	if _, err := schedule.ParseCron(one.Cron, one.Zone); err != nil {
		wrong = append(wrong, console.Mistake{Key: "cron", Text: err.Error()})
	}
	texts := map[string][]string{}
	for key, v := range settings {
		texts[key] = textsOf(v, true)
	}
	s.starter.reading.Lock()
	o, more := s.starter.readSettings(settings, false)
	s.starter.reading.Unlock()
	wrong = append(wrong, more...)
	set := s.starter.settings(&cobra.Command{}, s.starter.runSettings(&options{}), true).set // the test's own flags too
	for key, values := range texts {
		if one := set.ByKey(key); one != nil && one.Mask != nil && slices.ContainsFunc(values, func(t string) bool { return one.Mask(t) != t }) {
			wrong = append(wrong, console.Mistake{Key: key, Text: fmt.Sprintf("a ledger keeps no secrets, and %s looks like one; set %s where serve runs", key, one.Variable())})
		}
	}
	if len(wrong) == 0 && o.baseline == "" { // with one, it is read when the time has come
		var invalid mistakes
		invalid.add(o.plan.Validate())
		wrong = keyed(set, invalid)
	}
	if len(wrong) > 0 {
		return wrong
	}
	now := time.Now()
	err := s.ledger.AddSchedule(ctx, &ledger.Schedule{
		Name: one.Name, Cron: one.Cron, Zone: one.Zone, Settings: texts, On: true, Late: time.Duration(one.Late * float64(time.Second)), Busy: one.Busy, Repeats: one.Repeats,
		Created: now, Since: now,
	})
	if errors.Is(err, ledger.ErrTaken) {
		return refused(err)
	}
	return err
}

// All implements console.Schedules.
func (s *schedules) All(ctx context.Context) ([]console.Schedule, error) {
	kept, err := s.ledger.Schedules(ctx)
	if err != nil {
		return nil, err
	}
	var all []console.Schedule
	for i := range kept {
		turns, err := s.ledger.Turns(ctx, kept[i].Name, shownTurns)
		if err != nil {
			return nil, err
		}
		all = append(all, shownSchedule(&kept[i], turns, time.Now()))
	}
	return all, nil
}

func shownSchedule(k *ledger.Schedule, turns []ledger.Turn, now time.Time) console.Schedule {
	s := console.Schedule{
		Name: k.Name, Cron: k.Cron, Zone: k.Zone, On: k.On, Late: format.Seconds(lateOf(k)), Busy: k.Busy, Repeats: k.Repeats, Settings: k.Settings,
		Coming: []time.Time{}, Turns: []console.Turn{},
	}
	if c, err := schedule.ParseCron(k.Cron, k.Zone); err == nil && k.On {
		next := c.Next(now)
		s.Next = &next
		s.Coming = coming(c, now)
	}
	for i := range turns {
		t := &turns[i]
		one := console.Turn{Due: t.Due, State: string(t.State), Run: t.Run, Missed: t.Missed, Again: t.Again, Words: t.Words, Accepted: t.Accepted}
		if !t.Ended.IsZero() {
			one.Ended = &t.Ended
		}
		s.Turns = append(s.Turns, one)
	}
	return s
}

// How far a calendar looks ahead.
const (
	comingFor  = 35 * 24 * time.Hour
	mostComing = 100
)

// coming are the next times of a schedule.
func coming(c *schedule.Cron, now time.Time) []time.Time {
	all := []time.Time{}
	for t := c.Next(now); !t.IsZero() && t.Before(now.Add(comingFor)) && len(all) < mostComing; t = c.Next(t) {
		all = append(all, t)
	}
	return all
}

func lateOf(k *ledger.Schedule) time.Duration {
	if k.Late <= 0 {
		return schedule.Late
	}
	return k.Late
}

// found turns the ledger's word for what is not there into the page's.
func found(err error) error {
	if errors.Is(err, ledger.ErrNoSchedule) {
		return fmt.Errorf("%w: %w", console.ErrUnknown, ledger.ErrNoSchedule)
	}
	return err
}

// Remove implements console.Schedules.
func (s *schedules) Remove(ctx context.Context, name string) error {
	return found(s.ledger.RemoveSchedule(ctx, name))
}

// Switch implements console.Schedules.
func (s *schedules) Switch(ctx context.Context, name string, on bool) error {
	return found(s.ledger.SwitchSchedule(ctx, name, on, time.Now()))
}

// Ask implements console.Schedules.
func (s *schedules) Ask(ctx context.Context, name string) error {
	return found(s.ledger.AskSchedule(ctx, name, time.Now()))
}

// Accept implements console.Schedules.
func (s *schedules) Accept(ctx context.Context, name, run string) error {
	kept, err := s.ledger.Schedules(ctx)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(kept, func(k ledger.Schedule) bool { return k.Name == name }) {
		return found(ledger.ErrNoSchedule)
	}
	turns, err := s.ledger.Turns(ctx, name, 0)
	if err != nil {
		return err
	}
	if run != "" && !slices.ContainsFunc(turns, func(t ledger.Turn) bool { return t.Run == run }) {
		return refused(fmt.Errorf("run %s is none of schedule %s", format.Text(run, 60), format.Text(name, 60)))
	}
	_, _, err = acceptNight(ctx, s.ledger, name, run)
	if errors.Is(err, errNothingStands) {
		return refused(err)
	}
	return err
}
