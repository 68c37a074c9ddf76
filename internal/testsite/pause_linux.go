package testsite

import (
	"syscall"
	"time"
)

// kernelBlur is how late Linux wakes a sleeping thread: 50 us of timer slack and the switch to it.
const kernelBlur = 80 * time.Microsecond

// pause blocks its thread for d, to a few microseconds on an idle machine. It is meant for about a millisecond: a longer wait costs a thread.
func pause(d time.Duration) {
	end := time.Now().Add(d)
	if nap := d - kernelBlur; nap > 0 {
		t := syscall.NsecToTimespec(int64(nap))
		_ = syscall.Nanosleep(&t, nil) // woken early by a signal, the loop below makes up for it
	}
	for time.Now().Before(end) {
	}
}
