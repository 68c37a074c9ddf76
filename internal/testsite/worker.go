package testsite

import (
	"math/rand/v2"
	"sync"
	"time"
)

// worker is the one server of the exp mode. It does no work: it says when each answer would be ready (Lindley's recursion), so a late
// wake-up delays one answer and not those behind it.
type worker struct {
	mean time.Duration

	mu     sync.Mutex
	random *rand.Rand
	free   time.Duration // when the last request taken on will be done, on the server's clock
}

func newWorker(mean time.Duration, seed uint64) *worker {
	return &worker{mean: mean, random: rand.New(rand.NewPCG(seed, seed))}
}

// take accepts a request that arrived at the given time and returns when its answer is ready.
func (w *worker) take(arrived time.Duration) (done time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	service := time.Duration(w.random.ExpFloat64() * float64(w.mean))
	w.free = max(w.free, arrived) + service
	return w.free
}
