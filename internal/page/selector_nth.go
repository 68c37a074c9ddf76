package page

import "strings"

// nthTest reads :nth-child() and its kin: "2n+1", and of the first two "2 of .a, .b".
func nthTest(name, args string, c *compound, s *selector) bool {
	nth, of, some := strings.Cut(args, " of ")
	a, b, ok := parseNth(lower(trim(nth)))
	if !ok {
		return false
	}
	t := test{kind: name, a: a, b: b}
	if some {
		var most int32
		if t.list, most, ok = plainList(of); !ok || strings.HasSuffix(name, "of-type") {
			return false
		}
		s.specificity += most
	}
	c.tests = append(c.tests, t)
	return true
}

// plainList reads a list of selectors all of which must be known, and the specificity of the greatest.
func plainList(s string) (list []selector, most int32, ok bool) {
	for _, text := range splitTop(s, ',') {
		inner, ok := parseSelector(text)
		if !ok || inner.pseudo != "" {
			return nil, 0, false
		}
		list, most = append(list, inner), max(most, inner.specificity)
	}
	return list, most, len(list) > 0
}

// hostTest reads :host, :host(x) and :host-context(x), of which the latter is taken to hold.
func hostTest(name, args string, c *compound, s *selector) bool {
	s.host = true
	t := test{kind: "host"}
	if name == "host" && args != "" {
		inner, ok := parseSelector(args)
		if !ok || inner.pseudo != "" {
			return false
		}
		t.list = append(t.list, inner)
	}
	c.tests = append(c.tests, t)
	return true
}

// parseNth reads odd, even, 3, 2n+1, -n+3.
func parseNth(s string) (a, b int, ok bool) {
	switch s {
	case "odd":
		return 2, 1, true
	case "even":
		return 2, 0, true
	}
	left, right, has := strings.Cut(s, "n")
	if !has {
		n, unit := number(s)
		return 0, int(n), unit == ""
	}
	a = 1
	switch left = trim(left); left {
	case "", "+":
	case "-":
		a = -1
	default:
		n, unit := number(left)
		if unit != "" {
			return 0, 0, false
		}
		a = int(n)
	}
	if right = strings.ReplaceAll(right, " ", ""); right != "" {
		n, unit := number(right)
		if unit != "" {
			return 0, 0, false
		}
		b = int(n)
	}
	return a, b, true
}
