package cli

import (
	"context"
	"os"
	"sync"
)

// interrupts counts Ctrl-C, SIGTERM, SIGHUP and the dashboard's q. Until somebody listens the first one cancels the context of the command:
// nothing has been started that would have to be ended with care.
type interrupts struct {
	mu      sync.Mutex
	pressed int
	last    os.Signal // nil for a key of the dashboard
	listen  func(count int)
	asked   bool // a question stands, to which Ctrl-C is an answer
	cancel  context.CancelFunc
	done    chan struct{}
	gone    chan struct{}
}

// watchInterrupts reads signals until close.
func watchInterrupts(ctx context.Context, signals <-chan os.Signal) (context.Context, *interrupts) {
	ctx, cancel := context.WithCancel(ctx)
	i := &interrupts{cancel: cancel, done: make(chan struct{}), gone: make(chan struct{})}
	go func() {
		defer close(i.gone)
		for {
			select {
			case s := <-signals:
				i.signalled(s)
			case <-i.done:
				return
			}
		}
	}()
	return ctx, i
}

// press counts one more from the keyboard.
func (i *interrupts) press() { i.signalled(nil) }

// signalled counts one more.
func (i *interrupts) signalled(s os.Signal) {
	i.mu.Lock()
	i.pressed++
	i.last = s
	count, listen := i.pressed, i.listen
	i.mu.Unlock()
	if listen == nil {
		i.cancel()
		return
	}
	listen(count)
}

// handle makes f responsible from now on, also for what was pressed already.
func (i *interrupts) handle(f func(count int)) {
	i.mu.Lock()
	i.listen = f
	pressed := i.pressed
	i.mu.Unlock()
	if pressed > 0 {
		f(pressed)
	}
}

// count is how often it was pressed.
func (i *interrupts) count() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.pressed
}

// signal is the last one that came; os.Interrupt when it was a key.
func (i *interrupts) signal() os.Signal {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.last == nil {
		return os.Interrupt
	}
	return i.last
}

// close ends the watch.
func (i *interrupts) close() {
	close(i.done)
	<-i.gone
	i.cancel()
}

// ask says that a question stands, until the function is called.
func (i *interrupts) ask() (answered func()) {
	set := func(asked bool) {
		i.mu.Lock()
		defer i.mu.Unlock()
		i.asked = asked
	}
	set(true)
	return func() { set(false) }
}

// isAsked reports whether a question stands.
func (i *interrupts) isAsked() bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.asked
}
