package console

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/stampede-load/stampede/internal/format"
)

// RunBody is a row of the ledger.
type RunBody struct {
	ID         string    `json:"id"`
	State      string    `json:"state" doc:"running, done, interrupted, imported"`
	Name       string    `json:"name"`
	Started    time.Time `json:"started"`
	Duration   float64   `json:"duration_s"`
	Host       string    `json:"host"`
	Model      string    `json:"model"`
	Changes    string    `json:"changes"`
	Focus      string    `json:"focus"`
	Users      int       `json:"users"`
	UsersText  string    `json:"users_text"`
	SpawnRate  float64   `json:"spawn_rate"`
	RateText   string    `json:"rate_text"`
	Results    string    `json:"results"`
	Notes      string    `json:"notes"`
	Links      []string  `json:"links"`
	Tags       []string  `json:"tags"`
	Outcome    string    `json:"outcome" doc:"PASSED, FAILED, REGRESSED, INVALID, INTERRUPTED; empty for one that goes on, was cut off or came from a sheet"`
	Verdict    string    `json:"verdict"`
	Thresholds int       `json:"thresholds"`
	Passed     int       `json:"passed"`
	Requests   int64     `json:"requests"`
	Failures   int64     `json:"failures"`
	Rate       float64   `json:"rate"`
	P50        float64   `json:"p50"`
	P95        float64   `json:"p95"`
	P99        float64   `json:"p99"`
	Headline   string    `json:"headline" enum:"response,service"`
	PlanHash   string    `json:"plan_hash"`
	Commit     string    `json:"git_commit"`
	Baseline   bool      `json:"baseline"`
	Cost       float64   `json:"cost_usd" doc:"what its machines came to, in USD; 0: nobody said what they cost"`
	CostBasis  string    `json:"cost_basis" doc:"how that comes about, and whose prices they are"`
}

type runsIn struct {
	Search  string `query:"search" maxLength:"200" doc:"words that the row must hold, in any column"`
	Tag     string `query:"tag" maxLength:"200"`
	Verdict string `query:"verdict" enum:"VALID,SUSPECT,INVALID"`
	Plan    string `query:"plan" maxLength:"64" doc:"runs of one plan"`
	Sort    string `query:"sort" enum:"started,name,users,requests,failures,rate,p50,p95,p99,duration" default:"started"`
	Order   string `query:"order" enum:"asc,desc" default:"desc"`
	Offset  int    `query:"offset" minimum:"0"`
	Limit   int    `query:"limit" minimum:"1" maximum:"20000" default:"200"`
}

type runsBody struct {
	Runs  []RunBody `json:"runs"`
	Found int       `json:"found" doc:"how many fit, of which these are a part"`
	All   int       `json:"all"`
}

type patchIn struct {
	RunPath
	Body struct {
		Changes  *string   `json:"changes,omitempty" maxLength:"100000"`
		Focus    *string   `json:"focus,omitempty" maxLength:"100000"`
		Notes    *string   `json:"notes,omitempty" maxLength:"500000"`
		Results  *string   `json:"results,omitempty" maxLength:"100000" doc:"what stands after stampede's own words"`
		Links    *[]string `json:"links,omitempty" maxItems:"500"`
		Tags     *[]string `json:"tags,omitempty" maxItems:"500"`
		WasNotes *string   `json:"was_notes,omitempty" doc:"what the notes were: when somebody else changed them since, the answer is 409"`

		// Columns that say what happened: they are not for writing, and the answer says so.
		Date  any `json:"date,omitempty"`
		Time  any `json:"time,omitempty"`
		Users any `json:"users,omitempty"`
		Rate  any `json:"users_second,omitempty"`
	}
}

