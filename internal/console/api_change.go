package console

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
)

type ChangeIn struct {
	RunPath
	Who string `header:"X-Stampede-Who" maxLength:"200" doc:"who asks, for the events of the run"`
}

type loadIn struct {
	ChangeIn
	Body struct {
		Users     *int     `json:"users,omitempty" minimum:"0" maximum:"1000000000" doc:"of a closed model"`
		SpawnRate *float64 `json:"spawn-rate,omitempty" minimum:"0" doc:"users a second; 0 or none means at once"`
		Rate      *float64 `json:"rate,omitempty" minimum:"0" doc:"arrivals a second, of an open model"`
	}
}

type noteIn struct {
	ChangeIn
	Body struct {
		Text string `json:"text" minLength:"1" maxLength:"2000"`
	}
}

func (c *Console) changeRoutes(api huma.API) {
	for _, one := range []struct {
		verb, summary string
		do            func(run Run, who string)
	}{
		{"stop", "Stop a run: nothing more starts, what has begun may end", func(run Run, who string) { run.Stop(who) }},
		{"pause", "Pause a run", func(run Run, who string) { run.Pause(who) }},
		{"resume", "Go on after a pause", func(run Run, who string) { run.Resume(who) }},
	} {
		register(c, api, huma.Operation{
			OperationID: one.verb, Method: http.MethodPost, Path: "/api/v1/runs/{run}/" + one.verb, Summary: one.summary,
			DefaultStatus: http.StatusOK, Errors: []int{http.StatusNotFound, http.StatusConflict},
		}, func(_ context.Context, in *ChangeIn) (*body[Status], error) {
			run, err := c.going(in.Run)
			if err != nil {
				return nil, err
			}
			one.do(run, name(in.Who))
			return reply(c.Status())
		})
	}
	register(c, api, huma.Operation{
		OperationID: "load", Method: http.MethodPost, Path: "/api/v1/runs/{run}/load", Summary: "Change the load of a run",
		DefaultStatus: http.StatusOK, Errors: []int{http.StatusNotFound, http.StatusConflict, http.StatusUnprocessableEntity},
	}, c.load)
	register(c, api, huma.Operation{
		OperationID: "annotate", Method: http.MethodPost, Path: "/api/v1/runs/{run}/annotate", Summary: "Add a note to the events of a run",
		DefaultStatus: http.StatusOK, Errors: []int{http.StatusNotFound, http.StatusConflict},
	}, func(_ context.Context, in *noteIn) (*body[Status], error) {
		run, err := c.going(in.Run)
		if err != nil {
			return nil, err
		}
		run.Annotate(name(in.Who), in.Body.Text)
		return reply(c.Status())
	})
}

// going is the run of a reference, which must not be over.
func (c *Console) going(ref string) (Run, error) {
	l := c.find(ref)
	if l == nil {
		if c.cfg.Ledger == nil {
			return nil, ErrUnknown
		}
		return nil, trouble(http.StatusConflict, "run "+clip(ref)+" does not go on here: only the current run can be changed")
	}
	if l.isOver() {
		return nil, trouble(http.StatusConflict, "run "+l.id()+" is over")
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.run, nil
}

func (c *Console) load(_ context.Context, in *loadIn) (*body[Status], error) {
	run, err := c.going(in.Run)
	if err != nil {
		return nil, err
	}
	b, who := &in.Body, name(in.Who)
	switch {
	case b.Users != nil && b.Rate != nil:
		return nil, Mistakes{{"rate", "users and rate contradict each other; give one of them"}}
	case b.Users != nil:
		spawn := 0.0
		if b.SpawnRate != nil {
			spawn = *b.SpawnRate
		}
		err = run.SetUsers(who, *b.Users, spawn)
	case b.Rate != nil:
		err = run.SetRate(who, *b.Rate)
	default:
		return nil, Mistakes{{"users", "give users or a rate"}}
	}
	if err != nil {
		return nil, Mistakes{{"", err.Error()}}
	}
	return reply(c.Status())
}
