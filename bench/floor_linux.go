package main

import (
	"runtime"
	"slices"
	"time"

	"golang.org/x/sys/unix"
)

// lateness is how late a thread woke.
type lateness struct{ Median, P99, P999, Max time.Duration }

// sleeperLateness is what the machine itself does to timing: a thread on one core that does nothing but sleep until each next moment.
func sleeperLateness(core int, every, length time.Duration) (lateness, bool) {
	done := make(chan []time.Duration, 1)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with its affinity
		var set unix.CPUSet
		set.Set(core)
		if unix.SchedSetaffinity(0, &set) != nil {
			done <- nil
			return
		}
		late := make([]time.Duration, 0, length/every)
		var now unix.Timespec
		unix.ClockGettime(unix.CLOCK_MONOTONIC, &now)
		due := now.Nano()
		for range cap(late) {
			due += int64(every)
			until := unix.NsecToTimespec(due)
			for unix.ClockNanosleep(unix.CLOCK_MONOTONIC, unix.TIMER_ABSTIME, &until, nil) == unix.EINTR {
			}
			unix.ClockGettime(unix.CLOCK_MONOTONIC, &now)
			late = append(late, time.Duration(now.Nano()-due))
		}
		done <- late
	}()
	late := <-done
	if len(late) == 0 {
		return lateness{}, false
	}
	slices.Sort(late)
	at := func(q float64) time.Duration { return late[min(len(late)-1, int(q*float64(len(late))))] }
	return lateness{at(0.5), at(0.99), at(0.999), late[len(late)-1]}, true
}
