package stampede

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"
)

// hintSite answers over HTTP/2, with early hints, and holds the document back until what they name was asked for.
type hintSite struct {
	mu     sync.Mutex
	asked  []string
	early  chan struct{}
	once   sync.Once
	inTime bool
}

func (s *hintSite) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.asked = append(s.asked, fmt.Sprintf("%s %s %q", r.Proto, r.URL.Path, r.Header.Get("Priority")))
	s.mu.Unlock()
	h := w.Header()
	switch r.URL.Path {
	case "/":
		h.Set("Link", "</early.css>; rel=preload; as=style, </print.css>; rel=preload; as=style; media=print")
		w.WriteHeader(http.StatusEarlyHints)
		h.Set("Link", "</second.css>; rel=preload; as=style")
		w.WriteHeader(http.StatusEarlyHints)
		h.Del("Link")
		select {
		case <-s.early:
			s.inTime = true
		case <-time.After(20 * time.Second):
		case <-r.Context().Done():
		}
		h.Set("Content-Type", "text/html")
		fmt.Fprint(w, "<!doctype html><link rel=stylesheet href=/early.css><link rel=stylesheet href=/late.css><script src=/s.js></script><script async src=/a.js></script>"+
			"<img src=/i.png><img src=/small.png width=8 height=8><iframe src=/f.html></iframe><p>x")
	case "/early.css":
		h.Set("Content-Type", "text/css")
		h.Set("Cache-Control", "max-age=60")
		fmt.Fprint(w, "p{background:url(/bg.png)}")
		s.once.Do(func() { close(s.early) })
	case "/f.html":
		h.Set("Content-Type", "text/html")
		fmt.Fprint(w, "<p>f")
	case "/late.css":
		h.Set("Content-Type", "text/css")
	}
}

// TestPageOverHTTP2 loads a page whose server sends early hints, and looks at the priorities that its requests name. They are those of
// Chromium 156.
func TestPageOverHTTP2(t *testing.T) {
	s := &hintSite{early: make(chan struct{})}
	server := httptest.NewUnstartedServer(s)
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	var p *Page
	plan := Plan{
		Host: server.URL, Users: Level(1), Iterations: 1, HTTP: HTTP{Insecure: true},
		Test: Test{Users: []UserType{Users(Spec[caseVisitor]{Tasks: []Task[caseVisitor]{{Name: "visit", Do: func(v *caseVisitor, ctx context.Context) (err error) {
			p, err = v.Page(ctx, "/")
			return err
		}}}})}},
	}
	if _, err := Run(context.Background(), plan); err != nil {
		t.Fatal(err)
	}
	if !s.inTime {
		t.Error("what the hints name was not asked for before the document was there")
	}
	want := map[string]bool{
		`HTTP/2.0 / "u=0, i"`: true, `HTTP/2.0 /early.css "u=0"`: true, `HTTP/2.0 /late.css "u=0"`: true, `HTTP/2.0 /s.js "u=1"`: true, `HTTP/2.0 /a.js ""`: true,
		`HTTP/2.0 /i.png "u=2, i"`: true, `HTTP/2.0 /small.png "i"`: true, `HTTP/2.0 /f.html "u=0, i"`: true, `HTTP/2.0 /bg.png "i"`: true,
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range s.asked {
		if !want[a] {
			t.Errorf("unexpected, or twice: %s", a)
		}
		delete(want, a)
	}
	for a := range want {
		t.Errorf("missing: %s", a)
	}
	if p.Requests != 9 || p.Cached != 1 || p.Failed != 0 {
		t.Errorf("%d requests, %d cached, %d failed", p.Requests, p.Cached, p.Failed)
	}
}
