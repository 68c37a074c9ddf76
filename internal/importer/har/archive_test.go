package har_test

import (
	"archive/zip"
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stampede-load/stampede/internal/importer"
	"github.com/stampede-load/stampede/internal/importer/har"
)

// apart is a recording whose bodies are in files of their own, of which one is not there and two lead elsewhere.
const apart = `{"log":{"version":"1.2","creator":{"name":"Playwright","version":"1.65.1"},"entries":[
{"startedDateTime":"2026-11-20T12:00:00Z","_resourceType":"document","request":{"method":"GET","url":"https://a.example/","headers":[]},"response":{"status":200,"content":{"size":3,"mimeType":"text/html","_file":"page.html"}}},
{"startedDateTime":"2026-11-20T12:00:01Z","request":{"method":"POST","url":"https://a.example/send","headers":[{"name":"Content-Type","value":"application/json"}],"postData":{"mimeType":"application/json","params":[],"_file":"sent.json"}},"response":{"status":200,"content":{"mimeType":"application/json","_file":"gone.json"}}},
{"startedDateTime":"2026-11-20T12:00:02Z","request":{"method":"GET","url":"https://a.example/a","headers":[]},"response":{"status":200,"content":{"mimeType":"application/json","_file":"../secret.json"}}},
{"startedDateTime":"2026-11-20T12:00:03Z","request":{"method":"GET","url":"https://a.example/b","headers":[]},"response":{"status":200,"content":{"mimeType":"application/json","_file":"/etc/hostname"}}},
{"startedDateTime":"2026-11-20T12:00:04Z","request":{"method":"GET","url":"https://a.example/c","headers":[]},"response":{"status":200,"content":{"mimeType":"application/json","_file":"link.json"}}}]}}`

// A HAR with its bodies beside it, and one in an archive with them: what is there is read, nothing is read from elsewhere, and what is missing is
// counted.
func TestBodiesInFiles(t *testing.T) {
	dir := t.TempDir()
	put := func(name, text string) string {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	put("secret.json", `"a secret"`)
	beside := put("in/visit.har", apart)
	put("in/page.html", "<b>")
	put("in/sent.json", `{"n":1}`)
	if err := os.Symlink("../secret.json", filepath.Join(dir, "in/link.json")); err != nil {
		t.Fatal(err)
	}
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	for name, text := range map[string]string{"sent.json": `{"n":1}`, "har.har": apart, "page.html": "<b>"} {
		w, err := z.Create(name)
		if err == nil {
			_, err = w.Write([]byte(text))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{beside, put("visit.zip", buf.String())} {
		var store importer.Store
		r, err := har.ReadFile(file, "x", &store)
		if err != nil {
			t.Fatal(err)
		}
		if a, b := string(r.Requests[0].Response.Body.Bytes()), string(r.Requests[1].Body); a != "<b>" || b != `{"n":1}` {
			t.Errorf("%s: %q and %q were read", file, a, b)
		}
		for _, q := range r.Requests[1:] {
			if q.Response.Body.Len() > 0 {
				t.Errorf("%s: of %s %q was read", file, q.URL, q.Response.Body.Bytes())
			}
		}
		if got := strings.Join(r.Left.Lines(), "\n"); got != "4 bodies that the recording keeps in files of their own, which are not beside it (the first: gone.json)" {
			t.Errorf("%s: left out: %s", file, got)
		}
		store.Close()
	}
	for name, want := range map[string]string{"PK\x03\x04 and no more": "is an archive that cannot be read", "nothing": "is not a HAR"} {
		var store importer.Store
		if _, err := har.ReadFile(put("wrong", name), "x", &store); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", name, err)
		}
	}
	if _, err := har.ReadFile(filepath.Join(dir, "none"), "none.har", nil); err == nil || err.Error() != "none.har cannot be read: no such file or directory" {
		t.Error(err)
	}
}
