package stampede_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"

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
