// Package haproxy reads the statistics page of HAProxy as CSV.
package haproxy

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/stampede-load/stampede/internal/monitor"
)

type source struct{ page *monitor.Page }

// New reads the page at url; ;csv is added when it is missing.
func New(url string) (monitor.Source, error) {
	if !strings.Contains(url, ";csv") {
		url += ";csv"
	}
	page, err := monitor.NewPage(url)
	if err != nil {
		return nil, err
	}
	return &source{page}, nil
}

func (s *source) Grain() time.Duration { return 0 }
func (s *source) Close() error         { return s.page.Close() }

// Read asks for the page: a row for each frontend, backend and server.
func (s *source) Read(ctx context.Context) (monitor.Reading, error) {
	body, _, err := s.page.Get(ctx)
	if err != nil {
		return monitor.Reading{}, err
	}
	rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(body, []byte("# ")))).ReadAll()
	if err != nil || len(rows) < 2 || len(rows[0]) < 10 || rows[0][0] != "pxname" {
		return monitor.Reading{}, errors.New("ask HAProxy: the page is not its statistics as CSV; name the address of stats uri, and let it end in ;csv")
	}
	columns := map[string]int{}
	for i, name := range rows[0] {
		columns[name] = i
	}
	var r monitor.Reading
	for _, row := range rows[1:] {
		r.Values = append(r.Values, values(row, columns)...)
	}
	return r, nil
}

// values is one row. Frontends count sessions, backends and servers those and their queue.
func values(row []string, columns map[string]int) []monitor.Value {
	text := func(column string) string {
		if i, found := columns[column]; found && i < len(row) {
			return row[i]
		}
		return ""
	}
	number := func(column string) float64 {
		v, err := strconv.ParseFloat(text(column), 64)
		if err != nil {
			return math.NaN()
		}
		return v
	}
	limit := number("slim")
	if math.IsNaN(limit) || text("svname") == "BACKEND" {
		limit = 0 // a backend's is fullconn, which makes maxconn of its servers grow and stops nothing
	}
	name := monitor.CleanName(text("pxname") + "." + strings.ToLower(text("svname")))
	all := []monitor.Value{
		{Name: name + ".sessions", Help: "sessions now", Value: number("scur"), Limit: limit, Follows: true, Ceiling: limit > 0},
		{Name: name + ".requests", Help: "requests, or sessions where those are not counted", Value: first(number("req_tot"), number("stot")), Counter: true},
		{Name: name + ".errors", Help: "answers 5xx", Value: number("hrsp_5xx"), Counter: true, Follows: true},
	}
	if text("svname") != "FRONTEND" {
		all = append(all,
			monitor.Value{Name: name + ".queue", Help: "requests that wait for a server", Value: number("qcur"), Follows: true},
			monitor.Value{Name: name + ".connect_errors", Help: "connections to a server that failed", Value: number("econ"), Counter: true, Follows: true},
			monitor.Value{Name: name + ".time", Unit: "ms", Help: "mean time of the last 1,024 answers", Value: number("rtime"), Follows: true},
		)
	}
	kept := all[:0]
	for _, v := range all {
		if !math.IsNaN(v.Value) {
			kept = append(kept, v)
		}
	}
	return kept
}

func first(a, b float64) float64 {
	if math.IsNaN(a) {
		return b
	}
	return a
}
