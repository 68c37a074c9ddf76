package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/cli/screen"
	"github.com/stampede-load/stampede/internal/cli/setting"
	"github.com/stampede-load/stampede/internal/report"
)

// remote is a controller elsewhere that carries a run out.
type remote struct {
	url, token string
	client     http.Client
}

// onSetting is the address of a controller.
func onSetting(into *string) setting.Setting {
	return setting.Setting{
		Name: "on", Arg: "URL", Group: groupWeb, Mask: setting.MaskURL, Against: []string{"web"},
		Help: "let the controller (serve) at URL and its workers carry this run out; its token is read from STAMPEDE_TOKEN; results are shown and written here",
		Read: func(t string) error {
			u, err := url.Parse(strings.TrimRight(t, "/"))
			if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
				return errors.New("write the address of a stampede serve, such as http://controller:8089")
			}
			*into = u.String()
			return nil
		},
	}
}

// local are the settings that concern this side alone: where results go, and the terminal.
var local = []string{"on", "plain", "config", "allow-invalid", "csv", "json", "json-series", "html", "junit", "xlsx", "md", "hlog", "openmetrics", "ledger", "no-record"}

// elsewhere has the run carried out by the controller that --on names.
func (a *app) elsewhere(ctx context.Context, o *options, l *line, types []string, wrong mistakes) error {
	token, _ := a.lookup("STAMPEDE_TOKEN")
	r := &remote{url: o.on, token: token, client: http.Client{Timeout: 30 * time.Second}}
	settings := map[string]any{}
	l.set.Each(func(s *setting.Setting) {
		if !l.set.Given(s.Name) {
			return
		}
		switch {
		case slices.Contains(local, s.Name):
			if s.Name == "csv" {
				wrong.add(errors.New("--csv goes along with a run on this machine: with --on give --json, --html or --xlsx, or download the files from the page"))
			}
		case offered(s):
			settings[s.FileKey()] = l.set.Texts(func(o *setting.Setting) bool { return o.Name == s.Name })[s.FileKey()]
		case l.set.Source(s.Name) == setting.FromFlag:
			wrong.add(fmt.Errorf("--%s does not go with --on: it is about a run on this machine", s.Name))
		}
	})
	if len(types) > 0 {
		wrong.add(errors.New("user types cannot be chosen with --on yet: choose tasks with --tags and --exclude-tags"))
	}
	wrong.add(o.out.preflight())
	if len(wrong) > 0 {
		return wrong.err()
	}
	var test struct{ Name, Hash string }
	if err := r.ask(ctx, http.MethodGet, "/api/v1/test", nil, &test); err != nil {
		return err
	}
	if mine := a.testHash(); test.Hash != mine {
		return fmt.Errorf("--on %s: another test stands there (%q, %s) than this one (%q, %s): serve the same sources there", o.on, test.Name, test.Hash, testName(a.Test), mine)
	}
	var started struct{ ID string }
	if err := r.ask(ctx, http.MethodPost, "/api/v1/runs", settings, &started); err != nil {
		return err
	}
	return a.follow(ctx, o, r, started.ID)
}

// follow shows a run of a controller until its end, and finishes with its report as if it had been here.
func (a *app) follow(ctx context.Context, o *options, r *remote, id string) error {
	d := &display{app: a, options: o, out: a.Out}
	if o.out.toStdout() {
		d.out = a.Err
	}
	d.lines, d.colour = &oneAtTime{w: d.out}, a.colourful(d.out)
	a.presses.handle(func(int) {
		d.say("stopping: tasks that have begun may end")
		stop, done := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer done()
		if err := r.ask(stop, http.MethodPost, "/api/v1/runs/"+url.PathEscape(id)+"/stop", nil, nil); err != nil {
			d.say(err.Error())
		}
	})
	lines := screen.Lines{Out: d.lines}
	begun, lost := false, 0
	for {
		var status struct{ State, Run string }
		err := r.ask(ctx, http.MethodGet, "/api/v1/status", nil, &status)
		over := err == nil && (status.Run != id || status.State == "done")
		if !over && err == nil {
			err = d.line(ctx, r, id, status.State, &lines, &begun)
		}
		switch {
		case over:
			got, err := r.report(ctx, id)
			if err != nil {
				return err
			}
			d.recorded = fmt.Sprintf("run %s at %s\n", id, o.on)
			d.finish(&done{display: d, report: got})
			return nil
		case err == nil:
			lost = 0
		default:
			if lost++; lost > 15 {
				return fmt.Errorf("the run goes on at %s, and is not seen from here any longer: %w", o.on, err)
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Second):
		}
	}
}

