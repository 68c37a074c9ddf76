package ledger

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/mask"
	"github.com/stampede-load/stampede/internal/stats"
)

// State is how far a run has come.
type State string

// The states of a run.
const (
	Running     State = "running"     // a recorder writes it now
	Done        State = "done"        // its result is there
	Interrupted State = "interrupted" // its recorder died; what it had written is there
	Imported    State = "imported"    // a row of a spreadsheet: no figures of stampede's own
)

// Git is the state of the sources of a test. The zero value means that it is not known.
type Git struct {
	Commit string
	Dirty  bool // with changes that were not committed
}

// Run is one row of the ledger.
type Run struct {
	stampede.RunInfo // its Duration is zero while the run goes on

	Number  int64 // in the order in which runs came into the ledger
	State   State
	Results string // in the words of stampede
	Added   string // to the results, by a person
	Git     Git

	Judgement          string // PASSED, FAILED, INVALID, INTERRUPTED; "" when it is not known
	Verdict            string // VALID, SUSPECT, INVALID; "" when it is not known
	Thresholds, Passed int    // the rule of a search for a limit is one of them
	Requests, Failures int64  // judged, without the warm-up
	Rate               float64
	P50, P95, P99      time.Duration // of the headline
	Lost               int           // seconds that could not be written
}

// Outcome is the results as they stand in the ledger: stampede's words, and a person's after them.
func (r *Run) Outcome() string {
	return strings.TrimSpace(r.Results + "\n" + r.Added)
}

// column is a field of a run and where it is kept.
type column struct {
	name  string
	value func(r *Run) any // to be written
	into  func(r *Run) any // to be read into
}

// number is a column of a whole number, kept as it is.
func number[T ~int | ~int64](name string, field func(r *Run) *T) column {
	return column{name, func(r *Run) any { return int64(*field(r)) }, func(r *Run) any { return field(r) }}
}

// truth is a column of 0 or 1.
func truth(name string, field func(r *Run) *bool) column {
	return column{name, func(r *Run) any { return oneOrZero(*field(r)) }, func(r *Run) any { return field(r) }}
}

