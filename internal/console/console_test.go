package console_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/console"
	"github.com/stampede-load/stampede/internal/report"
	"github.com/stampede-load/stampede/internal/stats"
)

// fan asks for nothing: it records what it is told to.
type fan struct{ stampede.User }

func (f *fan) Read(context.Context) error {
	return f.Record("READ", "page <b>one</b>", func() error { return nil })
}

func (f *fan) Fail(context.Context) error {
	return f.Record("READ", "broken", func() error { return errors.New("out of order") })
}

func fans() stampede.Test {
	return stampede.Test{Name: "Fans", Users: []stampede.UserType{stampede.Users(stampede.Spec[fan]{
		Wait:  stampede.Constant(20 * time.Millisecond),
		Tasks: []stampede.Task[fan]{{Weight: 9, Do: (*fan).Read}, {Do: (*fan).Fail}},
	})}}
}

// rig is a console over a real run and a ledger in memory.
type rig struct {
	t       *testing.T
	console *console.Console
	server  *httptest.Server
	ledger  *memoryLedger

	mu      sync.Mutex
	running []*stampede.Running
}

func newRig(t *testing.T, change func(*console.Config)) *rig {
	r := &rig{t: t, ledger: &memoryLedger{}}
	cfg := console.Config{
		Test: console.Test{Name: "Fans", Hash: "abc", Types: fans().Outline(), Settings: []console.Setting{{Key: "users"}}}, Ledger: r.ledger, Start: r,
		Pages: filePages{}, Log: func(text string) { t.Log(text) },
	}
	if change != nil {
		change(&cfg)
	}
	r.console = console.New(cfg)
	r.server = httptest.NewUnstartedServer(nil)
	r.server.Config = r.console.Server()
	r.server.Start()
	t.Cleanup(func() {
		r.console.Close()
		r.mu.Lock()
		all := slices.Clone(r.running)
		r.mu.Unlock()
		for _, run := range all {
			run.Cancel("end of the test")
			run.Wait()
		}
		r.server.Close()
	})
	return r
}

// Begin implements console.Starter.
func (r *rig) Begin(_ context.Context, settings map[string]any, who string) (string, error) {
	if _, ok := settings["xylophone"]; ok {
		return "", console.Mistakes{{Key: "xylophone", Text: "xylophone: no setting has that name"}, {Text: "and more"}}
	}
	n, _ := settings["users"].(float64)
	plan := stampede.Plan{Test: fans(), Users: stampede.Level(max(n, 1)), Changes: who}
	if settings["rate"] != nil {
		plan.Users, plan.Rate = nil, stampede.Level(50)
	}
	if s, _ := settings["run-time"].(float64); s > 0 {
		plan.Duration = time.Duration(s * float64(time.Second))
	}
	watched := r.console.Watch()
	plan.Observers = append(plan.Observers, r.ledger, watched)
	run, err := stampede.Start(context.Background(), plan)
	if err != nil {
		return "", console.Mistakes{{Text: err.Error()}}
	}
	r.mu.Lock()
	r.running = append(r.running, run)
	r.mu.Unlock()
	watched.Going(steered{run})
	return run.Info().ID, nil
}

// Plan implements console.Starter.
func (r *rig) Plan(_ context.Context, settings map[string]any) (stampede.Load, console.Mistakes) {
	if settings["xylophone"] != nil {
		return stampede.Load{}, console.Mistakes{{Key: "xylophone", Text: "no"}}
	}
	return stampede.Load{Length: 10 * time.Second, Points: []stampede.At{{}, {At: 10 * time.Second, Level: 5}}}, nil
}

type steered struct{ *stampede.Running }

func (s steered) SetUsers(who string, n int, rate float64) error { return s.As(who).SetUsers(n, rate) }
func (s steered) SetRate(who string, rate float64) error         { return s.As(who).SetRate(rate) }
func (s steered) Pause(who string)                               { s.As(who).Pause() }
func (s steered) Resume(who string)                              { s.As(who).Resume() }
func (s steered) Stop(who string)                                { s.Running.Stop("stopped by " + who) }
func (s steered) Annotate(who, text string)                      { s.As(who).Annotate(text) }

// filePages writes runs as the command line does.
type filePages struct{}

func (filePages) Page(w io.Writer, r *stampede.Report) error { return report.WritePage(w, r) }

func (filePages) Row(row *stats.Row) ([]byte, error) { return report.PageRow(row) }
func (filePages) Servers(w io.Writer, r *stampede.Report, from time.Duration, points int) error {
	return report.WriteServers(w, r, from, points)
}

func (filePages) Formats() []console.Format {
	return []console.Format{
		{Name: "json", Type: "application/json", Write: func(w io.Writer, r *stampede.Report) error {
			return report.WriteJSON(w, r, report.JSONOptions{Series: true})
		}},
		{Name: "html", Type: "text/html", Write: report.WriteHTML},
		{Name: "stats.csv", Type: "text/csv", Write: report.WriteCSVStats},
		{Name: "torn", Type: "text/plain", Write: func(w io.Writer, _ *stampede.Report) error {
			if _, err := io.WriteString(w, strings.Repeat("x", 1<<16)); err != nil {
				return err
			}
			return errors.New("the disk is full at /secret/path")
		}},
	}
}

// memoryLedger keeps runs that ended.
type memoryLedger struct {
	mu   sync.Mutex
	runs []*stampede.Report
}

