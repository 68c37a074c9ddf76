package flow

import (
	"fmt"
	"slices"
	"time"

	"github.com/stampede-load/stampede/internal/importer"
)

// talk is what is said over one socket, in turns: the handshake with what the site says at once, then what the browser sends with what comes until it
// sends more. What comes in a later step is a turn by itself.
type talk struct {
	turns   []*ask
	steps   []int           // behind which each of them comes
	unasked map[string]bool // kinds of messages that the site sends by itself
	socket  *Socket
	over    string // why the rest is left out; "" when all is there
}

// split makes the turns. behind says behind which step something comes.
func (t *talk) split(a *ask, behind func(time.Time) int) {
	first, messages := *a.Request, a.Messages
	first.Messages = nil
	a.Request, a.talk = &first, t
	t.turns, t.steps = []*ask{a}, []int{behind(a.Start)}
	sent, before := 0, a.Start
	for _, m := range messages {
		now, last := t.turns[len(t.turns)-1], len(t.steps)-1
		step := t.steps[last]
		if !m.At.IsZero() {
			step = max(step, behind(m.At))
		}
		if m.Sent {
			if sent++; sent > mostSent {
				t.over = fmt.Sprintf("of what was sent over this WebSocket, the first %d messages are here", mostSent)
				return
			}
		}
		if m.Sent || step > t.steps[last] {
			now = t.next(a, m.At, step)
			if m.Sent && !m.At.IsZero() && !before.IsZero() && m.At.Sub(before) >= atOnce {
				now.wait = rounded(m.At.Sub(before))
			}
		}
		now.Messages = append(now.Messages, m)
		before = m.At
	}
}

// next is another turn.
func (t *talk) next(a *ask, at time.Time, step int) *ask {
	q := *a.Request
	q.Start, q.Header, q.Response, q.Messages, q.Took = at, nil, importer.Response{}, nil, 0
	one := &ask{Request: &q, url: a.url, talk: t, turn: len(t.turns), own: a.own}
	t.turns, t.steps = append(t.turns, one), append(t.steps, step)
	return one
}

// sent is what a turn says; false when it only listens.
func (a *ask) sent() (importer.Message, bool) {
	if len(a.Messages) > 0 && a.Messages[0].Sent {
		return a.Messages[0], true
	}
	return importer.Message{}, false
}

// saidKind tells turns of one talk apart.
func (a *ask) saidKind() string {
	if m, ok := a.sent(); ok {
		return "says " + kindOf(m)
	}
	return "listens"
}

// heard is what came in a turn.
func (a *ask) heard() []importer.Message {
	if _, ok := a.sent(); ok {
		return a.Messages[1:]
	}
	return a.Messages
}

// socket is the handshake.
func (b *builder) socket(a *ask) {
	s := &Socket{Stream: a.Stream, Protocols: protocols(a)}
	b.call.Socket, a.talk.socket = s, s
	all := a.heard()
	for _, m := range all {
		a.talk.unasked[kindOf(m)] = true
	}
	s.Greeting = len(all) > 0 && !s.Stream
	if len(all) > 0 {
		s.Stay = min(all[len(all)-1].At.Sub(all[0].At), mostStay).Round(100 * time.Millisecond)
	}
	if len(a.talk.turns) == 1 && len(all) == 0 {
		b.call.Notes = append(b.call.Notes, "the recording has none of the messages of this WebSocket")
	}
	if a.Lost != "" {
		b.call.Notes = append(b.call.Notes, "the rest of what was said is left out: "+a.Lost)
	}
	if a.talk.over != "" {
		b.call.Notes = append(b.call.Notes, a.talk.over)
	}
}

// turn is what is said after the handshake.
func (b *builder) turn(a *ask) {
	b.call = &Call{Over: a.talk.socket}
	a.call = b.call
	m, ok := a.sent()
	if !ok {
		for _, m := range a.heard() {
			a.talk.unasked[kindOf(m)] = true
		}
		return
	}
	one := b.message(m)
	one.Wait = a.wait
	one.answer(m, a.heard(), a.talk.unasked)
	b.call.Said, a.slots = one, b.slots
}

// talk makes a step of turns that follow one another. A turn in which nothing is said, and from which nothing is taken, is none.
func (m *maker) talk(t *Task, turns []*ask) {
	said := slices.ContainsFunc(turns[0].talk.turns, func(a *ask) bool { return a.call.Said != nil || len(a.call.Gets) > 0 })
	var step *Step
	for _, a := range turns {
		c := a.call
		if a.turn > 0 && c.Said == nil && len(c.Gets) == 0 {
			continue
		}
		if step == nil {
			step = &Step{}
			m.called(step, a)
			t.Steps = append(t.Steps, step)
		}
		if a.turn == 0 {
			c.name(a, step)
			if said {
				c.Socket.Stay = 0
			}
		}
		a.listens()
		step.Calls = append(step.Calls, c)
	}
}

// lastly says for how long sockets are needed: to the end of the step that opens them, or to the last one that uses them.
func (m *maker) lastly(t *Task) {
	opened := map[*Socket]*Step{}
	last := map[*Socket]*Call{}
	for _, s := range t.Steps {
		for _, c := range s.Calls {
			if c.Socket != nil {
				opened[c.Socket] = s
			}
			o := c.Over
			if o == nil {
				continue
			}
			if last[o] = c; opened[o] != s && o.Member == "" {
				m.sockets++
				o.Member = "socket"
				if o.Stream {
					o.Member = "events"
				}
				if m.sockets > 1 {
					o.Member = numbered(o.Member, m.sockets)
				}
			}
		}
	}
	for _, s := range t.Steps {
		for _, c := range s.Calls {
			if o := c.Over; o != nil && o.Member != "" && s.has(last[o]) {
				s.Ends = o
			}
		}
	}
}

func (s *Step) has(c *Call) bool { return slices.Contains(s.Calls, c) }
