package console

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"

	"github.com/stampede-load/stampede/internal/format"
)

type idBody struct {
	ID string `json:"id"`
}

// settingsIn is the settings of a run: a value, a list of values, or null for none.
type settingsIn struct {
	Who  string         `header:"X-Stampede-Who" maxLength:"200" doc:"who asks, for the events of the run"`
	Body map[string]any `doc:"keys of stampede.yaml, as GET /api/v1/test lists them"`
}

type loadBody struct {
	Arrivals bool            `json:"arrivals" doc:"levels are arrivals a second; else users"`
	Length   float64         `json:"length_s" doc:"0 when the run has no end of its own"`
	Points   [][2]float64    `json:"points" doc:"second and level"`
	Mistakes []ProblemDetail `json:"mistakes"`
}

func (c *Console) startRoutes(api huma.API) {
	register(c, api, huma.Operation{
		OperationID: "start", Method: http.MethodPost, Path: "/api/v1/runs", Summary: "Start a run", DefaultStatus: http.StatusCreated,
		Errors: []int{http.StatusConflict, http.StatusUnprocessableEntity},
	}, c.start)
	register(c, api, huma.Operation{
		OperationID: "plan", Method: http.MethodPost, Path: "/api/v1/plan", Summary: "The load that settings mean, and what is wrong with them; nothing is started",
	}, c.plan)
}

func (c *Console) start(ctx context.Context, in *settingsIn) (*body[idBody], error) {
	if c.cfg.Start == nil {
		return nil, trouble(http.StatusConflict, "this page shows one run and starts none: stampede serve starts runs")
	}
	if err := flat(in.Body); err != nil {
		return nil, err
	}
	id, err := c.Begin(ctx, in.Body, name(in.Who))
	if err != nil {
		return nil, err
	}
	return reply(idBody{id})
}

// Begin starts a run as Config.Start has it, when none goes on; else it gives [ErrBusy].
func (c *Console) Begin(ctx context.Context, settings map[string]any, who string) (id string, err error) {
	done, err := c.reserve()
	if err != nil {
		return "", err
	}
	defer done()
	if id, err = c.cfg.Start.Begin(context.WithoutCancel(ctx), settings, who); err == nil {
		c.edits.Add(1)
	}
	return id, err
}

func (c *Console) plan(ctx context.Context, in *settingsIn) (*body[loadBody], error) {
	if c.cfg.Start == nil {
		return nil, trouble(http.StatusConflict, "this page shows one run and starts none")
	}
	if err := flat(in.Body); err != nil {
		return nil, err
	}
	load, wrong := c.cfg.Start.Plan(ctx, in.Body)
	out := loadBody{Arrivals: load.Arrivals, Length: format.Seconds(load.Length), Points: [][2]float64{}, Mistakes: []ProblemDetail{}}
	for _, p := range load.Points {
		out.Points = append(out.Points, [2]float64{format.Seconds(p.At), p.Level})
	}
	if len(wrong) > 0 {
		out.Mistakes = mistaken(wrong).Errors
	}
	return reply(out)
}

// flat wants values and lists of values.
func flat(settings map[string]any) error {
	var wrong Mistakes
	for key, v := range settings {
		values, isList := v.([]any)
		if !isList {
			values = []any{v}
		}
		for _, one := range values {
			switch one.(type) {
			case string, float64, bool, nil:
			default:
				wrong = append(wrong, Mistake{clip(key), fmt.Sprintf("%s: write a value or a list of values here", clip(key))})
			}
		}
	}
	if len(wrong) > 0 {
		return wrong
	}
	return nil
}

var control = regexp.MustCompile(`[\x00-\x1f\x7f]`)

// name is who asks, as the events of a run have it. Headers hold no letters beyond ASCII: the page sends them with percent signs.
func name(who string) string {
	if text, err := url.PathUnescape(who); err == nil && utf8.ValidString(text) {
		who = text
	}
	return format.Text(control.ReplaceAllString(who, " "), 60)
}
