package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/cli/screen"
	"github.com/stampede-load/stampede/internal/compare"
	"github.com/stampede-load/stampede/internal/format"
	"github.com/stampede-load/stampede/internal/ledger"
	"github.com/stampede-load/stampede/internal/report"
	"github.com/stampede-load/stampede/internal/verdict"
)

// marked is the reference of the run that was marked as the baseline of a plan.
const marked = "baseline"

// markedIfAny is that run where there is one: pipelines and schedules begin without.
const markedIfAny = marked + "?"

// broughtSite is where the site of a program is that brings its own; plans are told apart without the port.
const broughtSite = "http://127.0.0.1"

// earlier reads the run that --baseline names into the plan, before anything is recorded: "last" is the run before this one.
func (a *app) earlier(ctx context.Context, o *options) error {
	if o.baseline == "" {
		return nil
	}
	ifAny := o.baseline == markedIfAny
	if ifAny {
		o.baseline = marked
	}
	r, err := a.readEarlier(ctx, o)
	if ifAny && (errors.Is(err, ledger.ErrNoBaseline) || errors.Is(err, fs.ErrNotExist)) {
		put(a.Err, fmt.Sprintf("%s: --baseline %s: there is none yet for this plan (runs baseline set RUN chooses one), so nothing is compared\n", a.name(), markedIfAny))
		o.baseline = ""
		return nil
	}
	if err != nil {
		o.plan.Baseline = new(stampede.Report) // that none was given is not what is wrong with the thresholds
		return fmt.Errorf("--baseline %s: %w", o.baseline, err)
	}
	o.plan.Baseline = r
	return nil
}

func (a *app) readEarlier(ctx context.Context, o *options) (r *stampede.Report, err error) {
	ref := o.baseline
	if ref == marked {
		plan := o.plan
		if plan.Host == "" && a.Prepare != nil {
			plan.Host = broughtSite
		}
		hash := plan.Hash()
		if hash == "" {
			return nil, errors.New("a plan with mistakes has no baseline: correct them first")
		}
		ref += ":" + hash
	}
	if err := a.present(&o.ledger); err != nil {
		return nil, err
	}
	b, err := a.open(ctx, &o.ledger)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, b.Close()) }()
	row, err := b.Find(ctx, ref)
	if err != nil {
		return nil, err
	}
	if err := finished(row); err != nil {
		return nil, err
	}
	return b.Report(ctx, row)
}

// baselined is the run that a finished one was compared with, and what was found; the zero value is none.
type baselined struct {
	run   *stampede.Report
	found *compare.Result
}

// against compares a finished run with the one that --baseline named.
func (o *options) against(r *stampede.Report) (baselined, error) {
	if o.baseline == "" || o.plan.Baseline == nil || r.Limit != nil { // limits are compared by themselves: lowerLimit
		return baselined{}, nil
	}
	found, err := compare.Compare([]compare.Run{compare.Of(o.plan.Baseline)}, []compare.Run{compare.Of(r)}, o.comparing())
	return baselined{o.plan.Baseline, found}, err
}

// worse reports whether a run was worse than what it was compared with, be it another run or another search for a limit.
func (b baselined) worse(r *stampede.Report) bool {
	return r.Limit.Regressed() || b.found != nil && b.found.Outcome == verdict.Regressed
}

func (o *options) comparing() compare.Options {
	how := compare.Options{AllowInvalid: o.allowInvalid}
	how.Limit = o.baselineLimit
	return how
}

// foresee warns at the start of a run when it will not be compared with the one that --baseline named: who learns it after an hour has lost
// that hour.
func (a *app) foresee(o *options, now *stampede.RunInfo) {
	if o.baseline == "" || o.plan.Baseline == nil || o.foreseen {
		return
	}
	if o.steer != nil { // limits are compared by themselves, whatever the loads were
		why := ""
		if before := o.plan.Baseline.Limit; before == nil {
			why = "was no search for a limit"
		} else if o.steer.search.Sought() != before.Sought() {
			why = fmt.Sprintf("searched for the limit of %s, this one for that of %s", before.Sought(), o.steer.search.Sought())
		}
		if why != "" {
			put(a.Err, fmt.Sprintf("%s: --baseline %s: run %s %s: nothing will be compared with it\n", a.name(), o.baseline, o.plan.Baseline.Run.ID, why))
		}
		return
	}
	if o.plan.Baseline.Verdict.Level == verdict.Invalid && !o.allowInvalid {
		put(a.Err, fmt.Sprintf("%s: --baseline %s: run %s is INVALID: at its end this run will be shown beside it, and nothing is judged by that\n",
			a.name(), o.baseline, o.plan.Baseline.Run.ID))
	}
	if why := compare.Foreseen(o.plan.Baseline, now, o.comparing()); why != "" {
		put(a.Err, fmt.Sprintf("%s: --baseline %s: at its end this run will not be compared with run %s: %s\n", a.name(), o.baseline, o.plan.Baseline.Run.ID, why))
	}
}

// html is what the page shows of it.
func (b baselined) html() report.HTMLOptions {
	return report.HTMLOptions{Baseline: b.run, Comparison: b.found}
}

// text is the comparison in short, after the summary of a run.
func (b baselined) text(columns int, colour bool) string {
	if b.found == nil {
		return ""
	}
	head := "against a run that is not named"
	if len(b.found.Old) > 0 {
		old := &b.found.Old[0]
		head = fmt.Sprintf("against run %s of %s", format.Text(old.ID, 60), old.Started.Format("2006-01-02 15:04"))
		if old.Changes != "" {
			head += " (" + format.Text(old.Changes, 60) + ")"
		}
	}
	return "\n" + cut(head, columns) + "\n" + screen.Comparison(b.found, screen.ComparisonOptions{Columns: columns, Colour: colour, Short: true}) +
		screen.Verdict(b.found, colour)
}
