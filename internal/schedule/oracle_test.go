package schedule_test

import (
	"testing"
	"time"

	"github.com/stampede-load/stampede/internal/schedule/scheduletest"
)

// A year of fifty expressions in four zones against robfig/cron; bench cron does ten years in twenty.
func TestAgainstRobfig(t *testing.T) {
	zones := scheduletest.Zones()[:4]
	r := scheduletest.Against(zones, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC))
	for _, text := range r.Unexplained {
		t.Error(text)
	}
	if r.Equal < 5000*len(zones) || r.Moved == 0 || r.Repeated == 0 {
		t.Errorf("too little was compared: %+v", r)
	}
	t.Logf("%d equal, %d moved out of a gap, %d shown a second time", r.Equal, r.Moved, r.Repeated)
}
