package stampede_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/testsite/peer"
	"github.com/stampede-load/stampede/stampedetest"
)

type reader struct{ stampede.HTTPUser }

// reading lets one reader do something once.
func reading(do func(r *reader, ctx context.Context) error) stampede.Test {
	return stampede.Test{Users: []stampede.UserType{stampede.Users(stampede.Spec[reader]{Tasks: []stampede.Task[reader]{{Name: "read", Do: do}}})}}
}

// counts are the rows of a report and what failed, as text.
func counts(r *stampede.Report) string {
	var all []string
	for _, row := range r.Whole.Rows {
		all = append(all, fmt.Sprintf("%s %s: %d", row.Type, row.Name, row.Count))
	}
	for _, e := range r.Whole.Errors {
		all = append(all, fmt.Sprintf("%s %s failed %d: %s", e.Type, e.Name, e.Count, e.Text))
	}
	return strings.Join(all, "\n")
}

// A site in another language, alone and behind nginx: streams that end are opened again where they ended, until the site says that there is no
// more.
func TestEventsOfPython(t *testing.T) {
	peer.Need(t, "python3", peer.Python, "-V")
	port := peer.FreePort(t)
	peer.Start(t, "ready", peer.Python, "testdata/events.py", fmt.Sprint(port))
	hosts := map[string]string{"alone": fmt.Sprintf("http://127.0.0.1:%d", port), "behind nginx": peer.Nginx(t, port), "behind nginx, over HTTP/2": peer.NginxTLS(t, port, `proxy_set_header Cookie "$http_cookie by $server_protocol";`)}
	for name, host := range hosts {
		t.Run(name, func(t *testing.T) {
			var got []string
			report := stampedetest.Plan(t, stampede.Plan{Host: host, Users: stampede.Level(1), Iterations: 1, HTTP: stampede.HTTP{Insecure: true}, Test: reading(func(r *reader, ctx context.Context) error {
				r.SetCookies(host, []*http.Cookie{{Name: "fan", Value: "7"}})
				s, err := r.Events(ctx, "/news?since=0")
				if err != nil {
					return err
				}
				defer s.Close()
				for {
					e, err := s.Next(ctx)
					if err != nil {
						return err
					}
					got = append(got, e.ID+" "+e.Data)
				}
			})})
			var want []string
			cookie := "fan=7"
			if strings.Contains(name, "HTTP/2") {
				cookie += " by HTTP/2.0"
			}
			for i := range 9 {
				want = append(want, fmt.Sprintf("%d number %d\n%s", i+1, i+1, cookie))
			}
			if strings.Join(got, "|") != strings.Join(want, "|") {
				t.Errorf("got %q, want %q", got, want)
			}
			const rows = "SSE /news: 1\nSSE /news (again): 3\nSSE /news (event): 6\nSSE /news (again) failed 1: protocol: the site answered 204, which is no stream of events"
			if text := counts(report); text != rows {
				t.Errorf("got %s\nwant %s", text, rows)
			}
		})
	}
}

// How late events are is counted against the cadence from the first on: a site that stands still for a while is late with each event that it
// owes, and not with one alone.
func TestLateEvents(t *testing.T) {
	const cadence, stall = 200 * time.Millisecond, 3 * time.Second
	site := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		fmt.Fprint(w, "data: first\n\n")
		http.NewResponseController(w).Flush()
		time.Sleep(cadence + stall)
		for range 4 {
			fmt.Fprint(w, "data: late\n\n")
		}
		http.NewResponseController(w).Flush()
		<-r.Context().Done()
	})
	report := stampedetest.Run(t, site, reading(func(r *reader, ctx context.Context) error {
		s, err := r.Events(ctx, "/", stampede.Name("News"), stampede.Cadence(cadence))
		if err != nil {
			return err
		}
		for range 5 {
			if _, err := s.Next(ctx); err != nil {
				return err
			}
		}
		return nil
	}), 1)
	if text := counts(report); text != "SSE News: 1\nSSE News (event): 4" {
		t.Fatal(text)
	}
	for _, row := range report.Whole.Rows {
		if row.Name != "News (event)" {
			continue
		}
		// 3, 2.8, 2.6 and 2.4 s late, less what the first was late by.
		if low, high := time.Duration(row.Service.Min()), time.Duration(row.Service.Max()); low < time.Second || high > 20*time.Second {
			t.Errorf("the events were from %v to %v late", low, high)
		}
	}
}

// A site that is away for a while: each attempt to open the stream again is counted once, and one that took too long is not the last.
func TestEventsAfterFailures(t *testing.T) {
	var asked atomic.Int64
	site := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch asked.Add(1) {
		case 2:
			panic(http.ErrAbortHandler)
		case 4:
			<-r.Context().Done()
			return
		}
		w.Header().Set("Content-Type", "text/event-stream")
		fmt.Fprint(w, "retry: 1\ndata: here\n\n")
	})
	report := stampedetest.Run(t, site, reading(func(r *reader, ctx context.Context) error {
		opts := []stampede.Option{stampede.Timeout(20 * time.Second)}
		s, err := r.Events(ctx, "/", opts...)
		if err != nil {
			return err
		}
		// The first of Next is the event that Events waited for.
		for i, fails := range []bool{false, false, true, false} {
			if opts[0] = stampede.Timeout(20 * time.Second); fails { // the stream looks at it whenever it is opened
				opts[0] = stampede.Timeout(100 * time.Millisecond)
			}
			if _, err := s.Next(ctx); (err != nil) != fails {
				t.Errorf("call %d of Next: %v", i+1, err)
			}
		}
		return nil
	}), 1)
	text := counts(report)
	if !strings.HasPrefix(text, "SSE /: 1\nSSE / (again): 4\nSSE / (again) failed 1: ") || len(report.Whole.Errors) != 2 {
		t.Errorf("got %s", text)
	}
}

func TestWhatIsNoStream(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("/page", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<p>hello") })
	mux.HandleFunc("/empty", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Type", "text/event-stream") })
	mux.HandleFunc("/moved", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/empty", http.StatusFound) })
	mux.HandleFunc("/silent", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		http.NewResponseController(w).Flush()
		<-r.Context().Done()
	})
	report := stampedetest.Run(t, mux, reading(func(r *reader, ctx context.Context) error {
		for _, path := range []string{"/page", "/empty", "/moved", "/none"} {
			if _, err := r.Events(ctx, path); err == nil {
				t.Errorf("%s was opened", path)
			}
		}
		_, err := r.Events(ctx, "/silent", stampede.Timeout(3*time.Second))
		return err
	}), 1)
	const want = `SSE /empty: 1
SSE /moved: 1
SSE /none: 1
SSE /page: 1
SSE /silent: 1
SSE /empty failed 1: reset: the stream ended before its first event
SSE /moved failed 1: reset: the stream ended before its first event
SSE /none failed 1: 404 Not Found
SSE /page failed 1: protocol: the site answered 200 with text/plain; charset=utf-8, which is no stream of events; a stream has the status 200 and the type text/event-stream
SSE /silent failed 1: timeout: no event within 3s`
	if text := counts(report); strings.ReplaceAll(text, "text/html", "text/plain") != want {
		t.Errorf("got %s\nwant %s", text, want)
	}
}
