package engine

import (
	"testing"
	"time"

	"github.com/stampede-load/stampede/internal/pace"
)

// A worker of fifty looks at the changes of level that are its own, knows at any time how many users all have together, and finds its part of the
// rest when its share is another.
func TestLevelsOfAShare(t *testing.T) {
	const users, workers, perSecond = 1000, 50, 100
	shape := pace.Closed(users, perSecond)
	e := &Engine{share: pace.Share{I: 7, N: workers}}
	s := &stream{e: e, spec: &Stream{Users: shape}, levelAt: never}
	s.setLevels(pace.NewLevels(shape, 0))
	looks := 0
	fire := func(now int64) {
		for ; s.levelAt <= now; looks++ {
			s.global, s.passed = s.wanted, s.passed[:0]
			s.target = s.level
			s.pullLevel()
		}
	}
	check := func(now int64) {
		t.Helper()
		want := pace.Target(shape, time.Duration(now))
		if got := s.caughtUp(now); got != want {
			t.Errorf("after %v all want %d users, not %d", time.Duration(now), want, got)
		}
		if own := e.share.Count(want); s.target != own {
			t.Errorf("after %v it has %d users, want %d", time.Duration(now), s.target, own)
		}
	}
	half := int64(users/perSecond/2) * int64(time.Second)
	for now := int64(0); now < half; now += int64(33 * time.Millisecond) {
		fire(now)
		check(now)
	}
	if most := users/workers/2 + 1; looks > most {
		t.Errorf("it looked %d times, for %d users of its own", looks, most)
	}
	e.share = pace.Share{I: 0, N: 2} // others were lost
	s.target = e.share.Count(s.caughtUp(half))
	s.pullAgain()
	for now := half; now < 3*half; now += int64(33 * time.Millisecond) {
		fire(now)
		check(now)
	}
	if s.levelAt != never || s.target != users/2 {
		t.Errorf("at the end it has %d users, and a change is due at %v", s.target, time.Duration(s.levelAt))
	}
}

// A share that has nothing of a load without an end does not look for ever.
func TestLevelsOfNoShare(t *testing.T) {
	shape, err := pace.Sine(50, 100, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	s := &stream{e: &Engine{share: pace.Nothing()}, spec: &Stream{Users: shape}, levelAt: never}
	s.setLevels(pace.NewLevels(shape, 0))
	if len(s.passed) > mostPassed {
		t.Errorf("%d changes are kept", len(s.passed))
	}
	if s.levelAt == never && s.level != 0 {
		t.Error("it found something")
	}
}
