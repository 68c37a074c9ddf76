// Package stampedetest tests a load test: it runs a behaviour a few times against a fake site, in a go test, and says what went wrong. A
// test of a test catches the log-in that never logs in before ten thousand users repeat it.
//
//	func TestFan(t *testing.T) {
//		report := stampedetest.Run(t, fakeSite(), test(), 20)
//		stampedetest.NoFailures(t, report)
//		stampedetest.AtLeast(t, report, "Log In", 1)
//	}
package stampedetest

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stampede-load/stampede"
)

// limit bounds a run: a behaviour that hangs fails its test and does not hold it.
const limit = time.Minute

// Run starts a site that answers with the handler on a loopback port, and lets one user of each user type of the test do tasks against it,
// so many in all. Waits are left as they are; give the test short ones. It fails tb when the plan has mistakes.
func Run(tb testing.TB, handler http.Handler, test stampede.Test, tasks int) *stampede.Report {
	tb.Helper()
	site := httptest.NewServer(handler)
	defer site.Close()
	return Plan(tb, stampede.Plan{
		Test: test, Host: site.URL, Users: stampede.Level(float64(len(test.Users))), Iterations: int64(tasks), Seed: 1,
	})
}

// Plan runs any plan for at most a minute and gives its report. It fails tb when the plan has mistakes.
func Plan(tb testing.TB, plan stampede.Plan) *stampede.Report {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), limit)
	defer cancel()
	report, err := stampede.Run(ctx, plan)
	if err != nil {
		tb.Fatalf("run the test: %v", err)
	}
	if report.Run.Interrupted {
		tb.Errorf("the run was not done after %v", limit)
	}
	return report
}

// NoFailures fails tb when anything failed, and says what.
func NoFailures(tb testing.TB, report *stampede.Report) {
	tb.Helper()
	for _, e := range report.Whole.Errors {
		tb.Errorf("%s %s failed %d times: %s", e.Type, e.Name, e.Count, e.Text)
		if e.Stack != "" {
			tb.Log(e.Stack)
		}
	}
	if report.Whole.Total.Count == 0 {
		tb.Error("nothing was measured: the test made no request")
	}
}

// AtLeast fails tb when fewer than n requests of this name were made.
func AtLeast(tb testing.TB, report *stampede.Report, name string, n int64) {
	tb.Helper()
	var got int64
	for i := range report.Whole.Rows {
		if report.Whole.Rows[i].Name == name {
			got += report.Whole.Rows[i].Count
		}
	}
	if got < n {
		tb.Errorf("%d requests named %q, want at least %d", got, name, n)
	}
}
