package page

import "strings"

// styler writes declarations into a look.
type styler struct {
	c       *cascader
	k       *look
	around  *look
	e       *env
	view    viewport // with the sizes of the font
	content bool     // a pseudo-element has one
}

// set takes one declaration; the value is in lower case.
func (s *styler) set(name, v string) {
	k := s.k
	switch name {
	case "display":
		if d, ok := displayWords[lastWord(v)]; ok {
			k.display = d
		}
		if k.upright = false; v == "-webkit-box" {
			k.upright = true // with line-clamp, which is what it is still used for
		}
	case "position":
		k.position = map[string]position{"relative": relative, "absolute": absolutely, "fixed": fixed}[v]
	case "float":
		k.float = map[string]side{"left": leftSide, "inline-start": leftSide, "right": rightSide, "inline-end": rightSide}[v]
	case "clear":
		k.clear = [2]bool{v == "left" || v == "both" || v == "inline-start", v == "right" || v == "both" || v == "inline-end"}
	case "box-sizing":
		k.borderBox = v == "border-box" || v == "inherit" && s.around.borderBox
	case "overflow", "overflow-x", "overflow-y":
		s.overflow(name, v)
	case "scrollbar-width":
		if v == "none" {
			k.bar = barHidden
		}
	case "aspect-ratio":
		s.ratio(v)
	case "content":
		s.content = v != "none" && v != "normal"
	case "white-space":
		k.nowrap = v == "nowrap" || v == "pre" || v == "inherit" && s.around.nowrap
	case "vertical-align":
		k.hang = v != "baseline"
	default:
		s.setMore(name, v)
	}
}

// setMore takes what set leaves.
func (s *styler) setMore(name, v string) {
	k := s.k
	switch name {
	case "order":
		n, _ := number(v)
		k.order = int(n)
	case "align-items":
		k.align = v
	case "align-self":
		k.alignSelf = v
	case "columns":
		for w := range words(v) {
			s.columns(w)
		}
	case "column-count", "column-width":
		s.columns(v)
	case "column-span":
		k.spans = v == "all"
	case "font-family":
		k.sans = !strings.Contains(strings.ReplaceAll(v, "sans-serif", ""), "serif")
	case "font-size":
		s.fontSize(v)
	case "font":
		s.font(v)
	case "line-height":
		s.lineHeight(v)
	default:
		switch {
		case strings.HasPrefix(name, "flex"):
			s.flex(name, v)
		case strings.HasPrefix(name, "grid"), strings.HasSuffix(name, "gap"):
			s.grid(name, v)
		case strings.HasPrefix(name, "border"):
			s.border(name, v)
		default:
			s.lengths(name, v)
		}
	}
}

// overflow tells what becomes of what flows over.
func (s *styler) overflow(name, v string) {
	k := s.k
	across, _, _ := strings.Cut(v, " ")
	if k.clip = v != "visible" && v != "initial" && v != "unset"; name == "overflow-y" || k.bar == barHidden {
		return
	}
	k.cuts = across == "clip"
	k.bar = map[string]bar{"auto": barIfOver, "scroll": barAlways}[across]
}

func lastWord(v string) string { return v[strings.LastIndexByte(v, ' ')+1:] }

// ratio is aspect-ratio: "16/9", "auto 4 / 3". An image that states its own keeps it if the value has auto.
func (s *styler) ratio(v string) {
	own, auto := s.k.ratio, false
	if rest, ok := strings.CutPrefix(v, "auto"); ok {
		v, auto = trim(rest), true
	} else if rest, ok := strings.CutSuffix(v, "auto"); ok {
		v, auto = trim(rest), true
	}
	if auto && own > 0 {
		return
	}
	a, b, two := strings.Cut(v, "/")
	s.k.ratio = 0
	w, ok := s.plain(a)
	h, ok2 := 1.0, true
	if two {
		h, ok2 = s.plain(b)
	}
	if ok && ok2 && h > 0 {
		s.k.ratio = w / h
	}
}

// plain is a number, which may be computed.
func (s *styler) plain(v string) (float64, bool) {
	n, unit := number(v)
	if unit == "?" {
		return s.view.calc(v)
	}
	return n, unit == ""
}

func (s *styler) columns(v string) {
	if n, unit := number(v); unit == "" && n >= 1 {
		s.k.columns = int(min(n, 100))
	} else if unit != "?" {
		s.k.columnWidth = s.length(v)
	}
}

var fontSizes = map[string]float64{
	"xx-small": 9, "x-small": 10, "small": 13, "medium": 16, "large": 18, "x-large": 24, "xx-large": 32, "xxx-large": 48,
}

func (s *styler) fontSize(v string) {
	k := s.k
	switch px, ok := fontSizes[v]; {
	case ok:
		k.size = px
	case v == "smaller":
		k.size = s.around.size / 1.2
	case v == "larger":
		k.size = s.around.size * 1.2
	default:
		if n := s.length(v); n.kind != autoLength {
			k.size = min(max(0, n.of(s.around.size)), 2000)
		}
	}
	s.view.em = s.around.size
}

// font takes size and line height out of the shorthand.
func (s *styler) font(v string) {
	parts := splitTop(v, ' ')
	for i, p := range parts {
		size, line, slash := strings.Cut(p, "/")
		n, unit := number(size)
		if _, word := fontSizes[size]; !word && (unit == "" && n != 0 || unit == "?" && !strings.ContainsRune(size, '(')) {
			continue
		}
		s.fontSize(size)
		if slash {
			s.lineHeight(line)
		} else {
			s.k.ratioOfLine = usualLine
		}
		s.set("font-family", strings.Join(parts[i+1:], " "))
		return
	}
}

func (s *styler) lineHeight(v string) {
	k := s.k
	if v == "normal" {
		k.ratioOfLine = usualLine
	} else if n, ok := s.plain(v); ok {
		k.ratioOfLine = n
	} else if n := s.length(v); n.kind != autoLength {
		k.ratioOfLine, k.line = 0, n.of(k.size)
		if strings.HasSuffix(v, "em") && !strings.HasSuffix(v, "rem") { // the size may not be known yet
			k.line = n.n / max(1, s.view.em) * k.size
		}
	}
}
