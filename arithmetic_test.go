package stampede_test

import (
	"os"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/pace"
	"github.com/stampede-load/stampede/internal/stats"
)

// runsWanted is how many random runs a test makes: a sample, unless a variable says how many. `go run ./bench arithmetic` asks for all.
func runsWanted(t *testing.T, variable string, sample int) int {
	text := os.Getenv(variable)
	if text == "" {
		return sample
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("%s=%s: %v", variable, text, err)
	}
	return n
}

// TestSumsInVirtualTime makes random runs: every model and shape, live changes, pauses, stops, limits, and tests whose code fails in every way.
// What was planned is what was sent, dropped, not started or waits, at the end of every second; nothing waits when the run is over; and the
// test's own count of what it did is the report's.
func TestSumsInVirtualTime(t *testing.T) {
	t.Parallel()
	first := runsWanted(t, "STAMPEDE_SUMS_SEED", 0)
	for i := range runsWanted(t, "STAMPEDE_SUMS", 400) {
		seed := uint64(first + i)
		s := newSumsRun(seed)
		synctest.Test(t, func(t *testing.T) {
			s.run(t)
			if t.Failed() {
				t.Logf("seed %d: %s", seed, s.text)
			}
		})
	}
}

// sumsWatch looks at every second.
type sumsWatch struct {
	t *testing.T
	s *sumsRun
}

func (w *sumsWatch) Begin(stampede.RunInfo)   {}
func (w *sumsWatch) Event(stampede.Event)     {}
func (w *sumsWatch) End(rep *stampede.Report) {}

func (w *sumsWatch) Second(sec *stampede.Second) {
	g := &sec.Gauges
	if g.Planned != g.Sent+g.Dropped+g.NotStarted+g.Waiting {
		w.t.Errorf("second %d: planned %d, sent %d + dropped %d + not started %d + waiting %d = %d", sec.Index, g.Planned, g.Sent, g.Dropped,
			g.NotStarted, g.Waiting, g.Sent+g.Dropped+g.NotStarted+g.Waiting)
	}
	for what, n := range map[string]int64{"sent": g.Sent, "dropped": g.Dropped, "not started": g.NotStarted, "waiting": g.Waiting, "users": int64(g.Users)} {
		if n < 0 {
			w.t.Errorf("second %d: %d %s", sec.Index, n, what)
		}
	}
	if w.s.plain && !sec.Final && g.Planned > 0 {
		if want := w.s.due(time.Duration(sec.Index+1) * time.Second); want != g.Planned {
			w.t.Errorf("second %d: planned %d, and the shapes have %d due", sec.Index, g.Planned, want)
		}
	}
}

// due is how many arrivals of all shapes are due by a time of the run, that moment included.
func (s *sumsRun) due(at time.Duration) int64 {
	var n int64
	for i, shape := range s.loads {
		if shape == nil {
			continue
		}
		at := min(at, s.plan.Duration) // nothing is due after the end, not even the first arrival of a load that would begin then
		o := pace.Options{Poisson: s.plan.Poisson, Seed: s.plan.Seed, Until: max(1, s.plan.Duration-s.after[i])}
		n += pace.NewSchedule(shape, o).By(at - s.after[i] + 1)
	}
	return n
}

func (s *sumsRun) run(t *testing.T) {
	s.plan.Observers = []stampede.Observer{&sumsWatch{t, s}}
	running, err := stampede.Start(t.Context(), stampede.InVirtualTime(s.plan))
	if err != nil {
		return // not every mix of loads is a plan
	}
	var acting sync.WaitGroup
	defer acting.Wait()
	for _, act := range s.acts {
		acting.Go(func() {
			time.Sleep(act.at)
			_ = act.do(running) // a change may not fit the model, or come too late
		})
	}
	rep, err := running.Wait()
	if err != nil {
		t.Fatal(err)
	}
	if got := rep.Sent + rep.Dropped + rep.NotStarted; got != rep.Planned {
		t.Errorf("planned %d, sent %d + dropped %d + not started %d = %d", rep.Planned, rep.Sent, rep.Dropped, rep.NotStarted, got)
	}
	if n := rep.Whole.Total.Dropped; n != rep.Dropped+rep.NotStarted {
		t.Errorf("the rows have %d arrivals that nobody served, the report %d + %d", n, rep.Dropped, rep.NotStarted)
	}
	sent := s.tasks.Load()
	if s.visit {
		sent = s.firsts.Load()
	}
	if early := rep.Sent - sent; early != 0 && (!s.visit || early < 0) { // a visit may be over before its first task was due
		t.Errorf("sent %d, and the test began %d", rep.Sent, sent)
	}
	if got := rep.Whole.Total.Count + rep.InFlight; got != s.records.Load() {
		t.Errorf("%d requests and %d in flight, and the test made %d", rep.Whole.Total.Count, rep.InFlight, s.records.Load())
	}
	if got := rep.StartFailed; got != s.startErrors.Load() {
		t.Errorf("%d starts failed, and the test failed %d", got, s.startErrors.Load())
	}
	s.end(t, rep)
}

func (s *sumsRun) end(t *testing.T, rep *stampede.Report) {
	var last stats.Gauges
	for sec := range rep.Series.Seconds() {
		last = sec.Gauges
	}
	if last.Waiting != 0 || last.Users != 0 {
		t.Errorf("at the end %d arrivals wait and %d users are there", last.Waiting, last.Users)
	}
	if s.plain && rep.Run.Stopped == "time" {
		if want := s.due(s.plan.Duration); want != rep.Planned {
			t.Errorf("planned %d, and the shapes have %d", rep.Planned, want)
		}
	}
}
