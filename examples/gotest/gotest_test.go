package gotest

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/stampedetest"
)

// TestSiteBearsTwentyReaders is a load test as part of the tests of a site.
func TestSiteBearsTwentyReaders(t *testing.T) {
	site := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "news") })
	test := stampede.Test{
		Users:      []stampede.UserType{stampede.Pages("/news")},
		Thresholds: []stampede.Threshold{stampede.P95().Below(10 * time.Second), stampede.Failures().BelowShare(0.001)},
	}
	report := stampedetest.Run(t, site, test, 1)
	stampedetest.NoFailures(t, report)
	for _, th := range report.Thresholds {
		if !th.Passed {
			t.Errorf("%s: %s", th.Expr, th.Reason)
		}
	}
}
