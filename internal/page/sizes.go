package page

// frameBox notes the size that a style gives to a frame.
func (c *cascader) frameBox(n int32, s *style, e *env) {
	b := box{-1, -1}
	if v, ok := c.value(s, slotWidth, e); ok {
		b.width = c.v.boxLength(v, c.v.width)
	}
	if v, ok := c.value(s, slotHeight, e); ok {
		b.height = c.v.boxLength(v, c.v.height)
	}
	if b.width >= 0 || b.height >= 0 {
		c.out.boxes[n] = b
	}
}

// boxLength is a width or height in pixels, percent of what is around it; -1 when it cannot be said.
func (v *viewport) boxLength(s string, around float64) float64 {
	n, unit := number(s)
	switch {
	case unit == "%":
		return n * around / 100
	case unit == "?":
		if n, ok := v.calc(s); ok {
			return n
		}
		return -1
	}
	if p, ok := v.pixels(n, unit); ok {
		return p
	}
	return -1
}
