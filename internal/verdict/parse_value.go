package verdict

import (
	"math"
	"strings"
	"time"

	"github.com/stampede-load/stampede/internal/suggest"
)

// value reads the right side of a comparison with m.
func (p *parser) value(m Metric) (Value, *SyntaxError) {
	t := p.tok
	switch {
	case t.kind == tokEnd:
		return Value{}, p.fail(t.pos, "a value is missing at the end", "write "+exampleOf(m))
	case t.is("baseline"):
		return p.baseline()
	case t.kind != tokNumber:
		hint := "write " + exampleOf(m)
		if t.kind == tokWord && suggest.Nearest(t.text, []string{"baseline"}) != "" {
			hint = "did you mean baseline?"
		}
		return Value{}, p.fail(t.pos, "a value is expected, not "+p.src[t.pos:t.end], hint)
	}
	q, err := p.quantity()
	if err != nil {
		return Value{}, err
	}
	v, err := p.convert(q, m)
	if err != nil {
		return Value{}, err
	}
	if msg, hint := v.wrong(m); msg != "" {
		return Value{}, p.fail(q.pos, msg, hint)
	}
	return v, nil
}

// baseline reads `baseline` or `baseline * 1.1`.
func (p *parser) baseline() (Value, *SyntaxError) {
	v := TimesBaseline(1)
	if err := p.advance(); err != nil {
		return v, err
	}
	if !p.tok.is("*") {
		return v, nil
	}
	if err := p.advance(); err != nil {
		return v, err
	}
	t := p.tok
	factor, isNumber := number(t.text)
	switch {
	case t.kind != tokNumber || !isNumber:
		return v, p.fail(t.pos, "a plain number is expected after *", "baseline * 1.1 allows 10 % more than the baseline")
	case factor == 0 || factor > maxNumber:
		return v, p.fail(t.pos, "the factor must be above 0, and not astronomic", "baseline * 1.1 allows 10 % more than the baseline")
	}
	return TimesBaseline(factor), p.advance()
}

// quantity is a number with its unit as written, before anybody asked whether the unit fits.
type quantity struct {
	text    string // the number: "500", "1.5"; for a duration of several parts, all of it
	unit    string // "ms", "%", "/s"; "" for none
	pos     int    // of the number
	unitPos int
}

// quantity reads a number and its unit, which may stand apart: 500 ms.
func (p *parser) quantity() (quantity, *SyntaxError) {
	t := p.tok
	cut := strings.IndexFunc(t.text, func(r rune) bool { return (r < '0' || r > '9') && r != '.' })
	if cut < 0 {
		cut = len(t.text)
	}
	q := quantity{text: t.text[:cut], unit: t.text[cut:], pos: t.pos, unitPos: t.pos + cut}
	if _, isNumber := number(q.text); !isNumber {
		return q, p.fail(q.pos, q.text+" is no number", "write 0.5, 12 or 99.9")
	}
	if err := p.advance(); err != nil {
		return q, err
	}
	apart := p.tok.kind == tokWord && !isKeyword(p.tok.text) || p.tok.is("%") || p.tok.kind == tokPunct && p.tok.text[0] == '/'
	if q.unit == "" && apart {
		q.unit, q.unitPos = p.tok.text, p.tok.pos
		return q, p.advance()
	}
	if q.unit == "" {
		q.unitPos = q.pos
	}
	return q, nil
}

// convert makes a value for m of a quantity.
func (p *parser) convert(q quantity, m Metric) (Value, *SyntaxError) {
	n, _ := number(q.text)
	if q.unit == "" {
		if m.unit() == UnitNone || n == 0 {
			return Value{Num: n, Unit: m.unit()}, nil
		}
		return Value{}, p.fail(q.pos, m.String()+" is "+m.unit().noun()+" and "+q.text+" has no unit", offer(q.text, n, m))
	}
	unit, factor, known := unitOf(q.unit)
	if !known {
		if d, err := duration(q); err == nil {
			return p.fit(Time(d), q, m)
		}
		return Value{}, p.fail(q.unitPos, q.unit+" is no unit", oneOf(q.unit, unitWords(m.unit())))
	}
	if n*factor > math.MaxInt64/2 {
		return Value{}, p.fail(q.pos, "the value is too large", "")
	}
	v := Value{Num: n * factor, Unit: unit}
	switch {
	case unit == UnitRate:
		v.Num = n / factor
	case unit == UnitTime:
		d, err := duration(q)
		if err != nil {
			return Value{}, p.fail(q.pos, "the time is too long", "")
		}
		v.Num = float64(d)
	case unit == UnitBytes:
		v.Num = math.Round(v.Num)
	}
	return p.fit(v, q, m)
}

