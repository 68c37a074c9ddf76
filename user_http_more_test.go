package stampede_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stampede-load/stampede"
)

// The bytes of a body after decompression are counted when a check looked at it, and those on the wire always.
func TestDecodedBytes(t *testing.T) {
	plain := bytes.Repeat([]byte("all the world's a stage\n"), 1000)
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	w.Write(plain)
	w.Close()
	zipped := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		w.Write(packed.Bytes())
	})
	rep := once(t, zipped, func(s *shopper, ctx context.Context) error {
		if _, err := s.Get(ctx, "/unseen"); err != nil {
			return err
		}
		_, err := s.Get(ctx, "/seen", stampede.Check(func(r *stampede.Response) error {
			if !r.Contains("stage") || r.Size() != int64(packed.Len()) {
				return errors.New("another body")
			}
			return nil
		}))
		return err
	})
	for name, want := range map[string]int{"/unseen": packed.Len(), "/seen": len(plain)} {
		row := rep.Whole.Row(stampede.Key{Type: "GET", Name: name})
		if row == nil || row.Failures != 0 || row.Decoded != int64(want) || row.BytesIn <= int64(packed.Len()) || row.BytesIn >= int64(len(plain)) {
			t.Errorf("%s: %+v, want %d bytes after decompression", name, row, want)
		}
	}
}

// A field is sent once: the request's own takes the place of the run's, and a Content-Type that of the body's.
func TestFieldsAreSentOnce(t *testing.T) {
	var mu sync.Mutex
	seen := map[string]http.Header{}
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		seen[r.URL.Path] = r.Header
	}))
	defer srv.Close()
	run(t, stampede.Plan{
		Test: stampede.Test{Users: []stampede.UserType{stampede.Users(stampede.Spec[shopper]{
			Tasks: []stampede.Task[shopper]{{Name: "Task", Do: func(s *shopper, ctx context.Context) error {
				_, err1 := s.Post(ctx, "/plain", stampede.JSON(1))
				_, err2 := s.Post(ctx, "/before", stampede.WithHeader("content-type", "application/vnd.api+json"), stampede.JSON(1))
				_, err3 := s.Post(ctx, "/after", stampede.Form("a", "b"), stampede.WithHeader("Content-Type", "text/x"), stampede.Bearer("mine"),
					stampede.WithHeader("X-Many", "1"), stampede.WithHeader("X-Many", "2"))
				return errors.Join(err1, err2, err3)
			}}},
		})}},
		Host: srv.URL,
		HTTP: stampede.HTTP{Header: []stampede.Header{{Name: "authorization", Value: "run's"}, {Name: "X-Run", Value: "1"}, {Name: "Content-Type", Value: "run/x"}}},
	})
	for path, want := range map[string][]string{
		"/plain": {"application/json", "run's", "1", ""}, "/before": {"application/vnd.api+json", "run's", "1", ""}, "/after": {"text/x", "Bearer mine", "1", "1,2"},
	} {
		h := seen[path]
		got := []string{
			strings.Join(h["Content-Type"], ","), strings.Join(h["Authorization"], ","), strings.Join(h["X-Run"], ","), strings.Join(h["X-Many"], ","),
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
}

// What a user sets stays with that user until it ends it, and gives way to what one request says.
func TestSetHeader(t *testing.T) {
	var mu sync.Mutex
	seen := map[string]string{}
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		seen[r.URL.Path] = fmt.Sprint(r.Header["Authorization"], r.Header["X-A"], r.Header["X-B"])
	}))
	defer srv.Close()
	get := func(s *shopper, ctx context.Context, path string, opts ...stampede.Option) {
		if _, err := s.Get(ctx, path, opts...); err != nil {
			t.Error(err)
		}
	}
	run(t, stampede.Plan{
		Test: stampede.Test{Users: []stampede.UserType{stampede.Users(stampede.Spec[shopper]{
			Tasks: []stampede.Task[shopper]{{Name: "Task", Do: func(s *shopper, ctx context.Context) error {
				get(s, ctx, "/none")
				s.SetHeader("Authorization", "Bearer one")
				s.SetHeader("X-A", "user's")
				get(s, ctx, "/set")
				s.SetHeader("authorization", "Bearer two")
				get(s, ctx, "/again", stampede.WithHeader("x-a", "request's"))
				err := s.Together(ctx, func(ctx context.Context) error { get(s, ctx, "/side"); return nil }, func(context.Context) error { s.SetHeader("X-C", "1"); return nil })
				s.SetHeader("AUTHORIZATION", "")
				s.SetHeader("X-A", "")
				s.SetHeader("X-C", "")
				get(s, ctx, "/ended")
				return err
			}}},
		})}},
		Host: srv.URL,
		HTTP: stampede.HTTP{Header: []stampede.Header{{Name: "X-A", Value: "run's"}, {Name: "X-B", Value: "b"}}},
	})
	for path, want := range map[string]string{
		"/none": "[] [run's] [b]", "/set": "[Bearer one] [user's] [b]", "/again": "[Bearer two] [request's] [b]", "/side": "[Bearer two] [user's] [b]",
		"/ended": "[] [run's] [b]",
	} {
		if seen[path] != want {
			t.Errorf("%s: %s, want %s", path, seen[path], want)
		}
	}
}

