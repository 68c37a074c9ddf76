// Package newrelic asks New Relic for series by NRQL, over NerdGraph.
package newrelic

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/stampede-load/stampede/internal/monitor"
)

// What New Relic's documentation says of NerdGraph.
const (
	grain    = time.Minute
	lateness = 2 * time.Minute
	us       = "https://api.newrelic.com/graphql"
	eu       = "https://api.eu.newrelic.com/graphql"
	progress = 20 // times that a slow query is asked about
)

type query struct {
	name, nrql, unit string
	scale            float64
	follows          bool
}

type source struct {
	page    *monitor.Page
	where   string
	account int
	queries []query
	asked   int
	names   monitor.Names
	clock   monitor.Clock
}

// New reads ACCOUNT/APPLICATION (the presets: time of a web transaction per subsystem, database and external calls, errors, Apdex), or
// ACCOUNT#NAME=NRQL;NAME=NRQL. ?region=eu names the other data centre; ?endpoint= is for tests and proxies. The key is a user key from the environment
// variable NEW_RELIC_API_KEY, which lookup finds.
func New(text string, lookup func(string) (string, bool)) (monitor.Historian, error) {
	key, _ := lookup("NEW_RELIC_API_KEY")
	if key == "" {
		return nil, errors.New("newrelic: no key; set NEW_RELIC_API_KEY to a user key (NRAK-...)")
	}
	text = strings.TrimPrefix(text, "//")
	what, list, own := strings.Cut(text, "#")
	what, settings, _ := strings.Cut(what, "?")
	values, err := url.ParseQuery(settings)
	if err != nil {
		return nil, errors.New("newrelic: what stands behind ? is not NAME=VALUE")
	}
	number, application, _ := strings.Cut(what, "/")
	account, err := strconv.Atoi(number)
	if err != nil || account <= 0 {
		return nil, fmt.Errorf("newrelic: %q is no account number; write newrelic:ACCOUNT/APPLICATION or newrelic:ACCOUNT#NAME=NRQL", number)
	}
	s := &source{where: us, account: account}
	if values.Get("region") == "eu" {
		s.where = eu
	}
	if endpoint := values.Get("endpoint"); endpoint != "" {
		s.where = endpoint
	}
	switch {
	case own:
		if s.queries, err = queries(list); err != nil {
			return nil, err
		}
	case application != "":
		s.queries = presets(application)
	default:
		return nil, errors.New("newrelic: nothing is asked for; write newrelic:ACCOUNT/APPLICATION or newrelic:ACCOUNT#NAME=NRQL")
	}
	if s.page, err = monitor.NewPage(s.where); err != nil {
		return nil, err
	}
	s.page.SetHeader("API-Key", key)
	s.page.SetHeader("Content-Type", "application/json")
	return s, nil
}

// queries reads NAME=NRQL;NAME=NRQL.
func queries(list string) ([]query, error) {
	var out []query
	for one := range strings.SplitSeq(list, ";") {
		name, nrql, found := strings.Cut(strings.TrimSpace(one), "=")
		switch {
		case strings.TrimSpace(one) == "":
		case !found || monitor.CleanName(name) != name:
			return nil, fmt.Errorf("newrelic: write NAME=NRQL, such as apdex=SELECT apdex(duration, 0.5) FROM Transaction")
		case timeWords.MatchString(nrql):
			return nil, fmt.Errorf("newrelic: %s: leave SINCE, UNTIL and TIMESERIES out; they come from the run", name)
		default:
			out = append(out, query{name: name, nrql: nrql})
		}
	}
	if len(out) == 0 {
		return nil, errors.New("newrelic: no query behind #")
	}
	return out, nil
}

var timeWords = regexp.MustCompile(`(?i)\b(since|until|timeseries)\b`)

