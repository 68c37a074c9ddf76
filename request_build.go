package stampede

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/textproto"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/stampede-load/stampede/internal/page"
	"github.com/stampede-load/stampede/internal/stats"
	"github.com/stampede-load/stampede/internal/wire"
)

// call is one request and its answer, from the moment it is made until the user's next request or the end of the task. Calls are pooled: a
// waiting user holds none. With a thousand requests under way a call is out of the processor's caches when its answer comes, so it is
// small; what the options say of the answer is read from the options, which are on the stack of the task.
type call struct {
	resp   Response
	req    wire.Request
	key    stats.Key    // of this request; the call keeps it and row for the next one, which is nearly always alike
	row    *stats.Place // where samples of key are counted
	begun  int64        // ns of run time
	hops   bool
	judged bool        // the checks of this request have come to their end
	lone   bool        // not the user's usual call: one of several side by side
	over   atomic.Bool // a lone one is finished
	next   *call       // the user's next lone one

	// Of a task that is a request and nothing else.
	task  *task
	asked *Ask

	// Of a part of a page.
	load *pageLoad
	part *page.Request
	err  error // how its request ended

	content string // type of the body; "" when there is none or it has none

	// Room that requests use again.
	fields []wire.Field
	query  []wire.Field
	body   []byte
}

// bodyKept is how large a body may be for its room to be kept.
const bodyKept = 64 << 10

// again makes the call ready for the next request, without a trace of the last one.
func (c *call) again() {
	c.resp.wire.Release()
	c.resp.Status, c.resp.kept = 0, ""
	c.req = wire.Request{}
	c.hops, c.content = false, ""
	if len(c.fields)+len(c.query)+len(c.body) > 0 {
		clear(c.fields)
		clear(c.query)
		c.fields, c.query, c.body = c.fields[:0], c.query[:0], c.body[:0]
		if cap(c.body) > bodyKept {
			c.body = nil
		}
	}
}

// free gives the call back.
func (r *run) free(c *call) {
	c.again()
	c.lone, c.load, c.part, c.err = false, nil, nil, nil
	r.calls.Put(c)
}

// apply turns options into the request. The call holds the shared fields already.
func (c *call) apply(opts []Option) error {
	shared := len(c.fields)
	for i := range opts {
		o := &opts[i]
		switch o.kind() {
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
		case optDigest:
			c.req.Digest = &wire.Login{User: o.a, Password: o.b}
		case optBearer:
			c.header("Authorization", "Bearer "+o.a)
		case optTimeout:
			c.req.Timeout = time.Duration(o.number())
		case optStay:
			c.req.Stay = true
		case optHops:
			c.hops = true
		case optDiscard:
			c.req.Discard = true
		case optNoCookies:
			c.req.NoCookies = true
		}
	}
	if shared > 0 || c.content != "" {
		c.settle(shared)
	}
	c.req.Header, c.req.Query = c.fields, c.query
	return nil
}

// shared gives the call the fields that go with every request: the run's, and the user's, which take their place.
func (c *call) shared(run []wire.Field, user *[]wire.Field) {
	c.fields = append(c.fields, run...)
	if user != nil {
		c.fields = append(c.fields, *user...)
		c.override(len(run))
	}
}

// settle lets a Content-Type of the test's own take the place of the one that its body brought, and the fields of this request that of the
// shared ones of the same name, which come first.
func (c *call) settle(shared int) {
	if c.content != "" && !named(c.fields[shared:], "Content-Type") {
		c.header("Content-Type", c.content)
	}
	c.override(shared)
}

// override leaves out those of the first n fields that a later one has the name of.
func (c *call) override(n int) {
	kept, own := c.fields[:0], c.fields[n:]
	for _, f := range c.fields[:n] {
		if !named(own, f.Name) {
			kept = append(kept, f)
		}
	}
	c.fields = append(kept, own...)
}