// fit refuses a unit that measures something else than m.
func (p *parser) fit(v Value, q quantity, m Metric) (Value, *SyntaxError) {
	if v.Unit == m.unit() || v.Num == 0 {
		v.Unit = m.unit()
		return v, nil
	}
	return Value{}, p.fail(q.unitPos, m.String()+" is "+m.unit().noun()+", "+q.unit+" measures "+v.Unit.noun(), "write "+exampleOf(m))
}

// window reads `over WINDOW`.
func (p *parser) window(c *condition) *SyntaxError {
	if err := p.advance(); err != nil {
		return err
	}
	switch {
	case p.tok.kind == tokEnd:
		return p.fail(p.tok.pos, "a window is missing after over", "over 10s")
	case p.tok.kind != tokNumber:
		return p.fail(p.tok.pos, "a window is expected after over, not "+p.src[p.tok.pos:p.tok.end], "over 10s")
	}
	q, err := p.quantity()
	if err != nil {
		return err
	}
	if q.unit == "" {
		return p.fail(q.pos, "a window is a time and "+q.text+" has no unit", "write "+q.text+"s")
	}
	d, bad := duration(q)
	if bad != nil {
		return p.fail(q.unitPos, q.unit+" is no unit of time", oneOf(q.unit, unitWords(UnitTime)))
	}
	if msg, hint := wrongWindow(d); msg != "" {
		return p.fail(q.pos, msg, hint)
	}
	c.over = d
	return nil
}

// duration reads a time of one part or several: 1.5s, 1m30s.
func duration(q quantity) (time.Duration, error) {
	return time.ParseDuration(q.text + strings.ReplaceAll(q.unit, "μ", "µ"))
}

// unitOf is what a unit measures, and how many of the base unit it is (for rates: how many seconds).
func unitOf(word string) (u Unit, factor float64, known bool) {
	switch word {
	case "ns", "us", "µs", "μs", "ms", "s", "m", "h":
		return UnitTime, 1, true
	case "%":
		return UnitShare, 1, true
	case "/s", "/sec":
		return UnitRate, 1, true
	case "/min", "/m":
		return UnitRate, 60, true
	case "/h":
		return UnitRate, 3600, true
	case "KiB":
		return UnitBytes, 1 << 10, true
	case "MiB":
		return UnitBytes, 1 << 20, true
	case "GiB":
		return UnitBytes, 1 << 30, true
	}
	for _, size := range sizeUnits {
		if size.word == word {
			return UnitBytes, size.bytes, true
		}
	}
	return UnitNone, 0, false
}

// unitWords lists the units of a measure, for hints.
func unitWords(u Unit) []string {
	switch u {
	case UnitTime:
		return []string{"us", "ms", "s", "m", "h"}
	case UnitShare:
		return []string{"%"}
	case UnitRate:
		return []string{"/s", "/min", "/h"}
	case UnitBytes:
		return []string{"B", "KB", "MB", "GB"}
	}
	return []string{"none, a plain number"}
}

// exampleOf is a value that could be compared with m.
func exampleOf(m Metric) string {
	return [...]string{"a plain number such as 10", "500ms", "1%", "100/s", "10MB"}[m.unit()]
}

// offer is the number with the units that its writer may have meant.
func offer(text string, n float64, m Metric) string {
	switch m.unit() {
	case UnitTime:
		return "write " + text + "ms or " + text + "s"
	case UnitShare:
		s := "write " + text + "%"
		if n < 1 {
			s = "write " + plain(math.Round(n*1e8)/1e6) + "% (a share of " + text + ") or " + text + "%"
		}
		if m.Stat == StatFailures {
			s += "; failed is the number of them"
		}
		return s
	case UnitRate:
		s := "write " + text + "/s"
		if n < 1 {
			s += "; the share of failures is failures < 1%"
		}
		return s
	default:
		return "write " + text + "B or " + text + "MB"
	}
}
