package stampede_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stampede-load/stampede"
)

func TestHooksSeePlanAndResult(t *testing.T) {
	srv, pages := site(t)
	var seen atomic.Int64
	var after int64
	test := stampede.Test{
		Users: shoppers(stampede.Task[shopper]{Do: (*shopper).Browse}),
		Before: func(_ context.Context, p *stampede.Plan) error {
			p.Host, p.Iterations, p.Users = srv.URL, 30, stampede.Level(3)
			return nil
		},
		After: func(_ context.Context, p *stampede.Plan, r *stampede.Report) error {
			if p.Host != srv.URL {
				t.Errorf("After was given the plan of %s", p.Host)
			}
			after = r.Whole.Total.Count
			return errors.New("remember me")
		},
		OnSample: func(s stampede.Sample) {
			if s.Duration <= 0 || s.Err != nil || s.Type == "" || s.Start.IsZero() {
				t.Errorf("sample %+v", s)
			}
			seen.Add(1)
		},
	}
	rep, err := stampede.Run(t.Context(), stampede.Plan{Test: test})
	if err == nil || !strings.Contains(err.Error(), "remember me") || rep == nil {
		t.Fatalf("report %v, error %v; want the report and the error of After", rep != nil, err)
	}
	// Quick users may leave nothing for the last one to do: one to three log-ins.
	if logins := after - 30; logins < 1 || logins > 3 || seen.Load() != after || pages.Load() != 30 {
		t.Errorf("After saw %d requests, OnSample %d, the site %d pages; want 30 pages and up to three log-ins", after, seen.Load(), pages.Load())
	}
	test.Before = func(context.Context, *stampede.Plan) error { return errors.New("no licence") }
	if _, err := stampede.Run(t.Context(), stampede.Plan{Test: test, Host: srv.URL}); err == nil || !strings.Contains(err.Error(), "no licence") {
		t.Errorf("error %v, want what Before returned", err)
	}
	if pages.Load() != 30 {
		t.Error("a run was started although Before failed")
	}
}

func TestTryPrintsEachRequest(t *testing.T) {
	srv, _ := site(t)
	var out bytes.Buffer
	err := stampede.Try(t.Context(), stampede.Plan{
		Test: stampede.Test{Users: shoppers(stampede.Task[shopper]{Do: (*shopper).Browse}, stampede.Task[shopper]{Do: (*shopper).Broken})},
		Host: srv.URL,
	}, &out)
	if !errors.Is(err, stampede.ErrTryFailed) {
		t.Errorf("error %v, want to be told that something failed", err)
	}
	for _, want := range []string{
		"user type shopper", "POST " + srv.URL + "/login", "Log In", "200 OK", `{"success":true}`, "cookie    id", "task Browse", "hello",
		"task Broken", "503 Service Unavailable", "FAILED", "3 tasks, 3 requests, 1 failed",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the output does not say %q:\n%s", want, out.String())
		}
	}
	for _, secret := range []string{"id=42", "pass word"} {
		if strings.Contains(out.String(), secret) {
			t.Errorf("the output shows %q", secret)
		}
	}
}

// A check shows and judges all that a test can do: what it measures itself, steps, requests side by side, the beginnings and ends of sets.
func TestTryShowsEverything(t *testing.T) {
	srv, _ := site(t)
	said := func(name string) func(*shopper, context.Context) error {
		return func(s *shopper, ctx context.Context) error {
			s.Log().Debug("hello", "from", name)
			return nil
		}
	}
	inner := &stampede.Set[shopper]{
		OnStart: said("inner start"), OnStop: func(*shopper, context.Context) error { return errors.New("the door is stuck") },
		Tasks: []stampede.Task[shopper]{{Name: "Together", Do: func(s *shopper, ctx context.Context) error {
			return s.Together(ctx, func(ctx context.Context) error { return s.Browse(ctx) }, func(ctx context.Context) error { return s.Browse(ctx) })
		}}},
	}
	var out bytes.Buffer
	err := stampede.Try(t.Context(), stampede.Plan{
		Test: stampede.Test{Users: []stampede.UserType{stampede.Users(stampede.Spec[shopper]{
			OnStart: (*shopper).LogIn, OnStop: said("the end"),
			Tasks: []stampede.Task[shopper]{
				{Name: "Shop", Set: inner},
				{Name: "Query", Do: func(s *shopper, _ context.Context) error {
					return s.Record("SQL", "find seats", func() error { return errors.New("no seats") })
				}},
				{Name: "Buy", Do: func(s *shopper, ctx context.Context) error {
					return s.Step(ctx, "Buy a ticket", func(context.Context) error { return errors.New("sold out") })
				}},
				{Name: "Elsewhere", Do: func(s *shopper, _ context.Context) error {
					s.Sample(stampede.Sample{Type: "MQTT", Name: "publish", Duration: time.Millisecond})
					return nil
				}},
			},
		})}},
		Host: srv.URL,
	}, &out)
	if !errors.Is(err, stampede.ErrTryFailed) {
		t.Errorf("error %v, want to be told that something failed", err)
	}
	at := 0
	for _, want := range []string{
		"▸ OnStart of Shop", `from="inner start"`, "▸ task Together", "GET " + srv.URL + "/page", "GET " + srv.URL + "/page",
		"▸ OnStop of Shop", "failed, ", "the door is stuck", "SQL find seats", "FAILED    no seats", "STEP Buy a ticket", "FAILED    sold out",
		"MQTT publish", "▸ OnStop\n", `from="the end"`, "8 tasks, 5 requests, 3 failed", "SQL find seats: no seats",
	} {
		next := strings.Index(out.String()[at:], want)
		if next < 0 {
			t.Fatalf("the output does not say %q where it belongs:\n%s", want, out.String())
		}
		at += next + len(want)
	}
}

