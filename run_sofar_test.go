package stampede_test

import (
	"testing"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/stats"
)

// A report of a run that goes on is one of its own: what comes later does not reach it.
func TestSoFar(t *testing.T) {
	plan := stampede.Plan{
		Test:  stampede.Test{Users: []stampede.UserType{clerks(stampede.Spec[clerk]{Wait: stampede.Constant(90 * time.Millisecond)})}},
		Users: stampede.Level(10), Duration: 10 * time.Second, Warmup: 2 * time.Second,
	}
	var early *stampede.Report
	rep := steered(t, plan, func(r *stampede.Running) {
		time.Sleep(5500 * time.Millisecond)
		r.As("Ann").Annotate("deployed the cache\x1b[2J")
		if err := r.As("Ann").SetUsers(20, 5); err != nil {
			t.Error(err)
		}
		r.As("Ann").Pause()
		r.As("Bob").Resume()
		early = r.SoFar()
	})
	if n := early.Whole.Total.Count; n < 400 || n > 600 || early.Judged.Total.Count >= n {
		t.Errorf("%d tasks so far, %d of them judged", n, early.Judged.Total.Count)
	}
	var sum stats.Row
	for sec := range early.Series.Seconds() {
		sum.Add(&sec.Total)
	}
	if sum.Count != early.Whole.Total.Count {
		t.Errorf("the series so far has %d tasks, the totals %d", sum.Count, early.Whole.Total.Count)
	}
	if rep.Whole.Total.Count <= early.Whole.Total.Count {
		t.Error("the end is no later than the middle")
	}
	want := `5.5s note deployed the cache␛[2J, by Ann, 5.5s users users set to 20 at 5/s (from 10), by Ann, ` +
		`5.5s pause paused, by Ann, 5.5s resume resumed, by Bob`
	if got := kinds(rep); got != want {
		t.Errorf("events: %s\nwant %s", got, want)
	}
}
