package stampede

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stampede-load/stampede/internal/page/pagetest"
)

// caseSite plays a recorded site on its three origins: A and B are one listener by two names, C is another one.
type caseSite struct {
	c       *pagetest.Case
	origins map[string]string
	faster  int  // delays are divided by it
	racy    bool // parts set cookies: which other part is asked for before that is a matter of luck here, and virtual time tells it in package page

	mu     sync.Mutex
	served map[string]int
	dates  map[string]string
	seen   []pagetest.Seen
}

func startCaseSite(t *testing.T, c *pagetest.Case, faster int) *caseSite {
	t.Helper()
	s := &caseSite{c: c, faster: faster, served: map[string]int{}, dates: map[string]string{}}
	first, second := httptest.NewServer(s), httptest.NewServer(s)
	t.Cleanup(first.Close)
	t.Cleanup(second.Close)
	for path, files := range c.Files {
		visited := slices.ContainsFunc(c.Visits, func(v pagetest.Visit) bool { return v.Path == path })
		sets := slices.ContainsFunc(files, func(f pagetest.File) bool { return f.Headers["Set-Cookie"] != "" })
		s.racy = s.racy || sets && !visited
	}
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(first.URL, "http://"))
	s.origins = map[string]string{"A": first.URL, "B": "http://localhost:" + port, "C": second.URL}
	return s
}

func (s *caseSite) fill(text string) string {
	for name, o := range s.origins {
		text = strings.ReplaceAll(text, "{{"+name+"}}", o)
	}
	return text
}

func (s *caseSite) unfill(text string) string {
	for name, o := range s.origins {
		text = strings.ReplaceAll(text, o, "{{"+name+"}}")
	}
	return text
}

// take notes a request and gives the file that answers it.
func (s *caseSite) take(r *http.Request) pagetest.File {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := pagetest.File{Status: 404, Headers: map[string]string{"Content-Type": "text/plain"}, Body: "not found"}
	if files, ok := s.c.Files[r.RequestURI]; ok {
		f = files[min(s.served[r.RequestURI], len(files)-1)]
		s.served[r.RequestURI]++
	}
	headers := map[string]string{}
	for k, v := range f.Headers {
		headers[k] = s.date(r.RequestURI, s.fill(v))
	}
	f.Headers = headers
	if f.Base64 != nil {
		f.Body = string(f.Base64)
	}
	f.Body = s.fill(f.Body)
	h := r.Header.Clone()
	g := pagetest.Seen{Row: pagetest.Row{Path: r.RequestURI, Dest: h.Get("Sec-Fetch-Dest"), From: "network"}, Cookie: h.Get("Cookie"), LastModified: headers["Last-Modified"], AnyCookie: s.racy}
	for name, o := range s.origins {
		if o == "http://"+r.Host {
			g.Origin = name
		}
	}
	g.Header = func(name string) string { return s.unfill(h.Get(name)) }
	etag, since := h.Get("If-None-Match"), h.Get("If-Modified-Since")
	if etag+since != "" {
		g.From = "conditional"
	}
	if f.Status == 200 {
		switch {
		case etag != "" && etag == headers["ETag"], etag == "" && since != "" && since == headers["Last-Modified"]:
			f.Status, f.Body = 304, ""
		case h.Get("Range") != "":
			f.Status = 206
		}
	}
	g.Status = f.Status
	s.seen = append(s.seen, g)
	return f
}

// date puts a date in the place of {{date:N}}: the same one each time.
func (s *caseSite) date(path, text string) string {
	i := strings.Index(text, "{{date:")
	if i < 0 {
		return text
	}
	end := strings.Index(text, "}}")
	n, _ := strconv.Atoi(text[i+7 : end])
	if s.dates[path] == "" {
		s.dates[path] = time.Now().Add(time.Duration(n) * time.Second).UTC().Format(http.TimeFormat)
	}
	return text[:i] + s.dates[path] + text[end+2:]
}

func (s *caseSite) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f := s.take(r)
	if len(f.Early) > 0 {
		w.Header()["Link"] = f.Early
		w.WriteHeader(http.StatusEarlyHints)
		w.Header().Del("Link")
	}
	delay := s.c.LatencyMS
	if f.DelayMS > 0 {
		delay = f.DelayMS
	}
	time.Sleep(time.Duration(delay) * time.Millisecond / time.Duration(s.faster))
	w.Header()["Content-Type"] = nil
	for k, v := range f.Headers {
		w.Header()[http.CanonicalHeaderKey(k)] = strings.Split(v, "\n")
	}
	if f.Status == 206 {
		w.Header().Set("Content-Range", fmt.Sprintf("bytes 0-%d/%d", len(f.Body)-1, len(f.Body)))
	}
	w.WriteHeader(f.Status)
	if f.Status != 204 && f.Status != 304 {
		fmt.Fprint(w, f.Body)
	}
}

// visits plays the visits of a case with one user and holds what the server saw against the recording.
func (s *caseSite) visits(t *testing.T, ctx context.Context, u *HTTPUser) {
	var current *Page
	for i, v := range s.c.Visits {
		origin := v.Origin
		if origin == "" {
			origin = "A"
		}
		s.mu.Lock()
		s.seen = nil
		s.mu.Unlock()
		to := s.origins[origin] + v.Path
		begun := time.Now()
		opts := []Option{NoScript(s.c.Scripts != "enabled"), Icons(true), Timeout(20 * time.Second)}
		switch v.Kind {
		case "back":
			current = &Page{Response: current.Response, url: to}
			continue
		case "link":
			current, _ = u.Follow(ctx, Link{URL: to, from: current.url, policy: current.policy}, opts...)
		case "reload":
			current, _ = u.Page(ctx, to, append(opts, Reload())...)
		default:
			current, _ = u.Page(ctx, to, opts...)
		}
		if strings.HasPrefix(s.c.Name, "cache-stale") {
			time.Sleep(time.Duration(v.SettleMS)*time.Millisecond - time.Since(begun))
		}
		s.mu.Lock()
		pagetest.Compare(t, fmt.Sprintf("visit %d %s %s", i, v.Kind, v.Path), &v, s.seen)
		s.mu.Unlock()
	}
}

type caseVisitor struct{ HTTPUser }

// TestPageCases loads the recorded sites over real connections and compares what their server saw with what Chromium had asked for.
func TestPageCases(t *testing.T) {
	for _, c := range pagetest.Read(t, "internal/page/testdata/cases") {
		if c.Group == "quirk" || c.Group == "quirk-off" {
			continue
		}
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			s := startCaseSite(t, c, 8)
			plan := Plan{
				Host: s.origins["A"], Users: Level(1), Iterations: 1, HTTP: HTTP{AllowHosts: []string{"localhost", "127.0.0.1"}, MaxRedirects: 20},
				Test: Test{Users: []UserType{Users(Spec[caseVisitor]{Tasks: []Task[caseVisitor]{{Name: "visits", Do: func(v *caseVisitor, ctx context.Context) error {
					s.visits(t, ctx, &v.HTTPUser)
					return nil
				}}}})}},
			}
			if _, err := Run(context.Background(), plan); err != nil {
				t.Fatal(err)
			}
		})
	}
}
