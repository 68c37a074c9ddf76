package capture

import (
	"bytes"
	"io"
	"log"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/stampede-load/stampede/internal/importer"
)

// bodyMost is how much of a body is kept.
const bodyMost = 16 << 20

type entryKey struct{}

// entry is a request that is under way.
type entry struct {
	proxy   *Proxy
	request *importer.Request
}

// hop are header fields between a browser and its proxy, which the site does not get.
var hop = []string{"Connection", "Proxy-Connection", "Proxy-Authorization", "Keep-Alive", "Te", "Upgrade", "Accept-Encoding", "Content-Length"}

// request is a request as it came.
func request(r *http.Request) *importer.Request {
	q := &importer.Request{
		Method: r.Method, URL: r.URL.String(), Kind: importer.KindOf("", r.Header.Get("Sec-Fetch-Dest")), Header: fields(r.Header, hop), Start: time.Now(),
		Type: r.Header.Get("Content-Type"),
	}
	if q.Type == "" && q.Kind == importer.Unknown && r.Header.Get("X-Requested-With") != "" {
		q.Kind = importer.Data
	}
	return q
}

// sent fills in what was sent.
func sent(q *importer.Request, body []byte) {
	if len(body) == 0 {
		q.Type = ""
		return
	}
	q.Body = body
	if importer.Media(q.Type) == "multipart/form-data" {
		q.SplitMultipart()
	}
}

// fields are those of a header, in the order of their names, without some.
func fields(h http.Header, without []string) []importer.Field {
	var all []importer.Field
	for _, name := range slices.Sorted(maps.Keys(h)) {
		if slices.Contains(without, name) {
			continue
		}
		for _, v := range h[name] {
			all = append(all, importer.Field{Name: name, Value: v})
		}
	}
	return all
}

// answered notes an answer. Its body is noted as the browser reads it.
func (p *Proxy) answered(resp *http.Response) error {
	e, ok := resp.Request.Context().Value(entryKey{}).(*entry)
	if !ok {
		return nil
	}
	q := e.request
	q.Response = importer.Response{Status: resp.StatusCode, Header: fields(resp.Header, nil), Type: resp.Header.Get("Content-Type")}
	if resp.StatusCode == http.StatusSwitchingProtocols {
		p.upgraded(resp, q)
		return nil
	}
	p.mu.Lock()
	if !p.closed {
		p.taken = append(p.taken, q)
	}
	p.mu.Unlock()
	if q.Method == "GET" && importer.Media(q.Response.Type) == "text/event-stream" {
		resp.Body = p.stream(resp.Body, q)
		return nil
	}
	resp.Body = &tee{ReadCloser: resp.Body, entry: e, worth: importer.Worth(q.Kind, q.Response.Type)}
	return nil
}

// tee keeps a copy of a body that passes.
type tee struct {
	io.ReadCloser
	entry *entry
	worth bool
	kept  bytes.Buffer
	once  sync.Once
}

func (t *tee) Read(b []byte) (int, error) {
	n, err := t.ReadCloser.Read(b)
	if t.worth && t.kept.Len() < bodyMost {
		t.kept.Write(b[:n])
	}
	if err != nil {
		t.over()
	}
	return n, err
}

func (t *tee) Close() error {
	t.over()
	return t.ReadCloser.Close()
}

// over puts what was kept into the recording.
func (t *tee) over() {
	t.once.Do(func() {
		p, q := t.entry.proxy, t.entry.request
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.closed {
			return // the recording is somebody else's, who reads it
		}
		q.Took = time.Since(q.Start)
		text, err := p.store.Keep(t.kept.Bytes())
		if err != nil {
			q.Lost = err.Error()
			return
		}
		q.Response.Body = text
	})
}

// single is a listener with one connection. It ends with that.
type single struct {
	conn  net.Conn
	given bool
	done  chan struct{}
}

func (s *single) Accept() (net.Conn, error) {
	if !s.given {
		s.given = true
		return &ending{Conn: s.conn, done: s.done}, nil
	}
	<-s.done
	return nil, net.ErrClosed
}

func (s *single) Close() error   { return nil }
func (s *single) Addr() net.Addr { return s.conn.LocalAddr() }

// ending tells when a connection is closed.
type ending struct {
	net.Conn
	once sync.Once
	done chan struct{}
}

func (e *ending) Close() error {
	e.once.Do(func() { close(e.done) })
	return e.Conn.Close()
}

// quiet is a log that nobody reads: browsers break off connections all the time.
func quiet() *log.Logger { return log.New(io.Discard, "", 0) }

// brief is a text short enough to name something.
func brief(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > 40 {
		return string(r[:40])
	}
	return s
}