func (c *Console) ledgerRoutes(api huma.API) {
	register(c, api, huma.Operation{
		OperationID: "runs", Method: http.MethodGet, Path: "/api/v1/runs", Summary: "The runs that were",
	}, c.runs)
	register(c, api, huma.Operation{
		OperationID: "run", Method: http.MethodGet, Path: "/api/v1/runs/{run}", Summary: "One run", Errors: []int{http.StatusNotFound},
	}, func(ctx context.Context, in *RunPath) (*body[RunBody], error) {
		b, err := c.runBody(ctx, in.Run)
		if err != nil {
			return nil, err
		}
		return reply(b)
	})
	register(c, api, huma.Operation{
		OperationID: "edit", Method: http.MethodPatch, Path: "/api/v1/runs/{run}", Summary: "Write into a row of the ledger",
		Errors: []int{http.StatusNotFound, http.StatusConflict, http.StatusUnprocessableEntity},
	}, c.edit)
	register(c, api, huma.Operation{
		OperationID: "delete", Method: http.MethodDelete, Path: "/api/v1/runs/{run}", Summary: "Delete a run", DefaultStatus: http.StatusNoContent,
		Errors: []int{http.StatusNotFound, http.StatusConflict},
	}, c.remove)
	register(c, api, huma.Operation{
		OperationID: "baseline", Method: http.MethodPost, Path: "/api/v1/runs/{run}/baseline", Summary: "Make a run the baseline of its plan",
		DefaultStatus: http.StatusOK, Errors: []int{http.StatusNotFound, http.StatusConflict},
	}, func(ctx context.Context, in *RunPath) (*body[RunBody], error) {
		ledger, err := c.ledger()
		if err != nil {
			return nil, err
		}
		e, err := ledger.SetBaseline(ctx, in.Run)
		if err != nil {
			return nil, err
		}
		c.edits.Add(1)
		return reply(runBodyOf(&e))
	})
}

func (c *Console) ledger() (Ledger, error) {
	if c.cfg.Ledger == nil {
		return nil, trouble(http.StatusNotFound, "no ledger is kept here")
	}
	return c.cfg.Ledger, nil
}

// runBody is a run of the ledger, or the current one where there is no ledger.
func (c *Console) runBody(ctx context.Context, ref string) (RunBody, error) {
	l := c.find(ref)
	if c.cfg.Ledger != nil {
		if l != nil {
			ref = l.id()
		}
		e, err := c.cfg.Ledger.Find(ctx, ref)
		if err == nil || l == nil {
			return runBodyOf(&e), err
		}
	}
	if l == nil {
		return RunBody{}, ErrUnknown
	}
	e := l.entry()
	return runBodyOf(&e), nil
}

// entry is a run as its row would be now.
func (l *live) entry() Entry {
	e := Entry{State: "running"}
	if r := l.soFar(); r != nil {
		e.RunInfo, e.Verdict, e.Requests, e.Failures = r.Run, r.Verdict.Level.String(), r.Judged.Total.Count, r.Judged.Total.Failures
		e.Rate = r.Judged.Total.Rate(r.Judged.Seconds)
		h := r.Judged.Total.Headline(r.Run.Paced)
		e.P50, e.P95, e.P99 = time.Duration(h.Quantile(0.5)), time.Duration(h.Quantile(0.95)), time.Duration(h.Quantile(0.99))
	}
	e.ID = l.id()
	if l.isOver() {
		e.State = "done"
	}
	return e
}

func runBodyOf(e *Entry) RunBody {
	b := RunBody{
		ID: e.ID, State: e.State, Name: e.Name, Started: e.Started, Duration: format.Seconds(e.Duration), Host: e.Host, Model: string(e.Model),
		Changes: e.Changes, Focus: e.Focus, Users: e.Users, UsersText: e.UsersText, SpawnRate: e.SpawnRate, RateText: e.RateText,
		Results: e.Results, Notes: e.Notes, Links: list(e.Links), Tags: list(e.Tags), Outcome: e.Outcome, Verdict: e.Verdict, Thresholds: e.Thresholds, Passed: e.Passed,
		Requests: e.Requests, Failures: e.Failures, Rate: e.Rate, P50: format.Millis(e.P50), P95: format.Millis(e.P95), P99: format.Millis(e.P99),
		Headline: "service", PlanHash: e.PlanHash, Commit: e.Commit, Baseline: e.Baseline, Cost: e.Cost, CostBasis: e.CostBasis,
	}
	if e.Paced {
		b.Headline = "response"
	}
	return b
}

