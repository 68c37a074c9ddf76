package pace

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// Parser reads shapes from text; the package documentation says what they look like. The zero value reads everything but playback,
// for users as well as for rates.
type Parser struct {
	// Open opens the file of a playback. Nil refuses playback.
	Open func(name string) (io.ReadCloser, error)
	// Users says that levels are numbers of users, so that "50/s" is a mistake.
	Users bool
}

// Parse reads a shape with the zero Parser. Its errors are of type *SyntaxError.
func Parse(text string) (Shape, error) {
	return Parser{}.Parse(text)
}

// maxNesting bounds parentheses, factors and stretches, which lie in one another, and maxParts the shapes in one text.
const (
	maxNesting = 100
	maxParts   = 1000
)

// Parse reads a shape. Its errors are of type *SyntaxError.
func (p Parser) Parse(text string) (Shape, error) {
	tokens, err := lex(text)
	if err != nil {
		return nil, err
	}
	r := reader{Parser: p, text: text, tokens: tokens}
	if r.peek().kind == 0 {
		return nil, r.fail(r.peek(), "nothing is written: write a number such as 500, or time:level stages such as 0:0,30s:500,5m:500")
	}
	s, err := r.sequence()
	if err != nil {
		return nil, err
	}
	switch t := r.peek(); {
	case t.kind == 0:
		return s, nil
	case t.kind == ',':
		return nil, r.fail(t, "a comma stands between stages alone, such as 0:0,30s:500; a number has none: 1000")
	default:
		return nil, r.fail(t, "%v is not expected here: shapes are joined by then or +", t)
	}
}

// reader reads one text by recursive descent:
//
//	sequence = sum { "then" sum }
//	sum      = stretch { "+" stretch }
//	stretch  = product { ("for" | "from") time }
//	product  = { number "*" } primary
//	primary  = "(" sequence ")" | level | stages | name "(" arguments ")"
//	stages   = time ":" level { "," time ":" level }
type reader struct {
	Parser
	text   string
	tokens []token
	next   int
	depth  int
	parts  int
}

func (r *reader) peek() token { return r.tokens[r.next] }

// after is the token n beyond the next; the end stays the end.
func (r *reader) after(n int) token { return r.tokens[min(r.next+n, len(r.tokens)-1)] }

func (r *reader) take() token {
	t := r.peek()
	if t.kind != 0 {
		r.next++
	}
	return t
}

// word takes the next token if it is that word.
func (r *reader) word(w string) bool {
	if t := r.peek(); t.kind == 'w' && strings.EqualFold(t.text, w) {
		r.next++
		return true
	}
	return false
}

// sign takes the next token if it is that sign.
func (r *reader) sign(c byte) bool {
	if r.peek().kind == c {
		r.next++
		return true
	}
	return false
}

func (r *reader) fail(t token, format string, args ...any) error {
	return &SyntaxError{Text: r.text, Pos: t.pos, Msg: fmt.Sprintf(format, args...)}
}

// at gives an error of a constructor the place of t, unless it has one.
func (r *reader) at(t token, s Shape, err error) (Shape, error) {
	if err == nil {
		return s, nil
	}
	var syntax *SyntaxError
	if errors.As(err, &syntax) {
		return nil, err
	}
	return nil, r.fail(t, "%s", strings.ReplaceAll(err.Error(), "\n", "; "))
}

func (r *reader) sequence() (Shape, error) {
	r.depth++
	defer func() { r.depth-- }()
	start := r.peek()
	if r.depth > maxNesting {
		return nil, r.fail(start, "more than %d parentheses in one another: write fewer", maxNesting)
	}
	shapes, err := r.list(r.sum, func() bool { return r.word("then") })
	if err != nil || len(shapes) == 1 {
		return only(shapes), err
	}
	s, err := Then(shapes...)
	return r.at(start, s, err)
}

func (r *reader) sum() (Shape, error) {
	start := r.peek()
	shapes, err := r.list(r.stretch, func() bool { return r.sign('+') })
	if err != nil || len(shapes) == 1 {
		return only(shapes), err
	}
	s, err := Sum(shapes...)
	return r.at(start, s, err)
}

// list reads items with something between.
func (r *reader) list(item func() (Shape, error), more func() bool) ([]Shape, error) {
	var shapes []Shape
	for {
		s, err := item()
		if err != nil {
			return nil, err
		}
		if shapes = append(shapes, s); !more() {
			return shapes, nil
		}
	}
}

func only(shapes []Shape) Shape {
	if len(shapes) == 0 {
		return nil
	}
	return shapes[0]
}

