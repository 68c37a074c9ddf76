package verdict

import (
	"strconv"
	"strings"

	"github.com/stampede-load/stampede/internal/fault"
	"github.com/stampede-load/stampede/internal/stats"
)

// FaultFilter picks failures by their cause. At most one field is set; the zero value picks every failure.
type FaultFilter struct {
	Kind    fault.Kind // fault.Timeout picks all three kinds of timeout
	Status  int        // an HTTP status, 400 to 999
	Hundred int        // 4 for 4xx, 5 for 5xx
}

// String is the filter as failures(...) spells it: "5xx", "503", "connect timeout".
func (f FaultFilter) String() string {
	switch {
	case f.Hundred != 0:
		return strconv.Itoa(f.Hundred) + "xx"
	case f.Status != 0:
		return strconv.Itoa(f.Status)
	}
	return f.Kind.String()
}

// picks reports whether a failure of this kind and status is one of those meant.
func (f FaultFilter) picks(k fault.Kind, status int) bool {
	switch {
	case f.Hundred != 0:
		return status/100 == f.Hundred
	case f.Status != 0:
		return status == f.Status
	case f.Kind == fault.Timeout:
		return k.IsTimeout()
	}
	return f.Kind == fault.None || k == f.Kind
}

// JudgesFailures reports whether the rule says how many failures of the requests k by this cause (and HTTP status, else 0) are too many: one
// of its conditions is about failures or failed, picks these requests, and counts this cause. fault.None asks whether it counts every cause,
// the zero Key whether it picks all requests. Windows and phases are not asked for.
func (r *Rule) JudgesFailures(k stats.Key, kind fault.Kind, status int) bool {
	return r.root != nil && r.root.some(func(c *condition) bool {
		m := &c.metric
		return (m.Stat == StatFailures || m.Stat == StatFailed) && c.selector.Match(k) && m.Fault.picks(kind, status)
	})
}

// JudgesDropped reports whether the rule says how many arrivals may be left unserved.
func (r *Rule) JudgesDropped() bool {
	return r.root != nil && r.root.some(func(c *condition) bool { return c.metric.Stat == StatDropped && c.selector.IsZero() })
}

// wrong says what is wrong with the filter; "" when nothing is.
func (f FaultFilter) wrong() (msg, hint string) {
	set := 0
	for _, is := range []bool{f.Kind != fault.None, f.Status != 0, f.Hundred != 0} {
		if is {
			set++
		}
	}
	switch {
	case set > 1:
		return "failures are picked by one cause", "join two conditions with and"
	case f.Hundred != 0 && f.Hundred != 4 && f.Hundred != 5:
		return "only 4xx and 5xx are failures by themselves", "a check makes a failure of any other answer: failures(check)"
	case f.Status != 0 && (f.Status < 400 || f.Status > 999):
		return "only a status of 400 or above is a failure by itself", "a check makes a failure of any other answer: failures(check)"
	}
	if _, known := fault.ParseKind(f.Kind.String()); !known {
		return "no such kind of failure", ""
	}
	return "", ""
}

// parseFault reads the text between the brackets of failures(...). Words may be joined by spaces or underscores.
func parseFault(text string) (f FaultFilter, msg, hint string) {
	word := strings.ToLower(strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r == '_' || r == ' ' }), " "))
	if word == "" {
		return f, "a cause is missing", "failures(5xx), failures(503) or failures(timeout); failures alone counts every cause"
	}
	if len(word) == 3 && word[1:] == "xx" && word[0] >= '0' && word[0] <= '9' {
		f.Hundred = int(word[0] - '0')
		if f.Hundred == 0 {
			return f, "no answer has a status of 0xx", "failures(5xx)"
		}
		msg, hint = f.wrong()
		return f, msg, hint
	}
	if n, err := strconv.Atoi(word); err == nil {
		if n <= 0 {
			return f, "a status is a number of 400 or above", ""
		}
		f.Status = n
		msg, hint = f.wrong()
		return f, msg, hint
	}
	k, known := fault.ParseKind(word)
	if !known || k == fault.None {
		return f, strconv.Quote(text) + " is no cause of failure", oneOf(text, causeWords())
	}
	return FaultFilter{Kind: k}, "", ""
}

// causeWords lists what failures(...) accepts, for the hint.
func causeWords() []string {
	words := []string{"4xx", "5xx", "503"}
	for _, k := range fault.Kinds() {
		words = append(words, k.String())
	}
	return words
}
