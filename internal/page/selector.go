package page

import "strings"

// selector is one complex selector: compounds from left to right, each with its relation to the one before.
type selector struct {
	parts       []compound
	specificity int32
	pseudo      string    // the element that it makes: "before"; "" for none
	host        bool      // the host of the shadow tree that the sheet is in
	never       bool      // it is valid, but nothing matches it in a page at rest
	shown       []string  // the names of a ::part(): the compounds mean the host
	slotted     *selector // what is put into a slot of the shadow tree that the sheet is in; nil for what is in the tree
	lead        byte      // in :has(): how the first compound stands to the element
}

// compound is what must hold for one element.
type compound struct {
	relation byte // ' ', '>', '+', '~' to the compound before
	tag, id  string
	classes  []string
	attrs    []attrTest
	tests    []test
	never    bool
}

type attrTest struct {
	key, val string
	op       byte // 0: is there
	fold     bool
}

// test is a pseudo-class.
type test struct {
	kind string
	list []selector
	arg  string // of :lang() and :dir()
	a, b int    // of nth-child: a*n+b
}

// parser reads one selector.
type parser struct {
	s  string
	at int
}

// parseSelector reads a complex selector. ok is false when Chromium would not know it.
func parseSelector(text string) (selector, bool) {
	p := parser{s: trim(text)}
	var s selector
	relation := byte(' ')
	for p.at < len(p.s) {
		c, ok := p.compound(&s)
		if !ok {
			return s, false
		}
		s.never = s.never || c.never
		c.relation = relation
		s.parts = append(s.parts, c)
		if len(s.parts) > 32 {
			return s, false
		}
		relation = p.combinator()
		if relation == 0 {
			break
		}
	}
	return s, len(s.parts) > 0 && p.at >= len(p.s)
}

// combinator reads what stands between two compounds; 0 at the end.
func (p *parser) combinator() byte {
	relation := byte(0)
	for p.at < len(p.s) {
		switch c := p.s[p.at]; {
		case isSpace(c):
			if relation == 0 {
				relation = ' '
			}
		case c == '>' || c == '+' || c == '~':
			relation = c
		default:
			return relation
		}
		p.at++
	}
	return 0
}

func (p *parser) compound(s *selector) (c compound, ok bool) {
	start := p.at
	for p.at < len(p.s) {
		switch ch := p.s[p.at]; {
		case ch == '*':
			p.at++
		case ch == '#':
			p.at++
			c.id = p.ident()
			s.specificity += 1 << 20
		case ch == '.':
			p.at++
			name := p.ident()
			if name == "" {
				return c, false
			}
			c.classes = append(c.classes, name)
			s.specificity += 1 << 10
		case ch == '[':
			if !p.attribute(&c) {
				return c, false
			}
			s.specificity += 1 << 10
		case ch == ':':
			if !p.pseudo(&c, s) {
				return c, false
			}
		case ch == '|':
			if p.at++; c.tag != "" {
				return c, false // a namespace that nobody declared
			}
		case isSpace(ch) || ch == '>' || ch == '+' || ch == '~':
			return c, p.at > start
		default:
			name := p.ident()
			if name == "" {
				return c, false
			}
			c.tag = lower(name)
			s.specificity++
		}
	}
	return c, p.at > start
}

// ident reads a name.
func (p *parser) ident() string {
	start := p.at
	for p.at < len(p.s) {
		c := p.s[p.at]
		if c == '\\' && p.at+1 < len(p.s) {
			p.at++
			digits := 0
			for digits < 6 && p.at < len(p.s) && hexValue(p.s[p.at]) >= 0 {
				p.at, digits = p.at+1, digits+1
			}
			switch {
			case digits == 0:
				p.at++
			case p.at < len(p.s) && isSpace(p.s[p.at]):
				p.at++
			}
			continue
		}
		if !isWordByte(c) && c != '-' && c != '_' && c < 0x80 {
			break
		}
		p.at++
	}
	return unescapeCSS(p.s[start:p.at])
}

func (p *parser) attribute(c *compound) bool {
	end := p.at + 1
	for end < len(p.s) && p.s[end] != ']' {
		if p.s[end] == '"' || p.s[end] == '\'' {
			end = skipQuoted(p.s, end)
		}
		end++
	}
	if end >= len(p.s) {
		return false
	}
	inner := parser{s: trim(p.s[p.at+1 : end])}
	p.at = end + 1
	t := attrTest{key: lower(inner.ident())}
	if t.key == "" {
		return false
	}
	rest := trim(inner.s[inner.at:])
	if rest != "" {
		t.op = rest[0]
		if t.op != '=' {
			if len(rest) < 2 || rest[1] != '=' {
				return false
			}
			rest = rest[1:]
		}
		val := trim(rest[1:])
		if val != "" && (val[0] == '"' || val[0] == '\'') {
			q := min(skipQuoted(val, 0)+1, len(val))
			t.val = unquote(val[:q])
			t.flag(trim(val[q:]))
		} else {
			v, flag, _ := strings.Cut(val, " ")
			t.val = unescapeCSS(v)
			t.flag(trim(flag))
		}
	}
	c.attrs = append(c.attrs, t)
	return true
}

