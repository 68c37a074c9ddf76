package page

import (
	"strings"

	"github.com/tdewolff/parse/v2"
	"github.com/tdewolff/parse/v2/css"
)

// declare adds a declaration, if it is one that matters and is valid as far as can be said.
func (u *rule) declare(text string) {
	i := strings.IndexByte(text, ':')
	if i <= 0 {
		return
	}
	name := trim(text[:i])
	custom := strings.HasPrefix(name, "--")
	if !custom {
		name = lower(name)
		if places(name) {
			u.place(name, text[i+1:])
		}
		if slotOf(name) == slotNone && name != "font" && name != "all" {
			return
		}
	}
	value := trim(text[i+1:])
	important := false
	if j := strings.LastIndexByte(value, '!'); j >= 0 && equalFold(trim(value[j+1:]), "important") {
		important, value = true, trim(value[:j])
	}
	if value == "" && !custom {
		return
	}
	d := decl{value: value, important: important, hasVar: strings.Contains(value, "var(")}
	if custom {
		d.slot, d.name, d.hasURL = slotCustom, name, mayHaveURL(value)
		u.decls = append(u.decls, d)
		return
	}
	if name == "all" {
		for s := slotDisplay; s < slotCustom; s++ {
			d.slot = s
			u.decls = append(u.decls, d)
		}
		return
	}
	if name == "font" {
		u.font(d)
		return
	}
	if name == "container" {
		names, kind, _ := strings.Cut(value, "/")
		u.decls = append(u.decls, decl{slot: slotContainerName, value: trim(names), important: important}, decl{slot: slotContainer, value: trim(kind), important: important})
		return
	}
	if name == "list-style" && !d.hasVar {
		u.decls = append(u.decls, decl{slot: slotListType, value: value, important: important})
	}
	d.slot = slotOf(name)
	if d.slot >= slotBackground && d.slot <= slotMarker {
		if d.hasURL = mayHaveURL(value); d.hasURL && !validURLs(value) || !d.hasVar && (!validImage(d.slot, value) || !validWords(name, value)) {
			return
		}
	}
	if name == "border" && !d.hasVar {
		d.value = "none" // it resets the border's image
	}
	u.decls = append(u.decls, d)
}

// mayHaveURL is a quick look.
func mayHaveURL(s string) bool {
	for i := 0; i+3 < len(s); i++ {
		if s[i+3] == '(' && s[i]|0x20 == 'u' && s[i+1]|0x20 == 'r' && s[i+2]|0x20 == 'l' {
			return true
		}
	}
	return strings.Contains(s, "image-set(") || strings.Contains(s, "src(")
}

// validImage reports whether a value is none that Chromium drops for a function that it does not know.
func validImage(s slot, value string) bool {
	switch s {
	case slotBackground, slotList, slotBorder, slotMask:
	default:
		return true
	}
	if i := strings.IndexByte(value, '\\'); i >= 0 && strings.IndexByte(value[i:], ')') < 0 {
		return false // what old pages write behind a value for old browsers
	}
	if strings.IndexByte(value, '(') < 0 {
		return true
	}
	l := css.NewLexer(parse.NewInputString(value))
	for {
		switch kind, data := l.Next(); kind {
		case css.ErrorToken:
			return true
		case css.FunctionToken:
			if !imageFunction(lower(string(data[:len(data)-1]))) {
				return false
			}
		}
	}
}

func imageFunction(name string) bool {
	switch name {
	case "url", "image-set", "-webkit-image-set", "-webkit-cross-fade", "-webkit-gradient", "paint", "type", "var", "env", "attr", "if", "style", "media", "supports",
		"calc", "min", "max", "clamp", "round", "mod", "rem", "abs", "sign", "sin", "cos", "tan", "pow", "sqrt", "hypot", "calc-size", "sibling-index", "sibling-count",
		"rgb", "rgba", "hsl", "hsla", "hwb", "lab", "lch", "oklab", "oklch", "color", "color-mix", "light-dark", "contrast-color", "device-cmyk", "from", "to", "color-stop",
		"-webkit-calc":
		return true
	}
	return strings.HasSuffix(name, "-gradient") && (name[0] != '-' || strings.HasPrefix(name, "-webkit-"))
}

// validURLs reports whether a value holds nothing that makes Chromium drop the declaration.
func validURLs(s string) bool {
	l := css.NewLexer(parse.NewInputString(s))
	for {
		switch kind, data := l.Next(); kind {
		case css.ErrorToken:
			return true
		case css.BadURLToken, css.BadStringToken:
			return false
		case css.FunctionToken:
			if equalFold(string(data), "src(") {
				return false
			}
		}
	}
}

