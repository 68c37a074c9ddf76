package console

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
)

type fleetBody struct {
	Workers  []Worker `json:"workers"`
	Standing bool     `json:"standing" doc:"workers join here and stay from run to run: no run starts without them"`
}

func (c *Console) sideRoutes(api huma.API) {
	register(c, api, huma.Operation{
		OperationID: "fleet", Method: http.MethodGet, Path: "/api/v1/fleet", Summary: "The workers that carry out runs",
	}, func(context.Context, *struct{}) (*body[fleetBody], error) {
		out := fleetBody{Workers: []Worker{}}
		if c.cfg.Fleet != nil {
			out.Workers, out.Standing = list(c.cfg.Fleet.Workers()), c.cfg.Fleet.Standing()
		}
		return reply(out)
	})
}
