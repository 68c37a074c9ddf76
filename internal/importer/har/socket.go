package har

import (
	"bytes"
	"encoding/json"
	"strings"
	"time"

	"github.com/stampede-load/stampede/internal/importer"
)

// message is one of a WebSocket, as Chromium and Playwright write them.
type message struct {
	Type   word   `json:"type"`
	Time   number `json:"time"` // since 1970: Chromium's in seconds, Playwright's in milliseconds
	Opcode number `json:"opcode"`
	Data   word   `json:"data"`
}

// mostMessages is how many messages of one socket are read: a ticker may have been left open for hours.
const mostMessages = 10_000

// seconds is beyond every time that is written in seconds.
const seconds = 1e11

// isSocket reports whether an entry is a WebSocket's.
func (e *entry) isSocket() bool {
	scheme, _, _ := strings.Cut(strings.ToLower(string(e.Request.URL)), ":")
	return scheme == "ws" || scheme == "wss" || strings.EqualFold(string(e.Kind), "websocket") || len(e.Messages) > 0
}

// socket makes a request the handshake of a WebSocket, with the messages.
func (e *entry) socket(q *importer.Request, d *reader) {
	if scheme, rest, ok := strings.Cut(q.URL, ":"); ok && (strings.EqualFold(scheme, "ws") || strings.EqualFold(scheme, "wss")) {
		q.URL = map[bool]string{true: "http:", false: "https:"}[len(scheme) == 2] + rest
	}
	if file := string(e.Response.Content.File); len(e.Messages) == 0 && file != "" { // Playwright's, a line for each
		if b, ok := d.apart(file); ok {
			for line := range bytes.Lines(b) {
				var m message
				if json.Unmarshal(line, &m) == nil {
					e.Messages = append(e.Messages, m)
				}
			}
		}
	}
	q.Kind, q.Method, q.Response.Type = importer.Socket, "GET", ""
	q.Took = 0 // how long it was open
	for i, m := range e.Messages {
		if i == mostMessages {
			q.Lost = "there are more than 10,000 messages"
			break
		}
		at := float64(m.Time)
		if at < seconds {
			at *= 1000
		}
		one := importer.Message{Sent: strings.EqualFold(string(m.Type), "send"), Data: []byte(m.Data)}
		if at > 0 {
			one.At = time.UnixMicro(int64(at * 1000)).UTC()
		}
		switch {
		case m.Type == "":
			continue
		case m.Opcode == 2:
			one.Binary, one.Data = true, decoded(string(m.Data), "base64")
		case m.Opcode > 2: // a control frame
			continue
		}
		q.Messages = append(q.Messages, one)
	}
}
