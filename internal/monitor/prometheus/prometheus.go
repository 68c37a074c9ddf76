// Package prometheus asks a Prometheus server for series by PromQL.
package prometheus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/stampede-load/stampede/internal/monitor"
)

// grain is how far apart the points that are asked for are.
const grain = 5 * time.Second

type source struct {
	page    *monitor.Page
	base    string
	queries []query
	names   monitor.Names
	clock   monitor.Clock
}

type query struct{ name, expr string }

// New asks the server at raw for the queries behind its #, separated by ; each with a name if it has one:
// http://10.0.0.9:9090#cpu=avg(rate(node_cpu_seconds_total{mode!="idle"}[20s]))*100;up
func New(raw string) (monitor.Historian, error) {
	base, list, _ := strings.Cut(raw, "#")
	page, err := monitor.NewPage(base)
	if err != nil {
		return nil, err
	}
	if plain, err := url.PathUnescape(list); err == nil && !strings.Contains(list, "{") {
		list = plain
	}
	s := &source{page: page, base: strings.TrimSuffix(base, "/")}
	for one := range strings.SplitSeq(list, ";") {
		if one = strings.TrimSpace(one); one == "" {
			continue
		}
		name, expr, found := strings.Cut(one, "=")
		if !found || monitor.CleanName(name) != name || strings.HasPrefix(expr, "~") || strings.HasPrefix(expr, "=") {
			name, expr = monitor.CleanName(one), one
		}
		s.queries = append(s.queries, query{name, expr})
	}
	if len(s.queries) == 0 {
		return nil, errors.New("prometheus: no query; write prometheus:http://HOST:9090#NAME=EXPRESSION;NAME=EXPRESSION")
	}
	return s, nil
}

func (s *source) Grain() time.Duration { return grain }
func (s *source) Close() error         { return s.page.Close() }
func (s *source) Cost() string         { return "" }

type answer struct {
	Status, Error string
	Data          struct {
		ResultType string
		Result     json.RawMessage
	}
}

// Range asks for every query. What Prometheus gives is complete as soon as it has been scraped; one scrape interval is waited for.
func (s *source) Range(ctx context.Context, from, to time.Time) (all []monitor.Recorded, complete bool, err error) {
	for _, q := range s.queries {
		series, date, failed := s.ask(ctx, q, from, to)
		if s.clock.Saw(date) {
			return s.Range(ctx, from, to)
		}
		if failed != nil && err == nil {
			err = failed
		}
		all = append(all, series...)
	}
	return all, len(all) > 0 && time.Since(to) > 3*grain, err
}

// ask asks for one query, and says what time it is there.
func (s *source) ask(ctx context.Context, q query, from, to time.Time) ([]monitor.Recorded, time.Time, error) {
	values := url.Values{
		"query": {q.expr}, "step": {strconv.Itoa(int(grain / time.Second))},
		"start": {stamp(s.clock.Theirs(from))}, "end": {stamp(s.clock.Theirs(to))},
		"limit": {strconv.Itoa(monitor.MaxSeries + 1)}, // of series; versions before 3.0 pass over it
	}
	body, date, err := s.page.Do(ctx, "GET", s.base+"/api/v1/query_range?"+values.Encode(), nil)
	if err := s.refused(q, body, err); err != nil {
		return nil, date, err
	}
	series, err := s.decode(q, body)
	return series, date, err
}

func stamp(t time.Time) string { return strconv.FormatFloat(float64(t.UnixMilli())/1000, 'f', 3, 64) }

// refused says why a query was not answered.
func (s *source) refused(q query, body []byte, err error) error {
	var status *monitor.StatusError
	if errors.As(err, &status) {
		var a answer
		if json.Unmarshal(body, &a) == nil && a.Error != "" {
			return fmt.Errorf("ask Prometheus for %s: %s", q.name, a.Error)
		}
		if status.Status == http.StatusNotFound {
			return fmt.Errorf("ask %s: the server answered 404: name Prometheus itself, such as http://HOST:9090", status.Address)
		}
	}
	return err
}

// decode takes matrices; the names of several series of one query come from their labels.
func (s *source) decode(q query, body []byte) ([]monitor.Recorded, error) {
	var a answer
	if err := json.Unmarshal(body, &a); err != nil || a.Status != "success" || a.Data.ResultType == "" {
		return nil, fmt.Errorf("ask Prometheus for %s: the answer is not of its API; name the server itself, such as http://HOST:9090", q.name)
	}
	if a.Data.ResultType != "matrix" {
		return nil, fmt.Errorf("ask Prometheus for %s: it gives a %s and no series over time", q.name, a.Data.ResultType)
	}
	var rows []struct {
		Metric map[string]string
		Values [][2]any
	}
	if err := json.Unmarshal(a.Data.Result, &rows); err != nil {
		return nil, fmt.Errorf("ask Prometheus for %s: %w", q.name, err)
	}
	var out []monitor.Recorded
	for _, row := range rows {
		r := monitor.Recorded{Series: monitor.Series{Name: s.name(q, row.Metric, len(rows)), Help: q.expr}}
		for _, v := range row.Values {
			at, isNumber := v[0].(float64)
			text, isText := v[1].(string)
			value, err := strconv.ParseFloat(text, 64)
			if !isNumber || !isText || err != nil || math.IsNaN(value) || math.IsInf(value, 0) {
				continue
			}
			r.Times = append(r.Times, s.clock.Ours(time.UnixMilli(int64(math.Round(at*1000)))))
			r.Is = append(r.Is, value)
		}
		out = append(out, r)
	}
	return out, nil
}

// name is that of a series: of its query, and of its labels where the query gives several. A series keeps the name that it had first, also when others come
// beside it, such as those of machines that were added.
func (s *source) name(q query, metric map[string]string, of int) string {
	name, thing := q.name, q.name
	for _, label := range slices.Sorted(maps.Keys(metric)) {
		thing += "\x00" + label + "\x00" + metric[label]
		if of > 1 && label != "__name__" && label != "job" {
			name += "." + monitor.CleanName(metric[label])
		}
	}
	return s.names.Of(thing, name)
}
