package gotest_test

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stampede-load/stampede/internal/importer"
	"github.com/stampede-load/stampede/internal/importer/flow"
	"github.com/stampede-load/stampede/internal/importer/gotest"
	"github.com/stampede-load/stampede/internal/importer/har"
)

// writePlaywright makes a test of each form in which Playwright's recordHar writes one visit, as web/test/recordings.js has recorded it in Chromium,
// and of two such together.
func writePlaywright(t *testing.T) (all []written) {
	t.Helper()
	whole := []string{
		`r.Form("csrf")`, `r.Path("nonce")`, `v.account.Email`, `stampede.Expect(302)`, "1 aborted requests",
		`websocket.Dial(ctx, v, "/socket"`, `socket.Expect(ctx, "/socket first message", nil)`, `socket.Exchange(ctx, "/socket join", websocket.JSON(`, `says("id", "7")`, `websocket.Binary(body("message"))`,
		"POST Submit Photo: what was sent is not in the recording", "1 frames, which Page finds by itself",
	}
	timed := append(whole[:len(whole):len(whole)], "v.Pause(ctx, ") // minimal.har has no times of messages
	for name, want := range map[string][]string{
		"embed.har": timed, "attach.zip": timed, "attach/visit.har": timed, "minimal.har": whole,
		"omit.har":     {"does not hold what the site answered", `v.account.Key`, "POST Submit Photo: what was sent is not in the recording"},
		"filtered.har": {`r.Path("nonce")`, `v.Page(ctx, "/shop"`, `"X-Nonce", v.xNonce`},
		// Compared, the two are of one flow, though one is an archive.
		"embed.har attach.zip": {`r.Form("csrf")`, `r.Path("nonce")`, "are of the same flow", "it differs between the recordings"},
	} {
		var store importer.Store
		defer store.Close()
		var recordings []*importer.Recording
		secrets := []string{"a-secret-of-", "@example.org"}
		for file := range strings.FieldsSeq(name) {
			r, err := har.ReadFile(filepath.Join("../har/testdata/playwright", file), file, &store)
			if err != nil {
				t.Fatal(err)
			}
			r.Name = file
			recordings = append(recordings, r)
			for _, q := range r.Requests {
				if v := importer.Get(q.Header, "X-Nonce"); v != "" {
					secrets = append(secrets, v)
				}
			}
		}
		test, err := flow.Make(recordings, flow.Options{})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		module := "playwright_" + strings.NewReplacer(".", "", "/", "", " ", "_").Replace(name)
		files, err := gotest.Files(test, module)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		text := bytes.Join([][]byte{files["main.go"], files["README.md"]}, nil)
		for _, w := range want {
			if !bytes.Contains(text, []byte(w)) {
				t.Errorf("%s: %q is missing in:\n%s", name, w, text)
			}
		}
		if bytes.Contains(files["main.go"], []byte(secrets[0])) || bytes.Contains(files["main.go"], []byte(secrets[1])) || name != "omit.har" && len(secrets) > 2 && bytes.Contains(files["main.go"], []byte(secrets[2])) {
			t.Errorf("%s: a secret of the recording is in:\n%s", name, files["main.go"])
		}
		all = append(all, written{name: module, files: files})
	}
	return all
}
