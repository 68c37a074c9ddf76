package screen

import (
	"cmp"
	"slices"
	"strings"

	"github.com/stampede-load/stampede/internal/format"
	"github.com/stampede-load/stampede/internal/stats"
)

// mostErrors is how many errors the terminal lists; the exports have all.
const mostErrors = 30

// errors lists what failed on the side of the site, most frequent first.
func (s *summary) errors() {
	all := slices.DeleteFunc(byCount(s.report.Whole.Errors), func(e stats.ErrorRow) bool { return e.Stack != "" })
	if len(all) == 0 {
		return
	}
	s.section("errors")
	limit := cmp.Or(s.columns, 1<<20)
	digits, names := 0, 0
	for i := range all {
		digits, names = max(digits, len(format.Count(all[i].Count))), max(names, width(subject(&all[i])))
	}
	names = min(names, limit*2/5)
	indent := strings.Repeat(" ", digits+len("x ")+names+len("  "))
	for i := range all[:min(len(all), mostErrors)] {
		e := &all[i]
		first := s.p.wrong(padLeft(format.Count(e.Count), digits)+"×") + " " + pad(squeeze(subject(e), names), names) + "  "
		for n, line := range wrap(clean(e.Said())+" ("+between(e)+")", max(limit-width(first), 16)) {
			if n > 0 {
				first = indent
			}
			s.add(first + line)
		}
	}
	if more := len(all) - mostErrors; more > 0 {
		s.add(s.p.faint("and " + format.Plural(int64(more), "more", "more") + ", all of which the exports list"))
	}
}

// subjectShort is the name of what failed: of a request its name; of what is no request what it was, as "start of Fan".
func subjectShort(e *stats.ErrorRow) string {
	words := map[string]string{"START": "start of ", "STOP": "end of ", "TASK": "task ", stats.StepType: "step "}
	return words[e.Type] + clean(e.Name)
}

// subject is what failed: the type and name of a request.
func subject(e *stats.ErrorRow) string { return strings.TrimSpace(clean(e.Type) + " " + clean(e.Name)) }

// between is when a failure was first and last seen.
func between(e *stats.ErrorRow) string {
	first, last := format.Clock(e.First), format.Clock(e.Last)
	if first == last {
		return "at " + first
	}
	return first + " to " + last
}

// exceptions lists failures of the test's own code with the head of their stack.
func (s *summary) exceptions() {
	all := slices.DeleteFunc(byCount(s.report.Whole.Errors), func(e stats.ErrorRow) bool { return e.Stack == "" })
	if len(all) == 0 {
		return
	}
	s.section("exceptions")
	for i := range all[:min(len(all), mostErrors)] {
		e := &all[i]
		s.add(s.cut(s.p.wrong(format.Count(e.Count)+"×") + " " + subject(e) + "  " + clean(e.Text) +
			"  " + s.p.faint(between(e))))
		for _, line := range stackHead(e.Stack) {
			s.add(s.p.faint(s.cut("   " + line)))
		}
	}
}

// stackHead is the first lines of a stack, function and place in one line each.
func stackHead(stack string) []string {
	const heads = 4
	var lines []string
	for line := range strings.Lines(stack) {
		text := strings.TrimSpace(line)
		if text == "" || strings.HasPrefix(text, "goroutine ") {
			continue
		}
		if strings.HasPrefix(line, "\t") && len(lines) > 0 {
			if at := strings.LastIndex(text, " +0x"); at > 0 {
				text = text[:at]
			}
			lines[len(lines)-1] += "  " + clean(text)
			continue
		}
		if len(lines) == heads {
			break
		}
		lines = append(lines, clean(text))
	}
	return lines
}
