package capture

import (
	"io"
	"time"

	"github.com/stampede-load/stampede/internal/importer"
	"github.com/stampede-load/stampede/internal/sse"
)

// stream notes the events of a stream as they pass.
func (p *Proxy) stream(body io.ReadCloser, q *importer.Request) io.ReadCloser {
	p.mu.Lock()
	defer p.mu.Unlock()
	q.Kind, q.Stream, q.Response.Type = importer.Socket, true, ""
	return &eavesdropper{ReadCloser: body, tell: func(e sse.Event) {
		p.mu.Lock()
		defer p.mu.Unlock()
		if !p.closed && len(q.Messages) < mostMessages {
			q.Messages = append(q.Messages, importer.Message{Event: e.Type, Data: []byte(e.Data), At: time.Now()})
		}
	}}
}

// eavesdropper reads the events of a body that passes. What it cannot read it passes over from then on.
type eavesdropper struct {
	io.ReadCloser
	reader sse.Reader
	deaf   bool
	tell   func(sse.Event)
}

func (e *eavesdropper) Read(b []byte) (int, error) {
	n, err := e.ReadCloser.Read(b)
	if !e.deaf {
		e.deaf = e.reader.Push(b[:n], e.tell) != nil
	}
	return n, err
}
