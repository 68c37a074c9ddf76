package page

import "strings"

func (s *styler) flex(name, v string) {
	k := s.k
	for _, w := range splitTop(v, ' ') {
		n, unit := number(w)
		switch {
		case name == "flex-grow":
			k.grow = max(0, n)
		case name == "flex-shrink":
			k.shrink = max(0, n)
		case name == "flex-basis":
			k.basis = s.length(w)
		case w == "row", w == "row-reverse", w == "column", w == "column-reverse":
			k.upright, k.reverse = strings.HasPrefix(w, "column"), strings.HasSuffix(w, "reverse")
		case w == "wrap", w == "nowrap", w == "wrap-reverse":
			k.wrap = w != "nowrap"
		case name == "flex" && unit != "?" || name == "flex":
			s.flexShorthand(splitTop(v, ' '))
			return
		}
	}
}

func (s *styler) flexShorthand(parts []string) {
	k := s.k
	k.grow, k.shrink, k.basis = 1, 1, pixels(0)
	numbers := 0
	for _, w := range parts {
		n, unit := number(w)
		switch {
		case w == "":
		case w == "none":
			k.grow, k.shrink, k.basis = 0, 0, length{}
		case w == "initial":
			k.grow, k.basis = 0, length{}
		case w == "auto" && len(parts) == 1:
			k.basis = length{}
		case unit == "" && numbers == 0:
			k.grow, numbers = n, 1
		case unit == "" && numbers == 1:
			k.shrink, numbers = n, 2
		default:
			k.basis = s.length(w)
		}
	}
}

func (s *styler) grid(name, v string) {
	k := s.k
	slash := splitTop(v, '/')
	part := func(i int) string {
		if i < len(slash) {
			return trim(slash[i])
		}
		return ""
	}
	switch name {
	case "gap", "grid-gap":
		parts := strings.Fields(v)
		if strings.ContainsRune(v, '(') {
			parts = splitTop(v, ' ')
		}
		k.gap[0], k.gap[1] = s.length(parts[0]), s.length(parts[len(parts)-1])
	case "row-gap", "grid-row-gap":
		k.gap[0] = s.length(v)
	case "column-gap", "grid-column-gap":
		k.gap[1] = s.length(v)
	case "grid-template-columns":
		k.gridColumns = v
	case "grid-template-rows":
		k.gridRows = v
	case "grid-auto-rows":
		k.gridAutoRows = v
	case "grid-template-areas":
		k.gridAreas = v
	case "grid-template", "grid":
		k.gridColumns, k.gridRows, k.gridAreas = part(1), part(0), ""
		if strings.ContainsAny(v, "'\"") {
			k.gridAreas = part(0)
			k.gridRows = rowSizes(part(0))
		}
	case "grid-auto-flow":
		k.dense = strings.Contains(v, "dense")
	case "grid-area":
		k.at = [4]string{part(0), part(1), part(2), part(3)}
		if len(slash) == 1 {
			k.at = [4]string{v, v, v, v}
		}
	case "grid-row", "grid-column":
		i := 0
		if name == "grid-column" {
			i = 1
		}
		k.at[i], k.at[i+2] = part(0), part(1)
	case "grid-row-start":
		k.at[0] = v
	case "grid-column-start":
		k.at[1] = v
	case "grid-row-end":
		k.at[2] = v
	case "grid-column-end":
		k.at[3] = v
	}
}

// rowSizes is what stands behind the names of areas: "a b" 80px "c d" auto.
func rowSizes(v string) string {
	var sizes []string
	for i, piece := range strings.FieldsFunc(v, func(r rune) bool { return r == '"' || r == '\'' }) {
		if piece = trim(piece); i%2 == 1 || i == 0 && !strings.ContainsAny(v[:1], `"'`) {
			if piece == "" {
				piece = "auto"
			}
			sizes = append(sizes, piece)
		}
	}
	return strings.Join(sizes, " ")
}

var borderWidths = map[string]float64{"thin": 1, "medium": 3, "thick": 5}

