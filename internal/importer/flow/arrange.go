package flow

import (
	"slices"
	"strings"
	"time"

	"github.com/stampede-load/stampede/internal/importer"
)

// pause is after which time without a request something was clicked.
const pause = 1500 * time.Millisecond

// arrange says where steps begin, and puts requests into the order in which a visitor makes them, who does one thing after the other: what is said
// over a socket comes in turns, each behind what the page asked by then. Without apart a socket is its handshake alone.
func arrange(all []*ask, apart bool) []*ask {
	var rest, sockets []*ask
	for _, a := range all {
		if a.Kind == importer.Socket {
			sockets = append(sockets, a)
		} else {
			rest = append(rest, a)
		}
	}
	begin(rest, sockets)
	var starts []time.Time
	for _, a := range rest {
		if a.begins {
			starts = append(starts, a.Start)
		}
	}
	// Behind which step something comes that happened at a time; -1 is before the first.
	behind := func(at time.Time) int { return len(starts) - 1 - stepsAfter(starts, at) }
	turns := map[int][]*ask{}
	for _, a := range sockets {
		t := &talk{unasked: map[string]bool{}}
		if apart {
			t.split(a, behind)
		} else {
			a.talk, a.Messages, t.turns, t.steps = t, nil, []*ask{a}, []int{behind(a.Start)}
		}
		for i, one := range t.turns {
			turns[t.steps[i]] = append(turns[t.steps[i]], one)
		}
	}
	out := slices.Clone(turns[-1])
	for i, step := 0, -1; i < len(rest); i++ {
		if rest[i].begins {
			step++
		}
		out = append(out, rest[i])
		if i == len(rest)-1 || rest[i+1].begins {
			out = append(out, turns[step]...)
		}
	}
	return out
}

// stepsAfter is how many steps begin after a time.
func stepsAfter(starts []time.Time, at time.Time) (n int) {
	for n < len(starts) && starts[len(starts)-1-n].After(at) {
		n++
	}
	return n
}

// begin finds the requests that begin a step: pages, what was clicked, what comes after a pause, and what needs something that a socket has just said.
func begin(rest, sockets []*ask) {
	said := &hearsay{}
	for _, s := range sockets {
		for _, m := range s.Messages {
			if !m.Sent && !m.At.IsZero() {
				said.messages = append(said.messages, m)
			}
		}
	}
	slices.SortStableFunc(said.messages, func(a, b importer.Message) int { return a.At.Compare(b.At) })
	var until time.Time
	for i, a := range rest {
		heard := said.needed(a)
		if a.begins = i == 0 || a.Kind == importer.Document && !a.landing || a.Kind != importer.Document && (a.Start.Sub(until) >= pause || a.Clicked != "" || heard); a.begins {
			if i > 0 && !until.IsZero() {
				a.gap = max(0, a.Start.Sub(until))
			}
			said.runs = nil
		}
		if a.end().After(until) {
			until = a.end()
		}
	}
}

// hearsay is what sockets have said since the last step began.
type hearsay struct {
	messages []importer.Message // that are to come, in the order of their times
	runs     map[string]bool    // of letters and digits
}

// shortest is how long a run must be that is taken for the same value, and not for chance.
const shortest = 6

// needed reports whether a request has a value that was said since the last step began.
func (h *hearsay) needed(a *ask) bool {
	for len(h.messages) > 0 && !h.messages[0].At.After(a.Start) {
		text := string(h.messages[0].Data)
		h.messages = h.messages[1:]
		for run := range strings.FieldsFuncSeq(text, func(r rune) bool { return r > 127 || !isAlnum(byte(r)) }) {
			if len(run) >= shortest {
				if h.runs == nil {
					h.runs = map[string]bool{}
				}
				h.runs[run] = true
			}
		}
	}
	return len(h.runs) > 0 && slices.ContainsFunc(a.slots, func(s *slot) bool {
		return (hasDigit(s.text) || random(s.text)) && h.runs[longestRun(s.text)] // and no word that both happen to have
	})
}
