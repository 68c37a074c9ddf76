package console

import (
	"bytes"
	"compress/gzip"
	"io"
	"math/rand/v2"
	"net/http"
	"testing"
)

// Messages that were packed apart are one gzip file in any order, each of them packed once, with an end that a reader accepts.
func TestPackedMessagesFitTogether(t *testing.T) {
	t.Parallel()
	noise := make([]byte, 100_000)
	random := rand.New(rand.NewPCG(1, 2))
	for i := range noise {
		noise[i] = byte(random.Uint32())
	}
	all := []*message{hello, stillHere, plain(nil), plain(noise), plain(bytes.Repeat([]byte(`{"count":0}`), 20_000)), plain([]byte("x"))}
	for range 20 {
		random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		var g gzipped
		file := g.open(nil)
		var want []byte
		for _, m := range all {
			file, want = g.add(file, m), append(want, m.text...)
			if first, again := m.deflated(), m.deflated(); &first[0] != &again[0] {
				t.Fatal("a message is packed twice")
			}
		}
		r, err := gzip.NewReader(bytes.NewReader(g.close(file)))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, want) {
			t.Fatalf("%d bytes of %d: %v", len(got), len(want), err)
		}
	}
}

func TestTakesGzip(t *testing.T) {
	t.Parallel()
	for accept, want := range map[string]bool{
		"": false, "gzip": true, "GZIP": true, "x-gzip": true, "br, gzip": true, "gzip;q=0": false, "gzip; q=0.0, *": false, "*": true, "*;q=0": false,
		"identity": false, "gzip, deflate, br, zstd": true, "br;q=1.0, gzip;q=0.1": true, "gzipped": false,
	} {
		if got := takesGzip(http.Header{"Accept-Encoding": {accept}}); got != want {
			t.Errorf("%q: %v", accept, got)
		}
	}
	if !takesGzip(http.Header{"Accept-Encoding": {"br", "gzip"}}) || takesGzip(nil) {
		t.Error("several fields, or none")
	}
}
