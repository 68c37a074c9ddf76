package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/stampede-load/stampede/internal/compare"
	"github.com/stampede-load/stampede/internal/format"
	"github.com/stampede-load/stampede/internal/ledger"
	"github.com/stampede-load/stampede/internal/schedule/nights"
	"github.com/stampede-load/stampede/internal/stats"
)

// What is judged of the nights.
const (
	mostNights = 130 // that are looked back on
	leastTimed = 200 // times in a night that a p95 needs: ten beyond it
)

// judged is what the last nights of a schedule came to; it says what is wrong where that cannot be told.
func (k *timekeeper) judged(ctx context.Context, t *ledger.Turn) []nights.Judgement {
	for range 300 { // until the run stands in the ledger
		if row, err := k.ledger.Find(ctx, t.Run); err != nil || row.State != ledger.Running {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	all, err := judgeNights(ctx, k.ledger, t.Schedule)
	k.fault(err)
	return all
}

// lastOf is the last of some judgements; without one nothing is known.
func lastOf(all []nights.Judgement) nights.Judgement {
	if len(all) == 0 {
		return nights.Judge(nil, nil, nights.Judging{})
	}
	return all[len(all)-1]
}

// judgeNights judges the nights of a schedule that ran the plan of the last, each by those before it.
func judgeNights(ctx context.Context, b *ledger.Ledger, name string) ([]nights.Judgement, error) {
	turns, err := b.Turns(ctx, name, mostNights)
	if err != nil {
		return nil, err
	}
	var ran []ledger.Turn
	for _, t := range turns {
		if t.State == ledger.TurnRan && t.Run != "" {
			ran = append(ran, t)
		}
	}
	if len(ran) == 0 {
		return nil, nil
	}
	last, err := b.Find(ctx, ran[len(ran)-1].Run)
	if err != nil {
		return nil, err
	}
	runs, err := b.Runs(ctx, ledger.Filter{Plan: last.PlanHash})
	if err != nil {
		return nil, err
	}
	all, baseline, err := nightsOf(ctx, b, ran, runs, last.PlanHash)
	if err != nil {
		return nil, err
	}
	return nights.JudgeAll(all, baseline, nights.Judging{}), nil
}

// nightsOf are the turns whose runs are among some, with their figures, and the run that is the baseline of the plan.
func nightsOf(ctx context.Context, b *ledger.Ledger, turns []ledger.Turn, runs []ledger.Run, plan string) (all []nights.Night, baseline *nights.Night, err error) {
	marks, err := b.Baselines(ctx)
	if err != nil {
		return nil, nil, err
	}
	byID := map[string]*ledger.Run{}
	var wanted []ledger.Run
	var base *ledger.Run
	for i := range runs {
		byID[runs[i].ID] = &runs[i]
		if runs[i].Number == marks[plan] && runs[i].State == ledger.Done {
			base = &runs[i]
			wanted = append(wanted, runs[i])
		}
	}
	var runsOf [][]nights.Night // of each night
	values := map[int64]map[nights.Figure]nights.Value{}
	begun := false // the night of a turn has a run already
	for _, t := range turns {
		begun = begun && t.Again
		r := byID[t.Run]
		if r == nil || r.State != ledger.Done {
			continue
		}
		values[r.Number] = map[nights.Figure]nights.Value{}
		wanted = append(wanted, *r)
		one := nights.Night{Run: r.ID, At: t.Due, Changes: r.Changes, Verdict: r.Verdict, Accepted: t.Accepted, Values: values[r.Number]}
		if n := len(runsOf); begun {
			runsOf[n-1] = append(runsOf[n-1], one)
			continue
		}
		runsOf, begun = append(runsOf, []nights.Night{one}), true
	}
	if base != nil {
		if values[base.Number] == nil {
			values[base.Number] = map[nights.Figure]nights.Value{}
		}
		baseline = &nights.Night{Run: base.ID, At: base.Started, Verdict: base.Verdict, Values: values[base.Number]}
	}
	keys, err := b.PlanNames(ctx, plan)
	if err != nil {
		return nil, nil, err
	}
	for _, key := range keys {
		figures, err := b.Figures(ctx, wanted, key)
		if err != nil {
			return nil, nil, err
		}
		for number, f := range figures {
			if into := values[number]; into != nil {
				takeFigures(into, key, &f)
			}
		}
	}
	for _, runs := range runsOf {
		all = append(all, nights.Pool(runs))
	}
	return all, baseline, nil
}

// takeFigures adds what one name came to.
func takeFigures(into map[nights.Figure]nights.Value, key stats.Key, f *ledger.Figures) {
	if f.Requests == 0 {
		return
	}
	name := compare.Label(key)
	into[nights.Figure{Kind: nights.Failures, Name: name}] = nights.Value{Is: float64(f.Failures) / float64(f.Requests), Requests: f.Requests}
	if f.Timed >= leastTimed {
		into[nights.Figure{Kind: nights.P50, Name: name}] = nights.Value{Is: float64(f.P50) / 1e6, Requests: f.Timed}
		into[nights.Figure{Kind: nights.P95, Name: name}] = nights.Value{Is: float64(f.P95) / 1e6, Requests: f.Timed}
	}
}

// errNothingStands says that there is no change to accept.
var errNothingStands = errors.New("stands: name the run with which one began")

// acceptNight says that the level which began with a run is how things are now. Without a run it is that of the largest change that stands; what is
// that change, to put behind a line.
func acceptNight(ctx context.Context, b *ledger.Ledger, name, run string) (begun, what string, err error) {
	if run == "" {
		all, err := judgeNights(ctx, b, name)
		if err != nil {
			return "", "", err
		}
		j := lastOf(all)
		if len(j.Alarms) == 0 {
			return "", "", fmt.Errorf("no change of schedule %s %w", format.Text(name, 60), errNothingStands)
		}
		run, what = j.Alarms[0].Run, ": "+j.Alarms[0].Words()
	}
	return run, what, b.AcceptTurn(ctx, name, run)
}

// scheduleAcceptCommand says that a change is how things are now.
func (a *app) scheduleAcceptCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "accept NAME [RUN]", Short: "Say that a change is how things are now, so that it alarms no more",
		Long: "Say that a change is how things are now, so that it alarms no more: the level that began with RUN is the measure from then on. Without RUN it is the " +
			"first run of the largest change that stands.",
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	return a.ledgerCommand(c, cobra.RangeArgs(1, 2), func(ctx context.Context, b *ledger.Ledger, args []string) error {
		name, run := args[0], ""
		if len(args) == 2 {
			row, err := b.Find(ctx, args[1])
			if err != nil {
				return err
			}
			run = row.ID
		}
		run, what, err := acceptNight(ctx, b, name, run)
		if err != nil {
			return err
		}
		put(a.Out, fmt.Sprintf("schedule %s: what began with run %s is how things are now%s\n", name, run, what))
		return nil
	})
}
