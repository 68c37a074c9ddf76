package console

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/stampede-load/stampede"
)

// routes is every address that is answered.
func (c *Console) routes() http.Handler {
	mux := http.NewServeMux()
	config := huma.DefaultConfig("stampede", stampede.Version)
	config.OpenAPIPath, config.DocsPath, config.SchemasPath = "/api/openapi", "", ""
	config.CreateHooks = nil // no $schema in answers
	config.Transformers = []huma.Transformer{c.plainly}
	config.Info.Description = "Start, watch, change and compare runs. Errors are RFC 9457 problems. A change takes Content-Type: application/json " +
		"and, where a token is set, Authorization: Bearer TOKEN."
	config.Servers = []*huma.Server{{URL: c.cookiePath()}}
	api := humago.New(mux, config)
	c.statusRoutes(api)
	c.startRoutes(api)
	c.changeRoutes(api)
	c.ledgerRoutes(api)
	c.courseRoutes(api)
	c.windowRoutes(api)
	c.logRoutes(api)
	c.sideRoutes(api)
	c.scheduleRoutes(api)
	c.plainRoutes(mux, api)
	return fallback(mux)
}

// plainRoutes are those that answer with something else than JSON.
func (c *Console) plainRoutes(mux *http.ServeMux, api huma.API) {
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Write([]byte("ok\n"))
	})
	mux.HandleFunc("GET /metrics", c.metrics)
	mux.HandleFunc("POST "+loginPath, c.logIn)
	mux.HandleFunc("DELETE "+loginPath, c.logOut)
	mux.HandleFunc("GET /api/v1/me", c.whoAmI)
	mux.HandleFunc("GET /api/v1/runs/{run}/stream", c.stream)
	mux.HandleFunc("GET /api/v1/runs/{run}/page", c.page)
	mux.HandleFunc("GET /api/v1/runs/{run}/whole", c.carry)
	mux.HandleFunc("GET /api/v1/runs/{run}/{file}", c.file)
	mux.HandleFunc("GET /api/v1/runs.xlsx", c.sheet)
	mux.HandleFunc("GET /api/v1/runs.csv", c.sheet)
	mux.HandleFunc("GET /api/v1/compare", c.compare)
	mux.HandleFunc("GET /api/v1/trend", c.trend)
	mux.HandleFunc("POST "+importPath, c.importSheet)
	mux.HandleFunc("GET /", c.assets)
	describe(api)
}

// plainly keeps what an error says to what is meant for whoever asked: the input is not repeated, and what went wrong inside stays there.
func (c *Console) plainly(_ huma.Context, _ string, v any) (any, error) {
	model, ok := v.(*huma.ErrorModel)
	if !ok {
		return v, nil
	}
	p := &Problem{Title: model.Title, Status: model.Status, Detail: model.Detail}
	if model.Status >= http.StatusInternalServerError {
		for _, e := range model.Errors {
			c.log("console: " + e.Message)
		}
		p.Detail = "something went wrong here: the log of stampede says what"
		return p, nil
	}
	for _, e := range model.Errors {
		p.Errors = append(p.Errors, ProblemDetail{Message: clip(e.Message), Location: clip(e.Location)})
	}
	return p, nil
}

// problemFor is an error as whoever asked is told.
func (c *Console) problemFor(ctx context.Context, what string, err error) *Problem {
	var m Mistakes
	var p *Problem
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return trouble(http.StatusRequestEntityTooLarge, fmt.Sprintf("that is too large: %d MB is the most", large.Limit>>20))
	case errors.As(err, &p):
		return p
	case errors.As(err, &m):
		return mistaken(m)
	case errors.Is(err, ErrUnknown):
		return trouble(http.StatusNotFound, err.Error())
	case errors.Is(err, ErrBusy):
		return trouble(http.StatusConflict, err.Error())
	case errors.Is(err, ErrRefused):
		return trouble(http.StatusConflict, strings.TrimPrefix(err.Error(), ErrRefused.Error()+": ")) // the status says that it was
	case ctx.Err() != nil:
		return trouble(http.StatusServiceUnavailable, "whoever asked went away")
	}
	c.log("console: " + what + ": " + err.Error())
	return trouble(http.StatusInternalServerError, what+" failed: the log of stampede says why")
}

// mistaken is mistakes in settings as a problem, each at its key.
func mistaken(m Mistakes) *Problem {
	p := trouble(http.StatusUnprocessableEntity, m.Error())
	for _, one := range m {
		d := ProblemDetail{Message: one.Text, Location: "body"}
		if one.Key != "" {
			d.Location = "body." + one.Key
		}
		p.Errors = append(p.Errors, d)
	}
	return p
}

// fallback answers what no route does: programs get a problem where the mux would say it in plain text.
func fallback(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, pattern := mux.Handler(r)
		api := strings.HasPrefix(r.URL.Path, "/api/")
		switch {
		case api && (pattern == "" || pattern == "GET /") && isSafe(r.Method):
			problem(w, http.StatusNotFound, "there is nothing at "+clip(r.URL.Path)+": /api/openapi.json lists what there is")
		case api && pattern == "":
			problem(w, http.StatusMethodNotAllowed, clip(r.Method)+" is not for "+clip(r.URL.Path)+": /api/openapi.json lists what is")
		default:
			mux.ServeHTTP(w, r)
		}
	})
}

// register adds an operation whose handler's errors become problems.
func register[I, O any](c *Console, api huma.API, op huma.Operation, do func(context.Context, *I) (*O, error)) {
	huma.Register(api, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := do(ctx, in)
		if err != nil {
			return nil, c.problemFor(ctx, op.Summary, err)
		}
		return out, nil
	})
}

// body is an answer in JSON.
type body[T any] struct{ Body T }

func reply[T any](v T) (*body[T], error) { return &body[T]{v}, nil }

// RunPath is the run in an address.
type RunPath struct {
	Run string `path:"run" maxLength:"200" doc:"an id, the beginning of one, last, last~2, baseline, or the name of a test"`
}
