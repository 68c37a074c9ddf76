package main

import (
	"math"
	"testing"
	"time"
)

// A server that stands still for two seconds and then works off what came meanwhile at 20,000 a second: its log and the closed form agree.
func TestFreezeSeenByServer(t *testing.T) {
	p := frozen{1000, 30 * time.Second, 2 * time.Second}
	const begin = 7 * time.Second // the server was there before the run
	var came []time.Duration
	free := time.Duration(0)
	for i := range 30_000 {
		due := begin + time.Duration(i)*time.Millisecond
		if at := due - begin; at >= 10*time.Second && at < 12*time.Second {
			due = begin + 12*time.Second
		}
		at := max(due, free)
		came = append(came, at)
		free = at + 50*time.Microsecond
	}
	s := seenByServer(came, p)
	if s.pause < 2*time.Second-time.Millisecond || s.pause > 2*time.Second+time.Millisecond || s.caughtUp < 95*time.Millisecond || s.caughtUp > 110*time.Millisecond {
		t.Errorf("a pause of %v, caught up within %v: want 2 s and about 105 ms", s.pause, s.caughtUp)
	}
	for i := range s.log {
		if math.Abs(s.log[i]-s.form[i]) > 0.01*s.log[i] {
			t.Errorf("log %v, form %v", s.log, s.form)
		}
	}
	if s.atOnce[1] != 500 && math.Abs(s.atOnce[1]-500) > 1 || s.log[1] < 560 {
		t.Errorf("p95 of a server that catches up at once %v, of this one %v: want 500 and more than 560", s.atOnce[1], s.log[1])
	}
}
