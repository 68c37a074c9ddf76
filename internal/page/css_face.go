package page

import (
	"strconv"
	"strings"

	"github.com/tdewolff/parse/v2/css"
)

// face is an @font-face.
type face struct {
	family   string // lower case
	sources  []string
	from, to int // weights
	italic   bool
	// narrow and wide are the widths in percent; zero means 100.
	narrow, wide int
	ranges       []runeRange // nil means all
	cond         int32
}

type runeRange struct{ from, to rune }

func (f *face) covers(c rune) bool {
	if f.ranges == nil {
		return true
	}
	for _, r := range f.ranges {
		if c >= r.from && c <= r.to {
			return true
		}
	}
	return false
}

// fontFace reads the block of an @font-face.
func (r *reader) fontFace(cond int32) {
	f := face{from: 400, to: 400, cond: cond}
	for {
		from := r.at
		switch r.next() {
		case css.ErrorToken, css.RightBraceToken:
			r.keepFace(&f)
			return
		case css.WhitespaceToken, css.CommentToken, css.SemicolonToken:
			continue
		}
		text, end := r.prelude(from)
		if name, value, ok := strings.Cut(text, ":"); ok {
			f.describe(lower(trim(name)), trim(value))
		}
		switch end {
		case css.LeftBraceToken:
			r.skipBlock()
		case css.SemicolonToken:
		default:
			r.keepFace(&f)
			return
		}
	}
}

func (r *reader) keepFace(f *face) {
	if f.family != "" && len(f.sources) > 0 {
		r.faces = append(r.faces, *f)
	}
}

func (f *face) describe(name, value string) {
	switch name {
	case "font-family":
		if f.family = lower(familyName(value)); cssFamily(lower(trim(value))) {
			f.family = "" // a word of CSS is the name of no font
		}
	case "src":
		var sources []string
		for _, s := range splitTop(value, ',') {
			if u := fontSource(trim(s)); u != "" {
				sources = append(sources, u)
			}
		}
		if len(sources) > 0 {
			f.sources = sources
		}
	case "font-weight":
		f.from, f.to = 0, 0
		for w := range words(value) {
			n := weightOf(w, 400)
			if f.from == 0 {
				f.from = n
			}
			f.to = n
		}
	case "font-stretch", "font-width":
		for w := range words(value) {
			n := stretchOf(w, 100)
			if f.narrow == 0 {
				f.narrow = n
			}
			f.wide = n
		}
	case "font-style":
		f.italic = strings.HasPrefix(lower(value), "italic") || strings.HasPrefix(lower(value), "oblique")
	case "unicode-range":
		f.ranges = unicodeRanges(value)
	}
}

// cssFamily reports whether a word is one that CSS keeps for itself where families are named.
func cssFamily(w string) bool {
	switch w {
	case "inherit", "initial", "unset", "revert":
		return true
	}
	return genericFamily(w)
}

// genericFamily reports whether a word stands for a kind of font.
func genericFamily(w string) bool {
	switch w {
	case "serif", "sans-serif", "monospace", "cursive", "fantasy", "system-ui", "math", "ui-serif", "ui-sans-serif", "ui-monospace", "ui-rounded":
		return true
	}
	return false
}

// familyName is the name of a family without its quotes, with single spaces.
func familyName(s string) string {
	if s = trim(s); s != "" && (s[0] == '"' || s[0] == '\'') {
		return unquote(s)
	}
	return strings.Join(strings.Fields(unescapeCSS(s)), " ")
}

// fontSource is the URL of a source whose format the browser knows; "" for any other, and for fonts of the machine.
func fontSource(s string) string {
	if len(s) < 5 || !equalFold(s[:4], "url(") {
		return ""
	}
	end := closing(s, 4)
	url, rest := unquote(s[4:end]), lower(trim(s[min(end+1, len(s)):]))
	for rest != "" {
		i := strings.IndexByte(rest, '(')
		if i < 0 {
			return ""
		}
		end := closing(rest, i+1)
		args := rest[i+1 : end]
		switch trim(rest[:i]) {
		case "format":
			if !fontFormat(unquote(args)) {
				return ""
			}
		case "tech":
			for _, t := range splitTop(args, ',') {
				if !fontTech(trim(t)) {
					return ""
				}
			}
		}
		rest = trim(rest[min(end+1, len(rest)):])
	}
	return url
}

func fontFormat(s string) bool {
	switch lower(s) {
	case "woff2", "woff", "truetype", "opentype", "collection", "woff2-variations", "woff-variations", "truetype-variations", "opentype-variations":
		return true
	}
	return false
}

func fontTech(s string) bool {
	switch s {
	case "features-opentype", "features-aat", "variations", "palettes", "color-colrv0", "color-colrv1", "color-sbix", "color-cbdt":
		return true
	}
	return false
}

// unicodeRanges reads U+0-7F, U+4??.
func unicodeRanges(s string) []runeRange {
	var out []runeRange
	for _, part := range splitTop(s, ',') {
		part = trim(part)
		if len(part) < 3 || part[0]|0x20 != 'u' || part[1] != '+' {
			continue
		}
		from, to, both := strings.Cut(part[2:], "-")
		if !both {
			to = strings.ReplaceAll(from, "?", "F")
			from = strings.ReplaceAll(from, "?", "0")
		}
		a, err1 := strconv.ParseInt(from, 16, 32)
		b, err2 := strconv.ParseInt(to, 16, 32)
		if err1 == nil && err2 == nil {
			out = append(out, runeRange{rune(a), rune(b)})
		}
	}
	return out
}

// weightOf is a font weight as a number, where the weight around it is outer.
func weightOf(s string, outer int) int {
	switch lower(s) {
	case "normal":
		return 400
	case "bold":
		return 700
	case "bolder":
		switch {
		case outer < 350:
			return 400
		case outer < 550:
			return 700
		}
		return 900
	case "lighter":
		switch {
		case outer < 550:
			return 100
		case outer < 750:
			return 400
		}
		return 700
	}
	if n, unit := number(s); unit == "" && n >= 1 && n <= 1000 {
		return int(n)
	}
	return outer
}

// stretchOf is a font's width in percent, where that around it is outer.
func stretchOf(s string, outer int) int {
	switch s = lower(s); s {
	case "ultra-condensed":
		return 50
	case "extra-condensed":
		return 62
	case "condensed":
		return 75
	case "semi-condensed":
		return 87
	case "normal", "initial":
		return 100
	case "semi-expanded":
		return 112
	case "expanded":
		return 125
	case "extra-expanded":
		return 150
	case "ultra-expanded":
		return 200
	}
	if n, unit := number(s); unit == "%" && n > 0 {
		return int(n)
	}
	return outer
}

// number reads a number and the unit behind it, in lower case; the unit is "?" when there is no number.
func number(s string) (n float64, unit string) {
	s = trim(s)
	end := 0
	for end < len(s) && (s[end] >= '0' && s[end] <= '9' || s[end] == '.' || end == 0 && (s[end] == '-' || s[end] == '+') ||
		s[end]|0x20 == 'e' && end > 0 && end+1 < len(s) && (s[end+1] >= '0' && s[end+1] <= '9' || s[end+1] == '-' && end+2 < len(s) && s[end+2] >= '0' && s[end+2] <= '9')) {
		if s[end]|0x20 == 'e' {
			end++
		}
		end++
	}
	n, err := strconv.ParseFloat(s[:end], 64)
	if err != nil {
		return 0, "?"
	}
	return n, lower(s[end:])
}
