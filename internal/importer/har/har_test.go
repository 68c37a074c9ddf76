package har_test

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/stampede-load/stampede/internal/importer"
	"github.com/stampede-load/stampede/internal/importer/har"
)

func read(t *testing.T, text string) (*importer.Recording, error) {
	t.Helper()
	var store importer.Store
	t.Cleanup(store.Close)
	return har.Read(strings.NewReader(text), "x.har", &store)
}

func entry(rest string) string {
	return `{"log":{"version":"1.2","pages":[{"id":"page_1","title":"Home"}],"entries":[{"startedDateTime":"2026-11-20T12:00:00.000Z","time":5,` + rest + `}]}}`
}

func TestOddEntries(t *testing.T) {
	for _, c := range []struct {
		name, text string
		check      func(r *importer.Recording) string
	}{
		{
			"pseudo fields go", entry(`"request":{"method":"get","url":"https://a.example/","headers":[{"name":":authority","value":"a"},{"name":"X","value":"1"}]},"response":{"status":200}`),
			func(r *importer.Recording) string {
				return fmt.Sprintf("%v %s", r.Requests[0].Header, r.Requests[0].Method)
			},
		},
		{
			"base64", entry(`"request":{"url":"https://a.example/"},"response":{"status":200,"content":{"mimeType":"text/html","text":"PGI+","encoding":"base64"}}`),
			func(r *importer.Recording) string { return string(r.Requests[0].Response.Body.Bytes()) },
		},
		{
			"null, NaN in quotes, a number for a text", entry(`"timings":{"wait":null},"request":{"method":"POST","url":"https://a.example/","bodySize":"NaN","postData":{"mimeType":"text/plain","text":7}},"response":{"status":"200","content":null,"headers":null}`),
			func(r *importer.Recording) string { return fmt.Sprint(r.Requests[0].Response.Status, r.NoCookies) },
		},
		{
			"a body that is not there", entry(`"request":{"method":"POST","url":"https://a.example/","bodySize":12,"headers":[{"name":"Content-Type","value":"multipart/form-data; boundary=x"}]},"response":{"status":200}`),
			func(r *importer.Recording) string { return r.Requests[0].Lost },
		},
		{
			"fields of a form apart", entry(`"request":{"method":"POST","url":"https://a.example/","postData":{"mimeType":"application/x-www-form-urlencoded","params":[{"name":"a b","value":"c&d"},{"name":"e","value":"%2F"}]}},"response":{"status":200}`),
			func(r *importer.Recording) string { return string(r.Requests[0].Body) },
		},
		{
			"files of a form", entry(`"request":{"method":"POST","url":"https://a.example/","postData":{"mimeType":"multipart/form-data; boundary=x","text":"--x\r\nContent-Disposition: form-data; name=\"n\"\r\n\r\n1\r\n--x\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a.txt\"\r\nContent-Type: text/plain\r\n\r\nhello\r\n--x--\r\n"}},"response":{"status":200}`),
			func(r *importer.Recording) string {
				f := r.Requests[0].Files[0]
				return fmt.Sprintf("%v %s %s %s %s", r.Requests[0].Form, f.Field, f.Name, f.Type, f.Data)
			},
		},
		{
			"several cookies in a line", entry(`"request":{"url":"https://a.example/"},"response":{"status":200,"headers":[{"name":"set-cookie","value":"a=1\nb=2"}]}`),
			func(r *importer.Recording) string { return fmt.Sprint(r.Requests[0].Response.Header, r.NoCookies) },
		},
	} {
		r, err := read(t, c.text)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		want := map[string]string{
			"pseudo fields go": "[{X 1}] GET", "base64": "<b>", "null, NaN in quotes, a number for a text": "200 true", "a body that is not there": "the recording does not have its body",
			"fields of a form apart": "a+b=c%26d&e=%2F", "files of a form": "[{n 1}] f a.txt text/plain hello", "several cookies in a line": "[{Set-Cookie a=1} {Set-Cookie b=2}] false",
		}[c.name]
		if got := c.check(r); got != want {
			t.Errorf("%s: %q, not %q", c.name, got, want)
		}
	}
}

