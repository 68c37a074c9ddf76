package fleet

import (
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// crowdSlack is how late the kernel may wake a process of a crowd that sleeps for a while, so that it wakes it less often. The runtime has a thread that
// looks after calls that may block, for which it sleeps 20 us again and again whenever there is one: in fifty processes that connect users, a
// fifth of what they took was that. The clock of a run is not touched: it has a timer of its own.
const crowdSlack = time.Millisecond

// slackTimers lets the processes that this goroutine starts be woken so late, until restore is called.
func slackTimers() (restore func()) {
	runtime.LockOSThread()
	_ = unix.Prctl(unix.PR_SET_TIMERSLACK, uintptr(crowdSlack), 0, 0, 0) // it works without
	return func() {
		_ = unix.Prctl(unix.PR_SET_TIMERSLACK, 0, 0, 0, 0) // as it was before
		runtime.UnlockOSThread()
	}
}
