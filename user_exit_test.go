package stampede_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stampede-load/stampede"
)

// quitter ends its goroutine somewhere, as t.FailNow does.
type quitter struct {
	stampede.HTTPUser
	where string
}

func (q *quitter) quit(where string) {
	if q.where == where {
		runtime.Goexit()
	}
}

func (q *quitter) Start(context.Context) error { q.quit("start"); return nil }
func (q *quitter) End(context.Context) error   { q.quit("stop"); return nil }

func (q *quitter) Look(ctx context.Context) error {
	_, err := q.Get(ctx, "/", stampede.Check(func(*stampede.Response) error { q.quit("check"); return nil }))
	q.quit("task")
	if err != nil {
		return err
	}
	return q.Together(ctx, func(context.Context) error { q.quit("part"); return nil })
}

// TestCodeThatEndsItsGoroutine is a user that died and is counted, wherever its code did so, and a run that ends by itself.
func TestCodeThatEndsItsGoroutine(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("hello")) }))
	defer srv.Close()
	for where, want := range map[string]struct {
		died, requests, failed int64
		text                   string
	}{
		"start": {died: 3, text: "START"},
		"task":  {died: 3, requests: 3, text: "TASK"},
		"check": {died: 3, requests: 3, failed: 3, text: "GET"},
		"part":  {requests: 12, text: "TASK"},
		"stop":  {requests: 12, text: "STOP"},
	} {
		t.Run(where, func(t *testing.T) {
			plan := stampede.Plan{
				Test: stampede.Test{Users: []stampede.UserType{stampede.Users(stampede.Spec[quitter]{
					New: func() *quitter { return &quitter{where: where} }, OnStart: (*quitter).Start, OnStop: (*quitter).End,
					Tasks: []stampede.Task[quitter]{{Do: (*quitter).Look}},
				})}},
				Host: srv.URL, Users: stampede.Level(3), Iterations: 12,
			}
			rep, err := stampede.Run(t.Context(), plan)
			if err != nil {
				t.Fatal(err)
			}
			if rep.Died != want.died || rep.Whole.Total.Count != want.requests || rep.Whole.Total.Failures != want.failed {
				t.Errorf("%d died, %d requests, %d failed; want %+v", rep.Died, rep.Whole.Total.Count, rep.Whole.Total.Failures, want)
			}
			told := false
			for _, e := range rep.Whole.Errors {
				told = told || e.Type == want.text && strings.Contains(e.Text, "runtime.Goexit")
			}
			if !told {
				t.Errorf("no error of type %s tells it: %+v", want.text, rep.Whole.Errors)
			}
			var out strings.Builder
			plan.Users, plan.Iterations = nil, 0
			if err := stampede.Try(t.Context(), plan, &out); err == nil || where != "check" && !strings.Contains(out.String(), "runtime.Goexit") {
				t.Errorf("check: %v\n%s", err, out.String())
			}
		})
	}
}

// TestChangesFromTheFirstMoment are live changes of a run that has hardly begun.
func TestChangesFromTheFirstMoment(t *testing.T) {
	for range 20 {
		for _, open := range []bool{false, true} {
			plan := stampede.Plan{Test: sleepers(1e9, 0), Duration: 30 * time.Millisecond}
			if plan.Users = stampede.Level(3); open {
				plan.Users, plan.Rate = nil, stampede.Level(100)
			}
			r, err := stampede.Start(t.Context(), plan)
			if err != nil {
				t.Fatal(err)
			}
			var wg sync.WaitGroup
			for _, change := range []func(){
				func() { _ = r.SetRate(500) }, func() { _ = r.SetUsers(20, 0) }, r.Pause, r.Resume, func() { r.Live() }, func() { _ = r.SetRate(5) },
			} {
				wg.Go(change)
			}
			wg.Wait()
			r.Resume()
			if _, err := r.Wait(); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestNoAnswerIsNoSuccess is a site whose queue for new connections is full: some users never get an answer.
func TestNoAnswerIsNoSuccess(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Lost") != "" {
			<-r.Context().Done()
		}
		w.Write([]byte("hello"))
	})}
	go srv.Serve(ln)
	defer srv.Close()
	rep, err := stampede.Run(t.Context(), stampede.Plan{
		Test: stampede.Test{Users: []stampede.UserType{stampede.Users(stampede.Spec[lostOrNot]{
			Tasks: []stampede.Task[lostOrNot]{{Do: (*lostOrNot).Look}}, Wait: stampede.Constant(20 * time.Millisecond),
		})}},
		Host: "http://" + ln.Addr().String(), Users: stampede.Level(10), Duration: 1500 * time.Millisecond, StopTimeout: -1,
	})
	if err != nil {
		t.Fatal(err)
	}
	if rep.Whole.Total.Timeouts != 4 || rep.InFlight > 6 {
		t.Errorf("%d timeouts, %d in flight; want 4 and at most 6", rep.Whole.Total.Timeouts, rep.InFlight)
	}
	if len(rep.Notices) == 0 || !strings.Contains(rep.Notices[len(rep.Notices)-1], "4 of 10 users got no answer in the last 1.") {
		t.Errorf("notices: %q", rep.Notices)
	}
}

// lostOrNot asks; four in ten of them are never answered.
type lostOrNot struct{ stampede.HTTPUser }

func (l *lostOrNot) Look(ctx context.Context) error {
	var opts []stampede.Option
	if l.Number() < 4 {
		opts = append(opts, stampede.WithHeader("X-Lost", "1"))
	}
	_, err := l.Get(ctx, "/", opts...)
	return err
}

// TestSamplesWithoutNames have one.
func TestSamplesWithoutNames(t *testing.T) {
	rep, err := stampede.Run(t.Context(), stampede.Plan{Test: stampede.Test{Users: []stampede.UserType{stampede.Users(stampede.Spec[nameless]{
		Tasks: []stampede.Task[nameless]{{Do: (*nameless).Do}},
	})}}, Iterations: 1})
	if err != nil {
		t.Fatal(err)
	}
	if row := rep.Whole.Row(stampede.Key{Type: "SAMPLE", Name: "(no name)"}); row == nil || row.Count != 2 || len(rep.Whole.Rows) != 2 {
		t.Errorf("rows %+v", rep.Whole.Rows)
	}
}

type nameless struct{ stampede.User }

func (n *nameless) Do(ctx context.Context) error {
	n.Sample(stampede.Sample{Duration: time.Millisecond})
	_ = n.Record("", "", func() error { return nil })
	return n.Step(ctx, "", func(context.Context) error { return nil })
}
