package importer

import (
	"bytes"
	"io"
	"mime"
	"mime/multipart"
)

// KindOf is what a request was for, by the words of Chromium's recordings and of the field Sec-Fetch-Dest; either may be "".
func KindOf(resource, dest string) Kind {
	switch dest {
	case "document":
		return Document
	case "iframe", "frame", "embed", "object":
		return Frame
	case "empty":
		return Data
	case "":
	default:
		return Part
	}
	switch resource {
	case "document":
		return Document
	case "websocket":
		return Socket
	case "xhr", "fetch", "eventsource", "ping", "preflight":
		return Data
	case "stylesheet", "image", "script", "font", "media", "manifest", "texttrack":
		return Part
	}
	return Unknown
}

// Worth reports whether a value of an answer may turn up in a later request, so that its body is kept: not that of a style sheet or an image.
func Worth(k Kind, contentType string) bool {
	switch m := Media(contentType); {
	case IsHTML(m), IsJSON(m):
		return true
	case m == "text/css", m == "text/javascript", m == "application/javascript", m == "application/x-javascript":
		return k == Data
	case m == "", m == "text/plain", m == "application/xml", m == "text/xml", m == "application/x-www-form-urlencoded", m == "text/event-stream", m == "application/x-ndjson", m == "application/graphql", m == "text/x-component":
		return k != Part
	}
	return false
}

// SplitMultipart takes a form with files apart. What cannot be taken apart stays a body, with a word about it.
func (r *Request) SplitMultipart() {
	_, params, err := mime.ParseMediaType(r.Type)
	boundary := params["boundary"]
	if err != nil || boundary == "" {
		r.Lost = "its boundary is missing"
		return
	}
	m := multipart.NewReader(bytes.NewReader(r.Body), boundary)
	for {
		p, err := m.NextPart()
		if err != nil {
			if err != io.EOF && len(r.Form)+len(r.Files) == 0 {
				r.Lost = "it is not the form with files that it says to be"
				return
			}
			break
		}
		b, err := io.ReadAll(p)
		if err != nil && len(b) == 0 {
			break
		}
		if _, file := dispositionFile(p); file {
			r.Files = append(r.Files, File{Field: p.FormName(), Name: p.FileName(), Type: p.Header.Get("Content-Type"), Data: b})
		} else {
			r.Form = append(r.Form, Field{Name: p.FormName(), Value: string(b)})
		}
	}
	r.Body = nil
}

// dispositionFile reports whether a part says that it is a file, also one without a name.
func dispositionFile(p *multipart.Part) (string, bool) {
	_, params, err := mime.ParseMediaType(p.Header.Get("Content-Disposition"))
	if err != nil {
		return "", false
	}
	name, ok := params["filename"]
	return name, ok
}
