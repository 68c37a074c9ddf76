package site

import "time"

// The capacity model is arithmetic, not a pool of goroutines: when a request arrives, the moment its answer will be ready is already
// decided. That makes the curves exact (a wake-up that comes late delays one answer, never the ones behind it) and the model testable
// without waiting.
//
// Times in this file are [time.Duration] since the site was made. Two kinds appear: real time, which a watch shows, and site time,
// which stands still during a freeze.

// clock turns real time into site time. Its zero value never froze.
type clock struct {
	thaw time.Duration // real time at which the latest freeze ends
	lost time.Duration // length of all freezes so far, the current one in full
}

// freeze stops site time from now (real) for d. A freeze inside a freeze only counts where it outlasts the first.
func (c *clock) freeze(now, d time.Duration) {
	from := max(now, c.thaw)
	if end := now + d; end > from {
		c.lost += end - from
		c.thaw = end
	}
}

// site is the site time at the real time now.
func (c *clock) site(now time.Duration) time.Duration { return max(now, c.thaw) - c.lost }

// real is the real time at which site time reaches t, if no other freeze comes. t must not lie before the current site time.
func (c *clock) real(t time.Duration) time.Duration { return t + c.lost }

// line is a queue in front of several workers: first come, first served, and nobody leaves. It remembers only when each worker is
// free again and when each waiting request will start, so it costs the same under any load.
type line struct {
	free    []time.Duration // site time at which each worker is free, as a heap: free[0] is the earliest
	waiting []time.Duration // start times of the waiting requests, oldest first, in a ring
	head    int             // index of the oldest in waiting
	length  int             // how many wait
	longest int             // largest length so far
}

// newLine makes the line of a site with the given number of workers, at least one, and of places in the queue, zero for none.
func newLine(workers, queue int) line {
	return line{free: make([]time.Duration, workers), waiting: make([]time.Duration, queue)}
}

// arrive lets a request in at site time now and returns when its answer is ready. If all workers are busy and the queue is full the
// request is turned away: ok is false and done is when the last one in the queue will start. Calls must be in order of now.
func (l *line) arrive(now, service time.Duration) (done time.Duration, ok bool) {
	l.advance(now)
	start := l.free[0]
	if start > now {
		if l.length == len(l.waiting) {
			return l.lastStart(now), false
		}
		l.waiting[(l.head+l.length)%len(l.waiting)] = start
		l.length++
		l.longest = max(l.longest, l.length)
	}
	done = max(now, start) + service
	l.occupy(done)
	return done, true
}

// advance drops those from the queue who have started by now. Starts never go backwards in a first-come line, so the oldest leave first.
func (l *line) advance(now time.Duration) {
	for l.length > 0 && l.waiting[l.head] <= now {
		l.head = (l.head + 1) % len(l.waiting)
		l.length--
	}
}

// lastStart is when the youngest waiting request starts; with no queue at all, when the first worker is free.
func (l *line) lastStart(now time.Duration) time.Duration {
	if l.length == 0 {
		return max(now, l.free[0])
	}
	return l.waiting[(l.head+l.length-1)%len(l.waiting)]
}

// occupy gives the worker that is free first its next free moment, and restores the heap.
func (l *line) occupy(until time.Duration) {
	h := l.free
	i := 0
	for {
		child := 2*i + 1
		if child >= len(h) {
			break
		}
		if right := child + 1; right < len(h) && h[right] < h[child] {
			child = right
		}
		if h[child] >= until {
			break
		}
		h[i] = h[child]
		i = child
	}
	h[i] = until
}

// busy is how many workers serve a request at site time now.
func (l *line) busy(now time.Duration) int {
	n := 0
	for _, free := range l.free {
		if free > now {
			n++
		}
	}
	return n
}
