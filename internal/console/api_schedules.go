package console

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
)

type schedulesBody struct {
	Schedules []Schedule `json:"schedules"`
}

// newSchedule is what a schedule is made of.
type newSchedule struct {
	Name     string         `json:"name" minLength:"1" maxLength:"60"`
	Cron     string         `json:"cron" minLength:"1" maxLength:"200" doc:"minute hour day-of-month month day-of-week"`
	Zone     string         `json:"tz,omitempty" maxLength:"60" doc:"Europe/Berlin; empty is UTC"`
	Late     float64        `json:"late_s,omitempty" minimum:"0" maximum:"604800" doc:"how long after its time a run may still begin; 0 is an hour"`
	Busy     bool           `json:"busy,omitempty" doc:"run also when the machine is busy with something else"`
	Repeats  int            `json:"repeat_when_unsure,omitempty" minimum:"0" maximum:"10" doc:"how often a run that leaves its night open is made again at once"`
	Settings map[string]any `json:"settings,omitempty" doc:"of its runs: keys of stampede.yaml, as GET /api/v1/test lists them"`
}

type scheduleIn struct{ Body newSchedule }

// SchedulePath is the schedule in an address.
type SchedulePath struct {
	Schedule string `path:"schedule" maxLength:"60" doc:"its name"`
}

type scheduleDo struct {
	SchedulePath
	Do  string `path:"do" enum:"on,off,run,accept" doc:"carry it out, do not, make one run now, or say that a change is how things are now"`
	Run string `query:"run" maxLength:"60" doc:"of accept: the run with which the change began; without it the largest change that stands"`
}

func (c *Console) scheduleRoutes(api huma.API) {
	const path = "/api/v1/schedules"
	register(c, api, huma.Operation{
		OperationID: "schedules", Method: http.MethodGet, Path: path, Summary: "Runs that come by themselves, and what became of them",
	}, c.schedules)
	register(c, api, huma.Operation{
		OperationID: "add-schedule", Method: http.MethodPost, Path: path, Summary: "Have runs come by themselves", DefaultStatus: http.StatusCreated,
		Errors: []int{http.StatusConflict, http.StatusUnprocessableEntity},
	}, c.addSchedule)
	register(c, api, huma.Operation{
		OperationID: "remove-schedule", Method: http.MethodDelete, Path: path + "/{schedule}", Summary: "Take a schedule away; its runs stay",
		Errors: []int{http.StatusNotFound, http.StatusConflict},
	}, func(ctx context.Context, in *SchedulePath) (*body[schedulesBody], error) {
		return c.changeSchedule(ctx, func(s Schedules) error { return s.Remove(ctx, in.Schedule) })
	})
	register(c, api, huma.Operation{
		OperationID: "do-schedule", Method: http.MethodPost, Path: path + "/{schedule}/{do}", Summary: "Switch a schedule on or off, have it run now, or accept a change",
		Errors: []int{http.StatusNotFound, http.StatusConflict},
	}, func(ctx context.Context, in *scheduleDo) (*body[schedulesBody], error) {
		return c.changeSchedule(ctx, func(s Schedules) error {
			switch in.Do {
			case "run":
				return s.Ask(ctx, in.Schedule)
			case "accept":
				return s.Accept(ctx, in.Schedule, in.Run)
			}
			return s.Switch(ctx, in.Schedule, in.Do == "on")
		})
	})
}

func (c *Console) schedules(ctx context.Context, _ *struct{}) (*body[schedulesBody], error) {
	out := schedulesBody{Schedules: []Schedule{}}
	if c.cfg.Schedules == nil {
		return reply(out)
	}
	all, err := c.cfg.Schedules.All(ctx)
	out.Schedules = list(all)
	if err != nil {
		return nil, err
	}
	return reply(out)
}

func (c *Console) addSchedule(ctx context.Context, in *scheduleIn) (*body[schedulesBody], error) {
	if err := flat(in.Body.Settings); err != nil {
		return nil, err
	}
	s := Schedule{Name: in.Body.Name, Cron: in.Body.Cron, Zone: in.Body.Zone, Late: in.Body.Late, Busy: in.Body.Busy, Repeats: in.Body.Repeats, On: true}
	return c.changeSchedule(ctx, func(all Schedules) error { return all.Add(ctx, s, in.Body.Settings) })
}

// changeSchedule changes something and answers with all schedules.
func (c *Console) changeSchedule(ctx context.Context, change func(Schedules) error) (*body[schedulesBody], error) {
	if c.cfg.Schedules == nil {
		return nil, trouble(http.StatusConflict, "this page has no schedules: stampede serve with a test carries them out")
	}
	if err := change(c.cfg.Schedules); err != nil {
		return nil, err
	}
	c.edits.Add(1)
	return c.schedules(ctx, nil)
}
