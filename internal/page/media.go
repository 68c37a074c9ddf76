package page

import "strings"

// viewport is the window, or the frame, that a document is shown in: CSS pixels, and device pixels for each.
type viewport struct {
	width, height, ratio float64
	dark, noScript       bool
	unstyled             bool // a policy lets no style attribute count
	// Of an element whose layout is looked at: the size of its font, that of the root, and what percent refers to. Zero means 16 pixels.
	em, rem, around float64
	percent         bool
}

// mediaMatches reports whether a media query list, as in an attribute or behind @media, holds.
func (v *viewport) mediaMatches(list string) bool {
	if list = trim(list); list == "" {
		return true
	}
	for _, q := range splitTop(stripComments(list), ',') {
		if v.query(lower(trim(q))) {
			return true
		}
	}
	return false
}

// query is one media query. What cannot be read does not match.
func (v *viewport) query(q string) bool {
	rest, not := strings.CutPrefix(q, "not ")
	if not && strings.HasPrefix(trim(rest), "(") {
		ok, known := v.condition(q)
		return ok && known
	}
	rest = strings.TrimPrefix(trim(rest), "only ")
	rest = trim(rest)
	end := 0
	for end < len(rest) && !isSpace(rest[end]) && rest[end] != '(' {
		end++
	}
	ok := true
	if typ := rest[:end]; typ != "" {
		ok = typ == "all" || typ == "screen"
		rest = trim(rest[end:])
		if rest != "" {
			after, has := strings.CutPrefix(rest, "and")
			if !has {
				return false
			}
			rest = trim(after)
			if rest == "" {
				return false
			}
		}
	} else if rest == "" {
		return false
	}
	if rest != "" {
		holds, known := v.condition(rest)
		if !known {
			return false
		}
		ok = ok && holds
	}
	return ok != not
}

// condition reads "(a) and (b)", "(a) or (b)", "not (a)". known is false for what cannot be read.
func (v *viewport) condition(s string) (holds, known bool) { return condition(s, v.feature) }

// condition evaluates brackets joined by and, or, not; leaf decides what is in the innermost ones.
func condition(s string, leaf func(string) (holds, known bool)) (holds, known bool) {
	return conditionDeep(s, leaf, 0)
}

func conditionDeep(s string, leaf func(string) (bool, bool), depth int) (holds, known bool) {
	if s = trim(s); depth > 32 {
		return false, false
	}
	if rest, ok := strings.CutPrefix(s, "not"); ok && rest != "" && (isSpace(rest[0]) || rest[0] == '(') {
		holds, known = conditionDeep(rest, leaf, depth+1)
		return !holds, known
	}
	n := 0
	result, sure, first, or := false, false, true, false // what cannot be read may hold or not
	for s != "" {
		start := strings.IndexByte(s, '(')
		if start < 0 {
			return false, false
		}
		end := closing(s, start+1)
		inner := trim(s[start+1 : min(end, len(s))])
		var h, k bool
		switch {
		case start > 0: // a function such as selector(…)
			h, k = leaf(s[:min(end+1, len(s))])
		case strings.HasPrefix(inner, "(") || strings.HasPrefix(inner, "not ") || strings.HasPrefix(inner, "not("):
			h, k = conditionDeep(inner, leaf, depth+1)
		default:
			h, k = leaf(inner)
		}
		switch {
		case first:
			result, sure, first = h, k, false
		case or:
			result, sure = sure && result || k && h, sure && k || sure && result || k && h
		default:
			result, sure = sure && result && k && h, sure && k || sure && !result || k && !h
		}
		s = trim(s[min(end+1, len(s)):])
		joined := or
		if rest, ok := strings.CutPrefix(s, "and"); ok {
			s, or = trim(rest), false
		} else if rest, ok := strings.CutPrefix(s, "or"); ok {
			s, or = trim(rest), true
		} else if s != "" {
			return false, false
		}
		if n++; n > 1 && s != "" && or != joined {
			return false, false // "and" and "or" side by side
		}
	}
	return result, sure && !first
}

// feature is one media feature: "min-width: 600px", "width >= 600px", "color".
func (v *viewport) feature(s string) (holds, known bool) {
	if strings.ContainsAny(s, "<>=") {
		return v.rangeFeature(s)
	}
	name, value, has := strings.Cut(s, ":")
	name, value = trim(name), trim(value)
	prefixed := strings.HasPrefix(name, "-webkit-")
	name = strings.TrimPrefix(name, "-webkit-")
	if prefixed && name != "transform-3d" && !strings.HasSuffix(name, "device-pixel-ratio") || !prefixed && name == "transform-3d" {
		return false, false
	}
	if name == "min-device-pixel-ratio" || name == "max-device-pixel-ratio" || name == "device-pixel-ratio" {
		name = strings.Replace(name, "device-pixel-ratio", "resolution", 1)
		value += "x"
	}
	base := strings.TrimPrefix(strings.TrimPrefix(name, "min-"), "max-")
	have, numeric := v.measure(base)
	if numeric {
		if !has {
			return have > 0, base == name // there is no least and no most of nothing
		}
		want, ok := v.length(value, base)
		if !ok {
			return false, false
		}
		switch {
		case strings.HasPrefix(name, "min-"):
			return have >= want, true
		case strings.HasPrefix(name, "max-"):
			return have <= want, true
		}
		return have == want, true
	}
	return v.keyword(name, value, has)
}

