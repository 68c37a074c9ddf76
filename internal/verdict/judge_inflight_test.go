package verdict

import (
	"testing"
	"time"

	"github.com/stampede-load/stampede/internal/stats"
)

// A run that is over within a second had requests at once, too, although none is left at its end.
func TestInFlightOfShortRuns(t *testing.T) {
	for _, tt := range []struct {
		atEnd         int
		flown, lasted time.Duration // summed over requests; of the run, zero for a whole second
		rule          string
	}{
		{0, 990 * time.Millisecond, 10 * time.Millisecond, "in_flight = 99"},
		{0, 0, 10 * time.Millisecond, "in_flight = 0"},
		{3, 1500 * time.Millisecond, time.Second, "in_flight = 3"},
		{3, 9200 * time.Millisecond, 0, "in_flight = 10"},
		{0, 2005 * time.Millisecond, 0, "in_flight = 2"},
	} {
		sec := &stats.Second{Width: 1, Span: tt.lasted, Final: true}
		sec.Gauges.InFlight, sec.Gauges.InFlightNS = tt.atEnd, int64(tt.flown)
		if got := judgeOf(t, JudgeOptions{}, []*stats.Second{sec}, tt.rule).Final()[0]; !got.Passed {
			t.Errorf("%d at the end, %v in %v: %+v, want %s", tt.atEnd, tt.flown, tt.lasted, got, tt.rule)
		}
	}
}