func (b *memoryLedger) Begin(stampede.RunInfo)  {}
func (b *memoryLedger) Second(*stampede.Second) {}
func (b *memoryLedger) Event(stampede.Event)    {}
func (b *memoryLedger) End(r *stampede.Report) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.runs = append(b.runs, r)
}

func (b *memoryLedger) find(ref string) (*stampede.Report, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, r := range b.runs {
		if r.Run.ID == ref || ref == "last" && r == b.runs[len(b.runs)-1] {
			return r, nil
		}
	}
	return nil, fmt.Errorf("%w: %q", console.ErrUnknown, ref)
}

// notes is what the only run of the ledger has as its notes.
func (b *memoryLedger) notes(t *testing.T) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.runs) != 1 {
		t.Fatalf("the ledger has %d runs", len(b.runs))
	}
	return b.runs[0].Run.Notes
}

func entry(r *stampede.Report) console.Entry {
	return console.Entry{RunInfo: r.Run, State: "done", Verdict: r.Verdict.Level.String(), Requests: r.Judged.Total.Count}
}

func (b *memoryLedger) Runs(context.Context) ([]console.Entry, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var all []console.Entry
	for _, r := range b.runs {
		all = append(all, entry(r))
	}
	return all, nil
}

func (b *memoryLedger) Find(_ context.Context, ref string) (console.Entry, error) {
	r, err := b.find(ref)
	if err != nil {
		return console.Entry{}, err
	}
	return entry(r), nil
}

func (b *memoryLedger) Report(_ context.Context, ref string, _ bool) (*stampede.Report, error) {
	return b.find(ref)
}

func (b *memoryLedger) Whole(_ context.Context, ref string) (*stampede.Report, error) {
	return b.find(ref)
}

func (b *memoryLedger) Course(_ context.Context, ref string, key stats.Key, from, to int) ([]stats.Point, error) {
	r, err := b.find(ref)
	if err != nil {
		return nil, err
	}
	return slices.Collect(r.Series.Between(key, from, to)), nil
}

func (b *memoryLedger) Write(_ context.Context, ref string, c console.Change) (console.Entry, error) {
	r, err := b.find(ref)
	if err != nil {
		return console.Entry{}, err
	}
	if c.WasNotes != nil && *c.WasNotes != r.Run.Notes {
		return console.Entry{}, fmt.Errorf("%w: somebody else changed the notes", console.ErrRefused)
	}
	if c.Notes != nil {
		r.Run.Notes = *c.Notes
	}
	return entry(r), nil
}

func (b *memoryLedger) Delete(_ context.Context, ref string) error {
	r, err := b.find(ref)
	if err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.runs = slices.DeleteFunc(b.runs, func(o *stampede.Report) bool { return o == r })
	return nil
}

func (b *memoryLedger) SetBaseline(ctx context.Context, ref string) (console.Entry, error) {
	return b.Find(ctx, ref)
}

func (b *memoryLedger) Import(_ context.Context, _ string, r io.Reader) (console.Imported, error) {
	text, err := io.ReadAll(r)
	return console.Imported{Added: len(text)}, err
}

func (b *memoryLedger) Export(_ context.Context, w io.Writer, format string) error {
	_, err := io.WriteString(w, format)
	return err
}

func (b *memoryLedger) Carry(context.Context, io.Writer, string) error { return console.ErrRefused }

func (b *memoryLedger) Trend(context.Context, io.Writer, console.TrendQuery) error {
	return errors.New("the database at /secret/path is broken")
}

func (b *memoryLedger) Compare(_ context.Context, w io.Writer, before, now []string, _ bool) error {
	return json.NewEncoder(w).Encode(map[string]any{"before": before, "now": now})
}

// ask sends a request and gives the answer with its body.
func (r *rig) ask(method, path, body string, header ...string) (*http.Response, string) {
	r.t.Helper()
	req, err := http.NewRequest(method, r.server.URL+path, strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(header); i += 2 {
		switch {
		case header[i] == "Host":
			req.Host = header[i+1]
		case header[i+1] == "":
			req.Header.Del(header[i])
		default:
			req.Header.Set(header[i], header[i+1])
		}
	}
	client := http.Client{Timeout: 20 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(req)
	if err != nil {
		r.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil && resp.StatusCode < 300 {
		r.t.Logf("%s %s: %v", method, path, err)
	}
	return resp, string(text)
}

// into asks and reads the JSON of the answer.
func (r *rig) into(v any, status int, method, path, body string, header ...string) {
	r.t.Helper()
	resp, text := r.ask(method, path, body, header...)
	if resp.StatusCode != status {
		r.t.Fatalf("%s %s: %d %s", method, path, resp.StatusCode, text)
	}
	if v == nil {
		return
	}
	if err := json.Unmarshal([]byte(text), v); err != nil {
		r.t.Fatalf("%s %s: %v in %s", method, path, err, text)
	}
}

// start starts a run and gives its id.
func (r *rig) start(body string) string {
	r.t.Helper()
	var started struct{ ID string }
	r.into(&started, http.StatusCreated, "POST", "/api/v1/runs", body, "X-Stampede-Who", "Ann")
	return started.ID
}

// until waits for a state of what goes on.
func (r *rig) until(state string) {
	r.t.Helper()
	for range 2000 {
		if r.console.Status().State == state {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	r.t.Fatalf("it is %+v, not %s", r.console.Status(), state)
}
