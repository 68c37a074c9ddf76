package main

import (
	"slices"
	"time"

	"golang.org/x/sys/unix"
)

// lateness is how late a thread woke, or how long it waited.
type lateness struct{ Median, P99, P999, Max time.Duration }

// sleeperLateness is what the machine itself does to timing: a thread on one core that does nothing but sleep until each next moment.
func sleeperLateness(core int, every, length time.Duration) (lateness, bool) {
	done := make(chan []time.Duration, 1)
	go func() {
		if !pin(core) {
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
	return latenessOf(<-done)
}

func latenessOf(times []time.Duration) (lateness, bool) {
	if len(times) == 0 {
		return lateness{}, false
	}
	slices.Sort(times)
	at := func(q float64) time.Duration { return times[min(len(times)-1, int(q*float64(len(times))))] }
	return lateness{at(0.5), at(0.99), at(0.999), times[len(times)-1]}, true
}
