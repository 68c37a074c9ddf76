package capture

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/stampede-load/stampede/internal/importer"
)

// What is said over a WebSocket passes the proxy unchanged, and is in the recording: short and long messages, texts and bytes, both ways.
func TestMessagesAreRecorded(t *testing.T) {
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := websocket.Accept(w, r, &websocket.AcceptOptions{CompressionMode: websocket.CompressionContextTakeover})
		if err != nil {
			return
		}
		defer c.CloseNow()
		c.SetReadLimit(1 << 20)
		for {
			typ, b, err := c.Read(r.Context())
			if err != nil {
				return
			}
			_ = c.Write(r.Context(), typ, append([]byte("echo "), b...))
		}
	}))
	defer site.Close()
	var store importer.Store
	defer store.Close()
	p, err := Start(Options{Host: site.URL}, &store)
	if err != nil {
		t.Fatal(err)
	}
	proxy, _ := url.Parse(p.URL())
	c, _, err := websocket.Dial(t.Context(), site.URL+"/live?a=1", &websocket.DialOptions{
		HTTPClient: &http.Client{Transport: &http.Transport{Proxy: func(*http.Request) (*url.URL, error) { return proxy, nil }}}, CompressionMode: websocket.CompressionContextTakeover,
	})
	if err != nil {
		t.Fatal(err)
	}
	c.SetReadLimit(1 << 20)
	for n, typ := range map[int]websocket.MessageType{3: websocket.MessageText, 200: websocket.MessageBinary, 70_000: websocket.MessageText} {
		if err := c.Write(t.Context(), typ, []byte(strings.Repeat("x", n))); err != nil {
			t.Fatal(err)
		}
		if _, b, err := c.Read(t.Context()); err != nil || len(b) != n+5 {
			t.Fatalf("%d bytes came back for %d, %v", len(b), n, err)
		}
	}
	_ = c.Close(websocket.StatusNormalClosure, "")
	rec := p.Close()
	if len(rec.Requests) != 1 {
		t.Fatalf("%d requests", len(rec.Requests))
	}
	q := rec.Requests[0]
	if q.Kind != importer.Socket || q.URL != site.URL+"/live?a=1" || q.Response.Status != 101 || len(q.Messages) != 6 {
		t.Fatalf("%+v", q)
	}
	for i, m := range q.Messages {
		text := strings.TrimPrefix(string(m.Data), "echo ")
		if m.Sent != (i%2 == 0) || m.Sent != (text == string(m.Data)) || m.Binary != (len(text) == 200) || strings.Trim(text, "x") != "" || time.Since(m.At) > time.Minute {
			t.Errorf("message %d: %s", i, fmt.Sprintf("%.60v", m))
		}
	}
}

// However the bytes come, the messages are the same; fragments are joined, control frames are none, and what is no frame is passed over.
func TestListener(t *testing.T) {
	frames := []byte{0x01, 1, 'a', 0x89, 0, 0x00, 1, 'b', 0x80, 0x81, 1, 2, 3, 4, 'c' ^ 1, 0x82, 126, 0, 2, 0, 1, 0xc1, 1, 'z', 0x81, 1, 'z'}
	for size := 1; size <= len(frames); size++ {
		var got []string
		l := &listener{tell: func(m importer.Message) { got = append(got, fmt.Sprintf("%q %v", m.Data, m.Binary)) }}
		for b := frames; len(b) > 0; b = b[min(size, len(b)):] {
			l.hear(b[:min(size, len(b))])
		}
		if want := `"abc" false, "\x00\x01" true`; strings.Join(got, ", ") != want {
			t.Errorf("in pieces of %d: %s", size, strings.Join(got, ", "))
		}
	}
}
