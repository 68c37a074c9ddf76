package console

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/stampede-load/stampede/internal/format"
)

type fleetBody struct {
	Workers  []Worker `json:"workers"`
	Standing bool     `json:"standing" doc:"workers join here and stay from run to run: no run starts without them"`
}

func (c *Console) sideRoutes(api huma.API) {
	register(c, api, huma.Operation{
		OperationID: "fleet", Method: http.MethodGet, Path: "/api/v1/fleet", Summary: "The workers that carry out runs",
	}, func(context.Context, *struct{}) (*body[fleetBody], error) { return reply(c.fleet()) })
	register(c, api, huma.Operation{
		OperationID: "drain", Method: http.MethodPost, Path: "/api/v1/fleet/{worker}/drain", Summary: "Let a worker end its tasks and leave; its load goes to the others",
		DefaultStatus: http.StatusOK, Errors: []int{http.StatusNotFound},
	}, c.drain)
}

type drainIn struct {
	Worker string `path:"worker" maxLength:"200" doc:"the name of a worker"`
	Who    string `header:"X-Stampede-Who" maxLength:"200" doc:"who asks, for the events of the run"`
}

func (c *Console) drain(_ context.Context, in *drainIn) (*body[fleetBody], error) {
	err := ErrNoWorker
	if c.cfg.Fleet != nil {
		err = c.cfg.Fleet.Drain(in.Worker, name(in.Who))
	}
	if errors.Is(err, ErrNoWorker) {
		return nil, trouble(http.StatusNotFound, fmt.Sprintf("there is no worker %q: GET /api/v1/fleet lists those that are there", format.Text(in.Worker, 60)))
	}
	if err != nil {
		return nil, err
	}
	return reply(c.fleet())
}

func (c *Console) fleet() fleetBody {
	out := fleetBody{Workers: []Worker{}}
	if c.cfg.Fleet != nil {
		out.Workers, out.Standing = list(c.cfg.Fleet.Workers()), c.cfg.Fleet.Standing()
	}
	return out
}
