package fleet

import "testing"

// A collector that takes too much gets all its room at once, and gives it up slowly when it has nothing to do.
func TestGCRoom(t *testing.T) {
	percent := gcLeast
	for i, step := range []struct {
		share float64
		want  int
	}{{0, gcLeast}, {0.01, gcLeast}, {0.05, gcMost}, {0.05, gcMost}, {0.01, gcMost}, {0.001, 75}, {0, 56}, {0.01, 56}, {0.03, gcMost}} {
		if percent = gcRoom(percent, step.share); percent != step.want {
			t.Fatalf("step %d: %d %% at %v, want %d", i, percent, step.share, step.want)
		}
	}
	for range 20 {
		percent = gcRoom(percent, 0)
	}
	if percent != gcLeast {
		t.Errorf("%d %% after a long rest, want %d", percent, gcLeast)
	}
	a, b := gcTimes{1, 10}, gcTimes{2, 30}
	if s := b.share(a); s != 0.05 || a.share(a) != 0 {
		t.Errorf("share %v", s)
	}
}
