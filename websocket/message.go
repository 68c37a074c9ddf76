package websocket

import (
	"encoding/json"
	"fmt"
	"regexp"

	"github.com/stampede-load/stampede/internal/jsonpath"
)

// Message is what is sent and received. Data that was received is the caller's.
type Message struct {
	Data   []byte
	Binary bool // else it is text

	old bool  // came before the question that is asked now
	err error // what is wrong with what is to be sent
}

// Text is a message of text.
func Text(s string) Message { return Message{Data: []byte(s)} }

// Binary is a message of bytes. They are not kept.
func Binary(data []byte) Message { return Message{Data: data, Binary: true} }

// JSON is a message of v as JSON. What cannot be written as JSON fails where it is sent.
func JSON(v any) Message {
	b, err := json.Marshal(v)
	if err != nil {
		err = fmt.Errorf("JSON: %w", err)
	}
	return Message{Data: b, err: err}
}

// String is the message's data as text.
func (m Message) String() string { return string(m.Data) }

// JSON reads the message into v. The error shows the beginning of a message that is not JSON.
func (m Message) JSON(v any) error {
	if err := json.Unmarshal(m.Data, v); err != nil {
		return fmt.Errorf("the message %.40q is not the JSON that was expected: %w", m.Data, err)
	}
	return nil
}

// Path is a value in a message of JSON, as [stampede.Response.Path] finds it in an answer. The error says how far the way could be gone.
func (m Message) Path(path string) (string, error) {
	return jsonpath.Find(m.Data, path, "the message")
}

// Match is what the first group of a regular expression stands for in the message, or all that matches when it has no group. The error says that
// nothing matches.
func (m Message) Match(re *regexp.Regexp) (string, error) {
	found := re.FindSubmatch(m.Data)
	if found == nil {
		return "", fmt.Errorf("nothing matches %s in the message", re)
	}
	return string(found[min(1, len(found)-1)]), nil
}

func (m Message) opcode() opcode {
	if m.Binary {
		return opBinary
	}
	return opText
}
