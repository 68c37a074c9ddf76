package stampede

import (
	"fmt"
	"mime"
	"mime/multipart"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/stampede-load/stampede/internal/format"
	"github.com/stampede-load/stampede/internal/mask"
	"github.com/stampede-load/stampede/internal/pagetext"
	"github.com/stampede-load/stampede/internal/wire"
)

// How much a check prints.
const (
	bodyShown   = 2 << 10 // of a text body
	bodyVerbose = 1 << 20 // the same with Verbose
	checkWidth  = 160     // of a line, where nothing else is said
	valueShown  = 200     // characters of a header or a field
)

// asked is what is known of a request before its answer is there.
type asked struct {
	cookies []string // names of those that are sent
	hops    []hop
}

// hop is one redirect on the way.
type hop struct {
	from, to string
	status   int
	cookies  []string // names of those that were set
}

// ask notes what a request takes along, and each redirect on its way.
func (c *checker) ask(u *HTTPUser, call *call) {
	a := &asked{}
	for _, k := range u.Cookies(call.req.URL) {
		a.cookies = append(a.cookies, k.Name)
	}
	before := call.req.OnHop
	call.req.OnHop = func(from string, w *wire.Response) {
		h := hop{from: from, status: w.Status, to: w.Header("Location")}
		for _, k := range w.SetCookies() {
			h.cookies = append(h.cookies, k.Name)
		}
		a.hops = append(a.hops, h)
		if before != nil {
			before(from, w)
		}
	}
	c.note(call, a)
}

func (c *checker) note(of *call, a *asked) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.asking == nil {
		c.asking = map[*call]*asked{}
	}
	c.asking[of] = a
}

// request prints one request and its answer.
func (c *checker) request(t trace) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.requests++
	url := t.call.req.URL
	if strings.HasPrefix(url, "/") {
		url = t.user.Host() + url
	}
	c.printf("\n   %s %s\n", t.key.Type, c.text(url))
	if t.key.Name != nameOf(t.call.req.URL) {
		c.printf("      name      %s\n", c.text(t.key.Name))
	}
	for _, f := range t.call.fields {
		c.printf("      > %s: %s\n", c.text(f.Name), c.text(mask.Header(f.Name, f.Value)))
	}
	a := c.asking[t.call]
	delete(c.asking, t.call)
	if a != nil && len(a.cookies) > 0 {
		c.printf("      > cookies %s\n", c.text(strings.Join(a.cookies, ", ")))
	}
	c.sent(t.call)
	if a != nil {
		for _, h := range a.hops {
			c.printf("      ↪ %s to %s\n", statusText(h.status), c.text(h.to))
			if len(h.cookies) > 0 {
				c.printf("        cookies set: %s\n", c.text(strings.Join(h.cookies, ", ")))
			}
		}
	}
	c.answer(t.resp)
	if t.failure != nil {
		said := brief(t.failure.Error())
		if more := pagetext.Message(t.resp.Header("Content-Type"), t.resp.wire.Glimpse(), said); more != "" && t.resp.Status > 0 {
			said += ": " + more
		}
		c.printf("      FAILED    %s\n", c.text(said))
		c.fail(t.key.Type+" "+t.key.Name, t.failure)
	}
}

// sent prints the body of a request: a form field by field, the beginning of other text, the size of the rest.
func (c *checker) sent(call *call) {
	body := call.req.Body
	if len(body) == 0 {
		return
	}
	kind := call.content
	for _, f := range call.fields {
		if strings.EqualFold(f.Name, "Content-Type") {
			kind = f.Value
		}
	}
	t, params, err := mime.ParseMediaType(kind)
	switch {
	case t == "application/x-www-form-urlencoded":
		for pair := range strings.SplitSeq(string(body), "&") {
			name, value, _ := strings.Cut(pair, "=")
			name, value = unescaped(name), unescaped(value)
			c.printf("      > field   %s = %s\n", c.text(name), c.text(hiddenField(name, value)))
		}
	case err == nil && t == "multipart/form-data":
		c.multipart(body, params["boundary"])
	case isText(kind):
		c.printf("      > body    %s: %s\n", format.Bytes(int64(len(body))), c.text(mask.Strict(string(head(body, valueShown)))))
	default:
		c.printf("      > body    %s\n", format.Bytes(int64(len(body))))
	}
}

