package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/stampede-load/stampede/internal/format"
	"github.com/stampede-load/stampede/internal/ledger"
	"github.com/stampede-load/stampede/internal/stats"
	"github.com/stampede-load/stampede/internal/suggest"
)

// leastTrend is how many runs a history must have: a change needs two on each side.
const leastTrend = 4

// runsTrendCommand draws a figure over all runs of a plan and finds its changes.
func (a *app) runsTrendCommand() *cobra.Command {
	var o trendOptions
	c := &cobra.Command{
		Use: "trend [flags]", Short: "A figure over all runs of a plan, and where it changed",
		Long: "Draw a figure over all runs of a plan, and say where it changed, by how much, and with which Changes. The plan is that of the last " +
			"run, or of another with --plan. Runs that are INVALID or were interrupted are left out.",
		Example: "  " + a.name() + " runs trend\n  " + a.name() + " runs trend --name 'Log In' --metric p99 --since 90d",
	}
	flags := c.Flags()
	flags.StringVar(&o.plan, "plan", "", "the plan of this run, or the beginning of a plan's hash: `RUN|HASH`")
	flags.StringVar(&o.name, "name", "", "of this request `NAME` alone: 'Log In', or 'POST Log In' where there are several")
	flags.StringVar(&o.metric, "metric", "p95", "`FIGURE`: p50, p95, p99, rate or failures")
	flags.StringVar(&o.since, "since", "", "only runs since this `TIME`: a date (2026-11-02) or an age (7d, 36h)")
	flags.StringVar(&o.limit, "limit", "", "leave out smaller changes, in `PERCENT`; of failures, in percent of the requests (default: 1, of failures 0.1)")
	flags.BoolVar(&o.all, "all", false, "take INVALID and interrupted runs in")
	flags.BoolVar(&o.json, "json", false, "as JSON")
	return a.ledgerCommand(c, cobra.NoArgs, func(ctx context.Context, b *ledger.Ledger, _ []string) error {
		t, err := a.trend(ctx, b, &o)
		if err != nil {
			return err
		}
		if o.json {
			return writeTrendJSON(a.Out, t)
		}
		columns, _ := terminal(a.Out)
		put(a.Out, t.text(columns, a.colourful(a.Out)))
		return nil
	})
}

// trendOptions is what runs trend was asked.
type trendOptions struct {
	plan, name, metric, since, limit string
	all, json                        bool
}

// trend is a figure over the runs of a plan.
type trend struct {
	metric  trendMetric
	plan    string
	test    string // its name
	key     stats.Key
	subject string // "all requests", "Log In"
	runs    []ledger.Run
	values  []float64 // one for each run
	changes []trendChange
	left    []leftOut
	invalid bool // some were left out that --all takes in
}

// leftOut is a run that is not in the trend.
type leftOut struct {
	run ledger.Run
	why string
}

func (a *app) trend(ctx context.Context, b *ledger.Ledger, o *trendOptions) (*trend, error) {
	t := &trend{subject: "all requests"}
	var err error
	if t.metric, err = metricOf(o.metric); err != nil {
		return nil, err
	}
	limit, err := t.metric.limit(o.limit)
	if err != nil {
		return nil, err
	}
	f := ledger.Filter{}
	if o.since != "" {
		if f.Since, err = parseSince(o.since, time.Now()); err != nil {
			return nil, err
		}
	}
	if t.plan, err = planOf(ctx, b, o.plan); err != nil {
		return nil, err
	}
	f.Plan = t.plan
	runs, err := b.Runs(ctx, f)
	if err != nil {
		return nil, err
	}
	if o.name != "" {
		if err := t.find(ctx, b, o.name); err != nil {
			return nil, err
		}
	}
	if err := t.fill(ctx, b, runs, o.all); err != nil {
		return nil, err
	}
	if len(t.runs) < leastTrend {
		return nil, t.tooFew()
	}
	t.findChanges(limit)
	return t, nil
}

// planOf is the hash of the plan that a person means: by a hash, by a run, or that of the last run.
func planOf(ctx context.Context, b *ledger.Ledger, ref string) (string, error) {
	hash, err := b.Plan(ctx, ref)
	if err != nil || hash != "" {
		return hash, err
	}
	if ref == "" {
		ref = "last"
	}
	run, err := b.Find(ctx, ref)
	if err != nil {
		return "", err
	}
	if run.PlanHash == "" {
		return "", fmt.Errorf("run %s has no plan, since it came from a spreadsheet: name a run that stampede recorded", run.ID)
	}
	return run.PlanHash, nil
}

