package page

import "strings"

// calc evaluates calc(), min(), max() and clamp() of lengths.
func (v *viewport) calc(s string) (float64, bool) {
	c := calculator{v: v, s: lower(s)}
	n, ok := c.sum()
	return n, ok && c.skip() == len(c.s)
}

type calculator struct {
	v     *viewport
	s     string
	at    int
	depth int
}

func (c *calculator) skip() int {
	for c.at < len(c.s) && isSpace(c.s[c.at]) {
		c.at++
	}
	return c.at
}

func (c *calculator) peek() byte {
	if c.skip() < len(c.s) {
		return c.s[c.at]
	}
	return 0
}

func (c *calculator) sum() (float64, bool) {
	n, ok := c.product()
	for ok {
		op := c.peek()
		if op != '+' && op != '-' {
			break
		}
		c.at++
		var m float64
		if m, ok = c.product(); op == '+' {
			n += m
		} else {
			n -= m
		}
	}
	return n, ok
}

func (c *calculator) product() (float64, bool) {
	n, ok := c.value()
	for ok {
		op := c.peek()
		if op != '*' && op != '/' {
			break
		}
		c.at++
		var m float64
		if m, ok = c.value(); op == '*' {
			n *= m
		} else if n /= m; m == 0 {
			return 0, false
		}
	}
	return n, ok
}

func (c *calculator) value() (float64, bool) {
	if c.depth++; c.depth > 64 {
		return 0, false
	}
	defer func() { c.depth-- }()
	if c.peek() == '(' {
		c.at++
		n, ok := c.sum()
		if c.peek() != ')' {
			return 0, false
		}
		c.at++
		return n, ok
	}
	start := c.at
	for c.at < len(c.s) && (isWordByte(c.s[c.at]) || c.s[c.at] == '.' || c.s[c.at] == '%' || c.at == start && (c.s[c.at] == '-' || c.s[c.at] == '+')) {
		c.at++
	}
	word := c.s[start:c.at]
	if c.at < len(c.s) && c.s[c.at] == '(' {
		c.at++
		return c.function(word)
	}
	n, unit := number(word)
	return c.v.pixels(n, unit)
}

func (c *calculator) function(name string) (float64, bool) {
	var args []float64
	for {
		n, ok := c.sum()
		if !ok {
			return 0, false
		}
		args = append(args, n)
		if c.peek() != ',' {
			break
		}
		c.at++
	}
	if c.peek() != ')' {
		return 0, false
	}
	c.at++
	n := args[0]
	switch name {
	case "calc":
		return n, len(args) == 1
	case "min":
		for _, a := range args {
			n = min(n, a)
		}
		return n, true
	case "max":
		for _, a := range args {
			n = max(n, a)
		}
		return n, true
	case "clamp":
		if len(args) == 3 {
			return max(args[0], min(args[1], args[2])), true
		}
	}
	return 0, false
}

// closeAll closes the brackets that a value leaves open, as the end of a value does.
func closeAll(s string) string {
	depth := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '(':
			depth++
		case ')':
			depth = max(0, depth-1)
		}
	}
	if depth == 0 || depth > 64 {
		return s
	}
	return s + strings.Repeat(")", depth)
}

// sizes evaluates the sizes attribute: the width at which an image is shown.
func (v *viewport) sizes(s string) float64 {
	s = closeAll(stripComments(s))
	for _, part := range splitTop(s, ',') {
		part = trim(part)
		if part == "" {
			continue
		}
		// The length is the last word, or the last function.
		cut := len(part)
		if part[cut-1] == ')' {
			depth := 0
			for cut--; cut >= 0; cut-- {
				if part[cut] == ')' {
					depth++
				} else if part[cut] == '(' {
					if depth--; depth == 0 {
						break
					}
				}
			}
			cut = max(cut, 0)
		}
		for cut > 0 && !isSpace(part[cut-1]) && part[cut-1] != ')' {
			cut--
		}
		media := trim(part[:cut])
		length := lower(trim(part[cut:]))
		n, unit := number(length)
		ok := false
		if strings.ContainsRune(length, '(') {
			n, ok = v.calc(length)
		} else if unit != "" || n == 0 {
			n, ok = v.pixels(n, unit)
		}
		if !ok || n < 0 {
			continue
		}
		if media == "" {
			return n
		}
		if holds, known := v.condition(lower(media)); holds && known {
			return n
		}
	}
	return v.width
}
