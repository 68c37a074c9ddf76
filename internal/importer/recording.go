package importer

import (
	"fmt"
	"mime"
	"slices"
	"strings"
	"time"
)

// Recording is what one visit asked, in the order of its starts.
type Recording struct {
	Name     string // what it is of, in words: "buy a ticket"
	Requests []*Request
	Titles   map[string]string // of pages, by their id

	// Left is what a reader has left out, and how often.
	Left Counts
	// NoCookies says that whatever recorded it left out cookies and log-in fields, as browsers do unless told otherwise.
	NoCookies bool
	// NoBodies says that it left out what the site answered.
	NoBodies bool
	// Unmade says that none of the requests has been made.
	Unmade bool
}

// Field is a field of a header or a form.
type Field struct{ Name, Value string }

// Kind is what a request was for.
type Kind uint8

// The kinds of requests.
const (
	Unknown  Kind = iota // the recording does not say; flow finds out
	Document             // a page that was opened
	Frame                // a page inside another
	Part                 // a style sheet, an image, a font, a script's file
	Data                 // asked by a script
	Socket               // the handshake of a WebSocket, whose URL begins with http, or a stream of server-sent events
)

// Request is one request and its answer.
type Request struct {
	Page    string // the id of the page that it belongs to; "" when the recording has none
	Kind    Kind
	Name    string // a name that somebody gave it; "" without
	Clicked string // what was clicked just before it, in the words on it; "" when nothing was, or nobody knows
	Method  string
	URL     string // absolute
	Header  []Field
	Type    string // the media type of the body; "" without a body
	Body    []byte
	Files   []File   // of a form with files
	Form    []Field  // with Files: the other fields
	Secrets []string // fields whose values log in, whatever they are called
	Lost    string   // why the body is not, or not wholly, in the recording; "" when it is
	Start   time.Time
	Took    time.Duration

	Stream   bool      // the Socket is a stream of server-sent events
	Messages []Message // of a Socket, in order

	Response Response
}

// Message is one of a WebSocket, or an event of a stream.
type Message struct {
	Event  string // its type, where it is an event
	Sent   bool   // by the browser, else by the site
	At     time.Time
	Data   []byte
	Binary bool
}

// File is a file that was sent.
type File struct {
	Field, Name, Type string
	Data              []byte // nil when the recording does not have it
}

// Response is an answer.
type Response struct {
	Status   int // 0 when there was none
	Header   []Field
	Type     string // the media type
	Body     Text
	Redirect string // the Location, when the header does not have it
}

// Get is the first value of a field, in any case; "" without one.
func Get(fields []Field, name string) string {
	for i := range fields {
		if strings.EqualFold(fields[i].Name, name) {
			return fields[i].Value
		}
	}
	return ""
}

// Media is a media type without its parameters, in lower case.
func Media(contentType string) string {
	if m, _, err := mime.ParseMediaType(contentType); err == nil {
		return m
	}
	m, _, _ := strings.Cut(contentType, ";")
	return strings.ToLower(strings.TrimSpace(m))
}

// IsJSON reports whether a media type is a kind of JSON.
func IsJSON(contentType string) bool {
	m := Media(contentType)
	return m == "application/json" || m == "text/json" || strings.HasSuffix(m, "+json")
}

// IsHTML reports whether a media type is a page.
func IsHTML(contentType string) bool {
	m := Media(contentType)
	return m == "text/html" || m == "application/xhtml+xml"
}

// Location is where an answer redirects to; "" when it does not.
func (r *Response) Location() string {
	if r.Status < 300 || r.Status > 399 || r.Status == 304 {
		return ""
	}
	if to := Get(r.Header, "Location"); to != "" {
		return to
	}
	return r.Redirect
}

// Counts counts what was left out, by reason, in the order in which the reasons came up.
type Counts struct {
	reasons []string
	counts  map[string]int
	firsts  map[string]string
}

// Add counts one. example is one of them; "" for none.
func (c *Counts) Add(reason, example string) {
	if c.counts == nil {
		c.counts, c.firsts = map[string]int{}, map[string]string{}
	}
	if c.counts[reason]++; c.counts[reason] == 1 {
		c.reasons = append(c.reasons, reason)
		c.firsts[reason] = example
	}
}

// Merge adds those of another.
func (c *Counts) Merge(o Counts) {
	for _, r := range o.reasons {
		c.Add(r, o.firsts[r])
		c.counts[r] += o.counts[r] - 1
	}
}

// Lines says what was left out, one line for each reason.
func (c *Counts) Lines() []string {
	var lines []string
	for _, r := range c.reasons {
		line := fmt.Sprintf("%d %s", c.counts[r], r)
		if f := c.firsts[r]; f != "" {
			if c.counts[r] > 1 {
				f = "the first: " + f
			}
			line += " (" + f + ")"
		}
		lines = append(lines, line)
	}
	return lines
}

// Of is how often a reason was given.
func (c *Counts) Of(reason string) int { return c.counts[reason] }

// Sort puts the requests in the order of their starts. Those that began at the same time stay as they are.
func (r *Recording) Sort() {
	slices.SortStableFunc(r.Requests, func(a, b *Request) int { return a.Start.Compare(b.Start) })
}

// Brief is an address short enough for a line.
func Brief(url string) string {
	r := []rune(url)
	if len(r) <= 80 {
		return url
	}
	return string(r[:79]) + "…"
}
