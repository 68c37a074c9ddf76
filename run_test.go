package stampede_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stampede-load/stampede"
)

// shopper is a visitor of the little site of these tests.
type shopper struct {
	stampede.HTTPUser
	id string
}

func (s *shopper) LogIn(ctx context.Context) error {
	resp, err := s.Post(ctx, "/login", stampede.Name("Log In"), stampede.Form("email", "a@b.example", "password", "pass word&"),
		stampede.Check(func(r *stampede.Response) error {
			var answer struct{ Success bool }
			if err := r.JSON(&answer); err != nil {
				return err
			}
			if !answer.Success {
				return errors.New("log-in refused")
			}
			return nil
		}))
	if err != nil {
		return err
	}
	s.id = resp.Cookie("id")
	return nil
}

func (s *shopper) Browse(ctx context.Context) error {
	_, err := s.Get(ctx, "/page?x=1")
	return err
}

func (s *shopper) Broken(ctx context.Context) error {
	_, err := s.Get(ctx, "/broken", stampede.Name("Broken"))
	return err
}

// site is a little site that counts.
func site(t testing.TB) (*httptest.Server, *atomic.Int64) {
	t.Helper()
	var pages atomic.Int64
	mux := http.NewServeMux()
	mux.HandleFunc("POST /login", func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "id", Value: "42", Path: "/"})
		fmt.Fprintf(w, `{"success":%v}`, r.FormValue("password") == "pass word&")
	})
	mux.HandleFunc("GET /page", func(w http.ResponseWriter, r *http.Request) {
		pages.Add(1)
		if c, err := r.Cookie("id"); err != nil || c.Value != "42" {
			http.Error(w, "log in first", http.StatusUnauthorized)
			return
		}
		fmt.Fprint(w, "hello")
	})
	mux.HandleFunc("GET /broken", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusServiceUnavailable) })
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	return srv, &pages
}

func shoppers(tasks ...stampede.Task[shopper]) []stampede.UserType {
	return []stampede.UserType{stampede.Users(stampede.Spec[shopper]{OnStart: (*shopper).LogIn, Tasks: tasks})}
}

func run(t *testing.T, plan stampede.Plan) *stampede.Report {
	t.Helper()
	rep, err := stampede.Run(t.Context(), plan)
	if err != nil {
		t.Fatal(err)
	}
	return rep
}

func TestRunCountsWhatTheSiteCounts(t *testing.T) {
	srv, pages := site(t)
	rep := run(t, stampede.Plan{
		Test: stampede.Test{Users: shoppers(stampede.Task[shopper]{Do: (*shopper).Browse})}, Host: srv.URL,
		Users: stampede.Level(10), Iterations: 500,
	})
	row := rep.Whole.Row(stampede.Key{Type: "GET", Name: "/page"})
	if row == nil || row.Count != 500 || row.Failures != 0 || pages.Load() != 500 {
		t.Fatalf("row %+v; the site served %d pages, want 500 in both", row, pages.Load())
	}
	// Quick users may leave nothing for the last ones to do.
	login := rep.Whole.Row(stampede.Key{Type: "POST", Name: "Log In"})
	if login == nil || login.Count < 1 || login.Count > 10 || login.Failures != 0 || rep.UsersStarted != login.Count {
		t.Errorf("log-ins %+v, %d users started; want as many, without failure", login, rep.UsersStarted)
	}
	if rep.Run.Stopped != "iterations" || rep.Run.Model != stampede.Closed {
		t.Errorf("stopped by %q, %s", rep.Run.Stopped, rep.Run.Model)
	}
}

func TestZeroPlanRunsOneUserOnce(t *testing.T) {
	srv, pages := site(t)
	rep := run(t, stampede.Plan{
		Test: stampede.Test{Users: shoppers(stampede.Task[shopper]{Do: (*shopper).Browse}, stampede.Task[shopper]{Do: (*shopper).Broken})},
		Host: srv.URL,
	})
	if pages.Load() != 1 || rep.Whole.Total.Count != 3 || rep.Whole.Total.Failures != 1 {
		t.Errorf("%d pages, %d requests, %d failures; want each task once", pages.Load(), rep.Whole.Total.Count, rep.Whole.Total.Failures)
	}
	if len(rep.Whole.Errors) != 1 || !strings.Contains(rep.Whole.Errors[0].Text, "503") || rep.Whole.Errors[0].Name != "Broken" {
		t.Errorf("errors %+v, want one of Broken with its status, counted once", rep.Whole.Errors)
	}
}

