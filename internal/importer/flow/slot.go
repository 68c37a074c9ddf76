package flow

import (
	"bytes"
	"encoding/json"
	"io"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/stampede-load/stampede/internal/importer"
)

// place says in which part of a request a slot is.
type place uint8

const (
	inPath place = iota
	inQuery
	inHeader
	inForm
	inJSON
	inBasic
)

// slot is a place in a request that may hold a value of its own.
type slot struct {
	place place
	where string // tells it from the other slots of the request, the same in both recordings
	name  string // of its field; "" in a path
	text  string // what it held
	value *Value // what it becomes
}

// builder makes a call of a request.
type builder struct {
	call  *Call
	slots []*slot
	store func(name string, data []byte) string // puts a body into a file
	alone bool                                  // cookies are sent as they were: no answer gives them
}

func (b *builder) slot(p place, where, name, text string, value *Value) {
	*value = Value{{Text: text}}
	b.slots = append(b.slots, &slot{place: p, where: where, name: name, text: text, value: value})
}

// build makes the call of a request. Its values are constant yet. Queries are in call.Query whole, until settle.
func (b *builder) build(a *ask) {
	if a.turn > 0 {
		b.turn(a)
		return
	}
	c := &Call{Method: a.Method, Landing: a.landing, Page: a.Kind == importer.Document && a.Method == "GET"}
	b.call = c
	a.call = c
	b.path(a.url.Path)
	b.queryOf(strings.TrimPrefix(a.url.Query, "?"))
	b.headers(a)
	if a.Kind == importer.Socket {
		b.socket(a)
		a.slots = b.slots
		return
	}
	b.body(a)
	switch status := a.last().Response.Status; {
	case a.stay:
		c.NoRedirects, c.Expect = true, []int{a.Response.Status}
	case status == 401:
		c.Expect = []int{200, 401}
	case status >= 400:
		c.Expect = []int{status}
	}
	a.slots = b.slots
}

// path has a slot for each segment that may be an id.
func (b *builder) path(path string) {
	c := b.call
	segments := strings.Split(path, "/")
	values := make([]Value, len(segments))
	for i, s := range segments {
		text, err := url.PathUnescape(s)
		if err != nil || strings.ContainsRune(text, '/') {
			text = s
		}
		b.slot(inPath, "path "+strconv.Itoa(i), "", text, &values[i])
	}
	c.segments = values
}

// queryOf has a slot for each field.
func (b *builder) queryOf(query string) {
	for field := range strings.SplitSeq(query, "&") {
		if field == "" {
			continue
		}
		name, text, _ := strings.Cut(field, "=")
		q := &Pair{Name: unescape(name), raw: field}
		b.call.Query = append(b.call.Query, q)
		b.slot(inQuery, b.count("query", q.Name), q.Name, unescape(text), &q.Value)
	}
}

// count names a field that may be there several times.
func (b *builder) count(kind, name string) string {
	n := 0
	for _, s := range b.slots {
		if s.name == name && strings.HasPrefix(s.where, kind+" ") {
			n++
		}
	}
	return kind + " " + name + " " + strconv.Itoa(n)
}

func unescape(s string) string {
	if u, err := url.QueryUnescape(s); err == nil {
		return u
	}
	return s
}

// headers has a slot for each field that is not one of a browser's own.
func (b *builder) headers(a *ask) {
	c := b.call
	for _, f := range a.Header {
		name := strings.ToLower(f.Name)
		if name == "authorization" {
			b.login(f.Value)
			continue
		}
		if name == "referer" && a.Method != "GET" && a.Method != "HEAD" {
			c.referer = f.Value
		}
		if a.Kind == importer.Socket && ofHandshake(name) || name == "accept" && (c.Page || a.Stream) || browsers(name, f.Value) && !(b.alone && name == "cookie") {
			continue
		}
		h := &Pair{Name: canonical(f.Name)}
		c.Headers = append(c.Headers, h)
		b.slot(inHeader, b.count("header", f.Name), f.Name, f.Value, &h.Value)
	}
}

// login has slots for what logs in.
func (b *builder) login(value string) {
	scheme, rest, _ := strings.Cut(value, " ")
	rest = strings.TrimSpace(rest)
	switch {
	case strings.EqualFold(scheme, "bearer") && rest != "":
		b.slot(inHeader, "header authorization 0", "token", rest, &b.call.Bearer)
		return
	case strings.EqualFold(scheme, "basic"):
		if plain, err := decodeBase64(rest); err == nil {
			if user, password, ok := strings.Cut(plain, ":"); ok {
				b.call.Basic = make([]Value, 2)
				b.slot(inBasic, "basic 0", "username", user, &b.call.Basic[0])
				b.slot(inBasic, "basic 1", "password", password, &b.call.Basic[1])
				return
			}
		}
	case strings.EqualFold(scheme, "digest"), strings.EqualFold(scheme, "negotiate"), strings.EqualFold(scheme, "ntlm"):
		b.call.Notes = append(b.call.Notes, "the recording logs in with "+scheme+": see stampede.Digest")
		return
	}
	h := &Pair{Name: "Authorization"}
	b.call.Headers = append(b.call.Headers, h)
	b.slot(inHeader, "header authorization 0", "authorization", value, &h.Value)
}

