package console

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stampede-load/stampede"
)

// Those who wait are told of the first thing at once and of those after it together, however many there are; of the end without delay.
func TestWordsComeInBatches(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLive()
		begun := time.Now()
		l.event(stampede.Event{})
		if at, _, _ := l.announced(); at != (position{0, 1}) {
			t.Errorf("after the first event: %v", at)
		}
		_, _, news := l.announced()
		for range 50 {
			l.event(stampede.Event{})
			time.Sleep(time.Millisecond)
		}
		l.second(1)
		if at, _, _ := l.announced(); at != (position{0, 1}) {
			t.Errorf("within the time of a batch: %v", at)
		}
		<-news
		if at, _, _ := l.announced(); at != (position{1, 51}) || time.Since(begun) != batch {
			t.Errorf("%v after %v", at, time.Since(begun))
		}
		l.event(stampede.Event{})
		l.end(&stampede.Report{})
		if at, over, _ := l.announced(); at != (position{1, 52}) || !over || time.Since(begun) != batch {
			t.Errorf("at the end: %v, %v", at, over)
		}
		time.Sleep(time.Second)
	})
}
