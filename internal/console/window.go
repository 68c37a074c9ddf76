package console

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/format"
	"github.com/stampede-load/stampede/internal/stats"
)

type rowsIn struct {
	RunPath
	From int `query:"from" minimum:"0" doc:"second of the run"`
	To   int `query:"to" minimum:"0" doc:"second of the run, exclusive; 0 or none means until the end"`
}

// rowsBody is the table of a part of a run.
type rowsBody struct {
	From    int     `json:"from_s" doc:"where the part begins: seconds of an old run are kept in stretches, and are in it as a whole"`
	To      int     `json:"to_s" doc:"where it ends"`
	Seconds float64 `json:"seconds" doc:"what a rate is per"`
	Total   any     `json:"total" doc:"all of them, as GET /page has it"`
	Rows    []any   `json:"rows" doc:"as GET /page has them: times in ns"`
	Left    int     `json:"left_out" doc:"names beyond the 500 that one answer holds"`
}

func (c *Console) windowRoutes(api huma.API) {
	register(c, api, huma.Operation{
		OperationID: "rows", Method: http.MethodGet, Path: "/api/v1/runs/{run}/rows", Summary: "The table of a part of a run, from merged histograms",
		Errors: []int{http.StatusNotFound, http.StatusUnprocessableEntity},
	}, c.window)
	register(c, api, huma.Operation{
		OperationID: "servers", Method: http.MethodGet, Path: "/api/v1/servers", Errors: []int{http.StatusNotFound, http.StatusConflict},
		Summary: "What the servers of a run said, and which of their series gave way first: servers, suspects and finding as in report.json",
	}, c.servers)
}

// window adds up the stretches of a run that lie in a part of it.
func (c *Console) window(ctx context.Context, in *rowsIn) (*body[rowsBody], error) {
	if in.To > 0 && in.To <= in.From {
		return nil, Mistakes{{"to", "to must be greater than from"}}
	}
	if c.cfg.Pages == nil {
		return nil, trouble(http.StatusNotFound, "this console has no page")
	}
	course, err := c.courseOf(ctx, in.Run)
	if err != nil {
		return nil, err
	}
	from, to := course.span()
	if in.To > 0 {
		to = min(to, in.To)
	}
	totals, err := course.totals(ctx, max(from, in.From), to)
	if err != nil {
		return nil, err
	}
	out := rowsBody{From: in.From, To: in.From, Rows: []any{}}
	var sum stats.Row
	var lasted time.Duration
	for i, sec := range totals {
		if i == 0 {
			out.From = sec.Index
		}
		out.To = max(out.To, sec.Index+sec.Width)
		lasted += sec.Lasted()
		sum.Add(&sec.Total)
	}
	out.Seconds = format.Seconds(lasted)
	text, err := c.cfg.Pages.Row(&sum)
	if err != nil {
		return nil, err
	}
	out.Total = json.RawMessage(text)
	return c.windowRows(ctx, course, &out)
}

// windowRows adds the names.
func (c *Console) windowRows(ctx context.Context, course course, out *rowsBody) (*body[rowsBody], error) {
	keys, err := course.keys(ctx)
	if err != nil {
		return nil, err
	}
	out.Left = max(0, len(keys)-mostNames)
	for _, k := range keys[:min(len(keys), mostNames)] {
		points, err := course.points(ctx, k, out.From, out.To)
		if err != nil {
			return nil, err
		}
		row := stats.Row{Key: k}
		for i := range points {
			row.Add(&points[i].Row)
		}
		if len(points) == 0 || row.Count == 0 && row.Dropped == 0 {
			continue
		}
		text, err := c.cfg.Pages.Row(&row)
		if err != nil {
			return nil, err
		}
		out.Rows = append(out.Rows, json.RawMessage(text))
	}
	return reply(*out)
}

type serversIn struct {
	Run    string `query:"run" maxLength:"200" default:"current" doc:"a run as in addresses; the current one when it is not said"`
	From   int    `query:"from" minimum:"0" doc:"points before this second of the run are left out"`
	Points int    `query:"points" minimum:"0" doc:"at most so many of a series: the lowest and the highest of each stretch; 0 or none means all"`
}

// servers answers with what the servers of a run said.
func (c *Console) servers(ctx context.Context, in *serversIn) (*body[any], error) {
	if c.cfg.Pages == nil {
		return nil, trouble(http.StatusNotFound, "this console has no page")
	}
	report, err := c.report(ctx, in.Run, false)
	if errors.Is(err, ErrUnknown) && in.Run == "current" { // nothing has run here yet: no servers, as GET /fleet has no workers
		report, err = new(stampede.Report), nil
	}
	if err != nil {
		return nil, err
	}
	var b buffered
	if err := c.cfg.Pages.Servers(&b, report, time.Duration(in.From)*time.Second, in.Points); err != nil {
		return nil, err
	}
	return reply(any(json.RawMessage(b.text)))
}