// User types that a run was too small for are told: nothing in the tables would.
func TestAbsentUsersAreTold(t *testing.T) {
	srv, _ := site(t)
	users := func(name string, fixed int) stampede.UserType {
		return stampede.Users(stampede.Spec[shopper]{Name: name, Fixed: fixed, OnStart: (*shopper).LogIn, Tasks: []stampede.Task[shopper]{{Do: (*shopper).Browse}}})
	}
	test := stampede.Test{Users: []stampede.UserType{users("Guard", 3), users("Fan", 0)}}
	warned := func(n float64) string {
		return strings.Join(run(t, stampede.Plan{Test: test, Host: srv.URL, Users: stampede.Level(n), Iterations: 1000}).Warnings, "\n")
	}
	if got := warned(2); !strings.Contains(got, `2 of 3 users of type "Guard" were there`) || !strings.Contains(got, `no user of type "Fan" was there`) {
		t.Errorf("two users: %s", got)
	}
	if got := warned(4); strings.Contains(got, "there:") {
		t.Errorf("four users: %s", got)
	}
}

// A log that nobody keeps makes no garbage: a test may say much.
func TestSilentLogIsFree(t *testing.T) {
	var allocs float64
	task := stampede.Task[shopper]{Name: "Say", Do: func(s *shopper, _ context.Context) error {
		allocs = testing.AllocsPerRun(10_000, func() { s.Log().Info("hello") })
		return nil
	}}
	run(t, stampede.Plan{Test: stampede.Test{Users: []stampede.UserType{stampede.Users(stampede.Spec[shopper]{Tasks: []stampede.Task[shopper]{task}})}}, Iterations: 1})
	if allocs >= 1 {
		t.Errorf("%v allocations for a line that goes nowhere", allocs)
	}
}

// A run logs where its plan says.
func TestLog(t *testing.T) {
	var out bytes.Buffer
	task := stampede.Task[shopper]{Name: "Say", Do: func(s *shopper, _ context.Context) error {
		s.Log().Info("hello")
		return nil
	}}
	users := []stampede.UserType{stampede.Users(stampede.Spec[shopper]{Tasks: []stampede.Task[shopper]{task}})}
	run(t, stampede.Plan{Test: stampede.Test{Users: users}, Iterations: 2, Log: slog.New(slog.NewTextHandler(&out, nil))})
	if strings.Count(out.String(), "msg=hello user=0 type=shopper") != 2 {
		t.Errorf("the log is\n%s", out.String())
	}
}

func TestRunsNeverMeet(t *testing.T) {
	one, pagesOne := site(t)
	two, pagesTwo := site(t)
	test := stampede.Test{Users: shoppers(stampede.Task[shopper]{Do: (*shopper).Browse})}
	done := make(chan *stampede.Report, 2)
	for _, host := range []string{one.URL, two.URL} {
		go func() {
			rep, err := stampede.Run(t.Context(), stampede.Plan{Test: test, Host: host, Users: stampede.Level(4), Iterations: 100})
			if err != nil {
				t.Error(err)
			}
			done <- rep
		}()
	}
	for range 2 {
		// 100 pages, and the log-in of each of the 4 users; one that is quick may have asked for all pages before another has begun.
		if rep := <-done; rep != nil && (rep.Whole.Total.Count < 101 || rep.Whole.Total.Count > 104) {
			t.Errorf("%d requests, want the 101 to 104 of its own run", rep.Whole.Total.Count)
		}
	}
	if pagesOne.Load() != 100 || pagesTwo.Load() != 100 {
		t.Errorf("pages %d and %d, want 100 each", pagesOne.Load(), pagesTwo.Load())
	}
}
