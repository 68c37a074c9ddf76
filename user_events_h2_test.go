package stampede_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/stampedetest"
)

// streamer is a site of events that notes over which protocol and on how many connections it is asked.
type streamer struct {
	mu     sync.Mutex
	minor  map[string]int // by protocol
	from   map[string]bool
	lasts  []string
	ended  sync.WaitGroup
	larger int // how many bytes of a comment come before each event
}

func (s *streamer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.minor[r.Proto]++
	s.from[r.RemoteAddr] = true
	if last := r.Header.Get("Last-Event-ID"); last != "" {
		s.lasts = append(s.lasts, last)
	}
	s.mu.Unlock()
	switch r.URL.Path {
	case "/none":
		w.WriteHeader(http.StatusNoContent)
		return
	case "/gone":
		http.Error(w, "gone", http.StatusGone)
		return
	case "/moved":
		http.Redirect(w, r, "/news", http.StatusFound)
		return
	case "/page":
		return
	}
	s.ended.Add(1)
	defer s.ended.Done()
	w.Header().Set("Content-Type", "text/event-stream")
	flush := http.NewResponseController(w).Flush
	for i := range 3 {
		fmt.Fprintf(w, ":%s\nretry: 1\nid: %d\ndata: %s %d\n\n", strings.Repeat(" ", s.larger), i+1, r.Header.Get("X-Number"), i+1)
		if flush() != nil {
			return
		}
	}
	if r.URL.Path == "/news" {
		<-r.Context().Done()
	}
}

// over2 starts a site that speaks HTTP/2 by ALPN.
func over2(t *testing.T, s *streamer) string {
	t.Helper()
	s.minor, s.from = map[string]int{}, map[string]bool{}
	srv := httptest.NewUnstartedServer(s)
	srv.EnableHTTP2 = true
	srv.StartTLS()
	t.Cleanup(srv.Close)
	return srv.URL
}

func readOver2(t *testing.T, host string, http stampede.HTTP, do func(r *reader, ctx context.Context) error) *stampede.Report {
	t.Helper()
	http.Insecure = true
	return stampedetest.Plan(t, stampede.Plan{Host: host, Users: stampede.Level(1), Iterations: 1, HTTP: http, Test: reading(do)})
}

// Where the site speaks HTTP/2, many streams are one connection, the one of the user's requests; a stream that is closed is closed for the site
// too; none stands in the way of another.
func TestManyStreamsOfEventsOnOneConnection(t *testing.T) {
	site := &streamer{larger: 100_000} // more in all than windows hold at once
	const many = 40
	report := readOver2(t, over2(t, site), stampede.HTTP{}, func(r *reader, ctx context.Context) error {
		var open []*stampede.EventStream
		for i := range many {
			s, err := r.Events(ctx, "/news", stampede.WithHeader("X-Number", fmt.Sprint(i)))
			if err != nil {
				return err
			}
			open = append(open, s)
		}
		for n := range 3 {
			for i, s := range open {
				e, err := s.Next(ctx)
				if err != nil {
					return err
				}
				if want := fmt.Sprintf("%d %d", i, n+1); e.Data != want {
					t.Errorf("stream %d gave %q, want %q", i, e.Data, want)
				}
			}
		}
		if _, err := r.Get(ctx, "/page"); err != nil {
			return err
		}
		for _, s := range open {
			s.Close()
		}
		closed := make(chan struct{})
		go func() { site.ended.Wait(); close(closed) }()
		select {
		case <-closed:
		case <-time.After(30 * time.Second):
			t.Error("the site was not told that streams are closed")
		}
		_, err := r.Get(ctx, "/page") // the connection lives on
		return err
	})
	if got, want := counts(report), fmt.Sprintf("GET /page: 2\nSSE /news: %d\nSSE /news (event): %d", many, 2*many); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	if site.minor["HTTP/2.0"] != many+2 || len(site.minor) != 1 || len(site.from) != 1 {
		t.Errorf("it was asked by %v, on %d connections", site.minor, len(site.from))
	}
}

// Over HTTP/2 as over HTTP/1.1: a stream that ends is opened again with the id of its last event; answers that are no stream end it; a redirect is
// followed.
func TestEventsOverHTTP2End(t *testing.T) {
	for _, c := range []struct {
		path, http string
		first      string // what opening it gives; "" for success
		protocol   string
		asked      int
	}{
		{"/ends", "", "", "HTTP/2.0", 2},
		{"/ends", "1.1", "", "HTTP/1.1", 2},
		{"/none", "", "protocol: the site answered 204, which is no stream of events", "HTTP/2.0", 1},
		{"/gone", "", "410 Gone", "HTTP/2.0", 1},
		{"/moved", "", "", "HTTP/2.0", 2},
	} {
		site := &streamer{}
		readOver2(t, over2(t, site), stampede.HTTP{Version: c.http}, func(r *reader, ctx context.Context) error {
			s, err := r.Events(ctx, c.path)
			if c.first != "" {
				if err == nil || !strings.Contains(err.Error(), c.first) {
					t.Errorf("%s: %v, want %s", c.path, err, c.first)
				}
				return err
			}
			if err != nil {
				t.Errorf("%s: %v", c.path, err)
				return err
			}
			defer s.Close()
			n := 3
			if c.path == "/ends" {
				n = 4 // of two streams
			}
			for range n {
				if _, err := s.Next(ctx); err != nil {
					t.Errorf("%s: %v", c.path, err)
					return err
				}
			}
			return nil
		})
		if site.minor[c.protocol] < c.asked {
			t.Errorf("%s: it was asked by %v, want %d by %s", c.path, site.minor, c.asked, c.protocol)
		}
		if c.path == "/ends" && (len(site.lasts) == 0 || site.lasts[0] != "3") {
			t.Errorf("%s: it was told of the last events %v", c.path, site.lasts)
		}
	}
}
