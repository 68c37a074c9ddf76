package cli

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/stampede-load/stampede/internal/cli/setting"
	"github.com/stampede-load/stampede/internal/report"
)

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
			_, err = remoteAt("--on", *into, "")
			return err
		},
	}
}

// local are the settings that concern this side alone: where results go, and the terminal.
var local = []string{"on", "plain", "config", "allow-invalid", "csv", "csv-full-history", "json", "json-series", "html", "junit", "xlsx", "md", "hlog", "openmetrics", "ledger", "no-record"}

// elsewhere has the run carried out by the controller that --on names.
func (a *app) elsewhere(ctx context.Context, o *options, l *line, types []string, wrong mistakes) error {
	token, _ := a.lookup("STAMPEDE_TOKEN")
	r, err := remoteAt("--on", o.on, token)
	wrong.add(err)
	settings := map[string]any{}
	l.set.Each(func(s *setting.Setting) {
		if !l.set.Given(s.Name) {
			return
		}
		switch {
		case slices.Contains(local, s.Name): // they are read here
		case offered(s):
			settings[s.FileKey()] = l.set.Texts(func(o *setting.Setting) bool { return o.Name == s.Name })[s.FileKey()]
		case l.set.Source(s.Name) == setting.FromFlag:
			wrong.add(fmt.Errorf("--%s does not go with --on: it is about a run on this machine", s.Name))
		}
	})
	if len(types) > 0 {
		settings[typesKey] = types
	}
	if never := o.plan.HTTP.Never; len(never) > 0 { // the rules of this folder hold there too
		settings[neverKey] = never
	}
	wrong.add(o.out.preflight())
	if len(wrong) > 0 {
		return wrong.err()
	}
	r.who, _ = a.lookup("USER")
	var test struct{ Name, Hash string }
	err = r.ask(ctx, http.MethodGet, "/api/v1/test", nil, &test)
	if err != nil {
		return err
	}
	if mine := a.testHash(); test.Hash != mine {
		return fmt.Errorf("--on %s: another test stands there (%q, %s) than this one (%q, %s): serve the same sources there", o.on, test.Name, test.Hash, testName(a.Test), mine)
	}
	if o.baseline == markedIfAny {
		return fmt.Errorf("--baseline %s: with --on name a run there: an id, last, or baseline", o.baseline)
	}
	if o.baseline != "" { // "last" is the run before this one
		if o.plan.Baseline, _, err = r.result(ctx, o.baseline, ""); err != nil {
			return fmt.Errorf("--baseline %s: %w", o.baseline, err)
		}
	}
	var load struct {
		Length float64 `json:"length_s"`
	}
	if err := r.ask(ctx, http.MethodPost, "/api/v1/plan", settings, &load); err != nil {
		return err
	}
	var started struct{ ID string }
	if err := r.ask(ctx, http.MethodPost, "/api/v1/runs", settings, &started); err != nil {
		return err
	}
	return a.follow(ctx, o, &distant{remote: r, id: started.ID, planned: time.Duration(load.Length * float64(time.Second)), done: make(chan struct{})})
}

// follow shows a run of a controller until its end, and finishes with its report as if it had been here.
func (a *app) follow(ctx context.Context, o *options, t *distant) error {
	for range 50 { // a run that is only just starting has no figures yet
		if t.wrong = t.look(ctx); t.wrong == nil || ctx.Err() != nil {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	if t.wrong != nil {
		return fmt.Errorf("run %s was started at %s, and cannot be seen from here: %w", t.id, setting.MaskURL(o.on), t.wrong)
	}
	watching, stop := context.WithCancel(ctx)
	defer stop()
	d := a.show(o, t)
	go t.watch(watching)
	d.until(ctx, t)
	<-t.done
	if t.report == nil {
		return t.wrong
	}
	over := &done{display: d, report: t.report}
	if prefix := o.out.paths[formatCSV]; prefix != "" {
		over.logged = report.WriteAll(append(report.CSVFiles(prefix, t.report), report.CSVHistoryFile(prefix, t.report, report.CSVOptions{FullHistory: o.out.csvFull}))...)
	}
	d.recorded = fmt.Sprintf("run %s at %s\n", t.id, setting.MaskURL(o.on))
	d.finish(over)
	return nil
}
