package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/cli/screen"
	"github.com/stampede-load/stampede/internal/format"
	"github.com/stampede-load/stampede/internal/ledger"
	"github.com/stampede-load/stampede/internal/report"
)

// runsShowCommand tells the whole story of a run.
func (a *app) runsShowCommand() *cobra.Command {
	c := &cobra.Command{Use: "show RUN", Short: "Tell the whole story of a run", Long: "Tell the whole story of a run. " + refs}
	return a.ledgerCommand(c, cobra.ExactArgs(1), func(ctx context.Context, b *ledger.Ledger, args []string) error {
		run, err := b.Find(ctx, args[0])
		if err != nil {
			return err
		}
		var out strings.Builder
		out.WriteString(story(run))
		if run.State != ledger.Imported {
			r, err := b.Result(ctx, run)
			if err != nil {
				return err
			}
			columns, _ := terminal(a.Out)
			out.WriteString("\n" + screen.Summary(r, columns, a.colourful(a.Out)) + course(r) + happened(r.Events))
			if run.State != ledger.Running {
				out.WriteString("\n" + report.Line(r) + "\n")
			}
		}
		put(a.Out, out.String())
		return nil
	})
}

// story is what people and the plan say of a run.
func story(run *ledger.Run) string {
	row := ledgerRow(run)
	values := cells(&row)
	var b strings.Builder
	add := func(name, value string) {
		for i, line := range strings.Split(strings.TrimSpace(value), "\n") {
			switch line = format.Text(strings.TrimSuffix(line, "\r"), 0); {
			case line == "":
			case i == 0:
				fmt.Fprintf(&b, "%-16s%s\n", name, line)
			default:
				fmt.Fprintf(&b, "%-16s%s\n", "", line)
			}
		}
	}
	add("Run", run.ID+" ("+string(run.State)+")")
	for i, name := range report.LedgerColumns() {
		add(name, values[i])
	}
	add("Tags", strings.Join(run.Tags, " "))
	add("Plan", run.PlanHash)
	commit := run.Git.Commit
	if run.Git.Dirty {
		commit += ", with changes that were not committed"
	}
	add("Commit", commit)
	if run.Cost > 0 {
		add("Cost", format.Dollars(run.Cost)+" ("+run.CostBasis+")")
	}
	add("Version", run.Version)
	if run.Lost > 0 {
		add("Lost", format.Plural(int64(run.Lost), "second", "seconds")+" could not be written")
	}
	return b.String()
}

// chartWidth is how many stretches a small chart has at most.
const chartWidth = 60

// course is a run over time in small charts.
func course(r *stampede.Report) string {
	var users, rate, p95, failed []float64
	for sec := range r.Series.Seconds() {
		lasted := sec.Lasted().Seconds()
		if lasted <= 0 {
			continue
		}
		ns, _ := sec.Total.Quantile(r.Run.Paced, 0.95)
		users = append(users, float64(sec.Gauges.Users))
		rate = append(rate, float64(sec.Total.Count)/lasted)
		p95 = append(p95, float64(ns))
		failed = append(failed, float64(sec.Total.Failures)/lasted)
	}
	if len(rate) < 2 {
		return ""
	}
	var b strings.Builder
	b.WriteString("\n")
	line := func(name string, values []float64, text func(float64) string) {
		low, high := extent(values)
		fmt.Fprintf(&b, "%-10s%s  %s to %s\n", name, sparkline(values, chartWidth), text(low), text(high))
	}
	line("users", users, format.Number)
	line("requests", rate, format.Rate)
	if _, most := extent(p95); most > 0 { // else every request failed
		line("p95", p95, func(v float64) string { return format.Duration(time.Duration(v)) })
	}
	if _, most := extent(failed); most > 0 {
		line("failures", failed, format.Rate)
	}
	return b.String()
}

func extent(values []float64) (low, high float64) {
	low, high = values[0], values[0]
	for _, v := range values {
		low, high = min(low, v), max(high, v)
	}
	return low, high
}

// sparkline draws values from 0 up, at most width of them: of several in one place the highest is seen.
func sparkline(values []float64, width int) string {
	const bars = "▁▂▃▄▅▆▇█"
	steps := []rune(bars)
	_, high := extent(values)
	width = min(width, len(values))
	out := make([]rune, width)
	for i := range out {
		_, v := extent(values[i*len(values)/width : (i+1)*len(values)/width])
		step := 0
		if high > 0 && v > 0 {
			step = min(int(v/high*float64(len(steps))), len(steps)-1)
		}
		out[i] = steps[step]
	}
	return string(out)
}

// happened is the events of a run.
func happened(events []stampede.Event) string {
	if len(events) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("\n")
	for _, e := range events {
		fmt.Fprintf(&b, "%8s  %-10s%s\n", format.Clock(e.At), format.Text(e.Kind, 9), format.Text(e.Text, 0))
	}
	return b.String()
}