// line tells how the run stands.
func (d *display) line(ctx context.Context, r *remote, id, state string, lines *screen.Lines, begun *bool) error {
	got, err := r.report(ctx, id)
	if err != nil {
		return err
	}
	now := liveOf(got, state)
	if !*begun {
		*begun = true
		if err := lines.Begin(&now.Run); err != nil {
			return nil // nobody reads: the run goes on all the same
		}
	}
	if lines.Tell(&now) == nil && now.Total.Count > 0 {
		_ = lines.Line(&now)
	}
	return nil
}

// liveOf is a report so far as a run that goes on.
func liveOf(r *stampede.Report, state string) stampede.Live {
	l := stampede.Live{
		Run: r.Run, Elapsed: r.Run.Duration, State: state, InFlight: int(r.InFlight), Sent: r.Sent, PlannedCount: r.Planned, Dropped: r.Dropped,
		Rows: r.Judged.Rows, Total: r.Judged.Total, Whole: r.Whole.Total, Seconds: r.Judged.Seconds, Errors: r.Whole.Errors,
		Verdict: r.Verdict, Thresholds: r.Thresholds, Events: r.Events, StartFailed: r.StartFailed, Died: r.Died, UsersStarted: r.UsersStarted,
	}
	if r.Series != nil {
		if recent := r.Series.Recent(10 * time.Second); recent != nil {
			l.RecentAll, l.Recent, l.RecentSpan = recent.Total, recent.Rows, recent.Lasted()
			l.Users, l.Target = recent.Gauges.Users, recent.Gauges.Target
		}
	}
	return l
}

// report is the run as it stands.
func (r *remote) report(ctx context.Context, id string) (*stampede.Report, error) {
	resp, err := r.send(ctx, http.MethodGet, "/api/v1/runs/"+url.PathEscape(id)+"/report.json", nil)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	return report.ReadJSON(resp.Body)
}

// ask sends JSON and reads JSON; into may be nil.
func (r *remote) ask(ctx context.Context, method, path string, body, into any) error {
	resp, err := r.send(ctx, method, path, body)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if into == nil {
		_, err = io.Copy(io.Discard, resp.Body)
		return err
	}
	return json.NewDecoder(resp.Body).Decode(into)
}

// send asks; what is refused comes back as mistakes in the controller's words.
func (r *remote) send(ctx context.Context, method, path string, body any) (*http.Response, error) {
	var text io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		text = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, method, r.url+path, text)
	if err != nil {
		return nil, err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if r.token != "" {
		req.Header.Set("Authorization", "Bearer "+r.token)
	}
	resp, err := r.client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("--on %s: it does not answer: %w", setting.MaskURL(r.url), errors.Unwrap(err))
	}
	if resp.StatusCode < 300 {
		return resp, nil
	}
	defer resp.Body.Close()
	var problem struct {
		Detail string
		Errors []struct{ Message string }
	}
	if err := json.NewDecoder(io.LimitReader(resp.Body, 1<<20)).Decode(&problem); err != nil || problem.Detail == "" {
		return nil, fmt.Errorf("--on %s: it answers %s", setting.MaskURL(r.url), resp.Status)
	}
	var wrong mistakes
	for _, one := range problem.Errors {
		wrong.add(errors.New(one.Message))
	}
	if len(wrong) == 0 {
		hint := "" // in front: what follows Authorization is masked
		if resp.StatusCode == http.StatusUnauthorized {
			hint = "here it is read from STAMPEDE_TOKEN; "
		}
		wrong.add(fmt.Errorf("--on %s: %s%s", setting.MaskURL(r.url), hint, problem.Detail))
	}
	return nil, wrong.err()
}
