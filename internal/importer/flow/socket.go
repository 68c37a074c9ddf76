package flow

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/stampede-load/stampede/internal/importer"
)

// Socket is what is said over a WebSocket.
type Socket struct {
	Protocols []string // that the handshake offers
	Greeting  bool     // the site speaks first
	Messages  []*Message
	Stay      time.Duration // how long it stays open where nothing is sent
}

// Message is one that is sent, and the answer to it.
type Message struct {
	Wait     time.Duration // before it is sent; 0 when it follows at once
	Name     string        // of the exchange in tables
	JSON     *Node         // else
	Text     Value         // or
	BodyFile string        // what is in a file
	Binary   bool          // else it is text
	Answered bool
	Field    string // the answer is the first message of JSON that has this field with this text; "" for the first one whatever it is
	Is       Value

	id string // the field by which the answer repeats the question; "" for none
}

// Bounds of what is written of a socket.
const (
	mostSent = 200              // messages
	mostStay = 30 * time.Second // with nothing to send
	atOnce   = 50 * time.Millisecond
)

// ofHandshake reports whether a field (in lower case) is one of every handshake of a WebSocket.
func ofHandshake(name string) bool {
	return slices.Contains([]string{"upgrade", "connection", "origin", "pragma", "cache-control", "host"}, name)
}

// socket has slots for the values of what is sent.
func (b *builder) socket(a *ask) {
	s := &Socket{}
	b.call.Socket = s
	for p := range strings.SplitSeq(importer.Get(a.Header, "Sec-WebSocket-Protocol"), ",") {
		if p = strings.TrimSpace(p); p != "" {
			s.Protocols = append(s.Protocols, p)
		}
	}
	if len(a.Messages) == 0 {
		b.call.Notes = append(b.call.Notes, "the recording has none of the messages of this WebSocket")
	}
	if a.Lost != "" {
		b.call.Notes = append(b.call.Notes, "the rest of what was said is left out: "+a.Lost)
	}
	before := a.Start
	unasked := map[string]bool{} // what the site says by itself
	for i := 0; i < len(a.Messages); i++ {
		m := a.Messages[i]
		if !m.Sent {
			s.Greeting = s.Greeting || len(s.Messages) == 0
			unasked[kindOf(m)] = true
			if before = m.At; len(s.Messages) == 0 {
				s.Stay = min(m.At.Sub(a.Messages[0].At), mostStay)
			}
			continue
		}
		if len(s.Messages) == mostSent {
			b.call.Notes = append(b.call.Notes, fmt.Sprintf("of what was sent over this WebSocket, the first %d messages are here", mostSent))
			break
		}
		one := b.message(len(s.Messages), m)
		if !m.At.IsZero() && !before.IsZero() && m.At.Sub(before) >= atOnce {
			one.Wait = rounded(m.At.Sub(before))
		}
		next := i + 1
		for next < len(a.Messages) && !a.Messages[next].Sent {
			next++
		}
		if at := one.answer(m, a.Messages[i+1:next], unasked); at >= 0 {
			before = a.Messages[i+1+at].At
		} else {
			before = m.At
		}
		s.Messages = append(s.Messages, one)
		i = next - 1
	}
	if len(s.Messages) > 0 {
		s.Stay = 0
	}
	s.Stay = s.Stay.Round(100 * time.Millisecond)
}

// message is one that is sent.
func (b *builder) message(n int, m importer.Message) *Message {
	one := &Message{Name: kindOf(m)}
	where := "message " + strconv.Itoa(n)
	if root, ok := parseJSON(m.Data); ok && !m.Binary && (root.Kind == Object || root.Kind == Array) {
		one.JSON = root
		b.nodes(root, where+" json", "")
		return one
	}
	if m.Binary || !printable(m.Data) || len(m.Data) > longBody {
		one.BodyFile, one.Binary = b.store("message", m.Data), m.Binary
		return one
	}
	b.slot(inForm, where, "message", string(m.Data), &one.Text)
	return one
}

// told are the fields by which messages of JSON say what they are, and sameID those by which an answer names its question.
var (
	told   = []string{"type", "event", "op", "action", "cmd", "command", "method", "kind", "t", "channel"}
	sameID = []string{"id", "ref", "requestId", "request_id", "messageId", "msgId", "seq", "nonce", "correlationId", "cid"}
)

// kindOf says in a word what a message is: what a field of its JSON says, or the first word in it.
func kindOf(m importer.Message) string {
	if m.Binary {
		return "bytes"
	}
	text := strings.TrimLeft(string(m.Data), "0123456789") // of socket.io
	var object map[string]any
	if json.Unmarshal([]byte(text), &object) == nil {
		for _, f := range told {
			if s, ok := object[f].(string); ok && s != "" && len(s) <= 40 {
				return s
			}
		}
		return "message"
	}
	word := strings.FieldsFunc(text, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && r != '_' && r != '-' && r != '.'
	})
	if len(word) > 0 && len(word[0]) <= 20 && len(m.Data) <= longBody {
		return word[0]
	}
	return "message"
}

// answer looks among what came before the next message was sent for the answer: one that repeats the question's id, else the first of a kind that
// the site does not send unasked, else the first. It gives its place; -1 for none.
func (m *Message) answer(sent importer.Message, came []importer.Message, unasked map[string]bool) int {
	if len(came) == 0 {
		return -1
	}
	m.Answered = true
	at, id := -1, ""
	if asked := object(sent); asked != nil {
		at = slices.IndexFunc(came, func(c importer.Message) bool {
			got := object(c)
			for _, f := range sameID {
				if text := plainText(asked[f]); text != "" && plainText(got[f]) == text {
					id = f
					return true
				}
			}
			return false
		})
	}
	if at < 0 {
		at = max(0, slices.IndexFunc(came, func(c importer.Message) bool { return !unasked[kindOf(c)] }))
	}
	got := object(came[at])
	for _, f := range told {
		if s, ok := got[f].(string); ok && s != "" {
			m.Field, m.Is = f, constant(s)
			break
		}
	}
	m.id = id
	return at
}

// object is a message of JSON; nil for any other.
func object(m importer.Message) (all map[string]any) {
	if m.Binary || json.Unmarshal(m.Data, &all) != nil {
		return nil
	}
	return all
}

// plainText is a text or number of JSON as text; "" for anything else.
func plainText(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return ""
}

// member is the value of a field of an object.
func (n *Node) member(name string) Value {
	for i, k := range n.Keys {
		if k == name {
			return n.Kids[i].Value
		}
	}
	return nil
}

// talk makes a step of a WebSocket. What the page asked at the same time comes before it: one visitor does one thing after the other.
func (m *maker) talk(t *Task, a *ask) {
	step := &Step{Calls: []*Call{a.call}}
	m.called(step, a)
	a.call.name(a, step)
	for _, s := range a.call.Socket.Messages {
		s.Name = a.shownPath() + " " + s.Name
		if s.id == "" || s.JSON == nil {
			continue
		}
		// What the id was found to be made of; one that is made where it is sent cannot be told again.
		if is := s.JSON.member(s.id); !slices.ContainsFunc(is, func(p Part) bool { return p.Made != NotMade }) {
			s.Field, s.Is = s.id, is
		}
	}
	t.Steps = append(t.Steps, step)
}
