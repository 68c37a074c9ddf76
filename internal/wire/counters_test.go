package wire

// inUse counts the connections that carry a request.
func (e *Engine) inUse() (n int) {
	e.conns.mu.Lock()
	defer e.conns.mu.Unlock()
	for c := e.conns.first; c != nil; c = c.after {
		if c.due.Load() != 0 || c.h3 != nil && c.h3.open.Load() > 0 {
			n++
		}
	}
	return n
}