// keyword is a feature that has words for values.
func (v *viewport) keyword(name, value string, has bool) (holds, known bool) {
	is := func(now string, falsy bool) (bool, bool) {
		if !has {
			return !falsy, true
		}
		return value == now, true
	}
	switch name {
	case "orientation":
		if v.width > v.height {
			return is("landscape", false)
		}
		return is("portrait", false)
	case "prefers-color-scheme":
		if v.dark {
			return is("dark", false)
		}
		return is("light", false)
	case "prefers-reduced-motion", "prefers-reduced-transparency", "prefers-contrast":
		return is("no-preference", true)
	case "hover", "any-hover":
		return is("hover", false)
	case "pointer", "any-pointer":
		return is("fine", false)
	case "display-mode":
		return is("browser", false)
	case "scripting":
		if v.noScript {
			return is("none", true)
		}
		return is("enabled", false)
	case "device-posture":
		return is("continuous", false)
	case "update":
		return is("fast", false)
	case "overflow-block", "overflow-inline":
		return is("scroll", false)
	case "color-gamut":
		return is("srgb", false)
	case "dynamic-range":
		return is("standard", false)
	case "forced-colors":
		return is("none", true)
	case "grid":
		return has && value == "0", true
	case "transform-3d":
		return true, true
	}
	return false, false
}

// measure is the value of a feature that is a number.
func (v *viewport) measure(name string) (float64, bool) {
	switch name {
	case "width", "inline-size", "device-width":
		return v.width, true
	case "height", "block-size", "device-height":
		return v.height, true
	case "resolution":
		return v.ratio, true
	case "aspect-ratio", "device-aspect-ratio":
		if v.height == 0 {
			return 0, true
		}
		return v.width / v.height, true
	case "color":
		return 8, true
	case "horizontal-viewport-segments", "vertical-viewport-segments":
		return 1, true
	case "color-index", "monochrome":
		return 0, true
	}
	return 0, false
}

// rangeFeature is "400px <= width < 800px".
func (v *viewport) rangeFeature(s string) (holds, known bool) {
	var parts []string
	var ops []string
	start := 0
	for i := 0; i < len(s); i++ {
		if c := s[i]; c == '<' || c == '>' || c == '=' {
			end := i + 1
			if end < len(s) && s[end] == '=' {
				end++
			}
			parts, ops = append(parts, trim(s[start:i])), append(ops, s[i:end])
			start, i = end, end-1
		}
	}
	parts = append(parts, trim(s[start:]))
	if len(parts) > 3 {
		return false, false
	}
	feature := "width"
	for _, p := range parts {
		if _, ok := v.measure(p); ok {
			feature = p
		}
	}
	value := func(p string) (float64, bool) {
		if n, ok := v.measure(p); ok {
			return n, true
		}
		return v.length(p, feature)
	}
	for i, op := range ops {
		a, ok1 := value(parts[i])
		b, ok2 := value(parts[i+1])
		if !ok1 || !ok2 {
			return false, false
		}
		ok := false
		switch op {
		case "<":
			ok = a < b
		case "<=":
			ok = a <= b
		case ">":
			ok = a > b
		case ">=":
			ok = a >= b
		case "=":
			ok = a == b
		}
		if !ok {
			return false, true
		}
	}
	return true, true
}

// length is a value in CSS pixels, or in dots for each pixel for a resolution.
func (v *viewport) length(s, feature string) (float64, bool) {
	if a, b, ok := strings.Cut(s, "/"); ok && strings.Contains(feature, "ratio") {
		x, u1 := number(a)
		y, u2 := number(b)
		return x / y, u1 == "" && u2 == "" && y != 0
	}
	if i := strings.IndexByte(s, '('); i >= 0 {
		return v.calc(s)
	}
	n, unit := number(s)
	if feature == "resolution" {
		switch unit {
		case "x", "dppx":
			return n, true
		case "dpi":
			return n / 96, true
		case "dpcm":
			return n / 96 * 2.54, true
		}
		return 0, false
	}
	return v.pixels(n, unit)
}

// pixels turns a length into pixels.
func (v *viewport) pixels(n float64, unit string) (float64, bool) {
	switch unit {
	case "px":
		return n, true
	case "":
		return n, true
	case "%":
		return n * v.around / 100, v.percent
	case "em", "ex", "ch":
		if v.em > 0 {
			n *= v.em / 16
		}
		if unit == "em" {
			return n * 16, true
		}
		return n * 8, true
	case "rem":
		if v.rem > 0 {
			return n * v.rem, true
		}
		return n * 16, true
	case "vw", "svw", "lvw", "dvw", "vi", "svi", "lvi", "dvi", "cqw", "cqi":
		return n * v.width / 100, true
	case "vh", "svh", "lvh", "dvh", "vb", "svb", "lvb", "dvb", "cqh", "cqb":
		return n * v.height / 100, true
	case "vmin", "svmin", "lvmin", "dvmin", "cqmin":
		return n * min(v.width, v.height) / 100, true
	case "vmax", "svmax", "lvmax", "dvmax", "cqmax":
		return n * max(v.width, v.height) / 100, true
	case "pt":
		return n * 96 / 72, true
	case "pc":
		return n * 16, true
	case "in":
		return n * 96, true
	case "cm":
		return n * 96 / 2.54, true
	case "mm":
		return n * 96 / 25.4, true
	case "q":
		return n * 96 / 101.6, true
	}
	return 0, false
}
