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

// judged is what a night came to beside those before, to put behind its line. It says what is wrong where that cannot be told.
func (k *timekeeper) judged(ctx context.Context, t *ledger.Turn) string {
	for range 300 { // until the run stands in the ledger
		if row, err := k.ledger.Find(ctx, t.Run); err != nil || row.State != ledger.Running {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	j, err := judgeNights(ctx, k.ledger, t.Schedule)
	if err != nil {
		k.fault(err)
		return ""
	}
	return ". Beside the nights before: " + j.Words()
}

// judgeNights judges the last night of a schedule by those before that ran the same plan.
func judgeNights(ctx context.Context, b *ledger.Ledger, name string) (nights.Judgement, error) {
	turns, err := b.Turns(ctx, name, mostNights)
	if err != nil {
		return nights.Judgement{}, err
	}
	var ran []ledger.Turn
	for _, t := range turns {
		if t.State == ledger.TurnRan && t.Run != "" {
			ran = append(ran, t)
		}
	}
	if len(ran) == 0 {
		return nights.Judge(nil, nil, nights.Judging{}), nil
	}
	last, err := b.Find(ctx, ran[len(ran)-1].Run)
	if err != nil {
		return nights.Judgement{}, err
	}
	runs, err := b.Runs(ctx, ledger.Filter{Plan: last.PlanHash})
	if err != nil {
		return nights.Judgement{}, err
	}
	all, baseline, err := nightsOf(ctx, b, ran, runs, last.PlanHash)
	if err != nil {
		return nights.Judgement{}, err
	}
	return nights.Judge(all, baseline, nights.Judging{}), nil
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
	values := map[int64]map[nights.Figure]nights.Value{}
	for _, t := range turns {
		r := byID[t.Run]
		if r == nil || r.State != ledger.Done {
			continue
		}
		values[r.Number] = map[nights.Figure]nights.Value{}
		wanted = append(wanted, *r)
		all = append(all, nights.Night{Run: r.ID, At: t.Due, Changes: r.Changes, Verdict: r.Verdict, Accepted: t.Accepted, Values: values[r.Number]})
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

// scheduleAcceptCommand says that a change is how things are now.
func (a *app) scheduleAcceptCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "accept NAME [RUN]", Short: "Say that a change is how things are now, so that it alarms no more",
		Long: "Say that a change is how things are now, so that it alarms no more: the level that began with RUN is the measure from then on. Without RUN it is the " +
			"first run of the largest change that stands.",
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	return a.ledgerCommand(c, cobra.RangeArgs(1, 2), func(ctx context.Context, b *ledger.Ledger, args []string) error {
		name, run, what := args[0], "", ""
		if len(args) == 2 {
			row, err := b.Find(ctx, args[1])
			if err != nil {
				return err
			}
			run = row.ID
		} else {
			j, err := judgeNights(ctx, b, name)
			if err != nil {
				return err
			}
			if len(j.Alarms) == 0 {
				return errors.New("no change of schedule " + format.Text(name, 60) + " stands: name the run with which one began")
			}
			run, what = j.Alarms[0].Run, ": "+j.Alarms[0].Words()
		}
		if err := b.AcceptTurn(ctx, name, run); err != nil {
			return err
		}
		put(a.Out, fmt.Sprintf("schedule %s: what began with run %s is how things are now%s\n", name, run, what))
		return nil
	})
}
