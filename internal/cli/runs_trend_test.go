package cli

import (
	"strings"
	"testing"
)

// A name that is only asked for in the warm-up has no trend, however often the runs are repeated.
func TestTrendOfAName(t *testing.T) {
	tr := &trend{plan: "cafe", subject: "Log In", left: []leftOut{{why: "without Log In"}, {why: "without Log In"}}}
	if got := tr.tooFew().Error(); got != "none of the 2 runs of plan cafe asked for Log In after its warm-up: name another request with --name" {
		t.Error(got)
	}
	tr.left[1].why = "INVALID"
	if got := tr.tooFew().Error(); !strings.HasPrefix(got, "a trend needs at least 4 runs of one plan") || !strings.Contains(got, "1 without Log In, 1 INVALID") {
		t.Error(got)
	}
}
