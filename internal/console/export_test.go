package console

// Forgive forgets the wrong tokens so far.
func (c *Console) Forgive() {
	c.keys.tries.mu.Lock()
	defer c.keys.tries.mu.Unlock()
	c.keys.tries.by = nil
}
