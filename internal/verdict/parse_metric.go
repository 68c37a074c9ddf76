package verdict

import (
	"slices"
	"strconv"
	"strings"

	"github.com/stampede-load/stampede/internal/suggest"
)

// metric reads what is measured. s goes to the conditions inside seconds(...) that have no selector.
func (p *parser) metric(s Selector) (Metric, *SyntaxError) {
	t := p.tok
	if t.kind != tokWord || isKeyword(t.text) {
		return Metric{}, p.noMetric(s)
	}
	word, timing := t.text, TimeHeadline
	switch prefix, rest, found := strings.Cut(t.text, "."); {
	case found && slices.Contains(timingWords[1:], prefix):
		word, timing = rest, Timing(slices.Index(timingWords[:], prefix))
	case found && misspelt(prefix, rest):
		near := suggest.Nearest(prefix, timingWords[1:])
		return Metric{}, p.fail(t.pos, "there is no metric "+t.text, "did you mean "+near+"."+rest+"?")
	case found && prefix != "" && rest != "" && !quantileWord(t.text):
		return Metric{Stat: StatServer, Server: prefix, Series: rest}, p.advance()
	}
	if err := p.advance(); err != nil {
		return Metric{}, err
	}
	m := Metric{Timing: timing}
	at := t.end - len(word)
	switch stat := slices.Index(statWords[:], word); {
	case word == "":
		return m, p.fail(at, timingWords[timing]+" names a time, not a figure of it", "write "+timingWords[timing]+".p95")
	case stat > 0:
		m.Stat = Stat(stat)
	case word == "seconds":
		return p.seconds(t, m, s)
	default:
		err := p.quantile(&m, word, at)
		if err != nil {
			return m, err
		}
	}
	if m.Timing != TimeHeadline && !m.timed() {
		return m, p.fail(at, word+" is not a figure of a time", "p0 to p100, mean, min and max are: "+timingWords[timing]+".p95")
	}
	if p.tok.is("(") {
		return p.cause(m)
	}
	return m, nil
}

// noMetric refuses a condition that does not begin with one.
func (p *parser) noMetric(s Selector) *SyntaxError {
	const hint = "p95, mean, rate or failures, for example"
	t := p.tok
	switch {
	case t.kind == tokEnd:
		return p.fail(t.pos, "a metric is missing at the end", hint)
	case t.is("("), t.is("not"):
		return p.fail(t.pos, "a selector stands before each metric", "write "+s.String()+" again inside the brackets")
	case t.kind == tokString, t.is("["):
		return p.fail(t.pos, "a metric has one selector", `both type and name: [GET "name"]`)
	}
	return p.fail(t.pos, "a metric is expected before "+p.src[t.pos:t.end], hint)
}

// quantile reads p95, p99.9 and, for those who come from k6, p(95). word begins at offset at and is no other metric.
func (p *parser) quantile(m *Metric, word string, at int) *SyntaxError {
	digits, numAt := strings.TrimPrefix(word, "p"), at+1
	if word == "p" && p.tok.is("(") {
		open := p.tok.pos
		if err := p.advance(); err != nil {
			return err
		}
		digits, numAt = p.src[p.tok.pos:p.tok.end], p.tok.pos
		if p.tok.kind == tokNumber {
			if err := p.advance(); err != nil {
				return err
			}
			if err := p.closing(open); err != nil {
				return err
			}
		}
	}
	percent, isNumber := number(digits)
	switch {
	case word == "p" && digits == "":
		return p.fail(at, "p needs a number", "p95 is the time that 95 % of the requests stayed within")
	case word[0] != 'p' || !isNumber:
		if numAt != at+1 {
			return p.fail(numAt, "a quantile is a number from 0 to 100", "p(95), or shorter p95")
		}
		return p.unknownMetric(word, at)
	case percent > 100:
		return p.fail(numAt, "a quantile lies between p0 and p100", "p99 or p99.9, for example")
	}
	m.Stat, m.Percent = StatQuantile, percent
	return nil
}