func named(fields []wire.Field, name string) bool {
	return slices.ContainsFunc(fields, func(f wire.Field) bool { return strings.EqualFold(f.Name, name) })
}

func (c *call) header(name, value string) {
	c.fields = append(c.fields, wire.Field{Name: name, Value: value})
}

// setBody fills in the body. The bytes of a form or of JSON live in the call.
func (c *call) setBody(o *Option) error {
	switch o.kind() {
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
		c.content, c.req.Body = "application/x-www-form-urlencoded", b
	case optJSON:
		b, err := json.Marshal(o.value)
		if err != nil {
			return fmt.Errorf("JSON: %w", err)
		}
		c.content, c.req.Body = "application/json", b
	case optMultipart:
		return c.multipart(o)
	default:
		c.content, c.req.Body = o.a, o.value.([]byte)
	}
	return nil
}

func (c *call) multipart(o *Option) error {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	m := o.value.(multiparts)
	list, err := paired("Multipart", m.pairs)
	if err != nil {
		return err
	}
	for j := 0; j < len(list); j += 2 {
		field, err := w.CreatePart(textproto.MIMEHeader{"Content-Disposition": {`form-data; name="` + quoted(list[j]) + `"`}})
		if err != nil {
			return fmt.Errorf("Multipart: %w", err)
		}
		if _, err := io.WriteString(field, list[j+1]); err != nil {
			return fmt.Errorf("Multipart: %w", err)
		}
	}
	for _, f := range m.files {
		h := textproto.MIMEHeader{}
		place := fmt.Sprintf(`form-data; name="%s"`, quoted(f.Field))
		if f.Name != "" || f.ContentType == "" { // without both it is a file that nobody chose, as browsers send it
			place += fmt.Sprintf(`; filename="%s"`, quoted(f.Name))
		}
		h.Set("Content-Disposition", place)
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
	c.content, c.req.Body = w.FormDataContentType(), b.Bytes()
	return nil
}

// pairs is the list of an option that takes name, value, name, value.
func (o *Option) pairs(what string) ([]string, error) { return paired(what, o.strings()) }

func paired(what string, list []string) ([]string, error) {
	if len(list)%2 != 0 {
		return nil, fmt.Errorf("%s(%q): a name without a value", what, list[len(list)-1])
	}
	return list, nil
}

// quoted writes a name as browsers and curl do, of a field as of a file.
func quoted(s string) string {
	return strings.NewReplacer(`"`, "%22", "\r", "%0D", "\n", "%0A").Replace(s)
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
func expected(opts []Option, status int) bool {
	told := false
	for i := range opts {
		if o := &opts[i]; o.kind() == optExpect {
			if told = true; slices.Contains(o.value.([]int), status) {
				return true
			}
		}
	}
	return !told && status < 400
}

// nameIn is the name that the options give to the request to a URL.
func nameIn(opts []Option, url string) string {
	name := ""
	for i := range opts {
		if o := &opts[i]; o.kind() == optName {
			name = o.a
		}
	}
	if name == "" {
		return nameOf(url)
	}
	return name
}

// withoutLogin is an address without the user and password in it.
func withoutLogin(rawURL string) string {
	i := strings.Index(rawURL, "//") + 2
	if i < 2 {
		return rawURL
	}
	end := strings.IndexAny(rawURL[i:], `/\`)
	if end < 0 {
		end = len(rawURL) - i
	}
	return rawURL[:i] + rawURL[i+strings.LastIndexByte(rawURL[i:i+end], '@')+1:]
}

// nameOf is the name of a request without one: the path of its URL, or all of it but the query when the host is another one's.
func nameOf(rawURL string) string {
	if i := strings.IndexAny(rawURL, "?#"); i >= 0 {
		rawURL = rawURL[:i]
	}
	if strings.IndexByte(rawURL, '@') >= 0 && !strings.HasPrefix(rawURL, "/") {
		rawURL = withoutLogin(rawURL)
	}
	if rawURL == "" {
		return "/"
	}
	return rawURL
}
