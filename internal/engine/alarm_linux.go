package engine

import (
	"os"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// fdAlarm is a timerfd in Go's netpoller: it wakes within tens of microseconds where the runtime's own timers, whose idle wait counts in
// milliseconds, wake up to one late.
//
// Its calls never block, and the scheduler is not told of them: else each wake of an idle process would wake the thread that looks after calls
// that do, and that would look fifty times before it rests. A quarter of what a worker takes whose users think was that.
type fdAlarm struct {
	fd   int
	file *os.File
	conn syscall.RawConn
	buf  [8]byte
	read func(fd uintptr) (done bool)
}

func newAlarm() alarm { return &fdAlarm{} }

func (a *fdAlarm) open() error {
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil {
		return err
	}
	a.fd, a.file = fd, os.NewFile(uintptr(fd), "timerfd")
	a.read = func(fd uintptr) bool {
		_, _, e := unix.RawSyscall(unix.SYS_READ, fd, uintptr(unsafe.Pointer(&a.buf)), uintptr(len(a.buf)))
		return e != unix.EAGAIN
	}
	a.conn, err = a.file.SyscallConn()
	return err
}

func (a *fdAlarm) set(in time.Duration) {
	spec := unix.ItimerSpec{Value: unix.NsecToTimespec(max(1, int64(in)))}
	// It can only fail for a closed descriptor, and then nobody waits any more.
	_, _, _ = unix.RawSyscall6(unix.SYS_TIMERFD_SETTIME, uintptr(a.fd), 0, uintptr(unsafe.Pointer(&spec)), 0, 0, 0)
}

func (a *fdAlarm) wait() { _ = a.conn.Read(a.read) }

func (a *fdAlarm) close() { a.file.Close() }