// A status that usually is a success fails with words that say why.
func TestUnexpectedStatusSaysWhatWasExpected(t *testing.T) {
	mux := http.NewServeMux()
	mux.Handle("/a", http.RedirectHandler("/b", http.StatusFound))
	mux.HandleFunc("/b", func(http.ResponseWriter, *http.Request) {})
	rep := once(t, mux, func(s *shopper, ctx context.Context) error {
		_, err1 := s.Get(ctx, "/a", stampede.Expect(301, 302))
		_, err2 := s.Get(ctx, "/b", stampede.Expect(404))
		_, err3 := s.Get(ctx, "/c", stampede.Expect(200))
		return errors.Join(err1, err2, err3)
	})
	got := map[string]string{}
	for _, e := range rep.Whole.Errors {
		got[e.Name] = e.Text
	}
	for name, want := range map[string]string{
		"/a": "200 OK, expected 301 or 302; the redirect was followed: NoRedirects() takes it for the answer", "/b": "200 OK, expected 404", "/c": "404 Not Found",
	} {
		if got[name] != want {
			t.Errorf("%s: %q, want %q", name, got[name], want)
		}
	}
}

// Whoever watches each sample sees the redirects that are reported, too.
func TestHopsAreSeen(t *testing.T) {
	mux := http.NewServeMux()
	mux.Handle("/a", http.RedirectHandler("/b", http.StatusFound))
	mux.HandleFunc("/b", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "end") })
	srv := httptest.NewServer(mux)
	defer srv.Close()
	var mu sync.Mutex
	var seen []string
	run(t, stampede.Plan{
		Test: stampede.Test{
			Users: []stampede.UserType{stampede.Users(stampede.Spec[shopper]{
				Tasks: []stampede.Task[shopper]{{Name: "Task", Do: func(s *shopper, ctx context.Context) error {
					_, err := s.Get(ctx, "/a", stampede.ReportHops())
					return err
				}}},
			})},
			OnSample: func(s stampede.Sample) {
				mu.Lock()
				defer mu.Unlock()
				seen = append(seen, fmt.Sprint(s.Type, " ", s.Name, " ", s.Status, " ", s.BytesIn > 0, " ", s.Err))
			},
		},
		Host: srv.URL,
	})
	if got := strings.Join(seen, "; "); got != "GET /a (redirect 1) 302 true <nil>; GET /a 200 true <nil>" {
		t.Errorf("seen: %s", got)
	}
}

// The limits of the engine are the plan's.
func TestHTTPLimits(t *testing.T) {
	mux := http.NewServeMux()
	mux.Handle("/a", http.RedirectHandler("/a", http.StatusFound))
	rep := func(h stampede.HTTP) *stampede.Report {
		srv := httptest.NewServer(mux)
		defer srv.Close()
		return run(t, stampede.Plan{Test: stampede.Test{Users: []stampede.UserType{stampede.Pages("/a")}}, Host: srv.URL, HTTP: h})
	}
	if errs := rep(stampede.HTTP{MaxRedirects: 3}).Whole.Errors; len(errs) != 1 || !strings.Contains(errs[0].Text, "stopped after 3 redirects") {
		t.Errorf("%+v", errs)
	}
	_, err := stampede.Run(t.Context(), stampede.Plan{
		Test: stampede.Test{Users: []stampede.UserType{stampede.Pages("/a")}}, Host: "http://127.0.0.1:1", HTTP: stampede.HTTP{MaxConnsPerHost: -1},
	})
	if err == nil || !strings.Contains(err.Error(), "connections per host -1") {
		t.Errorf("%v", err)
	}
}
