package stampede

import (
	"math/rand/v2"
	"testing"
	"time"
)

// Each kind of pause says when the next task is due.
func TestWaits(t *testing.T) {
	const s = int64(time.Second)
	r := rand.New(rand.NewPCG(1, 2))
	asked := 0
	own := WaitFunc(func(got *rand.Rand) time.Duration {
		asked++
		if got != r {
			t.Error("the source is another one")
		}
		return time.Duration(asked) * time.Second
	})
	for _, tt := range []struct {
		name     string
		wait     Wait
		due, now int64
		want     int64
	}{
		{"function", own, 0, 10 * s, 11 * s},
		{"function again", own, 0, 10 * s, 12 * s},
		{"function without a pause", WaitFunc(func(*rand.Rand) time.Duration { return 0 }), 0, 10 * s, 0},
		{"throughput", Throughput(0.5), 10 * s, 11 * s, 12 * s},
		{"throughput after a slow task", Throughput(4), 10 * s, 15 * s, 10*s + s/4},
		{"constant", Constant(3 * time.Second), 9 * s, 10 * s, 13 * s},
	} {
		if got := tt.wait.next(r, tt.due, tt.now); got != tt.want {
			t.Errorf("%s: due at %v, want %v", tt.name, time.Duration(got), time.Duration(tt.want))
		}
		if err := tt.wait.check(); err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	if Throughput(0).check() == nil || Throughput(-1).check() == nil || WaitFunc(nil).check() == nil {
		t.Error("a pause that cannot be is taken")
	}
	if !Throughput(1).paced() || own.paced() {
		t.Error("what decides when tasks start is mistaken")
	}
}