// find looks the name up among those of the plan.
func (t *trend) find(ctx context.Context, b *ledger.Ledger, name string) error {
	keys, err := b.PlanNames(ctx, t.plan)
	if err != nil {
		return err
	}
	t.key, err = keyOf(keys, name)
	t.subject = format.Text(name, 60)
	return err
}

// keyOf finds the name that a person means, with or without its type.
func keyOf(keys []stats.Key, name string) (stats.Key, error) {
	full := func(k stats.Key) string { return strings.TrimSpace(k.Type + " " + k.Name) }
	var found []stats.Key
	var known, all []string
	for _, k := range keys {
		if full(k) == name {
			return k, nil
		}
		if k.Name == name {
			found = append(found, k)
			known = append(known, full(k))
		}
		all = append(all, k.Name, full(k))
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(found) > 1:
		return stats.Key{}, fmt.Errorf("--name %q: there are %s; write the type too", name, strings.Join(known, " and "))
	}
	if near := suggest.Nearest(name, all); near != "" {
		return stats.Key{}, fmt.Errorf("--name %q: no run of this plan has it; did you mean %q?", name, near)
	}
	slices.Sort(all)
	return stats.Key{}, fmt.Errorf("--name %q: no run of this plan has it; there are %s", name, listed(keys))
}

// listed is some names for a message.
func listed(keys []stats.Key) string {
	const most = 8
	var names []string
	for _, k := range keys {
		names = append(names, format.Text(k.Name, 40))
	}
	slices.Sort(names)
	names = slices.Compact(names)
	if len(names) > most {
		names = append(names[:most], fmt.Sprintf("%d more", len(names)-most))
	}
	return strings.Join(names, ", ")
}

// fill takes in the runs that have the figure.
func (t *trend) fill(ctx context.Context, b *ledger.Ledger, runs []ledger.Run, all bool) error {
	var figures map[int64]ledger.Figures
	if t.key != (stats.Key{}) {
		var err error
		if figures, err = b.Figures(ctx, runs, t.key); err != nil {
			return err
		}
	}
	for i := range runs {
		r := &runs[i]
		f, has := figures[r.Number]
		if t.key == (stats.Key{}) {
			f, has = ledger.Figures{Requests: r.Requests, Failures: r.Failures, Rate: r.Rate, P50: r.P50, P95: r.P95, P99: r.P99}, true
		}
		value, ok := t.metric.of(&f)
		why := ""
		switch {
		case r.State == ledger.Running:
			why = "in progress"
		case !all && r.State == ledger.Interrupted, !all && r.Interrupted:
			why = "interrupted"
			t.invalid = true
		case !all && r.Verdict == "INVALID":
			why = "INVALID"
			t.invalid = true
		case !has:
			why = "without " + t.subject
		case !ok:
			why = "without " + t.metric.name
		default:
			t.runs, t.values = append(t.runs, *r), append(t.values, value)
			t.test = r.Name
			continue
		}
		t.left = append(t.left, leftOut{*r, why})
	}
	return nil
}

// tooFew says how many runs there are and what to do.
func (t *trend) tooFew() error {
	left := ""
	if text := t.leftText(); text != "" {
		left = " (" + text + ")"
	}
	if n := len(t.left); n > 0 && len(t.runs) == 0 && !slices.ContainsFunc(t.left, func(l leftOut) bool { return l.why != "without "+t.subject }) {
		return fmt.Errorf("none of the %d runs of plan %s asked for %s after its warm-up: name another request with --name", n, t.plan, t.subject)
	}
	return fmt.Errorf("a trend needs at least %d runs of one plan, and plan %s has %d%s: run the same again (run --repeat), or choose another plan (runs trend --plan RUN)",
		leastTrend, t.plan, len(t.runs), left)
}

// leftText says what was left out and why: "3 runs were left out: 2 INVALID, 1 interrupted".
func (t *trend) leftText() string {
	if len(t.left) == 0 {
		return ""
	}
	var order []string
	counts := map[string]int{}
	for _, l := range t.left {
		if counts[l.why]++; counts[l.why] == 1 {
			order = append(order, l.why)
		}
	}
	for i, why := range order {
		order[i] = fmt.Sprintf("%d %s", counts[why], why)
	}
	text := format.Plural(int64(len(t.left)), "run was", "runs were") + " left out: " + strings.Join(order, ", ")
	if t.invalid {
		text += "; --all takes those in that are INVALID or interrupted"
	}
	return text
}
