package notify

import (
	"strings"
	"time"
)

// Event is what kind of change a message tells of.
type Event string

// The events that people are told of.
const (
	Regression Event = "regression" // something has become worse
	Recovery   Event = "recovery"   // it is as it was, or runs are made again
	Failure    Event = "failure"    // a run was not made, or measured nothing
)

// Message is one change, told once.
type Message struct {
	Event    Event     `json:"event"`
	Schedule string    `json:"schedule"`
	Run      string    `json:"run,omitempty"` // its id
	Due      time.Time `json:"due"`
	Text     string    `json:"text"` // what changed, in a line

	id string // of one sending, the same in all its tries
}

// Subject is the message in a few words.
func (m *Message) Subject() string {
	what := map[Event]string{Regression: "worse", Recovery: "as it was", Failure: "not run"}[m.Event]
	return "stampede: " + oneLine(m.Schedule) + ": " + what
}

// Line is the message in a line.
func (m *Message) Line() string {
	return m.Subject() + ". " + oneLine(m.Text)
}

// oneLine keeps what a ledger holds from making lines, and headers, of its own.
func oneLine(text string) string {
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f || r == '\u2028' || r == '\u2029' }), " ")
}
