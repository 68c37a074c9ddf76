package fleet

import (
	"testing"
	"time"
)

// A controller that did not run for a while takes nobody for lost whose words it could not read, and finds who is lost all the same.
func TestWatchForgives(t *testing.T) {
	now := time.Now()
	for what, x := range map[string]struct {
		heard, looked time.Duration // ago
		want          peerStateWord
	}{
		"it said something":            {time.Second, watchEvery, peerReady},
		"it is silent":                 {silence + time.Second, watchEvery, peerLost},
		"the controller stood still":   {20 * time.Second, 20 * time.Second, peerReady},
		"both, and silent before that": {20*time.Second + silence, 20*time.Second - 2*watchEvery, peerLost},
		"it has just been heard":       {0, time.Minute, peerReady},
	} {
		p := &peer{name: "one", state: peerReady, heard: now.Add(-x.heard)}
		c := &Controller{peers: map[int]*peer{0: p}, wake: make(chan struct{}), looked: now.Add(-x.looked)}
		c.look()
		if p.state != x.want || p.heard.After(time.Now()) {
			t.Errorf("%s: %s, heard %v ago; want %s", what, p.state, time.Since(p.heard), x.want)
		}
	}
}