func (r *reader) stretch() (Shape, error) {
	s, err := r.product()
	for n := 0; err == nil; n++ {
		t := r.peek()
		isFor, isFrom := r.word("for"), false
		if !isFor {
			isFrom = r.word("from")
		}
		if !isFor && !isFrom {
			return s, nil
		}
		if n >= maxNesting {
			return nil, r.fail(t, "more than %d of for and from: write fewer", maxNesting)
		}
		var d time.Duration
		if d, err = r.time(t.text); err != nil {
			break
		}
		if isFrom {
			s, err = r.rest(t, s, d)
		} else {
			s, err = For(s, d)
			s, err = r.at(t, s, err)
		}
	}
	return nil, err
}

// rest is Shift for text, where a shape of which nothing is left is a mistake.
func (r *reader) rest(t token, s Shape, d time.Duration) (Shape, error) {
	if err := checkTime("from", d); err != nil {
		return r.at(t, nil, err)
	}
	if end, ok := s.End(); ok && end <= d {
		return nil, r.fail(t, "from %s leaves nothing of a shape that ends at %s", span(d), span(end))
	}
	return Shift(s, d), nil
}

func (r *reader) product() (Shape, error) {
	var factors []token
	for r.peek().kind == 'w' && r.after(1).kind == '*' {
		if factors = append(factors, r.take()); len(factors) > maxNesting {
			return nil, r.fail(r.peek(), "more than %d factors: multiply them", maxNesting)
		}
		r.take()
	}
	s, err := r.primary()
	for i := len(factors) - 1; i >= 0 && err == nil; i-- {
		k, errFactor := parseNumber(factors[i].text)
		if errFactor != nil {
			return nil, r.fail(factors[i], "%q is no factor: write a number, such as 2 * ramp(0, 500, over=30s)", factors[i].text)
		}
		s, err = Scale(k, s)
		s, err = r.at(factors[i], s, err)
	}
	return s, err
}

func (r *reader) primary() (Shape, error) {
	t := r.peek()
	if r.parts++; r.parts > maxParts {
		return nil, r.fail(t, "more than %d shapes: write fewer, or record them as a playback", maxParts)
	}
	switch {
	case t.kind == '(':
		r.take()
		s, err := r.sequence()
		if err != nil {
			return nil, err
		}
		if !r.sign(')') {
			return nil, r.fail(r.peek(), "a closing parenthesis is missing before %v", r.peek())
		}
		return s, nil
	case t.kind != 'w':
		return nil, r.fail(t, "a shape is missing before %v: write a number such as 500, or a name such as ramp(0, 500, over=30s)", t)
	case r.after(1).kind == ':':
		return r.stages()
	case r.after(1).kind == '(':
		return r.named()
	}
	r.take()
	level, err := r.level(t)
	if err != nil {
		return nil, err
	}
	return Constant(level), nil
}

func (r *reader) stages() (Shape, error) {
	start := r.peek()
	var points []Point
	for {
		t := r.take()
		at, err := parseTime(t.text)
		if err != nil {
			return nil, r.fail(t, "%v", err)
		}
		if !r.sign(':') {
			return nil, r.fail(r.peek(), "stage %q has no level: write time:level, such as 30s:500", t.text)
		}
		level, err := r.level(r.take())
		if err != nil {
			return nil, err
		}
		points = append(points, Point{at, level})
		if err := checkPoints(points[max(0, len(points)-3):]); err != nil {
			return r.at(t, nil, err)
		}
		if !r.sign(',') {
			s, err := Stages(points...)
			return r.at(start, s, err)
		}
		if next := r.peek(); next.kind != 'w' {
			return nil, r.fail(next, "a stage is missing after the comma: write time:level, such as 5m:500")
		}
	}
}

// level reads a level from t.
func (r *reader) level(t token) (float64, error) {
	if t.kind != 'w' {
		return 0, r.fail(t, "a level is missing before %v: write a number, such as 500", t)
	}
	level, err := parseLevel(t.text)
	if err != nil {
		if name := nearest(t.text); name != "" {
			return 0, r.fail(t, "%q is no level; write %s", t.text, usageOf(name))
		}
		return 0, r.fail(t, "%v", err)
	}
	if r.Users && strings.Contains(t.text, "/") {
		return 0, r.fail(t, "%q is a rate, and users are counted: write %s, or give the rate as arrivals", t.text, t.text[:strings.IndexByte(t.text, '/')])
	}
	return level, nil
}

// time takes a time. what names it in the message.
func (r *reader) time(what string) (time.Duration, error) {
	t := r.take()
	if t.kind != 'w' {
		return 0, r.fail(t, "%s needs a time: write %s 30s", what, what)
	}
	d, err := parseTime(t.text)
	if err != nil {
		return 0, r.fail(t, "%v", err)
	}
	return d, nil
}
