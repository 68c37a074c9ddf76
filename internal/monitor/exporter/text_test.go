package exporter

import (
	"context"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

const page = `# HELP http_requests_total The total number of HTTP requests.
# TYPE http_requests_total counter
http_requests_total{method="post",code="200"} 1027 1395066363000
http_requests_total{method="post",code="400"}    3 1395066363000

# Escaping in label values:
msdos_file_access_time_seconds{path="C:\\DIR\\FILE.TXT",error="Cannot find file:\n\"FILE.TXT\""} 1.458255915e9
metric_without_timestamp_and_labels 12.47
something_weird{problem="division by zero"} +Inf -3982045
braces{a="}"} 5
# TYPE rpc_duration_seconds summary
rpc_duration_seconds{quantile="0.01"} 3102
rpc_duration_seconds_sum 1.7560473e+07
rpc_duration_seconds_count 2693
# TYPE no_number gauge
no_number NaN
`

func TestParse(t *testing.T) {
	samples, err := Parse([]byte(page), nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(samples) != 10 {
		t.Fatalf("%d samples: %+v", len(samples), samples)
	}
	if s := samples[0]; s.Name != "http_requests_total" || s.Value != 1027 || s.Type != "counter" || s.Label("code") != "200" || s.Label("none") != "" || s.Help == "" {
		t.Errorf("%+v", s)
	}
	if s := samples[2]; s.Label("path") != `C:\DIR\FILE.TXT` || s.Label("error") != "Cannot find file:\n\"FILE.TXT\"" {
		t.Errorf("%q and %q", s.Label("path"), s.Label("error"))
	}
	if !math.IsInf(samples[4].Value, 1) || samples[5].Label("a") != "}" || !math.IsNaN(samples[9].Value) {
		t.Errorf("%+v", samples)
	}
	if s := samples[8]; s.Type != "summary" {
		t.Errorf("a count of a summary is a %q", s.Type)
	}
	if marked, err := Parse([]byte("\xef\xbb\xbfa 1\r\nb 2\r\n"), nil); err != nil || len(marked) != 2 || marked[0].Name != "a" || marked[1].Value != 2 {
		t.Errorf("a page as Windows writes it: %+v, %v", marked, err)
	}
	loose, err := Parse([]byte("a\t1\nb {x=\"y\"}\t2 1395066363000\n# TYPE \"http.time\" counter\n{\"http.time\",code=\"200\"} 3\n{\"odd \\\"name\\\"\"} 4\n"), nil)
	if err != nil || len(loose) != 4 || loose[0].Value != 1 || loose[1].Name != "b" || loose[1].Label("x") != "y" || loose[1].Value != 2 {
		t.Fatalf("tabs, and a space before the braces: %+v, %v", loose, err)
	}
	if s := loose[2]; s.Name != "http.time" || s.Label("code") != "200" || s.Value != 3 || s.Type != "counter" {
		t.Errorf("a name in quotes: %+v", s)
	}
	if s := loose[3]; s.Name != `odd "name"` || s.Value != 4 {
		t.Errorf("a name in quotes: %+v", s)
	}
	for text, want := range map[string]string{
		"<!DOCTYPE html>":  "no number",
		"a{b=\"c\" 5":      "do not end",
		"a five":           "no number",
		"good 1\n{\"x\":1": "line 2",
	} {
		if _, err := Parse([]byte(text), nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func TestExporter(t *testing.T) {
	var body string
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.Write([]byte(body)) }))
	defer site.Close()
	body = page
	s, err := New(site.URL + "/metrics#http_*,no_number,braces")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	r, err := s.Read(ctx)
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, v := range r.Values {
		names[v.Name] = v.Counter
	}
	if len(names) != 4 || !names["http_requests_total.post.200"] || names["braces._"] {
		t.Errorf("%+v", r.Values)
	}
	body = strings.Repeat("x 1\n", 4<<20) // 16 MB
	if _, err := s.Read(ctx); err == nil || !strings.Contains(err.Error(), "larger than 8 MB") {
		t.Errorf("a large page: %v", err)
	}
	body = "other 1\n"
	if _, err := s.Read(ctx); err == nil || !strings.Contains(err.Error(), "no series of those names") {
		t.Errorf("another page: %v", err)
	}
	if _, err := New(site.URL + "#[a"); err == nil {
		t.Error("a broken pattern is accepted")
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(page))
	f.Add([]byte("a{b=\"\\"))
	f.Fuzz(func(t *testing.T, text []byte) {
		samples, err := Parse(text, nil)
		if err != nil {
			return
		}
		for i := range samples {
			value(&samples[i])
		}
	})
}
