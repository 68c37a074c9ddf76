package har

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/stampede-load/stampede/internal/importer"
)

// The members of a HAR that Write writes.
type (
	outPair struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}

	outPost struct {
		Type     string     `json:"mimeType"`
		Text     string     `json:"text,omitempty"`
		Encoding string     `json:"encoding,omitempty"`
		Params   []outParam `json:"params,omitempty"`
	}

	outParam struct {
		Name  string `json:"name"`
		Value string `json:"value"`
		File  string `json:"fileName,omitempty"`
		Type  string `json:"contentType,omitempty"`
	}

	outContent struct {
		Size     int    `json:"size"`
		Type     string `json:"mimeType"`
		Text     string `json:"text,omitempty"`
		Encoding string `json:"encoding,omitempty"`
	}

	outEntry struct {
		Started  string  `json:"startedDateTime"`
		Time     float64 `json:"time"`
		Kind     string  `json:"_resourceType,omitempty"`
		Clicked  string  `json:"_clicked,omitempty"`
		Request  any     `json:"request"`
		Response any     `json:"response"`
		Cache    any     `json:"cache"`
		Timings  any     `json:"timings"`

		Messages []outMessage `json:"_webSocketMessages,omitempty"`
		Events   []outEvent   `json:"_eventSourceMessages,omitempty"`
	}

	outEvent struct {
		Time float64 `json:"time"` // as of messages
		Type string  `json:"eventName"`
		ID   string  `json:"eventId"`
		Data string  `json:"data"`
	}

	outMessage struct {
		Type   string  `json:"type"`
		Time   float64 `json:"time"` // seconds since 1970, as Chromium has it
		Opcode int     `json:"opcode"`
		Data   string  `json:"data"`
	}
)

// Write writes a recording as HAR 1.2. What it was of, and what was clicked, are members of their own, as browsers have such; Read knows them.
func Write(w io.Writer, r *importer.Recording) error {
	if _, err := fmt.Fprint(w, `{"log":{"version":"1.2","creator":{"name":"stampede record","version":"1"},"pages":[],"entries":[`); err != nil {
		return err
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for i, q := range r.Requests {
		if i > 0 {
			if _, err := io.WriteString(w, ","); err != nil {
				return err
			}
		}
		if err := enc.Encode(entryOf(q)); err != nil {
			return err
		}
	}
	_, err := io.WriteString(w, "]}}\n")
	return err
}

func entryOf(q *importer.Request) outEntry {
	took := float64(q.Took) / float64(time.Millisecond)
	a := &q.Response
	text, encoding := written(a.Body.Bytes())
	address := q.URL
	kind := kinds[q.Kind]
	switch {
	case q.Stream:
		kind = "eventsource"
	case q.Kind == importer.Socket:
		address = "ws" + strings.TrimPrefix(address, "http")
	}
	request := map[string]any{
		"method": q.Method, "url": address, "httpVersion": "HTTP/1.1", "cookies": []any{}, "queryString": []any{}, "headersSize": -1, "bodySize": len(q.Body), "headers": pairsOf(q.Header),
	}
	if post := postOf(q); post != nil {
		request["postData"] = post
	}
	return outEntry{
		Started: q.Start.UTC().Format(time.RFC3339Nano), Time: took, Kind: kind, Clicked: q.Clicked, Request: request,
		Response: map[string]any{
			"status": a.Status, "statusText": "", "httpVersion": "HTTP/1.1", "cookies": []any{}, "headers": pairsOf(a.Header), "redirectURL": a.Location(), "headersSize": -1, "bodySize": a.Body.Len(),
			"content": outContent{Size: a.Body.Len(), Type: a.Type, Text: text, Encoding: encoding},
		},
		Cache: struct{}{}, Timings: map[string]float64{"send": 0, "wait": took, "receive": 0}, Messages: messagesOf(q), Events: eventsOf(q),
	}
}

func eventsOf(q *importer.Request) []outEvent {
	if !q.Stream {
		return nil
	}
	all := make([]outEvent, len(q.Messages))
	for i, m := range q.Messages {
		all[i] = outEvent{Type: m.Event, Data: string(m.Data)}
		if !m.At.IsZero() {
			all[i].Time = float64(m.At.UnixMicro()) / 1e6
		}
	}
	return all
}

func messagesOf(q *importer.Request) []outMessage {
	var all []outMessage
	if q.Stream {
		return nil
	}
	for _, m := range q.Messages {
		one := outMessage{Type: "receive", Time: float64(m.At.UnixMicro()) / 1e6, Opcode: 1, Data: string(m.Data)}
		if m.Sent {
			one.Type = "send"
		}
		if m.Binary {
			one.Opcode, one.Data = 2, base64.StdEncoding.EncodeToString(m.Data)
		}
		all = append(all, one)
	}
	return all
}

// kinds are what Chromium calls them.
var kinds = map[importer.Kind]string{importer.Document: "document", importer.Data: "fetch", importer.Part: "image", importer.Socket: "websocket"}

func pairsOf(fields []importer.Field) []outPair {
	all := make([]outPair, len(fields))
	for i, f := range fields {
		all[i] = outPair(f)
	}
	return all
}

// postOf is what was sent; nil for nothing.
func postOf(q *importer.Request) *outPost {
	if len(q.Body) > 0 {
		text, encoding := written(q.Body)
		return &outPost{Type: q.Type, Text: text, Encoding: encoding}
	}
	if len(q.Form)+len(q.Files) == 0 {
		return nil
	}
	p := &outPost{Type: q.Type}
	for _, f := range q.Form {
		p.Params = append(p.Params, outParam{Name: f.Name, Value: f.Value})
	}
	for _, f := range q.Files {
		p.Params = append(p.Params, outParam{Name: f.Field, Value: string(f.Data), File: f.Name, Type: f.Type})
	}
	return p
}

// written is a body as text, or in base64 where it is none.
func written(b []byte) (text, encoding string) {
	if utf8.Valid(b) {
		return string(b), ""
	}
	return base64.StdEncoding.EncodeToString(b), "base64"
}
