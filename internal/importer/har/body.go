package har

import (
	"net/url"
	"strings"

	"github.com/stampede-load/stampede/internal/importer"
)

// body fills in what was sent.
func (e *entry) body(q *importer.Request, d *reader) {
	p := e.Request.Post
	declared := importer.Get(q.Header, "Content-Type")
	if p != nil && p.Text == "" && len(p.Params) == 0 && p.File != "" {
		if b, ok := d.apart(string(p.File)); ok {
			p.Text, p.Encoding = word(b), ""
		}
	}
	if p == nil || p.Text == "" && len(p.Params) == 0 {
		length := importer.Get(q.Header, "Content-Length")
		if e.Request.Size > 0 || strings.HasPrefix(importer.Media(declared), "multipart/") || length != "" && length != "0" {
			q.Type, q.Lost = declared, "the recording does not have its body"
		}
		return
	}
	if q.Type = declared; q.Type == "" {
		q.Type = string(p.Type)
	}
	media := importer.Media(q.Type)
	switch {
	case p.Text != "":
		q.Body = decoded(string(p.Text), string(p.Encoding))
		if media == "multipart/form-data" {
			q.SplitMultipart()
		}
	case media == "multipart/form-data":
		for _, one := range p.Params {
			if one.File != "" || one.Type != "" {
				q.Files = append(q.Files, importer.File{Field: string(one.Name), Name: string(one.File), Type: string(one.Type), Data: []byte(one.Value)})
			} else {
				q.Form = append(q.Form, importer.Field{Name: string(one.Name), Value: string(one.Value)})
			}
		}
	default:
		var b strings.Builder
		for i, one := range p.Params {
			if i > 0 {
				b.WriteByte('&')
			}
			b.WriteString(escaped(string(one.Name)) + "=" + escaped(string(one.Value)))
		}
		q.Body = []byte(b.String())
	}
}

// escaped is a name or value of a form as it is sent. Browsers write them into params as they were sent, or decoded; what has a percent sign with two digits
// behind it is taken to be escaped.
func escaped(s string) string {
	if u, err := url.QueryUnescape(s); err == nil && u != s && strings.Contains(s, "%") {
		return s
	}
	return url.QueryEscape(s)
}
