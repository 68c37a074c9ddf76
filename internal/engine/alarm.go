package engine

import (
	"sync"
	"time"
)

// timerAlarm waits with a timer of package time. It is portable and works in virtual time, and on an idle machine it wakes up to a
// millisecond late.
type timerAlarm struct {
	mu    sync.Mutex
	timer *time.Timer
}

func newTimerAlarm() *timerAlarm { return &timerAlarm{} }

func (a *timerAlarm) open() error {
	a.timer = time.NewTimer(time.Hour)
	return nil
}

func (a *timerAlarm) set(in time.Duration) {
	a.mu.Lock()
	a.timer.Reset(max(0, in))
	a.mu.Unlock()
}

func (a *timerAlarm) wait() { <-a.timer.C }

func (a *timerAlarm) close() { a.timer.Stop() }