func oneOrZero(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// word is a column of text.
func word[T ~string](name string, field func(r *Run) *T) column {
	return column{name, func(r *Run) any { return string(*field(r)) }, func(r *Run) any { return field(r) }}
}

// list is a column of texts.
func list(name string, field func(r *Run) *[]string) column {
	return column{name, func(r *Run) any { return jsonList(*field(r)) }, func(r *Run) any { return textList{field(r)} }}
}

// columns are those of the table run, but for its number and what only a recorder needs.
func runColumns() []column {
	return []column{
		word("id", func(r *Run) *string { return &r.ID }),
		word("state", func(r *Run) *State { return &r.State }),
		word("name", func(r *Run) *string { return &r.Name }),
		number("duration", func(r *Run) *time.Duration { return &r.Duration }),
		word("host", func(r *Run) *string { return &r.Host }),
		word("model", func(r *Run) *stampede.Model { return &r.Model }),
		truth("paced", func(r *Run) *bool { return &r.Paced }),
		number("users", func(r *Run) *int { return &r.Users }),
		{"spawn_rate", func(r *Run) any { return r.SpawnRate }, func(r *Run) any { return &r.SpawnRate }},
		word("users_text", func(r *Run) *string { return &r.UsersText }),
		word("rate_text", func(r *Run) *string { return &r.RateText }),
		{"seed", func(r *Run) any { return strconv.FormatUint(r.Seed, 10) }, func(r *Run) any { return &r.Seed }},
		word("plan_hash", func(r *Run) *string { return &r.PlanHash }),
		word("version", func(r *Run) *string { return &r.Version }),
		word("git_commit", func(r *Run) *string { return &r.Git.Commit }),
		truth("git_dirty", func(r *Run) *bool { return &r.Git.Dirty }),
		word("stopped", func(r *Run) *string { return &r.Stopped }),
		word("changes", func(r *Run) *string { return &r.Changes }),
		word("focus", func(r *Run) *string { return &r.Focus }),
		word("notes", func(r *Run) *string { return &r.Notes }),
		word("results", func(r *Run) *string { return &r.Results }),
		word("added", func(r *Run) *string { return &r.Added }),
		list("links", func(r *Run) *[]string { return &r.Links }),
		list("tags", func(r *Run) *[]string { return &r.Tags }),
		word("verdict", func(r *Run) *string { return &r.Verdict }),
		number("thresholds", func(r *Run) *int { return &r.Thresholds }),
		number("passed", func(r *Run) *int { return &r.Passed }),
		number("requests", func(r *Run) *int64 { return &r.Requests }),
		number("failures", func(r *Run) *int64 { return &r.Failures }),
		{"rate", func(r *Run) any { return r.Rate }, func(r *Run) any { return &r.Rate }},
		number("p50", func(r *Run) *time.Duration { return &r.P50 }),
		number("p95", func(r *Run) *time.Duration { return &r.P95 }),
		number("p99", func(r *Run) *time.Duration { return &r.P99 }),
		number("lost", func(r *Run) *int { return &r.Lost }),
		{"cost", func(r *Run) any { return r.Cost }, func(r *Run) any { return &r.Cost }},
		word("cost_basis", func(r *Run) *string { return &r.CostBasis }),
		word("judgement", func(r *Run) *string { return &r.Judgement }),
	}
}

// startColumns hold the moment of the start, and where on earth it was taken.
const startColumns = "started, zone, zone_offset"

func startValues(t time.Time) []any {
	zone, offset := t.Zone()
	return []any{t.UnixNano(), zone, offset}
}

// startOf is the way back.
func startOf(ns int64, zone string, offset int) time.Time {
	return time.Unix(0, ns).In(time.FixedZone(zone, offset))
}

// selectRuns is the query for whole runs, without its WHERE.
func selectRuns(all []column) string {
	var b strings.Builder
	b.WriteString("SELECT number, " + startColumns)
	for _, c := range all {
		b.WriteString(", " + c.name)
	}
	b.WriteString(" FROM run ")
	return b.String()
}

// scanRun reads one row of selectRuns.
func scanRun(rows *sql.Rows, all []column) (Run, error) {
	var r Run
	var started int64
	var zone string
	var offset int
	into := []any{&r.Number, &started, &zone, &offset}
	for i := range all {
		into = append(into, all[i].into(&r))
	}
	if err := rows.Scan(into...); err != nil {
		return Run{}, err
	}
	r.Started = startOf(started, zone, offset)
	r.Interrupted = r.State == Interrupted || r.Stopped == "interrupted"
	return r, nil
}

// insertRun writes a new row and gives the run its number. head is what only a recorder needs.
func (b *Ledger) insertRun(ctx context.Context, tx *sql.Tx, r *Run, head []byte) error {
	return b.insertColumns(ctx, tx, r, head, runColumns())
}

// insertColumns is insertRun with some columns of the row.
func (b *Ledger) insertColumns(ctx context.Context, tx *sql.Tx, r *Run, head []byte, all []column) error {
	query := strings.Builder{}
	query.WriteString("INSERT INTO run (head, " + startColumns)
	values := append([]any{head}, startValues(r.Started)...)
	for i := range all {
		query.WriteString(", " + all[i].name)
		values = append(values, all[i].value(r))
	}
	query.WriteString(") VALUES (?" + strings.Repeat(", ?", len(values)-1) + ") RETURNING number")
	return tx.QueryRowContext(ctx, b.d.bind(query.String()), values...).Scan(&r.Number)
}

// freeID is an id that no run has: the one given, or that with a number behind it.
func (v view) freeID(ctx context.Context, id string) (string, error) {
	for n, free := 2, id; ; n++ {
		if taken, err := v.hasID(ctx, free); err != nil || !taken {
			return free, err
		}
		free = fmt.Sprintf("%s-%d", id, n)
	}
}

// hasID reports whether a run has an id.
func (v view) hasID(ctx context.Context, id string) (bool, error) {
	var n int
	err := v.q.QueryRowContext(ctx, v.d.bind("SELECT count(*) FROM run WHERE id = ?"), id).Scan(&n)
	return n > 0, err
}

// updateRun writes the named columns of a run.
func (b *Ledger) updateRun(ctx context.Context, tx *sql.Tx, r *Run, names ...string) error {
	var set []string
	var values []any
	for _, c := range runColumns() {
		for _, n := range names {
			if c.name == n {
				set = append(set, n+" = ?")
				values = append(values, c.value(r))
			}
		}
	}
	return b.exec(ctx, tx, "UPDATE run SET "+strings.Join(set, ", ")+" WHERE number = ?", append(values, r.Number)...)
}

// cleanRun takes out what no ledger should hold.
func cleanRun(r *Run) {
	r.Host = strings.ReplaceAll(clean(r.Host), "//"+mask.Hidden+"@", "//")
	for _, t := range []*string{
		&r.ID, &r.Name, &r.UsersText, &r.RateText, &r.PlanHash, &r.Version, &r.IO, &r.Changes, &r.Focus, &r.Notes, &r.Stopped, &r.Results, &r.Added,
		&r.Git.Commit, &r.CostBasis,
	} {
		*t = clean(*t)
	}
	r.Links, r.Tags = cleanAll(r.Links), cleanAll(r.Tags)
}

// judge copies the figures of a result into the row.
func (r *Run) judge(rep *stampede.Report, lost int, o *Options) {
	r.RunInfo = rep.Run
	r.Verdict = rep.Verdict.Level.String()
	r.Thresholds, r.Passed, r.Lost = len(rep.Thresholds), 0, lost
	for i := range rep.Thresholds {
		if rep.Thresholds[i].Passed {
			r.Passed++
		}
	}
	if rep.Limit != nil { // a search judges one rule: failures beyond the limit are what it looks for
		r.Thresholds++
		if rep.Limit.Value > 0 {
			r.Passed++
		}
	}
	total := &rep.Judged.Total
	r.Requests, r.Failures, r.Rate = total.Count, total.Failures, total.Rate(rep.Judged.Seconds)
	r.P50, r.P95, r.P99 = headline(total, rep.Run.Paced, 0.5), headline(total, rep.Run.Paced, 0.95), headline(total, rep.Run.Paced, 0.99)
	if o.Results != nil {
		r.Results = o.Results(rep)
	}
	if o.Judge != nil {
		r.Judgement = o.Judge(rep)
	}
	cleanRun(r)
}

func headline(row *stats.Row, paced bool, q float64) time.Duration {
	ns, _ := row.Quantile(paced, q)
	return time.Duration(ns)
}

// textList reads a JSON list of texts.
type textList struct {
	to *[]string
}

// Scan implements sql.Scanner.
func (l textList) Scan(v any) error {
	var text []byte
	switch v := v.(type) {
	case string:
		text = []byte(v)
	case []byte:
		text = v
	default:
		return fmt.Errorf("a list is kept as %T", v)
	}
	*l.to = nil
	return json.Unmarshal(text, l.to)
}

func jsonList(texts []string) string {
	if len(texts) == 0 {
		return "[]"
	}
	b, err := json.Marshal(texts)
	if err != nil {
		return "[]" // strings always marshal
	}
	return string(b)
}
