package console

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
)

type secondsIn struct {
	RunPath
	From  int      `query:"from" minimum:"0" doc:"second of the run"`
	To    int      `query:"to" minimum:"0" doc:"second of the run, exclusive; 0 or none means until the end"`
	Step  int      `query:"step" minimum:"0" doc:"seconds in one stretch; 0 or none means as many as make at most 720 stretches"`
	Names []string `query:"names,explode" maxItems:"500" doc:"TYPE NAME, as in a table; * for all; none means all requests together alone"`
	Heat  bool     `query:"heat" doc:"how many took how long, too"`
}

type secondsBody struct {
	Seconds []Second `json:"seconds"`
	From    int      `json:"from_s" doc:"the first second that the run has"`
	To      int      `json:"to_s" doc:"the end of the last one"`
	Next    string   `json:"next" doc:"an id for the stream: it goes on after this answer"`
}

func (c *Console) courseRoutes(api huma.API) {
	register(c, api, huma.Operation{
		OperationID: "seconds", Method: http.MethodGet, Path: "/api/v1/runs/{run}/seconds", Summary: "A run over time",
		Errors: []int{http.StatusNotFound, http.StatusUnprocessableEntity},
	}, c.seconds)
}

func (c *Console) seconds(ctx context.Context, in *secondsIn) (*body[secondsBody], error) {
	if in.To > 0 && in.To <= in.From {
		return nil, Mistakes{{"to", "to must be greater than from"}}
	}
	course, err := c.courseOf(ctx, in.Run)
	if err != nil {
		return nil, err
	}
	from, to := course.span()
	if in.To > 0 {
		to = min(to, in.To)
	}
	all, err := seconds(ctx, course, query{from: in.From, to: to, step: in.Step, names: in.Names, heat: in.Heat})
	if err != nil {
		return nil, err
	}
	end := to
	if n := len(all); n > 0 {
		end = all[n-1].From + all[n-1].Width
	}
	return reply(secondsBody{all, from, to, position{second: end}.String()})
}
