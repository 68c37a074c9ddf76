package wire

var backends = []backendMaker{{"net", openNet}, {"raw", openRaw}, {"epoll", openEpoll}}

// waiter is what the back ends need per request.
type waiter struct {
	wake chan struct{} // one token: the connection is ready
	raw  rawStep
}

func (w *waiter) init(x *exchange) {
	w.raw.init(x)
	w.wake = make(chan struct{}, 1)
}