// presets are the questions that the pages of an application answer. Facets become series of their own.
func presets(application string) []query {
	name := strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(application)
	where := " WHERE appName = '" + name + "'"
	return []query{
		{name: "time", unit: "ms", follows: true, nrql: "SELECT sum(apm.service.overview.web * 1000) FROM Metric" + where + " FACET segmentName"},
		{name: "web", unit: "ms", scale: 1000, follows: true, nrql: "SELECT average(duration) FROM Transaction" + where + " AND transactionType = 'Web'"},
		{name: "database", unit: "ms", scale: 1000, follows: true, nrql: "SELECT average(databaseDuration) FROM Transaction" + where + " AND transactionType = 'Web'"},
		{name: "external", unit: "ms", scale: 1000, follows: true, nrql: "SELECT average(externalDuration) FROM Transaction" + where + " AND transactionType = 'Web'"},
		{name: "throughput", unit: "/min", nrql: "SELECT rate(count(*), 1 minute) FROM Transaction" + where + " AND transactionType = 'Web'"},
		{name: "database_calls", nrql: "SELECT average(databaseCallCount) FROM Transaction" + where + " AND transactionType = 'Web'"},
		{name: "external_calls", nrql: "SELECT average(externalCallCount) FROM Transaction" + where + " AND transactionType = 'Web'"},
		{name: "errors", unit: "%", follows: true, nrql: "SELECT percentage(count(*), WHERE error IS true) FROM Transaction" + where},
		{name: "apdex", follows: true, nrql: "SELECT apdex(duration, 0.5) FROM Transaction" + where},
	}
}

func (s *source) Grain() time.Duration { return grain }
func (s *source) Close() error         { return s.page.Close() }

// Cost is how many queries were asked: an account may ask 3,000 a minute.
func (s *source) Cost() string { return fmt.Sprintf("%d NRQL queries", s.asked) }

// afterwards is how often late points are asked for when a run is over, about.
const afterwards = 4

// Estimate is how many queries a run of a length will ask, when none takes longer than its answer.
func (s *source) Estimate(length time.Duration) string {
	return fmt.Sprintf("about %d NRQL queries", len(s.queries)*(int(length/grain)+1+afterwards))
}

// document asks one query; it is answered at once, or with a number to ask for later.
const document = `query($account: Int!, $nrql: Nrql!) { actor { account(id: $account) { nrql(query: $nrql, async: true, timeout: 20) {
 results queryProgress { queryId completed retryAfter } } } } }`

const document2 = `query($account: Int!, $id: ID!) { actor { account(id: $account) { nrql: nrqlQueryProgress(queryId: $id) {
 results queryProgress { queryId completed retryAfter } } } } }`

type answer struct {
	Data struct {
		Actor struct {
			Account *struct {
				NRQL *struct {
					Results  []map[string]any
					Progress *struct {
						ID         string `json:"queryId"`
						Completed  bool
						RetryAfter float64
					} `json:"queryProgress"`
				} `json:"nrql"`
			}
		}
	}
	Errors []struct {
		Message    string
		Extensions struct{ ErrorClass string }
	}
}

// Range asks every query, one after the other: New Relic advises against more than five at a time.
func (s *source) Range(ctx context.Context, from, to time.Time) (all []monitor.Recorded, complete bool, err error) {
	var failed []error
	for _, q := range s.queries {
		nrql := fmt.Sprintf("%s SINCE %d UNTIL %d TIMESERIES 1 minute", q.nrql, s.clock.Theirs(from).Truncate(grain).UnixMilli(), s.clock.Theirs(to).Truncate(grain).Add(grain).UnixMilli())
		rows, date, err := s.ask(ctx, nrql)
		if s.clock.Saw(date) {
			return s.Range(ctx, from, to)
		}
		if err != nil {
			failed = append(failed, fmt.Errorf("ask New Relic for %s: %w", q.name, err))
			continue
		}
		all = append(all, q.series(rows, &s.names, &s.clock)...)
	}
	if len(failed) > 0 {
		err = failed[0]
	}
	return all, len(all) > 0 && time.Since(to) > lateness, err
}

