// Package har reads HAR 1.2, the recordings of browsers' developer tools, of Playwright and of proxies, one entry at a time: only texts that a
// later request may have got a value from are kept.
//
// What is read was made by many programs: members may be missing, null, or of another type than the format says. The answer to anything that
// is not a recording is one sentence.
package har

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"time"

	"github.com/stampede-load/stampede/internal/importer"
)

// The reasons for which requests are left out.
const (
	leftAborted = "aborted requests, which got no answer"
	leftData    = "data: and blob: addresses, which no browser asks a site for"
	leftSocket  = "WebSocket connections that did not come to be"
	leftCached  = "answers from the browser's cache"
	leftWorker  = "requests that a service worker made for the page: once is enough"
	leftBroken  = "entries without an address"
	leftTunnel  = "CONNECT requests, by which a browser asks its proxy for a way to the site"
	leftBeside  = "bodies that the recording keeps in files of their own, which are not beside it"
	leftCut     = "bodies beyond 16 MB, of which the rest was not looked at"
)

// Read reads a recording. Bodies of answers go into store, which must stay open as long as they are used. name is what it is called in errors.
func Read(r io.Reader, name string, store *importer.Store) (*importer.Recording, error) {
	return read(r, name, store, nil)
}

// read is Read; files are those beside the recording, nil for none.
func read(r io.Reader, name string, store *importer.Store, files fs.FS) (*importer.Recording, error) {
	t := newTrimmer(r, longest)
	d := &reader{dec: json.NewDecoder(t), store: store, files: files, rec: &importer.Recording{Titles: map[string]string{}, NoCookies: true}}
	found, err := d.top()
	d.settle()
	switch {
	case err != nil && d.seen > 0:
		return nil, fmt.Errorf("%s: entry %d cannot be read: %w; is the file complete?", name, d.seen+1, plain(err))
	case err != nil || !found:
		return nil, fmt.Errorf("%s is not a HAR: there is no log.entries in it; in the browser's network panel use Export HAR", name)
	case len(d.rec.Requests) == 0 && d.seen == 0:
		return nil, fmt.Errorf("%s holds no requests: open the network panel before the page, click through the flow, and export then", name)
	case len(d.rec.Requests) == 0:
		return nil, fmt.Errorf("%s holds no request that can be made again: %s", name, strings.Join(d.rec.Left.Lines(), "; "))
	}
	for range t.cut {
		d.rec.Left.Add(leftCut, "")
	}
	d.rec.NoBodies = d.texts > 0 && d.read == 0
	d.rec.Sort()
	d.workers()
	return d.rec, nil
}

// mostUnmade is how many requests without an answer are remembered.
const mostUnmade = 5000

// settle decides what requests without any answer are: aborted, unless there are no others. Then the program has not made them, as Insomnia does not
// that exports what somebody has written down.
func (d *reader) settle() {
	if len(d.rec.Requests) == 0 && len(d.unmade) > 0 {
		d.rec.Requests, d.rec.NoCookies, d.rec.Unmade = d.unmade, false, true
		return
	}
	for _, q := range d.unmade {
		d.rec.Left.Add(leftAborted, importer.Brief(q.URL))
	}
}

// plain is an error without the reader's own words where the file has just ended.
func plain(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("the file ends in the middle of it")
	}
	return err
}

type reader struct {
	dec   *json.Decoder
	store *importer.Store
	files fs.FS // beside the recording; nil for none
	rec   *importer.Recording
	seen  int // entries
	texts int // answers in which a value may be looked for
	read  int // those of them whose body is there
	last  time.Time

	unmade []*importer.Request // without an answer
}

// top walks to log.entries and log.pages.
func (d *reader) top() (found bool, err error) {
	return found, d.object(func(key string) error {
		if key != "log" {
			return d.skip()
		}
		return d.object(func(key string) error {
			switch key {
			case "entries":
				found = true
				return d.array(d.entry)
			case "pages":
				return d.array(d.page)
			}
			return d.skip()
		})
	})
}

