package flow

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/stampede-load/stampede/internal/importer"
)

// Socket is a WebSocket that is opened, or a stream of server-sent events.
type Socket struct {
	Stream    bool
	Protocols []string      // that the handshake offers
	Greeting  bool          // the site speaks first
	Stay      time.Duration // how long it stays open where nothing is said
	Keeps     []*Hear       // what the site sends at a time of its own
	Member    string        // the visitor's field that has it for later steps; "" when one step is all
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
	Gets     *Hear // what is taken from the answer; nil for nothing

	id string // the field by which the answer repeats the question; "" for none
	at int    // which of those that came is the answer
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

// protocols are those that a handshake offers.
func protocols(a *ask) (all []string) {
	for p := range strings.SplitSeq(importer.Get(a.Header, "Sec-WebSocket-Protocol"), ",") {
		if p = strings.TrimSpace(p); p != "" {
			all = append(all, p)
		}
	}
	return all
}

// message is one that is sent.
func (b *builder) message(m importer.Message) *Message {
	one := &Message{Name: kindOf(m)}
	const where = "message"
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
// the site does not send unasked, else the first.
func (m *Message) answer(sent importer.Message, came []importer.Message, unasked map[string]bool) {
	if len(came) == 0 {
		return
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
	m.id, m.at = id, at
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
