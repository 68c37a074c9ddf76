package engine

// planNow is the plan's time: run time without the pauses. It ends where the run began to stop, so that nothing is begun that was not
// planned by then.
func (c *clock) planNow(now int64) int64 {
	switch {
	case c.end != 0:
		return c.end
	case c.paused:
		return c.pauseAt - c.shift
	}
	return now - c.shift
}

// endPlan makes the plan end at a run time.
func (c *clock) endPlan(at int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.end = max(1, c.planNow(at))
	c.tellEnd()
}

// tellEnd tells the recorder from when on nothing is asked for any more, as far as that is known. mu is held.
func (c *clock) tellEnd() {
	end := int64(c.e.cfg.Duration)
	switch {
	case c.e.spent(): // the wait for the last of a number of iterations is part of the load
		end = 0
	case c.end != 0 && end != 0:
		end = min(end, c.end)
	case c.end != 0:
		end = c.end
	case c.paused:
		end = 0
	}
	if end > 0 {
		end += c.shift
	}
	c.e.cfg.Recorder.LoadEnds(end)
}

// planTime is the plan's time now.
func (c *clock) planTime() int64 {
	now := c.e.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.planNow(now)
}

// planAt is the plan's time at a run time that is not in the future.
func (c *clock) planAt(at int64) int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.planNow(at)
}

// was is the plan's time at a run time not long ago, as if the run had not begun to stop.
func (c *clock) was(at int64) int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.paused {
		at = min(at, c.pauseAt)
	}
	return max(0, at-c.shift)
}

// stillGoing is the plan's time now as if the run had not begun to stop.
func (c *clock) stillGoing() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.paused {
		return c.pauseAt - c.shift
	}
	return c.e.Now() - c.shift
}

// shiftNow is how long the run has stood still so far.
func (c *clock) shiftNow() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.shift
}
