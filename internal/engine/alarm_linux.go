package engine

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// fdAlarm is a timerfd in Go's netpoller: it wakes within tens of microseconds where the runtime's own timers, whose idle wait counts in
// milliseconds, wake up to one late.
type fdAlarm struct {
	fd   int
	file *os.File
	buf  [8]byte
}

func newAlarm() alarm { return &fdAlarm{} }

func (a *fdAlarm) open() error {
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil {
		return err
	}
	a.fd, a.file = fd, os.NewFile(uintptr(fd), "timerfd")
	return nil
}

func (a *fdAlarm) set(in time.Duration) {
	spec := unix.ItimerSpec{Value: unix.NsecToTimespec(max(1, int64(in)))}
	// It can only fail for a closed descriptor, and then nobody waits any more.
	_ = unix.TimerfdSettime(a.fd, 0, &spec, nil)
}

func (a *fdAlarm) wait() { _, _ = a.file.Read(a.buf[:]) }

func (a *fdAlarm) close() { a.file.Close() }
