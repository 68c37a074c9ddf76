package stampede

import (
	"math"
	"testing"

	"github.com/stampede-load/stampede/internal/stats"
)

// The CPU of a worker is the mean of all its seconds, also when it came late or did not know one of them.
func TestWorkerCPUIsAMean(t *testing.T) {
	c := &collector{workers: map[int]*member{}}
	for i, cpu := range []float64{0.9, 0.3, -1, 0.6} {
		c.takeWorker(stats.Worker{Worker: 2, Gauges: stats.Gauges{CPU: cpu, Users: 5 - i}}, 40+i)
	}
	if w := c.workers[2]; math.Abs(w.CPU-0.6) > 1e-12 || w.Users != 5 || w.LastSecond != 43 {
		t.Errorf("%+v; want a CPU of 0.6, 5 users, the last second 43", w.Worker)
	}
}