// ask sends a query and waits for its rows. The time is the server's own.
func (s *source) ask(ctx context.Context, nrql string) (rows []map[string]any, date time.Time, err error) {
	text, values := document, map[string]any{"account": s.account, "nrql": nrql}
	for range progress {
		s.asked++
		body, err := json.Marshal(map[string]any{"query": text, "variables": values})
		if err != nil {
			return nil, date, err
		}
		reply, now, err := s.page.Do(ctx, "POST", s.where, bytes.NewReader(body))
		if err != nil {
			return nil, date, err
		}
		date = now
		var a answer
		if err := json.Unmarshal(reply, &a); err != nil {
			return nil, date, errors.New("the answer is not of NerdGraph")
		}
		if len(a.Errors) > 0 {
			return nil, date, errors.New(a.Errors[0].Message)
		}
		if a.Data.Actor.Account == nil || a.Data.Actor.Account.NRQL == nil {
			return nil, date, errors.New("the key may not ask this account")
		}
		n := a.Data.Actor.Account.NRQL
		if n.Progress == nil || n.Progress.Completed || n.Progress.ID == "" {
			return n.Results, date, nil
		}
		text, values = document2, map[string]any{"account": s.account, "id": n.Progress.ID}
		wait := max(time.Second, time.Duration(n.Progress.RetryAfter*float64(time.Second)))
		select {
		case <-ctx.Done():
			return nil, date, ctx.Err()
		case <-time.After(wait):
		}
	}
	return nil, date, errors.New("the query did not end")
}

// series makes series of rows: one for each facet, and for each figure where a query selects several. A row has the times of its stretch, facets, and
// figures.
func (q *query) series(rows []map[string]any, names *monitor.Names, clock *monitor.Clock) []monitor.Recorded {
	byThing := map[string]*monitor.Recorded{}
	var order []string
	for _, row := range rows {
		begin, ok := row["beginTimeSeconds"].(float64)
		if !ok {
			continue
		}
		name, thing := q.name, q.name
		facets, _ := row["facet"].([]any)
		if one, is := row["facet"].(string); is {
			facets = []any{one}
		}
		for _, f := range facets {
			name += "." + monitor.CleanName(fmt.Sprint(f))
			thing += "\x00" + fmt.Sprint(f)
		}
		for _, f := range figures(row) {
			key := thing + "\x01" + f.name
			r := byThing[key]
			if r == nil {
				r = &monitor.Recorded{Series: monitor.Series{Name: names.Of(key, name+f.name), Unit: q.unit, Help: q.nrql, Follows: q.follows}}
				byThing[key] = r
				order = append(order, key)
			}
			if q.scale != 0 {
				f.value *= q.scale
			}
			r.Times = append(r.Times, clock.Ours(time.Unix(int64(begin), 0)))
			r.Is = append(r.Is, f.value)
		}
	}
	out := make([]monitor.Recorded, 0, len(order))
	for _, key := range order {
		out = append(out, *byThing[key])
	}
	return out
}

// number is a figure of a row; its name is "" where there is one alone, else it begins with a point.
type number struct {
	name  string
	value float64
}

// figures are the numbers of a row that are neither times nor facets. Some functions give objects: {"score": 0.9} for apdex, {"95": 0.4, "99": 0.7} for
// percentile. Where a query selects several, each has its own name; those of facets are in the row once more, as text.
func figures(row map[string]any) (out []number) {
	several := 0
	for name, v := range row {
		if _, is := v.(string); !is && !beside(name) {
			several++
		}
	}
	for _, name := range slices.Sorted(maps.Keys(row)) {
		if beside(name) {
			continue
		}
		own := ""
		if several > 1 {
			own = "." + monitor.CleanName(name)
		}
		switch v := row[name].(type) {
		case float64:
			out = append(out, number{own, v})
		case map[string]any:
			if score, ok := v["score"].(float64); ok {
				out = append(out, number{own, score})
				continue
			}
			for _, part := range slices.Sorted(maps.Keys(v)) {
				value, ok := v[part].(float64)
				switch {
				case ok && len(v) == 1:
					out = append(out, number{own, value})
				case ok:
					out = append(out, number{own + "." + monitor.CleanName(part), value})
				}
			}
		}
	}
	return out
}

// beside reports that a field of a row is no figure of the query.
func beside(name string) bool {
	return name == "beginTimeSeconds" || name == "endTimeSeconds" || name == "inspectedCount" || name == "facet"
}
