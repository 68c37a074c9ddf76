package capture

import (
	"bufio"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/stampede-load/stampede/internal/importer"
)

// A stream of events passes the proxy event by event, and is in the recording though it has not ended.
func TestEventsAreRecorded(t *testing.T) {
	next := make(chan struct{})
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		for n := range 2 {
			fmt.Fprintf(w, "event: pass\ndata: %d\n\n", n)
			_ = http.NewResponseController(w).Flush()
			select {
			case <-next:
			case <-r.Context().Done():
			}
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
	client := &http.Client{Transport: &http.Transport{Proxy: func(*http.Request) (*url.URL, error) { return proxy, nil }}}
	resp, err := client.Get(site.URL + "/events")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	lines := bufio.NewScanner(resp.Body)
	for n := range 2 {
		for lines.Scan() && lines.Text() != "" {
			if text := lines.Text(); text != "event: pass" && text != fmt.Sprint("data: ", n) {
				t.Error(text)
			}
		}
		if n == 0 {
			next <- struct{}{}
		}
	}
	rec := p.Close()
	if len(rec.Requests) != 1 {
		t.Fatalf("%d requests", len(rec.Requests))
	}
	q := rec.Requests[0]
	if !q.Stream || q.Kind != importer.Socket || len(q.Messages) != 2 || q.Messages[1].Event != "pass" || string(q.Messages[1].Data) != "1" || q.Messages[1].At.IsZero() {
		t.Errorf("%+v", q)
	}
}