func TestPanicIsACountedError(t *testing.T) {
	srv, _ := site(t)
	var other atomic.Int64
	rep := run(t, stampede.Plan{
		Test: stampede.Test{Users: shoppers(
			stampede.Task[shopper]{Name: "Boom", Do: func(*shopper, context.Context) error { panic("boom") }},
			stampede.Task[shopper]{Name: "Fine", Do: func(*shopper, context.Context) error { other.Add(1); return nil }},
		)},
		Host: srv.URL, Users: stampede.Level(2), Iterations: 50,
	})
	for _, e := range rep.Whole.Errors {
		if e.Name == "Boom" && e.Text == "panic: boom" && strings.Contains(e.Stack, "run_test.go") && e.Count > 0 && other.Load()+e.Count == 50 {
			return
		}
	}
	t.Errorf("errors %+v; want the panics grouped with their stack, and the users going on (%d other tasks)", rep.Whole.Errors, other.Load())
}

func TestNobodyStarted(t *testing.T) {
	rep := run(t, stampede.Plan{
		Test: stampede.Test{Users: []stampede.UserType{stampede.Users(stampede.Spec[shopper]{
			Starts:  1,
			OnStart: func(*shopper, context.Context) error { return errors.New("no tickets") },
			Tasks:   []stampede.Task[shopper]{{Do: (*shopper).Browse}},
		})}},
		Host: "http://127.0.0.1:1", Users: stampede.Level(3), Duration: time.Minute,
	})
	if rep.StartFailed != 3 || rep.Died != 3 || rep.UsersStarted != 0 || rep.Run.Stopped != "everybody has left" {
		t.Errorf("start failed %d, died %d, started %d, stopped by %q", rep.StartFailed, rep.Died, rep.UsersStarted, rep.Run.Stopped)
	}
}

func TestMistakesComeTogether(t *testing.T) {
	_, err := stampede.Run(t.Context(), stampede.Plan{
		Test: stampede.Test{Users: []stampede.UserType{stampede.Users(stampede.Spec[shopper]{
			Weight: -1, Wait: stampede.Between(2*time.Second, time.Second),
			Tasks: []stampede.Task[shopper]{{Name: "a", Do: (*shopper).Browse}},
			Order: stampede.Markov, Next: map[string]map[string]float64{"a": {"b": 1}},
		})}},
		Host: "example.org", SpawnRate: -1, Tags: []string{"nope"},
	})
	if err == nil {
		t.Fatal("a plan full of mistakes was run")
	}
	for _, want := range []string{"no scheme", "spawn rate -1", `no tag "nope"`} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not say %q:\n%v", want, err)
		}
	}
}

func TestTooManyUsersForThisMachineAreRefused(t *testing.T) {
	_, err := stampede.Run(t.Context(), stampede.Plan{
		Test: stampede.Test{Users: shoppers(stampede.Task[shopper]{Do: (*shopper).Browse})}, Host: "http://127.0.0.1:1",
		Users: stampede.Level(900_000_000), Duration: time.Second,
	})
	if err == nil || !strings.Contains(err.Error(), "this machine cannot carry the plan") {
		t.Errorf("error %v, want to be told before the run what to set", err)
	}
}

// What the test does around the run may panic: the results of the run are there nevertheless, and the error says where it was.
func TestPanicsAroundTheRun(t *testing.T) {
	srv, _ := site(t)
	plan := stampede.Plan{Test: stampede.Test{Users: shoppers(stampede.Task[shopper]{Do: (*shopper).Browse})}, Host: srv.URL, Iterations: 3}
	plan.Test.After = func(context.Context, *stampede.Plan, *stampede.Report) error { panic("no disk") }
	r, err := stampede.Run(t.Context(), plan)
	if err == nil || !strings.Contains(err.Error(), "after the run: panic: no disk") || !strings.Contains(err.Error(), "run_test.go") {
		t.Errorf("the error is %v", err)
	}
	if r == nil || r.Judged.Total.Count < 3 {
		t.Errorf("the report is %+v", r)
	}
	plan.Test.Before = func(context.Context, *stampede.Plan) error { panic("no database") }
	if _, err := stampede.Run(t.Context(), plan); err == nil || !strings.Contains(err.Error(), "before the run: panic: no database") {
		t.Errorf("the error is %v", err)
	}
}
