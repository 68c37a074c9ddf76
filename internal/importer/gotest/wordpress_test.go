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

// writeWordPress makes a test of what `go run ./bench wordpress` has recorded of a real WordPress 6.1 in Chromium, with two accounts: log in, write a
// post in the block editor, publish it, comment on it, log out. The recordings are shrunk to what values come from, and their secrets are other ones.
func writeWordPress(t *testing.T) (all []written) {
	t.Helper()
	var store importer.Store
	defer store.Close()
	var recordings []*importer.Recording
	for _, name := range []string{"annalena", "bertrand"} {
		r, err := har.ReadFile(filepath.Join("../har/testdata/wordpress", name+".har"), name, &store)
		if err != nil {
			t.Fatal(err)
		}
		r.Name = name + ".har"
		recordings = append(recordings, r)
	}
	test, err := flow.Make(recordings, flow.Options{})
	if err != nil {
		t.Fatal(err)
	}
	files, err := gotest.Files(test, "wordpress")
	if err != nil {
		t.Fatal(err)
	}
	main := string(files["main.go"])
	for _, want := range []string{
		// The log-in, whose page sets the cookie that is looked for.
		`v.Page(ctx, "/wp-login.php"`, `"pwd", v.account.Password`, `"redirect_to", v.Host()+"/wp-admin/"`,
		// The editor: the nonce of its scripts, the id of the draft, though it has one digit, and the address of the post, which holds the day.
		`createNonceMiddleware\( "([^"]+)`, `WithHeader("X-WP-Nonce", v.xWPNonce)`, `r.Form("post_ID")`, `"id":      json.Number(v.postID)`, `v.account.Username + " went to the concert"`,
		`WithHeader("X-HTTP-Method-Override", "PUT")`, `r.Path("link")`, `v.Page(ctx, v.link,`,
		// The comment, whose nonce is in a field that a script renames, and whose text somebody has typed.
		`r.Form("_wp_unfiltered_html_comment_disabled")`, `"comment_post_ID", v.postID`, `"comment", v.account.Comment`,
		// The log-out, by the nonce in a link.
		`/wp-login.php?action=logout`, `"redirect_to", v.link, "_wpnonce", v.wpnonce`,
	} {
		if !strings.Contains(main, want) {
			t.Errorf("%s is missing", want)
		}
	}
	for _, unwanted := range []string{"wonder-land-1", "bobs-secret-22", "a-session", `blog\.example`, "Annalena went", "annalena-went", `"true"`, "v.account.Test"} {
		if strings.Contains(main, unwanted) {
			t.Errorf("%s is in it", unwanted)
		}
	}
	if again, err := gotest.Files(test, "wordpress"); err != nil || !bytes.Equal(again["main.go"], files["main.go"]) {
		t.Error("it is not the same each time")
	}
	return []written{{name: "real_wordpress", files: files}}
}