// flag takes what stands behind a value: i or s, for letters that may be large or small or not. Of types, as of a few more attributes, they may.
func (a *attrTest) flag(word string) {
	a.fold = equalFold(word, "i") || a.key == "type" && !equalFold(word, "s")
}

// pseudo reads a pseudo-class or -element.
func (p *parser) pseudo(c *compound, s *selector) bool {
	p.at++
	element := p.at < len(p.s) && p.s[p.at] == ':'
	if element {
		p.at++
	}
	name := lower(p.ident())
	args := ""
	if p.at < len(p.s) && p.s[p.at] == '(' {
		end := closing(p.s, p.at+1)
		args = p.s[p.at+1 : min(end, len(p.s))]
		p.at = min(end+1, len(p.s))
	}
	switch name {
	case "before", "after", "first-line", "first-letter":
		element = true
	}
	if element {
		s.specificity++
		s.pseudo = name
		switch name {
		case "before", "after", "first-line", "first-letter", "marker", "placeholder":
			return true
		case "-webkit-input-placeholder":
			s.pseudo = "placeholder"
			return true
		case "file-selector-button", "-webkit-file-upload-button", "-webkit-slider-thumb", "-webkit-slider-runnable-track", "-webkit-scrollbar",
			"-webkit-search-cancel-button", "-webkit-inner-spin-button", "-webkit-calendar-picker-indicator", "details-content", "-webkit-progress-bar", "-webkit-progress-value", "-webkit-meter-bar", "-webkit-meter-optimum-value":
			return true
		case "slotted":
			inner, ok := parseSelector(args)
			if !ok || inner.pseudo != "" || len(inner.parts) != 1 {
				return false
			}
			s.specificity += inner.specificity
			s.slotted, s.pseudo = &inner, ""
			*c = compound{relation: c.relation} // the slot itself is not looked at
			return true
		case "part":
			for w := range words(args) {
				s.shown = append(s.shown, w)
			}
			s.pseudo = ""
			return len(s.shown) > 0
		}
		c.never = true
		return neverPainted(name)
	}
	return p.class(name, args, c, s)
}

// neverPainted reports whether a pseudo-element is one that Chromium knows, and that asks for nothing in a page at rest.
func neverPainted(name string) bool {
	switch name {
	case "selection", "backdrop", "cue", "cue-region", "highlight", "target-text", "spelling-error", "grammar-error", "search-text",
		"view-transition", "view-transition-group", "view-transition-image-pair", "view-transition-old", "view-transition-new", "scroll-marker",
		"scroll-marker-group", "scroll-button", "column", "checkmark", "picker", "picker-icon", "interest-hint":
		return true
	}
	return strings.HasPrefix(name, "-webkit-")
}

// class reads a pseudo-class.
func (p *parser) class(name, args string, c *compound, s *selector) bool {
	s.specificity += 1 << 10
	switch name {
	case "is", "where", "not", "has", "-webkit-any":
		s.specificity -= 1 << 10
		t := test{kind: name}
		var most int32
		for _, a := range splitTop(args, ',') {
			a = trim(a)
			lead := byte(' ')
			if name == "has" && a != "" && strings.IndexByte(">+~", a[0]) >= 0 {
				lead, a = a[0], trim(a[1:])
			}
			inner, ok := parseSelector(a)
			if !ok || inner.pseudo != "" {
				if name == "not" || name == "has" {
					return false
				}
				continue // the others are forgiving
			}
			inner.lead = lead
			t.list = append(t.list, inner)
			most = max(most, inner.specificity)
		}
		switch name {
		case "where":
		case "-webkit-any":
			s.specificity += 1 << 10 // as of any pseudo-class
		default:
			s.specificity += most
		}
		c.tests = append(c.tests, t)
	case "host", "host-context":
		return hostTest(name, args, c, s)
	case "nth-child", "nth-last-child", "nth-of-type", "nth-last-of-type":
		return nthTest(name, args, c, s)
	case "lang", "dir":
		if strings.ContainsAny(args, `"'`) {
			return false
		}
		c.tests = append(c.tests, test{kind: name, arg: lower(unquote(args))})
	case "root", "first-child", "last-child", "only-child", "first-of-type", "last-of-type", "only-of-type", "empty", "link", "any-link",
		"checked", "disabled", "enabled", "required", "optional", "read-only", "read-write", "scope", "placeholder-shown", "defined",
		"indeterminate", "default", "valid", "invalid", "in-range", "out-of-range", "open", "popover-open", "modal", ownerClass:
		c.tests = append(c.tests, test{kind: name})
	case "hover", "active", "focus", "focus-within", "focus-visible", "visited", "target", "target-within", "fullscreen", "autofill", "-webkit-autofill",
		"playing", "paused", "seeking", "buffering", "stalled", "muted", "volume-locked", "picture-in-picture", "past", "future", "current", "state", "user-valid",
		"user-invalid", "active-view-transition", "active-view-transition-type", "target-current", "has-slotted", "-webkit-full-screen", "-webkit-drag", "xr-overlay":
		c.never = true // nobody touched the page yet
	default:
		return false
	}
	return true
}
