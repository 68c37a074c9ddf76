package cli

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/stampede-load/stampede/internal/format"
	"github.com/stampede-load/stampede/internal/ledger"
	"github.com/stampede-load/stampede/internal/report"
	"github.com/stampede-load/stampede/internal/verdict"
)

// runsListCommand prints the ledger.
func (a *app) runsListCommand() *cobra.Command {
	var f ledger.Filter
	c := &cobra.Command{
		Use: "list [flags]", Short: "List the runs, the latest last",
		Example: "  " + a.name() + " runs list --since 7d --focus store\n  " + a.name() + " runs list --csv > runs.csv",
	}
	flags := c.Flags()
	flags.StringVar(&f.Focus, "focus", "", "only runs whose focus has this `TEXT` in it")
	flags.StringVar(&f.Host, "host", "", "only runs against a host with this `TEXT` in it")
	flags.StringVar(&f.Tag, "tag", "", "only runs with this `WORD` as a tag")
	flags.StringVar(&f.Verdict, "verdict", "", "only runs of this `LEVEL`: VALID, SUSPECT or INVALID")
	flags.IntVar(&f.Limit, "limit", 0, "only the latest `N`")
	since := flags.String("since", "", "only runs since this `TIME`: a date (2026-11-02) or an age (7d, 36h)")
	asJSON := flags.Bool("json", false, "as JSON")
	asCSV := flags.Bool("csv", false, "as CSV, with the columns of the ledger")
	there := func(o *ledgerOptions) error {
		if o.ledger == "" { // where nothing was recorded yet there are no runs, and no mistake
			return nil
		}
		return a.present(o)
	}
	return a.withLedger(c, cobra.NoArgs, there, func(ctx context.Context, b *ledger.Ledger, _ []string) error {
		if *since != "" {
			var err error
			if f.Since, err = parseSince(*since, time.Now()); err != nil {
				return err
			}
		}
		if f.Limit < 0 {
			return fmt.Errorf("--limit %d: write how many runs to list, or 0 for all", f.Limit)
		}
		if f.Verdict != "" && !isVerdict(f.Verdict) {
			return fmt.Errorf("--verdict %q: write VALID, SUSPECT or INVALID", f.Verdict)
		}
		runs, err := b.Runs(ctx, f)
		if err != nil {
			return err
		}
		switch {
		case *asJSON:
			return writeRunsJSON(a.Out, runs)
		case *asCSV:
			return writeRunsCSV(a.Out, runs)
		case len(runs) == 0:
			put(a.Err, "no runs\n")
			return nil
		}
		columns, _ := terminal(a.Out)
		put(a.Out, runsTable(runs, columns))
		return nil
	})
}

// isVerdict reports whether a word is one that a run can have as its verdict, in any case.
func isVerdict(word string) bool {
	for _, l := range []verdict.Level{verdict.Valid, verdict.Suspect, verdict.Invalid} {
		if strings.EqualFold(l.String(), word) {
			return true
		}
	}
	return false
}

// parseSince reads a date or an age.
func parseSince(t string, now time.Time) (time.Time, error) {
	if age, err := parseAge(t); err == nil {
		return now.Add(-age), nil
	}
	for _, layout := range []string{"2006-01-02", "2006-01-02 15:04", time.RFC3339} {
		if at, err := time.ParseInLocation(layout, t, now.Location()); err == nil {
			return at, nil
		}
	}
	return time.Time{}, fmt.Errorf("--since %q: write a date (2026-11-02) or an age (7d, 36h)", t)
}

// parseAge is a duration that may be in days.
func parseAge(t string) (time.Duration, error) {
	if days, ok := strings.CutSuffix(t, "d"); ok {
		n, err := strconv.ParseFloat(days, 64)
		if err != nil || !(n >= 0) || n > 100_000 {
			return 0, fmt.Errorf("%q is no age: write 7d, 36h", t)
		}
		return time.Duration(n * float64(24*time.Hour)), nil
	}
	d, err := time.ParseDuration(t)
	if err == nil && d < 0 {
		err = fmt.Errorf("%q is no age: write 7d, 36h", t)
	}
	return d, err
}

// jsonRun is a run in a list. Durations are in milliseconds, as in every JSON of stampede.
type jsonRun struct {
	ID         string    `json:"id"`
	State      string    `json:"state"`
	Name       string    `json:"name"`
	Started    time.Time `json:"started"`
	Duration   float64   `json:"duration_s"`
	Host       string    `json:"host"`
	Model      string    `json:"model"` // closed, open
	Visits     bool      `json:"visits"`
	Users      int       `json:"users"`
	SpawnRate  float64   `json:"spawn_rate"`
	UsersText  string    `json:"users_text"`
	RateText   string    `json:"rate_text"`
	PlanHash   string    `json:"plan_hash"`
	Version    string    `json:"version"`
	Commit     string    `json:"git_commit"`
	Dirty      bool      `json:"git_dirty"`
	Changes    string    `json:"changes"`
	Focus      string    `json:"focus"`
	Results    string    `json:"results"`
	Notes      string    `json:"notes"`
	Links      []string  `json:"links"`
	Tags       []string  `json:"tags"`
	Verdict    string    `json:"verdict"`
	Thresholds int       `json:"thresholds"`
	Passed     int       `json:"passed"`
	Requests   int64     `json:"requests"`
	Failures   int64     `json:"failures"`
	Rate       float64   `json:"rate"`
	P50        float64   `json:"p50"`
	P95        float64   `json:"p95"`
	P99        float64   `json:"p99"`
	Cost       float64   `json:"cost_usd,omitempty"`
	CostBasis  string    `json:"cost_basis,omitempty"`
}

func writeRunsJSON(w io.Writer, runs []ledger.Run) error {
	out := make([]jsonRun, len(runs))
	for i := range runs {
		r := &runs[i]
		model, visits := report.JSONModel(r.Model)
		out[i] = jsonRun{
			ID: r.ID, State: string(r.State), Name: r.Name, Started: r.Started, Duration: format.Seconds(r.Duration), Host: r.Host, Model: string(model), Visits: visits,
			Users: r.Users, SpawnRate: r.SpawnRate, UsersText: r.UsersText, RateText: r.RateText, PlanHash: r.PlanHash, Version: r.Version,
			Commit: r.Git.Commit, Dirty: r.Git.Dirty, Changes: r.Changes, Focus: r.Focus, Results: r.Outcome(), Notes: r.Notes,
			Links: orEmpty(r.Links), Tags: orEmpty(r.Tags), Verdict: r.Verdict, Thresholds: r.Thresholds, Passed: r.Passed,
			Requests: r.Requests, Failures: r.Failures, Rate: r.Rate, P50: format.Millis(r.P50), P95: format.Millis(r.P95), P99: format.Millis(r.P99),
			Cost: r.Cost, CostBasis: r.CostBasis,
		}
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(out)
}

// orEmpty makes sure that no list is null.
func orEmpty(texts []string) []string {
	if texts == nil {
		return []string{}
	}
	return texts
}

func writeRunsCSV(w io.Writer, runs []ledger.Run) error {
	c := csv.NewWriter(w)
	if err := c.Write(report.LedgerColumns()); err != nil {
		return err
	}
	for i := range runs {
		row := ledgerRow(&runs[i])
		line := cells(&row)
		for j := range line {
			line[j] = noFormula(line[j])
		}
		if err := c.Write(line); err != nil {
			return err
		}
	}
	c.Flush()
	return c.Error()
}

// noFormula keeps a spreadsheet from calculating what somebody wrote. An import takes the mark away again.
func noFormula(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r'", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}
