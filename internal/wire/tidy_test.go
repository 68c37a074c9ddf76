package wire

import (
	"bufio"
	"net"
	"testing"
	"time"
)

// Memory is given back when a crowd has come and nobody follows, once for each crowd.
func TestTidy(t *testing.T) {
	virtual(t, Config{}, func(_ net.Conn, r *bufio.Reader) { hold(r) }, func(t *testing.T, e *Engine) {
		d := &e.tidier
		come := func(open int64) {
			d.open.Store(open)
			d.shaking.Add(1)
			e.shaken()
		}
		for _, step := range []struct {
			open  int64
			known int64 // after three seconds
		}{{manyNew - 1, 0}, {manyNew, manyNew}, {manyNew + 5, manyNew}, {3 * manyNew, 3 * manyNew}, {10, 10}, {manyNew, 10}, {manyNew + 10, manyNew + 10}} {
			come(step.open)
			time.Sleep(3 * time.Second)
			if known := d.known.Load(); known != step.known || d.begun.Load() {
				t.Errorf("%d are open: %d known, want %d", step.open, known, step.known)
			}
		}
		d.shaking.Add(1) // somebody is still being served
		come(9 * manyNew)
		if time.Sleep(10 * time.Second); d.known.Load() == 9*manyNew {
			t.Error("it did not wait")
		}
	})
}
