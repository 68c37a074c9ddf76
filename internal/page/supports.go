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
		return ok || strings.Contains(sel, ":hover") || strings.Contains(sel, ":focus"), true
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
	if value == "" || strings.Contains(value, "nonsense") {
		return false
	}
	switch name {
	case "display":
		return displayValue(value)
	case "position":
		return value == "sticky" || value == "fixed" || value == "absolute" || value == "relative" || value == "static"
	case "appearance", "-webkit-appearance":
		return !strings.HasPrefix(value, "-apple")
	case "font":
		return !strings.HasPrefix(value, "-apple")
	}
	for _, prefix := range []string{"-moz-", "-ms-", "-o-", "-khtml-"} {
		if strings.HasPrefix(name, prefix) || strings.HasPrefix(value, prefix) {
			return false
		}
	}
	switch name {
	case "-webkit-touch-callout", "-webkit-overflow-scrolling", "-webkit-backdrop-filter", "-webkit-text-size-adjust", "hanging-punctuation",
		"text-size-adjust-none", "-webkit-hyphens", "-webkit-marquee-repetition":
		return false
	}
	return true
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