// urlsOf calls f for each URL in a value, as written. Of an image-set it takes the image for the ratio.
func urlsOf(value string, ratio float64, f func(string)) {
	l := css.NewLexer(parse.NewInputString(value))
	at := 0
	for {
		kind, data := l.Next()
		from := at
		at += len(data)
		switch kind {
		case css.ErrorToken:
			return
		case css.URLToken:
			f(urlIn(value[from:at]))
		case css.FunctionToken:
			name := lower(string(data))
			if name == "image-set(" || name == "-webkit-image-set(" {
				end := closing(value, at)
				if u := fromSet(value[at:end], ratio); u != "" {
					f(u)
				}
				if end >= len(value) {
					return
				}
				urlsOf(value[end+1:], ratio, f)
				return
			}
			if name == "light-dark(" { // of a light page
				end := closing(value, at)
				inner, _, _ := strings.Cut(value[at:end], ",")
				urlsOf(inner, ratio, f)
				if end < len(value) {
					urlsOf(value[end+1:], ratio, f)
				}
				return
			}
		}
	}
}

// urlIn is the URL in a token such as url("x").
func urlIn(s string) string {
	s = s[strings.IndexByte(s, '(')+1:]
	return unquote(strings.TrimSuffix(s, ")"))
}

// closing is where the bracket that was opened before i is closed.
func closing(s string, i int) int {
	for depth := 1; i < len(s); i++ {
		switch s[i] {
		case '"', '\'':
			i = skipQuoted(s, i)
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return len(s)
}

// fromSet picks the image of an image-set.
func fromSet(list string, ratio float64) string {
	best, bestX := "", 0.0
	for _, option := range splitTop(list, ',') {
		option = trim(option)
		x, u := 1.0, ""
		for _, part := range splitTop(option, ' ') {
			switch part = trim(part); {
			case part == "":
			case part[0] == '"' || part[0] == '\'':
				u = unquote(part)
			case len(part) > 4 && equalFold(part[:4], "url("):
				u = urlIn(part)
			case len(part) > 5 && equalFold(part[:5], "type("):
				if !imageType(unquote(part[5 : len(part)-1])) {
					u = ""
				}
			case strings.HasSuffix(part, ")") && strings.Contains(part, "-gradient("):
				u = part
			default:
				if v, unit := number(part); unit == "x" || unit == "dppx" {
					x = v
				} else if unit == "dpi" {
					x = v / 96
				}
			}
		}
		if u != "" && (best == "" || bestX < ratio && x > bestX || x >= ratio && x < bestX) {
			best, bestX = u, x
		}
	}
	if strings.HasSuffix(best, ")") && strings.Contains(best, "-gradient(") {
		return ""
	}
	return best
}

// systemFont reports whether a word alone is a value of the font shorthand.
func systemFont(v string) bool {
	switch v {
	case "caption", "icon", "menu", "message-box", "small-caption", "status-bar", "inherit", "initial", "unset", "revert", "revert-layer":
		return true
	}
	return false
}

// font takes the shorthand apart.
func (u *rule) font(d decl) {
	v := d.value
	if d.hasVar || !strings.ContainsAny(v, " \t\n") {
		if !d.hasVar && systemFont(lower(v)) {
			d.slot = slotFamily
			u.decls = append(u.decls, d)
		}
		return
	}
	weight, style, stretch := "normal", "normal", "normal"
	parts := splitTop(v, ' ')
	for i, p := range parts {
		p = trim(p)
		n, unit := number(p)
		switch {
		case p == "":
			continue
		case equalFold(p, "bold"), equalFold(p, "bolder"), equalFold(p, "lighter"), unit == "" && n >= 1 && n <= 1000:
			weight = p
			continue
		case equalFold(p, "italic"), equalFold(p, "oblique"):
			style = p
			continue
		case strings.HasSuffix(lower(p), "condensed"), strings.HasSuffix(lower(p), "expanded"):
			stretch = p
			continue
		case equalFold(p, "normal"), equalFold(p, "small-caps"):
			continue
		}
		// This is the size; what follows it, and perhaps a line height behind a slash, is the family.
		rest := trim(strings.Join(parts[i+1:], " "))
		if strings.HasPrefix(rest, "/") {
			_, rest, _ = strings.Cut(trim(rest[1:]), " ")
		} else if strings.HasSuffix(p, "/") {
			_, rest, _ = strings.Cut(rest, " ")
		}
		if rest = trim(rest); rest == "" {
			return
		}
		u.decls = append(u.decls, decl{slot: slotFamily, value: rest, important: d.important},
			decl{slot: slotWeight, value: weight, important: d.important}, decl{slot: slotStyle, value: style, important: d.important},
			decl{slot: slotStretch, value: stretch, important: d.important})
		return
	}
}
