package page

// length is a width or height of CSS.
type length struct {
	n    float64
	kind lengthKind
	calc *calcLength
}

type lengthKind uint8

const (
	autoLength lengthKind = iota
	pixelLength
	percentLength
	calcKind // of something that has percent in it
	minContent
	maxContent
	fitContent
	saidAuto // of a margin
)

// calcLength is computed when what percent refers to is known.
type calcLength struct {
	text string
	view viewport
}

func pixels(n float64) length { return length{n: n, kind: pixelLength} }

// of is a length in pixels, percent of around; zero for auto.
func (l length) of(around float64) float64 {
	switch l.kind {
	case pixelLength:
		return l.n
	case percentLength:
		return l.n * around / 100
	case calcKind:
		v := l.calc.view
		v.around = around
		n, _ := v.calc(l.calc.text)
		return n
	}
	return 0
}

// known reports whether a length can be told: percent of something unknown, which is negative, cannot.
func (l length) known(around float64) bool {
	switch l.kind {
	case pixelLength:
		return true
	case percentLength, calcKind:
		return around >= 0
	}
	return false
}

// length reads a value; what it does not know is auto.
func (s *styler) length(v string) length {
	v = trim(v)
	switch v {
	case "min-content":
		return length{kind: minContent}
	case "max-content":
		return length{kind: maxContent}
	case "fit-content":
		return length{kind: fitContent}
	case "-webkit-fill-available", "stretch":
		return length{n: 100, kind: percentLength}
	}
	n, unit := number(v)
	switch unit {
	case "?":
		view := s.view
		view.around = 0
		none, ok := view.calc(v)
		if !ok {
			return length{}
		}
		view.around = 1000
		if some, _ := view.calc(v); some == none {
			return pixels(none)
		}
		return length{kind: calcKind, calc: &calcLength{v, s.view}}
	case "%":
		return length{n: n, kind: percentLength}
	}
	if px, ok := s.view.pixels(n, unit); ok && (unit != "" || n == 0) {
		return pixels(px)
	}
	return length{}
}
