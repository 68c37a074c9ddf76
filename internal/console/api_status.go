package console

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/stampede-load/stampede"
)

type testBody struct {
	Name       string     `json:"name"`
	Hash       string     `json:"hash" doc:"tells tests apart; empty for one with mistakes"`
	Host       string     `json:"host" doc:"the test's own"`
	Version    string     `json:"version" doc:"of stampede"`
	CanStart   bool       `json:"can_start"`
	HasLedger  bool       `json:"has_book" doc:"runs are kept"`
	Types      []typeBody `json:"types"`
	Settings   []Setting  `json:"settings" doc:"what POST /api/v1/runs takes"`
	Files      []string   `json:"files" doc:"what a run can be written as"`
	ServerTime time.Time  `json:"server_time"`
}

type typeBody struct {
	Name   string     `json:"name"`
	Weight float64    `json:"weight"`
	Fixed  int        `json:"fixed"`
	Share  float64    `json:"share"`
	Host   string     `json:"host"`
	Own    string     `json:"own_load"`
	Tags   []string   `json:"tags"`
	Tasks  []taskBody `json:"tasks"`
}

type taskBody struct {
	Name  string     `json:"name"`
	Share float64    `json:"share"`
	Tags  []string   `json:"tags"`
	Tasks []taskBody `json:"tasks"`
}

func (c *Console) statusRoutes(api huma.API) {
	register(c, api, huma.Operation{
		OperationID: "status", Method: http.MethodGet, Path: "/api/v1/status", Summary: "What goes on",
	}, func(context.Context, *struct{}) (*body[Status], error) { return reply(c.Status()) })
	register(c, api, huma.Operation{
		OperationID: "test", Method: http.MethodGet, Path: "/api/v1/test", Summary: "The test that can be run here",
	}, func(context.Context, *struct{}) (*body[testBody], error) { return reply(c.test()) })
}

func (c *Console) test() testBody {
	t := &c.cfg.Test
	out := testBody{
		Name: t.Name, Hash: t.Hash, Host: t.Host, Version: t.Version, CanStart: c.cfg.Start != nil, HasLedger: c.cfg.Ledger != nil,
		Types: []typeBody{}, Settings: list(t.Settings), Files: []string{}, ServerTime: time.Now(),
	}
	for _, o := range t.Types {
		out.Types = append(out.Types, typeBody{o.Name, o.Weight, o.Fixed, o.Share, o.Host, o.Own, list(o.Tags), tasksOf(o.Tasks)})
	}
	if c.cfg.Pages != nil {
		for _, f := range c.cfg.Pages.Formats() {
			out.Files = append(out.Files, f.Name)
		}
	}
	return out
}

func tasksOf(tasks []stampede.TaskOutline) []taskBody {
	out := make([]taskBody, len(tasks))
	for i, t := range tasks {
		out[i] = taskBody{t.Name, t.Share, list(t.Tags), tasksOf(t.Tasks)}
	}
	return out
}
