package ledger

import (
	"testing"
	"time"

	"github.com/stampede-load/stampede/internal/stats"
)

// A run whose process died while it waited for the last answers has rates over the time in which there was load, as one that ended by itself.
func TestSumsAreOverTheLoad(t *testing.T) {
	s := newSums(2 * time.Second)
	for i := range 10 { // 6 s of load, of which 2 are warm-up, and 4 s of waiting
		sec := &stats.Second{Index: i, Width: 1, Span: time.Second, Rows: []stats.Row{{Key: stats.Key{Type: "GET", Name: "/"}, Count: 10}}}
		sec.Gauges.Loaded = int64(min(i+1, 6)) * int64(time.Second)
		s.add(sec)
	}
	if judged, whole := s.totals(); judged.Seconds != 4 || whole.Seconds != 6 || judged.Total.Count != 80 || whole.Total.Count != 100 {
		t.Errorf("judged %d in %v s, whole %d in %v s; want 80 in 4, 100 in 6", judged.Total.Count, judged.Seconds, whole.Total.Count, whole.Seconds)
	}
	unknown := newSums(0) // of an older program
	unknown.add(&stats.Second{Width: 1, Span: time.Second})
	if _, whole := unknown.totals(); whole.Seconds != 1 {
		t.Errorf("without a known load %v s, want 1", whole.Seconds)
	}
}