// border takes the widths out of the properties of borders.
func (s *styler) border(name, v string) {
	rest := strings.TrimPrefix(strings.TrimPrefix(name, "border"), "-")
	word, kind, _ := strings.Cut(rest, "-")
	sides, ok := sidesOf(word)
	if !ok {
		if sides, kind = []int{0, 1, 2, 3}, rest; kind == "width" {
			var e edges
			s.fourLengths(&e, v)
			for i := range e {
				s.k.border[i] = e[i].of(0)
			}
			return
		}
	}
	if kind != "" && kind != "width" && (kind != "style" || v != "none") {
		return
	}
	width, styled := 3.0, kind == "width"
	for _, w := range splitTop(v, ' ') {
		switch n, unit := number(w); {
		case w == "none" || w == "hidden" || w == "initial" || w == "unset":
			width, styled = 0, true
		case w == "solid" || w == "dashed" || w == "dotted" || w == "double" || w == "groove" || w == "ridge" || w == "inset" || w == "outset":
			styled = true
		case borderWidths[w] > 0:
			width = borderWidths[w]
		case unit != "?":
			if px, ok := s.view.pixels(n, unit); ok {
				width = px
			}
		}
	}
	if !styled {
		width = 0
	}
	for _, i := range sides {
		s.k.border[i] = width
	}
}

// sidesOf are the indexes of edges that a word means.
func sidesOf(word string) ([]int, bool) {
	switch word {
	case "top":
		return []int{0}, true
	case "right":
		return []int{1}, true
	case "bottom":
		return []int{2}, true
	case "left":
		return []int{3}, true
	case "block":
		return []int{0, 2}, true
	case "inline":
		return []int{3, 1}, true
	}
	return nil, false
}

// lengths takes the properties that are lengths.
func (s *styler) lengths(name, v string) {
	k := s.k
	switch name {
	case "width", "inline-size":
		k.width = s.length(v)
	case "height", "block-size":
		k.height = s.length(v)
	case "min-width":
		k.minW = s.length(v)
	case "max-width", "max-inline-size":
		k.maxW = s.length(v)
	case "min-height", "min-block-size":
		k.minH = s.length(v)
	case "max-height":
		k.maxH = s.length(v)
	case "margin":
		s.fourLengths(&k.margin, v)
	case "padding":
		s.fourLengths(&k.padding, v)
	case "inset":
		s.fourLengths(&k.inset, v)
		s.noteInset()
	case "top", "right", "bottom", "left":
		sides, _ := sidesOf(name)
		k.inset[sides[0]] = s.length(v)
		s.noteInset()
	default:
		s.oneSide(name, v)
	}
}

func (s *styler) noteInset() {
	for i := range s.k.inset {
		s.k.hasInset[i] = s.k.inset[i].kind != autoLength && s.k.inset[i].kind != saidAuto
	}
}

// oneSide takes margin-top, padding-inline, inset-block-start and their like.
func (s *styler) oneSide(name, v string) {
	kind, rest, _ := strings.Cut(name, "-")
	into := map[string]*edges{"margin": &s.k.margin, "padding": &s.k.padding, "inset": &s.k.inset}[kind]
	word, end, _ := strings.Cut(rest, "-")
	sides, ok := sidesOf(word)
	if !ok || into == nil {
		return
	}
	parts := splitTop(v, ' ')
	for i, at := range sides {
		if end == "start" && i == 1 || end == "end" && i == 0 {
			continue
		}
		into[at] = s.side(parts[min(i, len(parts)-1)])
	}
	s.noteInset()
}

// side is a margin, padding or inset; a margin that says auto differs from one that says nothing.
func (s *styler) side(v string) length {
	if v == "auto" {
		return length{kind: saidAuto}
	}
	return s.length(v)
}

func (s *styler) fourLengths(e *edges, v string) {
	var all []length
	for _, w := range splitTop(v, ' ') {
		if w = trim(w); w != "" {
			all = append(all, s.side(w))
		}
	}
	switch len(all) {
	case 1:
		*e = edges{all[0], all[0], all[0], all[0]}
	case 2:
		*e = edges{all[0], all[1], all[0], all[1]}
	case 3:
		*e = edges{all[0], all[1], all[2], all[1]}
	case 4:
		*e = edges(all)
	}
}
