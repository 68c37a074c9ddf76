package fleet

import (
	"cmp"
	"context"
	"fmt"
	"time"
)

// watch looks for workers that say nothing any more.
func (c *Controller) watch(ctx context.Context) {
	ticker := time.NewTicker(watchEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			c.look()
			c.files.rest(time.Now())
		case <-ctx.Done():
			return
		}
	}
}

func (c *Controller) look() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.forgive()
	var late []*peer
	for _, n := range c.numbers() {
		switch p := c.peers[n]; {
		case p.state == peerLost:
		case time.Since(p.heard) > silenceShut:
			late = append(late, p)
		default:
			p.starvation = starvation{}
		}
	}
	if len(late) > 0 {
		connected := map[string]bool{}
		for _, conn := range c.connections() {
			connected[conn.AuthorizedUser] = true
		}
		for _, p := range late {
			most, shut := c.patience()
			quiet, excused := time.Since(p.heard), time.Duration(0)
			if c.opt.Local {
				excused = p.starvedFor(time.Now())
			}
			switch {
			case quiet-excused > most:
				c.lose(p, fmt.Sprintf("it said nothing for %v", quiet.Round(100*time.Millisecond)))
			case c.srv != nil && !connected[p.hello.Key] && quiet > shut:
				c.lose(p, "its connection was closed")
			}
		}
	}
	c.place()
	if c.stale {
		c.stale = c.keep() != nil
	}
	if c.run != nil {
		c.run.tick()
	}
}

// patience is how long a worker may say nothing: one that is connected, and one that is not. mu is held.
func (c *Controller) patience() (most, shut time.Duration) {
	switch {
	case c.opt.silence > 0:
		return c.opt.silence, cmp.Or(c.opt.shut, c.opt.silence)
	case c.run != nil && c.run.start == 0: // many make their plans at once, and nothing is lost yet
		return deserted, silenceSetup
	}
	return silence, silenceShut
}

// forgive takes the time for which this process did not run (it was stopped, or its machine slept) for nobody's silence: what workers said
// meanwhile is still to be read. mu is held.
func (c *Controller) forgive() {
	now := time.Now()
	if gap := now.Sub(c.looked) - watchEvery; !c.looked.IsZero() && gap > silenceShut/2 {
		for _, p := range c.peers {
			if p.heard = p.heard.Add(gap); p.heard.After(now) {
				p.heard = now
			}
		}
	}
	c.looked = now
}

// lose gives a worker up. mu is held.
func (c *Controller) lose(p *peer, why string) {
	p.state = peerLost
	if c.run == nil || !c.run.lost(p, why) {
		c.say("%s (%s) is gone: %s", p.name, p.host(), why)
	}
	c.changed()
}