// longBody is how long a constant body may be before it gets a file of its own.
const longBody = 2000

// body has slots for the fields of a form and the values of JSON.
func (b *builder) body(a *ask) {
	c := b.call
	if a.Lost != "" {
		c.Notes = append(c.Notes, "what was sent is not in the recording: "+a.Lost)
	}
	switch media := importer.Media(a.Type); {
	case len(a.Files)+len(a.Form) > 0:
		c.Parts = true
		b.form(a.Form)
		for _, f := range a.Files {
			data := f.Data
			if data == nil {
				data = []byte("a file as it might have been sent\n")
				c.Notes = append(c.Notes, "the file "+f.Name+" is not in the recording: put one like it into bodies")
			}
			c.Files = append(c.Files, Upload{Field: f.Field, Name: f.Name, Type: f.Type, File: b.store(f.Name, data)})
		}
	case len(a.Body) == 0:
	case media == "application/x-www-form-urlencoded":
		b.form(formFields(string(a.Body)))
	case importer.IsJSON(a.Type) || media == "text/plain" && (a.Body[0] == '{' || a.Body[0] == '['):
		root, ok := parseJSON(a.Body)
		if !ok {
			b.raw(a)
			return
		}
		c.JSON = root
		b.nodes(root, "json", "")
		if media != "application/json" {
			c.Headers = append(c.Headers, &Pair{Name: "Content-Type", Value: Value{{Text: a.Type}}})
		}
	default:
		b.raw(a)
	}
}

// raw sends a body as it is.
func (b *builder) raw(a *ask) {
	b.call.BodyType = a.Type
	if b.call.BodyType == "" {
		b.call.BodyType = "application/octet-stream"
	}
	if len(a.Body) > longBody || !printable(a.Body) {
		b.call.BodyFile = b.store("body", a.Body)
		return
	}
	b.slot(inForm, "body", "body", string(a.Body), &b.call.Body)
}

func printable(b []byte) bool {
	return !bytes.ContainsFunc(b, func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' && r != '\r' || r == 0xfffd })
}

func (b *builder) form(fields []importer.Field) {
	for _, f := range fields {
		p := &Pair{Name: f.Name}
		b.call.Form = append(b.call.Form, p)
		b.slot(inForm, b.count("form", f.Name), f.Name, f.Value, &p.Value)
	}
}

// formFields reads a form as browsers send it.
func formFields(body string) []importer.Field {
	var all []importer.Field
	for field := range strings.SplitSeq(strings.TrimRight(body, "\r\n"), "&") {
		if field == "" {
			continue
		}
		name, value, _ := strings.Cut(field, "=")
		all = append(all, importer.Field{Name: unescape(name), Value: unescape(value)})
	}
	return all
}

// nodes has a slot for each text and number.
func (b *builder) nodes(n *Node, where, name string) {
	for i, k := range n.Kids {
		at, called := strconv.Itoa(i), name
		if n.Kind == Object {
			at, called = n.Keys[i], n.Keys[i]
		}
		b.nodes(k, where+"."+at, called)
	}
	if n.Kind == String || n.Kind == Number {
		text, _ := n.Value.Constant()
		b.slot(inJSON, where, name, text, &n.Value)
	}
}

// parseJSON reads a document and keeps the order of its members.
func parseJSON(b []byte) (*Node, bool) {
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	n, err := readNode(dec, 0)
	if err != nil {
		return nil, false
	}
	_, err = dec.Token()
	return n, err == io.EOF
}

func readNode(dec *json.Decoder, depth int) (*Node, error) {
	t, err := dec.Token()
	if err != nil {
		return nil, err
	}
	text := func(k NodeKind, s string) *Node { return &Node{Kind: k, Value: Value{{Text: s}}} }
	switch t := t.(type) {
	case string:
		return text(String, t), nil
	case json.Number:
		return text(Number, t.String()), nil
	case bool:
		return text(Word, strconv.FormatBool(t)), nil
	case nil:
		return text(Word, "nil"), nil
	}
	n := &Node{Kind: Object}
	if t == json.Delim('[') {
		n.Kind = Array
	}
	if depth > 200 {
		return nil, io.ErrUnexpectedEOF
	}
	for dec.More() {
		key := ""
		if n.Kind == Object {
			k, err := dec.Token()
			if err != nil {
				return nil, err
			}
			if key = k.(string); slices.Contains(n.Keys, key) {
				return nil, io.ErrUnexpectedEOF // a map cannot say it twice
			}
		}
		kid, err := readNode(dec, depth+1)
		if err != nil {
			return nil, err
		}
		n.Keys, n.Kids = append(n.Keys, key), append(n.Kids, kid)
	}
	_, err = dec.Token()
	return n, err
}
