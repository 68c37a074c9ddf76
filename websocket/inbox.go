package websocket

// pick takes a message that match accepts out of the inbox, with those before it, which are passed over: the first one, or the last. Whoever calls
// it is the only one who takes messages out.
func (c *Conn) pick(match func(Message) bool, last bool) (m Message, found bool) {
	c.mu.Lock()
	came := c.inbox
	c.inbox = nil
	c.mu.Unlock()
	at := -1
	for i := range came {
		if one := came[i]; !one.old && (match == nil || match(one)) {
			if at = i; !last {
				break
			}
		}
	}
	rest := came[at+1:]
	if at < 0 {
		rest = c.remaining(came)
	} else {
		m = came[at]
		came[at] = Message{}
		if before := c.remaining(came[:at]); len(before) > 0 {
			rest = append(before, rest...)
		}
	}
	if len(rest) > 0 {
		c.mu.Lock()
		if c.inbox = append(rest, c.inbox...); c.Keep != nil {
			c.trimmed()
		}
		c.mu.Unlock()
	}
	return m, at >= 0
}

// remaining is what is left of messages that are passed over: those that are kept.
func (c *Conn) remaining(passed []Message) (kept []Message) {
	if c.Keep == nil {
		return nil
	}
	for _, m := range passed {
		if c.Keep(m) {
			kept = append(kept, m)
		}
	}
	return kept
}

// trim drops the oldest of the messages that nobody waits for.
func (c *Conn) trim() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.trimmed()
}

// trimmed is trim for whoever holds mu. Messages that are kept go last.
func (c *Conn) trimmed() {
	n := len(c.inbox) - c.Inbox
	if n <= 0 {
		return
	}
	c.counts.Dropped += int64(n)
	if c.Keep == nil {
		c.inbox = append([]Message(nil), c.inbox[n:]...)
		return
	}
	for _, keep := range []bool{false, true} {
		var left []Message
		for _, m := range c.inbox {
			if n > 0 && c.Keep(m) == keep {
				n--
				continue
			}
			left = append(left, m)
		}
		c.inbox = left
	}
}
