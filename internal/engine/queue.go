package engine

// arrival is one that waits for a user.
type arrival struct {
	intended int64 // when it was due, run time
	n        int64 // its number
}

// queue holds the waiting arrivals of one type, oldest first. The zero value is empty.
type queue struct {
	waiting []arrival
	head    int // the first that still waits
}

func (q *queue) len() int { return len(q.waiting) - q.head }

func (q *queue) add(a arrival) { q.waiting = append(q.waiting, a) }

// first is when the oldest was due; never when nothing waits.
func (q *queue) first() int64 {
	if q.len() == 0 {
		return never
	}
	return q.waiting[q.head].intended
}

// take takes the oldest.
func (q *queue) take() (arrival, bool) {
	if q.len() == 0 {
		return arrival{}, false
	}
	a := q.waiting[q.head]
	q.head++
	switch {
	case q.head == len(q.waiting):
		q.waiting, q.head = q.waiting[:0], 0
	case q.head >= 1024 && q.head*2 >= len(q.waiting):
		q.waiting, q.head = q.waiting[:copy(q.waiting, q.waiting[q.head:])], 0
	}
	return a, true
}

// delay makes all of them due later.
func (q *queue) delay(by int64) {
	for i := q.head; i < len(q.waiting); i++ {
		q.waiting[i].intended += by
	}
}