// object calls f for each member, whose value f reads.
func (d *reader) object(f func(key string) error) error {
	t, err := d.dec.Token()
	if err != nil || t != json.Delim('{') {
		return errors.Join(err, errNoObject)
	}
	for d.dec.More() {
		key, err := d.dec.Token()
		if err != nil {
			return err
		}
		if err := f(key.(string)); err != nil {
			return err
		}
	}
	_, err = d.dec.Token()
	return err
}

var errNoObject = errors.New("something else stands where an object is expected")

// array calls f for each member, which f reads.
func (d *reader) array(f func() error) error {
	t, err := d.dec.Token()
	if err == nil && t == nil {
		return nil // null
	}
	if err != nil || t != json.Delim('[') {
		return errors.Join(err, errNoObject)
	}
	for d.dec.More() {
		if err := f(); err != nil {
			return err
		}
	}
	_, err = d.dec.Token()
	return err
}

func (d *reader) skip() error {
	var raw json.RawMessage
	return d.dec.Decode(&raw)
}

func (d *reader) page() error {
	var p page
	if err := d.dec.Decode(&p); err != nil && !isType(err) {
		return err
	}
	d.rec.Titles[string(p.ID)] = string(p.Title)
	return nil
}

// isType reports whether an error is only that a member has another type than expected.
func isType(err error) bool {
	var other *json.UnmarshalTypeError
	return errors.As(err, &other)
}

func (d *reader) entry() error {
	var e entry
	if err := d.dec.Decode(&e); err != nil && !isType(err) {
		return err
	}
	d.seen++
	why := e.left()
	if why != "" && (why != leftAborted || e.Response.Status != 0 || e.Response.Error != "" || len(e.Response.Headers) > 0 || len(d.unmade) >= mostUnmade) {
		d.rec.Left.Add(why, importer.Brief(string(e.Request.URL)))
		return nil
	}
	q, err := e.request(d)
	if err != nil {
		return err
	}
	if why == leftAborted {
		d.unmade = append(d.unmade, q)
		return nil
	}
	if q.Start.IsZero() {
		q.Start = d.last
	}
	d.last = q.Start
	if importer.Get(q.Header, "Cookie") != "" || importer.Get(q.Response.Header, "Set-Cookie") != "" {
		d.rec.NoCookies = false
	}
	d.rec.Requests = append(d.rec.Requests, q)
	return nil
}

// left says why an entry cannot be made again; "" when it can.
func (e *entry) left() string {
	scheme, _, ok := strings.Cut(strings.ToLower(string(e.Request.URL)), ":")
	// Chromium's, Playwright's and Safari's way to say it.
	cached := bool(e.FromCache) || e.Response.Size < -1 && e.Timings.Wait == -1 || strings.HasSuffix(string(e.Fetched), " Cache")
	switch {
	case strings.EqualFold(string(e.Request.Method), "CONNECT"):
		return leftTunnel
	case !ok:
		return leftBroken
	case scheme == "data" || scheme == "blob" || scheme == "about" || scheme == "chrome-extension" || scheme == "moz-extension":
		return leftData
	case e.isSocket() && (scheme == "ws" || scheme == "wss" || scheme == "http" || scheme == "https"):
		if e.Response.Status != 101 && len(e.Messages) == 0 {
			return leftSocket
		}
		return ""
	case scheme != "http" && scheme != "https":
		return leftBroken
	case e.Response.Status <= 0 || e.Response.Error != "" && !e.isStream(): // a stream that is open ends with its page
		return leftAborted
	case cached && e.kind() != importer.Document:
		return leftCached
	}
	return ""
}

// kind is what the recording says of what the request was for.
func (e *entry) kind() importer.Kind {
	dest := ""
	for _, h := range e.Request.Headers {
		if strings.EqualFold(string(h.Name), "Sec-Fetch-Dest") {
			dest = string(h.Value)
		}
	}
	return importer.KindOf(string(e.Kind), dest)
}

