package fleet

import (
	"os"
	"runtime"
	"testing"
	"time"
)

// Time in which a silent worker waited for a processor is excused, up to a bound; time in which it did not is not.
func TestStarvation(t *testing.T) {
	const most = 10 * time.Second
	for _, tt := range []struct {
		name   string
		waited []time.Duration // what its threads have waited, at looks a second apart
		want   time.Duration
	}{
		{"one look says nothing", []time.Duration{time.Hour}, 0},
		{"it waited all the time", []time.Duration{5 * time.Second, 6 * time.Second, 7 * time.Second}, 2 * time.Second},
		{"it is stopped", []time.Duration{5 * time.Second, 5 * time.Second, 5 * time.Second}, 0},
		{"it waited a little", []time.Duration{0, 400 * time.Millisecond, 800 * time.Millisecond}, 0},
		{"it waited in one second of three", []time.Duration{0, 0, 3 * time.Second, 3 * time.Second}, time.Second},
		{"nothing is known", []time.Duration{-1, -1, -1}, 0},
		{"nothing was known", []time.Duration{-1, time.Second}, 0},
		{"it has gone", []time.Duration{time.Second, -1}, 0},
		{"for too long", []time.Duration{0, 9e9, 18e9, 27e9, 36e9, 45e9, 54e9, 63e9, 72e9, 81e9, 90e9, 99e9, 108e9}, most},
	} {
		var h starvation
		for i, waited := range tt.waited {
			h.look(time.Unix(int64(i), 0), waited, most)
		}
		if h.excused != tt.want {
			t.Errorf("%s: %v are excused, want %v", tt.name, h.excused, tt.want)
		}
	}
}

// A worker of this machine whose silence was starvation is kept, one that was not starved is lost.
func TestLookAtTheStarved(t *testing.T) {
	for name, tt := range map[string]struct {
		starvation starvation
		pid        int
		want       peerStateWord
	}{
		"starved":            {starvation{excused: 3 * time.Second}, os.Getpid(), peerReady},
		"not starved":        {starvation{}, os.Getpid(), peerLost},
		"of elsewhere":       {starvation{excused: 3 * time.Second}, 0, peerLost},
		"not starved enough": {starvation{excused: time.Second / 2}, os.Getpid(), peerLost},
	} {
		p := &peer{name: "one", state: peerReady, heard: time.Now().Add(-silence - time.Second), starvation: tt.starvation, hello: Hello{PID: tt.pid}}
		c := &Controller{opt: Options{Local: true}, peers: map[int]*peer{0: p}, wake: make(chan struct{}), looked: time.Now()}
		if c.look(); p.state != tt.want {
			t.Errorf("%s: it is %s, want %s", name, p.state, tt.want)
		}
	}
}

func TestRunQueueWait(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux says so")
	}
	if _, err := os.Stat("/proc/self/schedstat"); err != nil {
		t.Skip("this kernel does not say so")
	}
	if own := runQueueWait(os.Getpid()); own < 0 {
		t.Errorf("of this process it is %v", own)
	}
	if none := runQueueWait(1 << 30); none >= 0 {
		t.Errorf("of a process that is not there it is %v", none)
	}
}
