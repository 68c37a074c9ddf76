package console

import (
	"net/http"

	"github.com/danielgtaylor/huma/v2"
)

// describe adds the routes that answer with something else than JSON to the description of the API.
func describe(api huma.API) {
	run := &huma.Param{Name: "run", In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeString}}
	query := func(name, doc string) *huma.Param {
		return &huma.Param{Name: name, In: "query", Description: doc, Schema: &huma.Schema{Type: huma.TypeString}}
	}
	list := func(name, doc string) *huma.Param {
		p := query(name, doc)
		p.Schema = &huma.Schema{Type: huma.TypeArray, Items: &huma.Schema{Type: huma.TypeString}}
		return p
	}
	add := func(method, path, id, summary, kind string, params ...*huma.Param) {
		api.OpenAPI().AddOperation(&huma.Operation{
			OperationID: id, Method: method, Path: path, Summary: summary, Parameters: params,
			Responses: map[string]*huma.Response{
				"200":     {Description: "OK", Content: map[string]*huma.MediaType{kind: {}}},
				"default": {Description: "Error", Content: map[string]*huma.MediaType{"application/problem+json": {}}},
			},
		})
	}
	const json = "application/json"
	add(http.MethodGet, "/healthz", "healthz", "200 while stampede answers", "text/plain")
	add(http.MethodGet, "/metrics", "metrics", "The current run for Prometheus", "text/plain")
	add(http.MethodPost, loginPath, "login", `A session for a token: {"token": "..."}`, json)
	add(http.MethodDelete, loginPath, "logout", "End the session", json)
	add(http.MethodGet, "/api/v1/me", "me", "What whoever asks may do", json)
	add(http.MethodGet, "/api/v1/runs/{run}/stream", "stream",
		"Server-sent events: second, event, figures (when asked for), end. Each has an id; Last-Event-ID goes on after it, without gap or repeat", "text/event-stream",
		run, list("names", "names over time, as TYPE NAME; * for all"), list("rows", "names in the table of figures; * for all"),
		query("figures", "1: the figures of the whole run with each second"), query("errors", "1: failures with the figures"),
		query("from", "an id to go on from, where no Last-Event-ID can be sent; without either it begins now. After a long absence seconds come in longer stretches; the first may begin before the id and takes the place of what it overlaps"))
	add(http.MethodGet, "/api/v1/runs/{run}/page", "page", "What the page shows of a run but for its course", json, run)
	add(http.MethodGet, "/api/v1/runs/{run}/whole", "whole", "A run with all that the ledger keeps of it, for another ledger of the same version to take in", json, run)
	add(http.MethodGet, "/api/v1/runs/{run}/{file}", "file",
		"A run as a file: report.json, report.html, report.xlsx, report.csv, report.md, report.junit, report.hlog and others that GET /api/v1/test lists",
		"application/octet-stream", run, &huma.Param{Name: "file", In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeString}},
		query("last", "so many of the last seconds of its course alone, and no servers; 0 for no course: for those who ask often"))
	add(http.MethodGet, "/api/v1/runs.xlsx", "runs-xlsx", "The ledger as a workbook", typeXLSX)
	add(http.MethodGet, "/api/v1/runs.csv", "runs-csv", "The ledger as CSV", "text/csv")
	add(http.MethodPost, importPath, "import", "Take in the rows of a spreadsheet: its bytes", json, query("name", "what the file is called"))
	add(http.MethodGet, "/api/v1/compare", "compare", "Runs held against each other",
		json, query("before", "a run, or several with commas"), query("now", "a run, or several with commas"), query("page", "1: as the page has it, with curves"))
	add(http.MethodGet, "/api/v1/trend", "trend", "A figure over the runs of a plan, with the runs at which it changed",
		json, query("run", "a run of the plan"), query("type", "of a name"), query("name", "none means all requests"), query("metric", "p95, p50, p99, rate, failures"))
}