// request is an entry as a request.
func (e *entry) request(d *reader) (*importer.Request, error) {
	q := &importer.Request{
		Page: string(e.Page), Kind: e.kind(), Clicked: string(e.Clicked), Method: strings.ToUpper(string(e.Request.Method)), URL: string(e.Request.URL),
		Start: when(e.Started), Took: max(0, time.Duration(float64(e.Time)*float64(time.Millisecond))), Header: fields(e.Request.Headers),
	}
	if q.Method == "" {
		q.Method = "GET"
	}
	if importer.Get(q.Header, "Cookie") == "" && len(e.Request.Cookies) > 0 {
		var all []string
		for _, c := range e.Request.Cookies {
			all = append(all, string(c.Name+"="+c.Value))
		}
		q.Header = append(q.Header, importer.Field{Name: "Cookie", Value: strings.Join(all, "; ")})
	}
	e.body(q, d)
	a := &q.Response
	*a = importer.Response{
		Status: int(e.Response.Status), Header: fields(e.Response.Headers), Type: string(e.Response.Content.Type), Redirect: string(e.Response.Redirect),
	}
	if importer.Get(a.Header, "Set-Cookie") == "" {
		for _, c := range e.Response.Cookies {
			a.Header = append(a.Header, importer.Field{Name: "Set-Cookie", Value: string(c.Name + "=" + c.Value)})
		}
	}
	if e.isSocket() {
		e.socket(q, d)
		return q, nil
	}
	if e.isStream() {
		e.stream(q, d)
		return q, nil
	}
	if ct := importer.Get(a.Header, "Content-Type"); a.Type == "" || a.Type == "x-unknown" {
		a.Type = ct
	}
	if !importer.Worth(q.Kind, a.Type) {
		return q, nil
	}
	text := decoded(string(e.Response.Content.Text), string(e.Response.Content.Encoding))
	if file := string(e.Response.Content.File); len(text) == 0 && file != "" {
		text, _ = d.apart(file)
	}
	if a.Status == 200 && q.Method != "HEAD" {
		if d.texts++; len(text) > 0 {
			d.read++
		}
	}
	var err error
	a.Body, err = d.store.Keep(text)
	return q, err
}

// decoded is a text of the recording as the bytes that it stands for. Base64 that was cut is taken as far as it goes.
func decoded(text, encoding string) []byte {
	if !strings.EqualFold(encoding, "base64") {
		return []byte(text)
	}
	text = strings.TrimRight(text, "=")
	text = text[:len(text)-len(text)%4+[4]int{0, 0, 2, 3}[len(text)%4]]
	b, err := base64.RawStdEncoding.DecodeString(text)
	if err != nil && len(b) == 0 {
		return []byte(text)
	}
	return b
}

// fields are those of a header, without the pseudo fields of HTTP/2. Several cookies in one line, as Firefox writes them, become several.
func fields(pairs list[pair]) []importer.Field {
	var all []importer.Field
	for _, p := range pairs {
		if p.Name == "" || p.Name[0] == ':' {
			continue
		}
		if strings.EqualFold(string(p.Name), "Set-Cookie") {
			for line := range strings.SplitSeq(string(p.Value), "\n") {
				all = append(all, importer.Field{Name: "Set-Cookie", Value: line})
			}
			continue
		}
		all = append(all, importer.Field{Name: string(p.Name), Value: string(p.Value)})
	}
	return all
}

// workers leaves out what a service worker asked for when the page asked it.
func (d *reader) workers() {
	kept := d.rec.Requests[:0]
	byKey := map[string]*importer.Request{}
	for _, q := range d.rec.Requests {
		key := q.Method + " " + q.URL
		if before := byKey[key]; before != nil && importer.Get(q.Header, "Sec-Fetch-Dest") == "empty" && before.Kind != importer.Data &&
			!q.Start.After(before.Start.Add(before.Took)) && before.Page != "" {
			d.rec.Left.Add(leftWorker, importer.Brief(q.URL))
			continue
		}
		byKey[key] = q
		kept = append(kept, q)
	}
	d.rec.Requests = kept
}
