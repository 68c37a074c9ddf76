package gotest_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

// browser drives a site as a person would, and writes down what it asked as browsers do: one entry for each redirect.
type browser struct {
	t       *testing.T
	client  *http.Client
	base    string
	now     time.Time
	entries []map[string]any
	page    string // the last one opened
}

func newBrowser(t *testing.T, base string, day int) *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &browser{t: t, base: base, now: time.Date(2026, 11, day, 12, 0, 0, 0, time.UTC), client: &http.Client{
		Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// answer is what came in the end.
type answer struct {
	t    *testing.T
	url  string
	body string
	head http.Header
}

// find is the first group of an expression in the body.
func (a answer) find(re string) string {
	a.t.Helper()
	m := regexp.MustCompile(re).FindStringSubmatch(a.body)
	if m == nil {
		a.t.Fatalf("%s is not in %s", re, a.body)
	}
	return m[1]
}

func (a answer) json(path string) string {
	a.t.Helper()
	var v map[string]any
	if err := json.Unmarshal([]byte(a.body), &v); err != nil {
		a.t.Fatalf("%v: %s", err, a.body)
	}
	s, _ := v[path].(string)
	return s
}

// wait is what a person does between two clicks.
func (b *browser) wait(d time.Duration) { b.now = b.now.Add(d) }

// open opens a page, after a while.
func (b *browser) open(path string) answer {
	b.wait(3 * time.Second)
	return b.ask("GET", path, "document", "", "")
}

// submit sends a form, after a while.
func (b *browser) submit(path string, fields ...string) answer {
	b.wait(4 * time.Second)
	return b.ask("POST", path, "document", "application/x-www-form-urlencoded", form(fields...))
}

// script is a request of the page's scripts.
func (b *browser) script(method, path, kind, body string, header ...string) answer {
	b.wait(50 * time.Millisecond)
	return b.ask(method, path, "empty", kind, body, header...)
}

func form(fields ...string) string {
	var all []string
	for i := 0; i < len(fields); i += 2 {
		all = append(all, url.QueryEscape(fields[i])+"="+url.QueryEscape(fields[i+1]))
	}
	return strings.Join(all, "&")
}

func (b *browser) ask(method, path, dest, kind, body string, header ...string) answer {
	b.t.Helper()
	target := path
	if !strings.HasPrefix(path, "http") {
		target = b.base + path
	}
	for {
		req, err := http.NewRequestWithContext(b.t.Context(), method, target, strings.NewReader(body))
		if err != nil {
			b.t.Fatal(err)
		}
		req.Header.Set("Sec-Fetch-Dest", dest)
		req.Header.Set("User-Agent", "Mozilla/5.0")
		if kind != "" {
			req.Header.Set("Content-Type", kind)
		}
		if b.page != "" {
			req.Header.Set("Referer", b.page)
		}
		for i := 0; i < len(header); i += 2 {
			req.Header.Set(header[i], header[i+1])
		}
		resp, err := b.client.Do(req)
		if err != nil {
			b.t.Fatal(err)
		}
		got, err := io.ReadAll(resp.Body)
		if err != nil {
			b.t.Fatal(err)
		}
		_ = resp.Body.Close()
		b.record(req, resp, body, got)
		if to, err := resp.Location(); err == nil {
			target = to.String()
			if resp.StatusCode != 307 && resp.StatusCode != 308 {
				method, body, kind = "GET", "", ""
			}
			continue
		}
		if resp.StatusCode >= 400 && resp.StatusCode != 401 {
			b.t.Fatalf("%s %s: %s\n%s", method, target, resp.Status, got)
		}
		if dest == "document" {
			b.page, _, _ = strings.Cut(target, "#")
		}
		return answer{b.t, target, string(got), resp.Header}
	}
}

func (b *browser) record(req *http.Request, resp *http.Response, body string, got []byte) {
	pairs := func(h http.Header) []map[string]string {
		all := []map[string]string{{"name": ":authority", "value": req.Host}}
		var buf bytes.Buffer
		_ = h.Write(&buf) // in the order of the names
		for line := range strings.SplitSeq(strings.TrimSpace(buf.String()), "\r\n") {
			if name, value, ok := strings.Cut(line, ": "); ok {
				all = append(all, map[string]string{"name": name, "value": value})
			}
		}
		return all
	}
	q := map[string]any{"method": req.Method, "url": req.URL.String(), "headers": pairs(req.Header), "bodySize": len(body)}
	if body != "" {
		q["postData"] = map[string]any{"mimeType": req.Header.Get("Content-Type"), "text": body}
	}
	b.entries = append(b.entries, map[string]any{
		"startedDateTime": b.now.Format(time.RFC3339Nano), "time": 20, "request": q, "timings": map[string]any{"wait": nil},
		"response": map[string]any{
			"status": resp.StatusCode, "headers": pairs(resp.Header), "redirectURL": resp.Header.Get("Location"), "bodySize": -1,
			"content": map[string]any{"mimeType": resp.Header.Get("Content-Type"), "text": string(got)},
		},
	})
	b.wait(20 * time.Millisecond)
}

// har is what was recorded.
func (b *browser) har() []byte {
	out, err := json.Marshal(map[string]any{"log": map[string]any{"version": "1.2", "entries": b.entries}})
	if err != nil {
		b.t.Fatal(err)
	}
	return out
}
