package site

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
)

// fetch sends a document to a client with the given headers.
func fetch(d *document, method, encoding, have string) *http.Response {
	request := httptest.NewRequest(method, "/", nil)
	request.Header.Set("Accept-Encoding", encoding)
	if have != "" {
		request.Header.Set("If-None-Match", have)
	}
	w := httptest.NewRecorder()
	d.send(w, request, http.StatusOK)
	return w.Result()
}

func testDocument(t *testing.T) *document {
	t.Helper()
	printer, err := newPrinter()
	if err != nil {
		t.Fatal(err)
	}
	d, err := printer.print("text/html; charset=utf-8", cachePublic, bytes.Repeat([]byte("afterglow "), 200))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestGzipWhenAsked(t *testing.T) {
	d := testDocument(t)
	plain := fetch(d, http.MethodGet, "", "")
	if plain.Header.Get("Content-Encoding") != "" || plain.ContentLength != 2000 || plain.Header.Get("Vary") != "Accept-Encoding" {
		t.Errorf("not asked: %v", plain.Header)
	}
	zipped := fetch(d, http.MethodGet, "gzip, deflate, br", "")
	if zipped.Header.Get("Content-Encoding") != "gzip" || zipped.ContentLength >= 200 {
		t.Fatalf("asked: %v", zipped.Header)
	}
	reader, err := gzip.NewReader(zipped.Body)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(reader)
	if err != nil || !bytes.Equal(body, d.body) {
		t.Errorf("unpacked to %d bytes, %v; want the document", len(body), err)
	}
	if plain.Header.Get("ETag") == zipped.Header.Get("ETag") {
		t.Error("two different bodies have the same strong entity tag")
	}
}

func TestNotModified(t *testing.T) {
	d := testDocument(t)
	for _, encoding := range []string{"", "gzip"} {
		tag := fetch(d, http.MethodGet, encoding, "").Header.Get("ETag")
		for _, have := range []string{tag, "W/" + tag, `"other", ` + tag, "*"} {
			response := fetch(d, http.MethodGet, encoding, have)
			body, _ := io.ReadAll(response.Body)
			if response.StatusCode != http.StatusNotModified || len(body) != 0 || response.Header.Get("Content-Encoding") != "" {
				t.Errorf("If-None-Match %s: %d with %d bytes, want 304 with none", have, response.StatusCode, len(body))
			}
			if response.Header.Get("ETag") != tag || response.Header.Get("Cache-Control") != cachePublic {
				t.Errorf("If-None-Match %s: a 304 repeats ETag and Cache-Control; got %v", have, response.Header)
			}
		}
	}
	if response := fetch(d, http.MethodGet, "", `"other"`); response.StatusCode != http.StatusOK {
		t.Errorf("another tag: %d, want 200", response.StatusCode)
	}
}

func TestHeadSendsNoBody(t *testing.T) {
	response := fetch(testDocument(t), http.MethodHead, "", "")
	body, _ := io.ReadAll(response.Body)
	if len(body) != 0 || response.Header.Get("Content-Length") != "2000" {
		t.Errorf("%d bytes, Content-Length %s; want none, 2000", len(body), response.Header.Get("Content-Length"))
	}
}

func TestAcceptsGzip(t *testing.T) {
	for header, want := range map[string]bool{
		"": false, "gzip": true, "GZIP": true, "x-gzip": true, "br": false, "deflate, gzip;q=0.5": true, "gzip;q=0": false,
		"gzip; q=0.000": false, "*": true, "*;q=0": false, "gzip;q=0, *": false, "*;q=0, gzip": true, "gzip;level=9": true, ",,": false,
	} {
		if got := acceptsGzip(header); got != want {
			t.Errorf("acceptsGzip(%q) = %v, want %v", header, got, want)
		}
	}
}

func FuzzHeaders(f *testing.F) {
	f.Add("gzip;q=0.5, *", `W/"a", "b"`)
	f.Add(";=,;;q", `"`)
	f.Fuzz(func(_ *testing.T, encoding, have string) {
		acceptsGzip(encoding) // must return for any input
		matches(have, `"a"`)
	})
}