// unknownMetric refuses a word with the nearest metric, or with the one that other tools call so.
func (p *parser) unknownMetric(word string, at int) *SyntaxError {
	elsewhere := map[string]string{
		"avg": "mean", "average": "mean", "med": "p50", "median": "p50", "p": "p95", "latency": "p95", "duration": "p95",
		"http_req_duration": "p95", "response_time": "response.p95", "response": "response.p95", "service": "service.p95",
		"first_byte": "first_byte.p95", "lag": "lag.p99", "ttfb": "first_byte.p95", "http_req_waiting": "first_byte.p95",
		"rps": "rate", "throughput": "rate", "http_reqs": "rate", "qps": "rate", "errors": "failures", "error_rate": "failures",
		"fail_ratio": "failures", "http_req_failed": "failures", "checks": "failures(check)", "requests": "count", "reqs": "count",
		"vus": "users", "inflight": "in_flight", "concurrency": "in_flight", "dropped_iterations": "dropped", "data_received": "bytes",
	}
	if known, ok := elsewhere[strings.ToLower(word)]; ok {
		return p.fail(at, "there is no metric "+word, "did you mean "+known+"?")
	}
	words := append([]string{"p50", "p95", "p99", "seconds"}, statWords[StatMean:]...)
	return p.fail(at, "there is no metric "+word, oneOf(word, words))
}

// cause reads `(5xx)` after failures or failed.
func (p *parser) cause(m Metric) (Metric, *SyntaxError) {
	open := p.tok
	if m.Stat != StatFailures && m.Stat != StatFailed {
		return m, p.fail(open.pos, m.String()+" takes no brackets", "failures(5xx), failed(timeout) and seconds(p95 < 500ms) do")
	}
	var words []string
	var at token
	for {
		if err := p.advance(); err != nil {
			return m, err
		}
		if p.tok.kind != tokWord && p.tok.kind != tokNumber {
			break
		}
		if words = append(words, p.tok.text); len(words) == 1 {
			at = p.tok
		}
	}
	if len(words) == 0 {
		at = p.tok
	}
	if p.tok.kind != tokEnd && !p.tok.is(")") {
		return m, p.fail(p.tok.pos, "unexpected "+p.src[p.tok.pos:p.tok.end]+" in a cause", "one cause in each bracket: failures(5xx)")
	}
	if p.tok.kind == tokEnd {
		return m, p.fail(open.pos, "the bracket is not closed", "end it with )")
	}
	filter, msg, hint := parseFault(strings.Join(words, " "))
	if msg != "" {
		return m, p.fail(at.pos, msg, hint)
	}
	m.Fault = filter
	return m, p.advance()
}

// seconds reads `(condition)` after seconds.
func (p *parser) seconds(word token, m Metric, s Selector) (Metric, *SyntaxError) {
	switch {
	case m.Timing != TimeHeadline:
		return m, p.fail(word.pos, "seconds is not a figure of a time", "seconds("+timingWords[m.Timing]+".p95 < 500ms) >= 99%")
	case p.inside:
		return m, p.fail(word.pos, "seconds cannot stand inside seconds(...)", "")
	case !p.tok.is("("):
		return m, p.fail(p.tok.pos, "seconds needs a condition in brackets", "seconds(p95 < 500ms) >= 99%")
	}
	if p.depth++; p.depth >= maxDepth {
		msg, hint := tooLong()
		return m, p.fail(p.tok.pos, msg, hint)
	}
	p.inside = true
	defer func() { p.inside, p.depth = false, p.depth-1 }()
	open := p.tok.pos
	if err := p.advance(); err != nil {
		return m, err
	}
	root, err := p.or()
	if err != nil {
		return m, err
	}
	p.inside = false
	m.Stat, m.Inner = StatSeconds, (&Rule{root: root}).selecting(s)
	return m, p.closing(open)
}

// number reads digits with at most one point among them.
func number(s string) (float64, bool) {
	if s == "" || !isDigit(s[0]) || !isDigit(s[len(s)-1]) || strings.Trim(s, "0123456789.") != "" {
		return 0, false
	}
	f, err := strconv.ParseFloat(s, 64)
	return f, err == nil
}
