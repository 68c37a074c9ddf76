package wire

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
)

// What stands behind a body of br is no part of it, as for Chromium 156; a body that is cut off is an error.
func TestBehindBrotli(t *testing.T) {
	text := strings.Repeat("hello world, ", 20_000)
	var packed bytes.Buffer
	w := brotli.NewWriter(&packed)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	for behind, ok := range map[string]bool{"": true, "\n": true, "<!-- from a cache -->": true, "cut": false} {
		body := append(bytes.Clone(packed.Bytes()), behind...)
		if !ok {
			body = packed.Bytes()[:packed.Len()-3]
		}
		s, _ := site(t, false, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "br")
			w.Write(body)
		}))
		got, err := do(t, newEngine(t, Config{}).Client(0), Request{URL: s.URL}).Body()
		if ok != (err == nil) || ok && string(got) != text {
			t.Errorf("%q behind it: %d bytes, %v", behind, len(got), err)
		}
	}
}
