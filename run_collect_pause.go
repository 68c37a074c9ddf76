package stampede

import (
	"time"

	"github.com/stampede-load/stampede/internal/verdict"
)

// paused takes note that the plan stands still since at; text says so.
func (c *collector) paused(at time.Duration, text string) {
	c.mu.Lock()
	c.judge.Pause(at)
	c.mu.Unlock()
	c.event("pause", text)
}

// resumed takes note that the plan goes on, after it stood still from at on for so long: its phases and its end come as much later.
func (c *collector) resumed(at, by time.Duration, text string) {
	c.mu.Lock()
	c.phases = verdict.DelayPhases(c.phases, at, by)
	c.steady.Delay(at, by)
	c.judge.Resume(at + by)
	c.mu.Unlock()
	c.event("resume", text)
}