func TestWhatIsLeftOut(t *testing.T) {
	one := func(rest string) string { return `{"startedDateTime":"2026-11-20T12:00:00Z",` + rest + `}` }
	text := `{"log":{"entries":[` + strings.Join([]string{
		one(`"request":{"url":"https://a.example/"},"response":{"status":200}`),
		one(`"request":{"url":"data:image/png;base64,AAAA"},"response":{"status":200}`),
		one(`"request":{"url":"wss://a.example/"},"response":{"status":502}`),
		one(`"request":{"url":"https://a.example/x"},"response":{"status":0,"_error":"net::ERR_ABORTED"}`),
		one(`"request":{"url":"https://a.example/y"},"response":{"status":-1}`),
		one(`"_fromCache":"disk","_resourceType":"script","request":{"url":"https://a.example/z.js"},"response":{"status":200}`),
		one(`"timings":{"wait":-1},"request":{"url":"https://a.example/z.css"},"response":{"status":200,"bodySize":-120}`),
		one(`"request":{"url":""},"response":{"status":200}`),
	}, ",") + `]}}`
	r, err := read(t, text)
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Join(r.Left.Lines(), "\n")
	want := `1 data: and blob: addresses, which no browser asks a site for (data:image/png;base64,AAAA)
1 WebSocket connections that did not come to be (wss://a.example/)
2 aborted requests, which got no answer (the first: https://a.example/x)
2 answers from the browser's cache (the first: https://a.example/z.js)
1 entries without an address`
	if len(r.Requests) != 1 || got != want {
		t.Errorf("%d requests,\n%s", len(r.Requests), got)
	}
}

func TestWhatIsNoRecording(t *testing.T) {
	for text, want := range map[string]string{
		"":                                   "is not a HAR",
		"<html>":                             "is not a HAR",
		`{"log":{}}`:                         "is not a HAR",
		`[1,2]`:                              "is not a HAR",
		`{"log":{"entries":[]}}`:             "holds no requests",
		entry(`"request":{"url":"data:,x"}`): "holds no request that can be made again: 1 data:",
		`{"log":{"entries":[{"request":{"url":"https`: "is not a HAR",
		`{"log":{"entries":[{"request":{"url":"https://a.example/"},"response":{"status":200}},{"request":{"url":"https://`: "entry 2 cannot be read: the file ends in the middle of it",
	} {
		if _, err := read(t, text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60s: %v, not %s", text, err, want)
		}
	}
}

// A recording with one enormous body is read in bounded memory; the rest of it is as it was.
func TestEnormousBodiesAreCut(t *testing.T) {
	long := `{"log":{"entries":[{"request":{"url":"https://a.example/"},"response":{"status":200,"content":{"mimeType":"text/html","text":"` + `x\u00e9\"` + strings.Repeat("x", 17<<20) + `"},"headers":[{"name":"X","value":"1"}]}}]}}`
	r, err := read(t, long)
	if err != nil {
		t.Fatal(err)
	}
	a := r.Requests[0].Response
	if n := a.Body.Len(); n < 15<<20 || n > 17<<20 || importer.Get(a.Header, "X") != "1" || !strings.HasPrefix(string(a.Body.Bytes()), `xé"x`) {
		t.Errorf("%d bytes, %v", n, a.Header)
	}
	if got := strings.Join(r.Left.Lines(), ""); !strings.Contains(got, "1 bodies beyond 16 MB") {
		t.Error(got)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(entry(`"request":{"method":"POST","url":"https://a.example/","postData":{"text":"a=1","mimeType":"x"}},"response":{"status":200,"content":{"text":"\u00e9","encoding":"base64"}}`))
	f.Add(`{"log":{"entries":[{}]}}`)
	f.Fuzz(func(t *testing.T, text string) {
		var store importer.Store
		defer store.Close()
		r, err := har.Read(io.LimitReader(strings.NewReader(text), 1<<20), "x", &store)
		if err == nil && len(r.Requests) == 0 {
			t.Error("a recording without requests is no recording")
		}
	})
}
