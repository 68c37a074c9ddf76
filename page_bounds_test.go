package stampede

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// loadOne loads one page of a site with one user.
func loadOne(t *testing.T, h http.Handler, path string, opts ...Option) *Page {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	var p *Page
	plan := Plan{
		Host: server.URL, Users: Level(1), Iterations: 1,
		Test: Test{Users: []UserType{Users(Spec[caseVisitor]{Tasks: []Task[caseVisitor]{{Name: "visit", Do: func(v *caseVisitor, ctx context.Context) (err error) {
			p, err = v.Page(ctx, path, opts...)
			return err
		}}}})}},
	}
	if _, err := Run(context.Background(), plan); err != nil {
		t.Fatal(err)
	}
	return p
}

func htmlPage(w http.ResponseWriter, body string) {
	w.Header().Set("Content-Type", "text/html")
	fmt.Fprint(w, "<!doctype html>"+body)
}

// A part that never ends is given up when the page's time is over, and with it what still waits.
func TestPagePartWithoutEnd(t *testing.T) {
	t.Parallel()
	begun := time.Now()
	p := loadOne(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/":
			htmlPage(w, "<img src=/0><img src=/1><img src=/2><img src=/3><img src=/4><img src=/5><img src=/6><img src=/7>")
		default:
			w.Header().Set("Content-Type", "image/png")
			for r.Context().Err() == nil {
				if _, err := w.Write(make([]byte, 100)); err != nil {
					return
				}
				w.(http.Flusher).Flush()
				select {
				case <-r.Context().Done():
				case <-time.After(20 * time.Millisecond):
				}
			}
		}
	}), "/", Timeout(5*time.Second)) // a busy machine has to get as far as the parts by then
	if p.Failed != 6 || p.Skipped != 2 || p.Requests != 7 {
		t.Errorf("%d failed, %d skipped, %d requests", p.Failed, p.Skipped, p.Requests)
	}
	if took := time.Since(begun); took > 60*time.Second {
		t.Errorf("took %v", took)
	}
}

// Parts of 100 MB are counted and not kept, redirects of parts in a circle end, a page within itself is there twice, and what is beyond MaxParts
// is counted.
func TestPageMuchOfEverything(t *testing.T) {
	t.Parallel()
	const big = 100 << 20
	p := loadOne(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/big":
			w.Header().Set("Content-Type", "image/png")
			w.Header().Set("Content-Length", fmt.Sprint(big))
			chunk := make([]byte, 1<<20)
			for range big / len(chunk) {
				if _, err := w.Write(chunk); err != nil {
					return
				}
			}
		case "/a":
			http.Redirect(w, r, "/b", http.StatusFound)
		case "/b":
			http.Redirect(w, r, "/a", http.StatusFound)
		default:
			htmlPage(w, "<img src=/big><img src=/a><iframe src=/></iframe>")
		}
	}), "/", Timeout(5*time.Minute))
	if p.Bytes < big || p.Failed != 0 {
		t.Errorf("%d bytes, %d failed", p.Bytes, p.Failed)
	}
	if p.Requests < 20 || p.Requests > 60 {
		t.Errorf("%d requests, where a circle ends after 20", p.Requests)
	}

	var b strings.Builder
	for i := range 10_000 {
		fmt.Fprintf(&b, "<img src=/i%d>", i)
	}
	p = loadOne(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/" {
			htmlPage(w, b.String())
		}
	}), "/", MaxParts(50))
	if p.Requests != 50 || p.Skipped != 10_001-50 {
		t.Errorf("%d requests, %d skipped", p.Requests, p.Skipped)
	}
}
