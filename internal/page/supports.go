package page

import "strings"

// supportsHolds reports whether an @supports condition holds in Chromium.
func supportsHolds(s string) bool {
	holds, known := condition(lower(trim(s)), supportsLeaf)
	return holds && known
}

// importSupported reports whether an @import with supports() is asked for. As in Chromium only a bare declaration that fails keeps it back.
func importSupported(s string) bool {
	s = lower(trim(s))
	if s == "" || strings.HasPrefix(s, "(") || strings.HasPrefix(s, "not ") || strings.HasPrefix(s, "not(") {
		return true
	}
	holds, _ := supportsLeaf(s)
	return holds
}

// supportsLeaf is one declaration, or a function such as selector().
func supportsLeaf(s string) (holds, known bool) {
	if strings.HasPrefix(s, "selector(") {
		sel := s[len("selector("):]
		_, ok := parseSelector(strings.TrimSuffix(sel, ")"))
		return ok, true
	}
	if inner, ok := strings.CutPrefix(s, "at-rule("); ok {
		return knownAtRule(trim(strings.TrimSuffix(inner, ")"))), true
	}
	if strings.HasPrefix(s, "font-format(") || strings.HasPrefix(s, "font-tech(") {
		inner := trim(strings.TrimSuffix(s[strings.IndexByte(s, '(')+1:], ")"))
		return fontFormat(inner) || fontTech(inner), true
	}
	name, value, ok := strings.Cut(s, ":")
	if !ok {
		return false, strings.Contains(s, "(")
	}
	return supported(trim(name), trim(strings.TrimSuffix(trim(value), "!important"))), true
}

// supported reports whether Chromium knows a declaration, as far as it can be said without all of CSS: values are looked at where pages test them.
func supported(name, value string) bool {
	if strings.HasPrefix(name, "--") {
		return true
	}
	if _, known := knownProperties()[name]; !known || value == "" || strings.ContainsAny(value, ";") {
		return false
	}
	switch name {
	case "display":
		return displayValue(value)
	case "position":
		return value == "sticky" || value == "fixed" || value == "absolute" || value == "relative" || value == "static"
	case "float":
		return value == "left" || value == "right" || value == "none" || strings.HasPrefix(value, "inline-")
	case "font-variation-settings", "font-feature-settings":
		tag := strings.Trim(value, `"' 0123456789.-`)
		return value == "normal" || len(tag) == 4 || len(value) > 6 && value[5] == value[0]
	case "grid-template-rows", "grid-template-columns":
		return value != "masonry"
	case "text-decoration-skip":
		return false
	case "text-box-trim":
		return value == "none" || strings.HasPrefix(value, "trim-")
	case "appearance", "-webkit-appearance", "font":
		return !strings.HasPrefix(value, "-apple")
	case "color", "background-color", "border-color":
		return colorValue(value)
	}
	for _, prefix := range []string{"-moz-", "-ms-", "-o-", "-khtml-"} {
		if strings.HasPrefix(value, prefix) {
			return false
		}
	}
	return !strings.Contains(value, "element(") && knownUnits(value)
}

// colorValue reports whether a value may be a color: a word of letters that is none is told by its dashes only.
func colorValue(v string) bool {
	if strings.IndexByte(v, '(') >= 0 || strings.HasPrefix(v, "#") {
		return true
	}
	return strings.IndexByte(v, '-') < 0 || strings.HasPrefix(v, "-webkit-") || strings.HasPrefix(v, "revert-")
}

func knownAtRule(name string) bool {
	switch name {
	case "@media", "@supports", "@import", "@layer", "@container", "@scope", "@starting-style", "@font-face", "@keyframes", "@property", "@page", "@namespace",
		"@counter-style", "@font-feature-values", "@font-palette-values", "@view-transition", "@position-try", "@function", "@charset":
		return true
	}
	return false
}

// knownUnits reports whether all units in a value are ones of CSS.
func knownUnits(v string) bool {
	for i := 0; i < len(v); i++ {
		if v[i] < '0' || v[i] > '9' || i > 0 && (isWordByte(v[i-1]) || v[i-1] == '-' || v[i-1] == '_' || v[i-1] == '#') {
			continue
		}
		for i < len(v) && (v[i] >= '0' && v[i] <= '9' || v[i] == '.') {
			i++
		}
		start := i
		for i < len(v) && v[i] >= 'a' && v[i] <= 'z' {
			i++
		}
		if unit := v[start:i]; unit != "" && !knownUnit(unit) {
			return false
		}
	}
	return true
}

func knownUnit(unit string) bool {
	switch unit {
	case "deg", "rad", "grad", "turn", "s", "ms", "hz", "khz", "dpi", "dpcm", "dppx", "x", "fr", "ic", "lh", "rlh", "cap", "rcap", "rch", "rex", "ric", "e":
		return true
	}
	_, ok := (&viewport{}).pixels(1, unit)
	return ok
}

func displayValue(v string) bool {
	switch v {
	case "block", "inline", "inline-block", "flex", "inline-flex", "grid", "inline-grid", "none", "contents", "flow-root", "table", "inline-table",
		"table-cell", "table-row", "table-row-group", "table-header-group", "table-footer-group", "table-column", "table-column-group",
		"table-caption", "list-item", "ruby", "ruby-text", "math", "-webkit-box", "-webkit-inline-box", "-webkit-flex", "-webkit-inline-flex",
		"inherit", "initial", "unset", "revert", "revert-layer", "block flow", "block flex", "inline flex", "block grid", "inline grid", "grid-lanes":
		return true
	}
	return false
}
