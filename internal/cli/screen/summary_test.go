package screen

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/stats"
	"github.com/stampede-load/stampede/internal/verdict"
)

// fanReport is a finished run from figures that never change.
func fanReport() *stampede.Report {
	rows := fanRows(30)
	totals := stats.Totals{Total: sum(rows), Rows: rows, Errors: fanErrors(), Seconds: 30}
	r := &stampede.Report{
		Run: fanInfo(), Judged: totals, Whole: totals, Thresholds: fanThresholds(),
		Verdict: verdict.Health{Level: verdict.Suspect, Reasons: []string{
			"3 % of sends were more than 1 ms late; add workers or lower the load",
			"the generator's processors were busy 93 % of the time for 6 s; numbers above that are partly its own waiting",
		}},
		Planned: 55540, Sent: 55530, InFlight: 12, Oldest: 4100 * time.Millisecond, UsersStarted: 498, StartFailed: 2, PeakUsers: 500,
		Notices: []string{"requests in flight grew by 40/s: the site is not keeping up"},
	}
	r.Thresholds[3].Reason = "no requests were measured during steady"
	r.Run.Stopped = "interrupted"
	return r
}

func TestSummaryScreens(t *testing.T) {
	for _, columns := range []int{0, 80, 120, 50} {
		name := fmt.Sprintf("summary-%d", columns)
		t.Run(name, func(t *testing.T) {
			got := Summary(fanReport(), columns, false)
			for i, line := range strings.Split(got, "\n") {
				if columns > 0 && width(line) > columns {
					t.Errorf("line %d is %d columns wide: %q", i, width(line), line)
				}
			}
			golden(t, name, got)
		})
	}
}
