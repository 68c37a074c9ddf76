package cli

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stampede-load/stampede"
)

// keeper is a user that knows secrets of every kind, and has failures that quote them.
type keeper struct{ stampede.HTTPUser }

func (k *keeper) Tell(ctx context.Context) error {
	host := strings.TrimPrefix(k.Host(), "http://")
	k.SetHeader("X-Session-Token", "s3cret01")
	k.Get(ctx, "http://ann:s3cret02@"+host+"/in") // without a name
	k.Get(ctx, "/reset", stampede.Name("/reset?token=s3cret03"))
	k.Get(ctx, "/reset", stampede.Name("https://ann:s3cret04@"+host+"/named"))
	k.Post(ctx, "/login", stampede.Form("user", "ann", "password", "s3cret05"), stampede.Check(func(r *stampede.Response) error {
		return fmt.Errorf("no log-in: %s", r.Text())
	}))
	k.Get(ctx, "/moved", stampede.BasicAuth("ann", "s3cret06"))
	k.Get(ctx, "/digest", stampede.Digest("ann", "s3cret07"))
	k.Get(ctx, "http://ann:s3cret08@elsewhere.example/")
	k.Get(ctx, "ftp://ann:s3cret09@"+host+"/")
	k.Record("SQL", "select", func() error {
		return errors.New("dial postgres://ann:s3cret10@db/x: refused; pw: s3cret11, key=s3cret12; Authorization: Bearer s3cret13abcdefgh")
	})
	k.Get(ctx, "/in", stampede.Name("panics"), stampede.Check(func(*stampede.Response) error { panic("with api_key=s3cret14") }))
	return fmt.Errorf("the task failed: access_token=s3cret15")
}

var secretForm = regexp.MustCompile(`s3cret\d\d`)

// No output of a run holds a secret that the run held: not the terminal, not a file, not the ledger, and no text of a mistake.
func TestNoOutputHoldsASecret(t *testing.T) {
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/login":
			fmt.Fprint(w, `{"password":"s3cret20","clientSecret": "s3cret21", "set-cookie":"sid=s3cret22"}`)
		case "/moved":
			http.Redirect(w, r, "http://ann:s3cret23@elsewhere.example/cb?access_token=s3cret24", http.StatusFound)
		case "/digest":
			w.Header().Set("WWW-Authenticate", `Digest realm="r", nonce="n25", qop="auth"`)
			w.WriteHeader(http.StatusUnauthorized)
		case "/reset":
			http.Error(w, "no such token=s3cret26", http.StatusInternalServerError)
		}
	}))
	defer site.Close()
	dir := t.TempDir()
	program := Program{Test: &stampede.Test{Name: "keeper", Users: []stampede.UserType{stampede.Users(stampede.Spec[keeper]{
		Tasks: []stampede.Task[keeper]{{Do: (*keeper).Tell}},
	})}}}
	call := func(args ...string) (int, string) {
		var out bytes.Buffer
		status := Main(t.Context(), program, System{
			Args: append([]string{"keeper"}, args...), Dir: dir, In: strings.NewReader(""), Out: &out, Err: &out,
			Environ: append(os.Environ(), "STAMPEDE_LEDGER="+filepath.Join(dir, "runs.db"), "HTTP_PROXY=", "http_proxy="),
		})
		where := "the terminal of " + strings.Join(args[:min(2, len(args))], " ")
		search(t, where, out.Bytes())
		return status, out.String()
	}
	status, said := call("run", "-H", site.URL, "--iterations", "3", "-u", "1", "--plain", "--json", "r.json", "--csv", "r", "--html", "r.html", "--junit", "r.xml",
		"--changes", "token=s3cret30", "--focus", "password: s3cret31", "--notes", "Authorization: Basic s3cret32abcdefgh\npw: s3cret33", "--link",
		"https://ann:s3cret34@wiki.example/?key=s3cret35", "--threshold", `"/reset?token=s3cret03" p95 < 1h`)
	if status == statusUsage || !strings.Contains(said, "/reset?token=***") {
		t.Fatalf("ended with %d: %s", status, said)
	}
	call("runs", "list")
	call("runs", "show", "last")
	for _, file := range []string{"x.xlsx", "x.md", "x.json", "x.html", "x.csv"} {
		call("runs", "export", "last", "--out", file)
	}
	call("check", "-H", site.URL)
	call("config", "explain", "--proxy", "http://ann:s3cret40@proxy:1", "-H", site.URL)
	for _, args := range [][]string{
		{"run", "-H", "http://ann:s3cret50@shop.example"},
		{"run", "-H", "ann:s3cret51@shop.example"},
		{"run", "-H", "http://ann:s3cret52@%zz"},
		{"run", "-H", site.URL, "--allow-host", "http://ann:s3cret53@shop.example"},
		{"run", "-H", site.URL, "--allow-host", "ann:s3cret54@shop.example"},
		{"run", "-H", site.URL, "--resolve", "ann:s3cret55@shop.example:80"},
		{"run", "-H", site.URL, "--proxy", "socks5://ann:s3cret56@proxy:1"},
		{"run", "-H", site.URL, "--threshold", "p95 << token=s3cret57"},
		{"run", "-H", site.URL, "--ledger", "postgres://ann:s3cret58@127.0.0.1:1/x"},
	} {
		if status, said := call(args...); status != statusUsage {
			t.Errorf("%q ended with %d: %s", args, status, said)
		}
	}
	files := 0
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files++
		b, err := os.ReadFile(name)
		search(t, filepath.Base(name), b)
		return err
	})
	if err != nil || files < 8 {
		t.Errorf("%d files, %v", files, err)
	}
}

// search looks for secrets in a file, and in what is packed in it.
func search(t *testing.T, where string, b []byte) {
	t.Helper()
	for _, s := range secretForm.FindAllString(string(b), 3) {
		at := bytes.Index(b, []byte(s))
		t.Errorf("%s holds %s: %q", where, s, b[max(0, at-60):min(len(b), at+20)])
	}
	if z, err := zip.NewReader(bytes.NewReader(b), int64(len(b))); err == nil {
		for _, f := range z.File {
			if r, err := f.Open(); err == nil {
				part, _ := io.ReadAll(r)
				search(t, where+": "+f.Name, part)
			}
		}
	}
	for _, packed := range regexp.MustCompile(`H4sI[A-Za-z0-9+/=]{40,}`).FindAll(b, -1) { // gzip in base64, as a page carries it
		raw, _ := base64.StdEncoding.DecodeString(string(packed))
		if r, err := gzip.NewReader(bytes.NewReader(raw)); err == nil {
			part, _ := io.ReadAll(r)
			search(t, where+": packed", part)
		}
	}
}
