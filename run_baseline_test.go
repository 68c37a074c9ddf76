package stampede_test

import (
	"strings"
	"testing"

	"github.com/stampede-load/stampede"
)

// A threshold may compare with an earlier run, in its own names.
func TestBaselineThreshold(t *testing.T) {
	srv, _ := site(t)
	plan := stampede.Plan{
		Host: srv.URL, Users: stampede.Level(2), Iterations: 40,
		Test: stampede.Test{Users: shoppers(stampede.Task[shopper]{Do: (*shopper).Browse})},
	}
	earlier := run(t, plan)
	plan.Baseline = earlier
	plan.Thresholds = []stampede.Threshold{
		stampede.ParseThreshold(`p95 <= baseline * 1000`),
		stampede.ParseThreshold(`"/page" count >= baseline`),
		stampede.ParseThreshold(`p95 <= baseline * 0.0001`),
		stampede.ParseThreshold(`"Nobody" p95 <= baseline`),
	}
	r := run(t, plan)
	for i, want := range []bool{true, true, false, false} {
		if got := r.Thresholds[i]; got.Passed != want {
			t.Errorf("%s: passed %v: %s, limit %s: %s", got.Expr, got.Passed, got.ValueText, got.LimitText, got.Reason)
		}
	}
}

// Without an earlier run it is a mistake, told with all others and before anything starts.
func TestThresholdWithoutBaseline(t *testing.T) {
	plan := stampede.Plan{
		Host: "ftp://127.0.0.1",
		Test: stampede.Test{
			Users:      shoppers(stampede.Task[shopper]{Do: (*shopper).Browse}),
			Thresholds: []stampede.Threshold{stampede.ParseThreshold(`seconds(p95 < baseline) >= 99%`)},
		},
		Thresholds: []stampede.Threshold{stampede.ParseThreshold("p95 <"), stampede.ParseThreshold("p95 < 1s")},
	}
	_, err := stampede.Start(t.Context(), plan)
	for _, got := range []error{plan.Validate(), err} {
		if got == nil {
			t.Fatal("no mistake")
		}
		for _, want := range []string{"ftp", "pass --baseline RUN", "seconds(p95 < baseline)"} {
			if !strings.Contains(got.Error(), want) {
				t.Errorf("%q is missing in %q", want, got)
			}
		}
		if strings.Count(got.Error(), "--baseline") != 1 {
			t.Errorf("said of the wrong thresholds: %q", got)
		}
	}
}

// The hash of a plan is that of its runs, and on this machine whatever the port is.
func TestHash(t *testing.T) {
	srv, _ := site(t)
	plan := stampede.Plan{Host: srv.URL, Test: stampede.Test{Users: shoppers(stampede.Task[shopper]{Do: (*shopper).Browse})}}
	if r := run(t, plan); r.Run.PlanHash != plan.Hash() || plan.Hash() == "" {
		t.Errorf("the plan is %q, its run %q", plan.Hash(), r.Run.PlanHash)
	}
	of := func(host string) string {
		plan.Host = host
		return plan.Hash()
	}
	for _, same := range [][2]string{{"http://127.0.0.1:1", "http://127.0.0.1:2"}, {"http://localhost:1", "http://localhost"}, {"http://[::1]:1", "http://[::1]:2"}} {
		if of(same[0]) != of(same[1]) {
			t.Errorf("%s and %s are two plans", same[0], same[1])
		}
	}
	for _, other := range [][2]string{{"http://example.org:1", "http://example.org:2"}, {"http://127.0.0.1", "https://127.0.0.1"}, {"http://a.example", "http://b.example"}} {
		if of(other[0]) == of(other[1]) {
			t.Errorf("%s and %s are one plan", other[0], other[1])
		}
	}
	if of("ftp://x") != "" {
		t.Error("a plan with mistakes has a hash")
	}
}
