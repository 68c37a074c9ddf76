package wire

import "unsafe"

// trail is where in memory a waiting request will go on. They are addresses and no pointers: nothing is kept alive by them, nothing is read
// or written through them, and to fetch one that has gone does no harm.
type trail struct {
	stack, routine, wake, exchange, conn, client, answer, request uintptr
}

// How much of each is fetched, in cache lines of 64 bytes. The stack is used from here down to where the answer is parsed and the next
// request built, and up to where the task was called.
const (
	stackBelow    = 640 // bytes
	stackLines    = 26
	routineLines  = 5
	wakeLines     = 2
	ownerLines    = 6
	exchangeLines = 4
	connLines     = 2
	clientLines   = 2
	answerLines   = 3
	requestLines  = 4 // with what its owner keeps behind it
)

// leave notes where the calling goroutine's request will go on.
func (t *trail) leave(x *exchange) {
	var here byte
	*t = trail{
		stack:    uintptr(unsafe.Pointer(&here)) - stackBelow,
		routine:  goroutine(),
		wake:     *(*uintptr)(unsafe.Pointer(&x.wait.wake)),
		exchange: uintptr(unsafe.Pointer(x)),
		conn:     uintptr(unsafe.Pointer(x.conn)),
		client:   uintptr(unsafe.Pointer(x.c)),
		answer:   uintptr(unsafe.Pointer(x.resp)),
		request:  uintptr(unsafe.Pointer(x.req)),
	}
}

// leaveParked notes where a request will go on that was left to the poller: there is no stack, but an owner.
func (t *trail) leaveParked(x *exchange) {
	*t = trail{
		stack:    uintptr((*[2]unsafe.Pointer)(unsafe.Pointer(&x.follower))[1]),
		exchange: uintptr(unsafe.Pointer(x)),
		conn:     uintptr(unsafe.Pointer(x.conn)),
		client:   uintptr(unsafe.Pointer(x.c)),
		answer:   uintptr(unsafe.Pointer(x.resp)),
		request:  uintptr(unsafe.Pointer(x.req)),
	}
}

func (t *trail) fetch() {
	prefetch(t.exchange, exchangeLines)
	prefetch(t.conn, connLines)
	prefetch(t.client, clientLines)
	prefetch(t.answer, answerLines)
	prefetch(t.request, requestLines)
	if t.routine == 0 {
		prefetch(t.stack, ownerLines)
		return
	}
	prefetch(t.stack, stackLines)
	prefetch(t.routine, routineLines)
	prefetch(t.wake, wakeLines)
}
