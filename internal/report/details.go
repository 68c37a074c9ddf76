package report

import (
	"strconv"
	"strings"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/format"
)

// leftOut is what was left out of the judged figures, in words; "" for nothing.
func leftOut(r *stampede.Report) string {
	all := r.Whole.Total.Count
	if left := all - r.Judged.Total.Count; left > 0 {
		return format.Plural(left, "request", "requests") + " of " + format.Count(all)
	}
	return ""
}

// details is what was run, as names and values for people, without empty ones.
func details(r *stampede.Report) []stampede.Setting {
	run := &r.Run
	var pairs []stampede.Setting
	add := func(name, value string) {
		if value != "" {
			pairs = append(pairs, stampede.Setting{Name: name, Value: value})
		}
	}
	add("Run", run.ID)
	add("Test", run.Name)
	add("Result", Line(r))
	add("Verdict", r.Verdict.Level.String())
	add("Started", run.Started.Format("2006-01-02 15:04:05 MST"))
	add("Duration", format.Ran(run.Duration, run.Drain()))
	add("Judged", span(r.Judged.Seconds))
	add("Left out as warm-up", leftOut(r))
	add("Host", run.Host)
	add("Model", string(run.Model)+", "+r.Headline()+" time")
	add("Users", run.UsersText)
	add("Rate", run.RateText)
	add("Planned, sent, dropped, not started", format.Count(r.Planned)+", "+format.Count(r.Sent)+", "+format.Count(r.Dropped)+", "+format.Count(r.NotStarted))
	if r.Lost > 0 {
		add("Lost with the worker that had to send them", format.Count(r.Lost))
	}
	add("In flight at the end", format.Count(r.InFlight))
	add("Users that started, failed to start, died", format.Count(r.UsersStarted)+", "+format.Count(r.StartFailed)+", "+format.Count(r.Died))
	add("Changes", run.Changes)
	add("Focus", run.Focus)
	add("Notes", run.Notes)
	add("Links", strings.Join(run.Links, " "))
	add("Tags", strings.Join(run.Tags, " "))
	add("Stopped by", run.Stopped)
	if run.Cost > 0 {
		add("Cost", format.Dollars(run.Cost)+" ("+run.CostBasis+")")
	}
	add("Seed", strconv.FormatUint(run.Seed, 10))
	add("Plan", run.PlanHash)
	add("Version", run.Version)
	add("Back end", run.IO)
	if len(r.Workers) > 1 {
		add("Workers", format.Count(int64(len(r.Workers))))
	}
	return append(pairs, r.Environment...)
}
