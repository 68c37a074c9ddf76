package engine

import "sync"

// crew is the pool of goroutines that run users. A hand whose user waits takes the next user that is due, so there are about as many
// goroutines as tasks in progress, and their grown stacks are used again.
type crew struct {
	e    *Engine
	mu   sync.Mutex
	idle []*hand // last in, first out: the warmest stack
	most int     // idle hands kept
	wg   sync.WaitGroup
	shut bool
}

type hand struct{ work chan *slot }

// idleHands is how many idle goroutines are kept for the next burst; beyond it they end and give their stacks back.
const idleHands = 128

func newCrew(e *Engine) *crew { return &crew{e: e, most: idleHands} }

// give lets a hand run the user now.
func (c *crew) give(s *slot) {
	c.mu.Lock()
	if n := len(c.idle); n > 0 {
		h := c.idle[n-1]
		c.idle = c.idle[:n-1]
		c.mu.Unlock()
		h.work <- s
		return
	}
	c.mu.Unlock()
	h := &hand{work: make(chan *slot, 1)}
	h.work <- s
	c.wg.Add(1)
	go c.run(h)
}

func (c *crew) run(h *hand) {
	defer c.wg.Done()
	var s *slot
	defer func() {
		if s != nil {
			c.bury(s)
		}
	}()
	for s = range h.work {
		c.e.serve(s)
		s = nil
		if !c.rest(h) {
			return
		}
	}
}

// bury ends a user whose code has ended the goroutine that ran it, on a new one: what is deferred in the old one would run test code on a
// goroutine that is ending.
func (c *crew) bury(s *slot) {
	c.wg.Add(1)
	go func() {
		defer c.wg.Done()
		over := false
		defer func() {
			if !over { // its Stop did it again
				c.bury(s)
			}
		}()
		c.e.bury(s)
		over = true
	}()
}

// rest puts the hand among the idle ones. It reports false when there are enough.
func (c *crew) rest(h *hand) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.shut || len(c.idle) >= c.most {
		return false
	}
	c.idle = append(c.idle, h)
	return true
}

// close ends the idle hands and waits for the others. Nothing may be given afterwards.
func (c *crew) close() {
	c.mu.Lock()
	c.shut = true
	for _, h := range c.idle {
		close(h.work)
	}
	c.idle = nil
	c.mu.Unlock()
	c.wg.Wait()
}