func (c *checker) multipart(body []byte, boundary string) {
	r := multipart.NewReader(strings.NewReader(string(body)), boundary)
	for {
		part, err := r.NextRawPart()
		if err != nil {
			return // the end, or a body that the test made itself: its header was printed
		}
		value := make([]byte, valueShown)
		n, _ := part.Read(value)
		if file := part.FileName(); file != "" {
			c.printf("      > file    %s = %s, %s\n", c.text(part.FormName()), c.text(file), c.text(part.Header.Get("Content-Type")))
			continue
		}
		c.printf("      > field   %s = %s\n", c.text(part.FormName()), c.text(hiddenField(part.FormName(), string(value[:n]))))
	}
}

func unescaped(s string) string {
	if u, err := url.QueryUnescape(s); err == nil {
		return u
	}
	return s
}

// hiddenField is the value of a form's field, hidden when its name or its look is that of a secret.
func hiddenField(name, value string) string {
	const mark = "="
	return strings.TrimPrefix(mask.Strict(name+mark+value), name+mark)
}

func (c *checker) answer(r *Response) {
	if r.Status == 0 {
		return
	}
	c.printf("      status    %s %s\n", statusText(r.Status), r.Proto())
	tm := r.Timing()
	parts := []string{"first byte " + format.Duration(tm.FirstByte), "total " + format.Duration(tm.Total)}
	for _, p := range []struct {
		name string
		took string
		zero bool
	}{{"tls", format.Duration(tm.TLS), tm.TLS == 0}, {"connect", format.Duration(tm.Connect), tm.Connect == 0}, {"lookup", format.Duration(tm.Lookup), tm.Lookup == 0}} {
		if !p.zero {
			parts = append([]string{p.name + " " + p.took}, parts...)
		}
	}
	c.printf("      time      %s\n", strings.Join(parts, ", "))
	c.printf("      size      %s\n", format.Bytes(r.Size()))
	if r.Redirects() > 0 {
		c.printf("      went to   %s after %s\n", c.text(r.URL()), format.Plural(int64(r.Redirects()), "redirect", "redirects"))
	}
	r.wire.Fields(func(name, value string) bool {
		c.printf("      < %s: %s\n", c.text(name), c.text(mask.Header(name, value)))
		return true
	})
	for _, k := range r.Cookies() {
		c.printf("      cookie    %s set for %s\n", c.text(k.Name), c.text(k.Path))
	}
	c.body(r)
}

func (c *checker) body(r *Response) {
	body, err := r.wire.Body()
	if err != nil {
		c.printf("      body      cannot be read: %v\n", err)
		return
	}
	if len(body) == 0 {
		return
	}
	if !isText(r.Header("Content-Type")) {
		c.printf("      body      %s of %s\n", format.Bytes(int64(len(body))), c.text(r.Header("Content-Type")))
		return
	}
	most := bodyShown
	if c.Verbose {
		most = bodyVerbose
	}
	for line := range strings.Lines(string(head(body, most))) {
		c.printf("      │ %s\n", c.text(strings.TrimRight(line, "\r\n")))
	}
	if len(body) > most {
		c.printf("      │ ... %s more\n", format.Bytes(int64(len(body)-most)))
	}
}

// text makes what a site or a test wrote fit for a terminal: one line, cut to the width, without what could move the cursor or turn the
// direction of text around.
func (c *checker) text(s string) string {
	width := c.Columns
	if width <= 0 {
		width = checkWidth
	}
	width = max(width-10, 20) // the indent
	var b strings.Builder
	n := 0
	for _, r := range mask.Text(s) {
		if n += format.Columns(r); n > width {
			b.WriteRune('…')
			break
		}
		switch {
		case r == '\t':
			b.WriteByte(' ')
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r), r == utf8.RuneError, r == '\u2028', r == '\u2029':
			b.WriteRune('·')
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func (c *checker) summary() {
	fmt.Fprintf(c.w, "\n%d tasks, %d requests, %d failed\n", c.tasks, c.requests, c.failed)
	for _, f := range c.failures {
		fmt.Fprintf(c.w, "   %s\n", c.text(f))
	}
}

// isText reports whether a body of this type is worth printing.
func isText(contentType string) bool {
	t, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		return contentType == ""
	}
	return strings.HasPrefix(t, "text/") || strings.HasSuffix(t, "json") || strings.HasSuffix(t, "xml") ||
		strings.HasSuffix(t, "javascript") || t == "application/x-www-form-urlencoded"
}

func indent(s, by string) string {
	return by + strings.ReplaceAll(strings.TrimRight(s, "\n"), "\n", "\n"+by)
}
