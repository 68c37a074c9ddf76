package stampede

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/textproto"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/stampede-load/stampede/internal/wire"
)

// call is one request while it is made. Calls are pooled: a waiting user holds none.
type call struct {
	req    wire.Request
	name   string
	checks []func(*Response) error
	expect []int
	hops   bool
	fields []wire.Field
	query  []wire.Field
	body   []byte
}

var calls = sync.Pool{New: func() any { return new(call) }}

func newCall() *call { return calls.Get().(*call) }

// free gives the call back, without a trace of the user it served.
func (c *call) free() {
	clear(c.fields)
	clear(c.query)
	clear(c.checks)
	body := c.body[:0]
	if cap(body) > 64<<10 {
		body = nil
	}
	*c = call{checks: c.checks[:0], fields: c.fields[:0], query: c.query[:0], body: body, expect: c.expect[:0]}
	calls.Put(c)
}

// apply turns options into the request.
func (c *call) apply(opts []Option) error {
	for i := range opts {
		o := &opts[i]
		switch o.kind {
		case optName:
			c.name = o.a
		case optHeader:
			c.header(o.a, o.b)
		case optQuery:
			list, err := o.pairs("Query")
			if err != nil {
				return err
			}
			for j := 0; j < len(list); j += 2 {
				c.query = append(c.query, wire.Field{Name: list[j], Value: list[j+1]})
			}
		case optForm, optJSON, optBody, optMultipart:
			if err := c.setBody(o); err != nil {
				return err
			}
		case optBasic:
			c.header("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(o.a+":"+o.b)))
		case optBearer:
			c.header("Authorization", "Bearer "+o.a)
		case optTimeout:
			c.req.Timeout = time.Duration(o.n)
		case optStay:
			c.req.Stay = true
		case optHops:
			c.hops = true
		case optCheck:
			c.checks = append(c.checks, o.check)
		case optExpect:
			c.expect = append(c.expect, o.value.([]int)...)
		case optDiscard:
			c.req.Discard = true
		case optNoCookies:
			c.req.NoCookies = true
		}
	}
	c.req.Header, c.req.Query = c.fields, c.query
	return nil
}

func (c *call) header(name, value string) {
	c.fields = append(c.fields, wire.Field{Name: name, Value: value})
}

// setBody fills in the body. The bytes of a form or of JSON live in the call.
func (c *call) setBody(o *Option) error {
	switch o.kind {
	case optForm:
		list, err := o.pairs("Form")
		if err != nil {
			return err
		}
		b := c.body[:0]
		for j := 0; j < len(list); j += 2 {
			if j > 0 {
				b = append(b, '&')
			}
			b = appendEscaped(b, list[j])
			b = append(b, '=')
			b = appendEscaped(b, list[j+1])
		}
		c.body = b
		c.content("application/x-www-form-urlencoded", b)
	case optJSON:
		b, err := json.Marshal(o.value)
		if err != nil {
			return fmt.Errorf("JSON: %w", err)
		}
		c.content("application/json", b)
	case optMultipart:
		return c.multipart(o)
	default:
		c.content(o.a, o.value.([]byte))
	}
	return nil
}

func (c *call) content(contentType string, body []byte) {
	if contentType != "" {
		c.header("Content-Type", contentType)
	}
	c.req.Body = body
}

func (c *call) multipart(o *Option) error {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	list, err := o.pairs("Multipart")
	if err != nil {
		return err
	}
	for j := 0; j < len(list); j += 2 {
		if err := w.WriteField(list[j], list[j+1]); err != nil {
			return fmt.Errorf("Multipart: %w", err)
		}
	}
	for _, f := range o.value.([]File) {
		h := textproto.MIMEHeader{}
		h.Set("Content-Disposition", fmt.Sprintf(`form-data; name="%s"; filename="%s"`, quoted(f.Field), quoted(f.Name)))
		h.Set("Content-Type", f.ContentType)
		if f.ContentType == "" {
			h.Set("Content-Type", "application/octet-stream")
		}
		part, err := w.CreatePart(h)
		if err != nil {
			return fmt.Errorf("Multipart: %w", err)
		}
		if _, err := part.Write(f.Data); err != nil {
			return fmt.Errorf("Multipart: %w", err)
		}
	}
	if err := w.Close(); err != nil {
		return fmt.Errorf("Multipart: %w", err)
	}
	c.content(w.FormDataContentType(), b.Bytes())
	return nil
}

// pairs is the list of an option that takes name, value, name, value.
func (o *Option) pairs(what string) ([]string, error) {
	list := o.strings()
	if len(list)%2 != 0 {
		return nil, fmt.Errorf("%s(%q): a name without a value", what, list[len(list)-1])
	}
	return list, nil
}

func quoted(s string) string {
	return strings.NewReplacer("\\", "\\\\", `"`, "%22", "\r", "%0D", "\n", "%0A").Replace(s)
}

// appendEscaped is url.QueryEscape into a buffer, without garbage for plain text.
func appendEscaped(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_' || c == '.' || c == '~') {
			return append(b, url.QueryEscape(s)...)
		}
	}
	return append(b, s...)
}

// expected reports whether the status is a success.
func (c *call) expected(status int) bool {
	if len(c.expect) == 0 {
		return status < 400
	}
	for _, s := range c.expect {
		if s == status {
			return true
		}
	}
	return false
}

// nameOf is the name of a request without one: the path of its URL, or all of it but the query when the host is another one's.
func nameOf(rawURL string) string {
	if i := strings.IndexAny(rawURL, "?#"); i >= 0 {
		rawURL = rawURL[:i]
	}
	if rawURL == "" {
		return "/"
	}
	return rawURL
}
