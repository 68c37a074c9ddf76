//go:build unix && !linux

package wire

var backends = []backendMaker{{"net", openNet}, {"raw", openRaw}}

// waiter is what the back ends need per request.
type waiter struct{ raw rawStep }

func (w *waiter) init(x *exchange) { w.raw.init(x) }
