package gotest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/stampedetest"
)

// TestSiteBearsTwentyReaders is a load test as part of the tests of a site: twenty readers come at once, and each opens a page.
func TestSiteBearsTwentyReaders(t *testing.T) {
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "news") }))
	defer site.Close()
	report := stampedetest.Plan(t, stampede.Plan{
		Test:       stampede.Test{Users: []stampede.UserType{stampede.Pages("/news")}},
		Host:       site.URL,
		Users:      stampede.Level(20),
		Iterations: 20,
		Thresholds: []stampede.Threshold{stampede.P95().Below(10 * time.Second), stampede.Failures().BelowShare(0.001)},
	})
	stampedetest.NoFailures(t, report)
	stampedetest.AtLeast(t, report, "/news", 20)
	for _, th := range report.Thresholds {
		if !th.Passed {
			t.Errorf("%s: %s", th.Expr, th.Reason)
		}
	}
}
