package console

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"net/http"
	"path"
	"strings"
)

// built is the page that web/ builds.
//
//go:embed dist
var built embed.FS

// asset is a file of the page, packed once.
type asset struct {
	kind, tag     string
	plain, packed []byte
}

// kindOf is the type of a file of the page.
func kindOf(name string) string {
	switch path.Ext(name) {
	case ".html":
		return "text/html; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	default:
		return "application/octet-stream"
	}
}

// readAssets reads the page, which is part of the program.
func readAssets() map[string]*asset {
	all := map[string]*asset{}
	err := fs.WalkDir(built, "dist", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := built.ReadFile(name)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(text)
		all[strings.TrimPrefix(name, "dist")] = &asset{kind: kindOf(name), tag: `"` + hex.EncodeToString(sum[:8]) + `"`, plain: text, packed: packed(text)}
		return nil
	})
	if err != nil {
		panic(err) // the program was built without its page
	}
	return all
}

func packed(text []byte) []byte {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err == nil {
		_, err = w.Write(text)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return nil
	}
	return b.Bytes()
}

// assets serves the page. It is the same for every view: the view stands behind the # of the address.
func (c *Console) assets(w http.ResponseWriter, r *http.Request) {
	name := r.URL.Path
	if name == "/" {
		name = "/console.html"
	}
	a := c.files()[name]
	if a == nil {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", a.kind)
	h.Set("ETag", a.tag)
	h.Set("Cache-Control", "no-cache")
	h.Set("Vary", "Accept-Encoding")
	if r.Header.Get("If-None-Match") == a.tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	text := a.plain
	if a.packed != nil && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		text = a.packed
	}
	if r.Method == http.MethodHead {
		return
	}
	if _, err := w.Write(text); err != nil {
		return // whoever asked is gone
	}
}
