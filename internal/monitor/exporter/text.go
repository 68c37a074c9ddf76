package exporter

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Sample is one line of a page: a name, its labels as they stand, a value.
type Sample struct {
	Name, Labels string
	Value        float64
	Type         string // "counter", "gauge", "histogram", "summary", "untyped"
	Help         string
}

// Label is the value of a label; "" when there is none.
func (s *Sample) Label(name string) string {
	value := ""
	eachLabel(s.Labels, func(n, v string) {
		if n == name {
			value = v
		}
	})
	return value
}

// Parse reads a page in Prometheus' text format, version 0.0.4, or OpenMetrics': https://prometheus.io/docs/instrumenting/exposition_formats/. keep
// says which names are wanted; nil means all. Timestamps and exemplars are passed over.
func Parse(page []byte, keep func(name string) bool) ([]Sample, error) {
	page = bytes.TrimPrefix(page, []byte("\xef\xbb\xbf"))
	var out []Sample
	types, helps := map[string]string{}, map[string]string{}
	for number := 1; len(page) > 0; number++ {
		var line []byte
		line, page, _ = bytes.Cut(page, []byte{'\n'})
		text := strings.TrimSpace(string(line))
		switch {
		case text == "":
		case strings.HasPrefix(text, "#"):
			comment(text, types, helps)
		default:
			s, err := sample(text)
			if err != nil {
				return nil, fmt.Errorf("line %d is not of Prometheus' text format: %w", number, err)
			}
			if keep != nil && !keep(s.Name) {
				continue
			}
			family := s.Name
			for _, suffix := range []string{"_total", "_bucket", "_count", "_sum", "_created"} {
				if _, known := types[family]; !known {
					family = strings.TrimSuffix(s.Name, suffix)
				}
			}
			s.Type, s.Help = types[family], helps[family]
			out = append(out, s)
		}
	}
	return out, nil
}

func comment(text string, types, helps map[string]string) {
	fields := strings.SplitN(text, " ", 4)
	if len(fields) < 4 {
		return
	}
	name := strings.Trim(fields[2], `"`)
	switch fields[1] {
	case "TYPE":
		types[name] = fields[3]
	case "HELP":
		helps[name] = fields[3]
	}
}

// sample reads one line: name{labels} value [time].
func sample(text string) (Sample, error) {
	var s Sample
	end := strings.IndexAny(text, "{ \t")
	if end < 0 {
		return s, fmt.Errorf("no name and value: %.60q", text)
	}
	rest := strings.TrimLeft(text[end:], " \t")
	s.Name = text[:end]
	if strings.HasPrefix(rest, "{") {
		closed := labelsEnd(rest, 0)
		if closed < 0 {
			return s, fmt.Errorf("the labels do not end: %.60q", text)
		}
		s.Labels, rest = rest[1:closed], rest[closed+1:]
	}
	if s.Name == "" { // a name that is no word stands in quotes, as the first of the labels
		s.Name, s.Labels = quotedName(s.Labels)
	}
	fields := strings.Fields(rest)
	if s.Name == "" || len(fields) == 0 {
		return s, fmt.Errorf("no name and value: %.60q", text)
	}
	v, err := strconv.ParseFloat(fields[0], 64)
	if err != nil {
		return s, fmt.Errorf("%.20q is no number", fields[0])
	}
	s.Value = v
	return s, nil
}

// quotedName takes a name such as {"http.server.duration",code="200"} has it off its labels: Prometheus 3 and OpenTelemetry write so.
func quotedName(labels string) (name, rest string) {
	labels = strings.TrimLeft(labels, " \t")
	if !strings.HasPrefix(labels, `"`) {
		return "", labels
	}
	eachLabel("x="+labels, func(_, value string) {
		if name == "" {
			name = value
		}
	})
	for i := 1; i < len(labels); i++ {
		switch labels[i] {
		case '\\':
			i++
		case '"':
			return name, labels[i+1:]
		}
	}
	return name, ""
}

// labelsEnd is where the braces close, outside quotes.
func labelsEnd(text string, open int) int {
	quoted := false
	for i := open + 1; i < len(text); i++ {
		switch {
		case quoted && text[i] == '\\':
			i++
		case text[i] == '"':
			quoted = !quoted
		case text[i] == '}' && !quoted:
			return i
		}
	}
	return -1
}

// eachLabel calls f for each label, with escapes resolved.
func eachLabel(labels string, f func(name, value string)) {
	for labels != "" {
		name, rest, found := strings.Cut(labels, `="`)
		if !found {
			return
		}
		var b strings.Builder
		i := 0
		for ; i < len(rest) && rest[i] != '"'; i++ {
			if rest[i] == '\\' && i+1 < len(rest) {
				i++
				if rest[i] == 'n' {
					b.WriteByte('\n')
					continue
				}
			}
			b.WriteByte(rest[i])
		}
		f(strings.Trim(name, ", \t"), b.String())
		labels = rest[min(i+1, len(rest)):]
	}
}

// finite is v, or NaN for what can be no point.
func finite(v float64) float64 {
	if math.IsInf(v, 0) {
		return math.NaN()
	}
	return v
}