func (c *Console) runs(ctx context.Context, in *runsIn) (*body[runsBody], error) {
	if c.cfg.Ledger == nil {
		out := runsBody{Runs: []RunBody{}}
		if l := c.now(); l != nil {
			b, err := c.runBody(ctx, l.id())
			if err != nil {
				return nil, err
			}
			out = runsBody{Runs: []RunBody{b}, Found: 1, All: 1}
		}
		return reply(out)
	}
	current := c.now() // asked first: what is over by then has its row
	all, err := c.cfg.Ledger.Runs(ctx)
	if err != nil {
		return nil, err
	}
	if current != nil && !current.isOver() && !slices.ContainsFunc(all, func(e Entry) bool { return e.ID == current.id() }) {
		all = append(all, current.entry()) // its row is still to be written: who ends machines must know of it
	}
	words := strings.Fields(strings.ToLower(in.Search))
	var fit []*Entry
	for i := range all {
		if in.fits(&all[i], words) {
			fit = append(fit, &all[i])
		}
	}
	slices.SortStableFunc(fit, in.compare)
	out := runsBody{Runs: []RunBody{}, Found: len(fit), All: len(all)}
	for _, e := range fit[min(in.Offset, len(fit)):min(in.Offset+in.Limit, len(fit))] {
		out.Runs = append(out.Runs, runBodyOf(e))
	}
	return reply(out)
}

func (in *runsIn) fits(e *Entry, words []string) bool {
	if in.Tag != "" && !slices.Contains(e.Tags, in.Tag) || in.Verdict != "" && e.Verdict != in.Verdict || in.Plan != "" && e.PlanHash != in.Plan {
		return false
	}
	if len(words) == 0 {
		return true
	}
	text := strings.ToLower(strings.Join([]string{
		e.ID, e.Name, e.Started.Format("2006-01-02 15:04"), e.Changes, e.Focus, e.UsersText, e.RateText, e.Results, e.Notes, e.Host, e.Verdict,
		strings.Join(e.Tags, " "), strings.Join(e.Links, " "),
	}, "\x00"))
	for _, w := range words {
		if !strings.Contains(text, w) {
			return false
		}
	}
	return true
}

func (in *runsIn) compare(a, b *Entry) int {
	n := 0
	switch in.Sort {
	case "name":
		n = strings.Compare(a.Name, b.Name)
	case "users":
		n = cmp.Compare(a.Users, b.Users)
	case "requests":
		n = cmp.Compare(a.Requests, b.Requests)
	case "failures":
		n = cmp.Compare(a.Failures, b.Failures)
	case "rate":
		n = cmp.Compare(a.Rate, b.Rate)
	case "p50":
		n = cmp.Compare(a.P50, b.P50)
	case "p95":
		n = cmp.Compare(a.P95, b.P95)
	case "p99":
		n = cmp.Compare(a.P99, b.P99)
	case "duration":
		n = cmp.Compare(a.Duration, b.Duration)
	}
	n = cmp.Or(n, a.Started.Compare(b.Started))
	if in.Order != "asc" {
		n = -n
	}
	return n
}

func (c *Console) edit(ctx context.Context, in *patchIn) (*body[RunBody], error) {
	ledger, err := c.ledger()
	if err != nil {
		return nil, err
	}
	b := &in.Body
	var wrong Mistakes
	for _, col := range []struct {
		key string
		v   any
	}{{"date", b.Date}, {"time", b.Time}, {"users", b.Users}, {"users_second", b.Rate}} {
		if col.v != nil {
			wrong = append(wrong, Mistake{col.key, col.key + " says what happened and cannot be changed: write into notes what should be known"})
		}
	}
	if len(wrong) > 0 {
		return nil, wrong
	}
	ref := in.Run
	if l := c.find(ref); l != nil {
		ref = l.id()
	}
	e, err := ledger.Write(ctx, ref, Change{b.Changes, b.Focus, b.Notes, b.Results, b.Links, b.Tags, b.WasNotes})
	if err != nil {
		return nil, err
	}
	c.edits.Add(1)
	c.courses.forget(e.ID)
	return reply(runBodyOf(&e))
}

func (c *Console) remove(ctx context.Context, in *RunPath) (*struct{}, error) {
	ledger, err := c.ledger()
	if err != nil {
		return nil, err
	}
	e, err := ledger.Find(ctx, in.Run)
	if err != nil {
		return nil, err
	}
	if e.ID != in.Run { // "last" may be another one by now
		return nil, trouble(http.StatusConflict, "name the run by its whole id: "+e.ID)
	}
	if err := ledger.Delete(ctx, e.ID); err != nil {
		return nil, err
	}
	c.edits.Add(1)
	c.courses.forget(e.ID)
	return nil, nil
}
