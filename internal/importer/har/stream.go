package har

import (
	"strings"
	"time"

	"github.com/stampede-load/stampede/internal/importer"
	"github.com/stampede-load/stampede/internal/sse"
)

// event is one of a stream, as Chromium writes it.
type event struct {
	Time number `json:"time"` // since 1970, in seconds
	Type word   `json:"eventName"`
	Data word   `json:"data"`
}

// isStream reports whether an entry is a stream of server-sent events that a page listens to. What a script fetches and reads to its end is none.
func (e *entry) isStream() bool {
	if len(e.Events) > 0 || strings.EqualFold(string(e.Kind), "eventsource") {
		return true
	}
	answers := importer.Media(string(e.Response.Content.Type)) == eventStream
	asks := false
	for _, h := range e.Request.Headers {
		asks = asks || strings.EqualFold(string(h.Name), "Accept") && importer.Media(string(h.Value)) == eventStream
	}
	return answers && asks && (e.Request.Method == "" || strings.EqualFold(string(e.Request.Method), "GET"))
}

const eventStream = "text/event-stream"

// stream makes a request a stream, with its events: those that are told by themselves, else those of the body.
func (e *entry) stream(q *importer.Request, d *reader) {
	for i, one := range e.Events {
		if i == mostMessages {
			break
		}
		m := importer.Message{Event: string(one.Type), Data: []byte(one.Data)}
		if m.Event == "" {
			m.Event = "message"
		}
		if at := float64(one.Time); at > 0 {
			if at < seconds {
				at *= 1000
			}
			m.At = time.UnixMicro(int64(at * 1000)).UTC()
		}
		q.Messages = append(q.Messages, m)
	}
	if len(e.Events) == 0 {
		text := decoded(string(e.Response.Content.Text), string(e.Response.Content.Encoding))
		if file := string(e.Response.Content.File); len(text) == 0 && file != "" {
			text, _ = d.apart(file)
		}
		var r sse.Reader
		_ = r.Push(text, func(one sse.Event) { // what is too large is where it ends
			if len(q.Messages) < mostMessages {
				q.Messages = append(q.Messages, importer.Message{Event: one.Type, Data: []byte(one.Data)})
			}
		})
	}
	q.Kind, q.Stream, q.Took, q.Response.Type = importer.Socket, true, 0, ""
}
