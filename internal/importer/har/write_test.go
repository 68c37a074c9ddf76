package har

import (
	"bytes"
	"reflect"
	"testing"
	"time"

	"github.com/stampede-load/stampede/internal/importer"
)

// What is written is read again as it was.
func TestWrite(t *testing.T) {
	start := time.Date(2026, 11, 29, 12, 0, 0, 5e6, time.UTC)
	rec := &importer.Recording{Requests: []*importer.Request{
		{
			Kind: importer.Document, Method: "GET", URL: "https://shop.example/?a=1", Header: []importer.Field{{Name: "Cookie", Value: "s=1"}, {Name: "X-Own", Value: "<&>"}}, Start: start, Took: 20 * time.Millisecond,
			Response: importer.Response{Status: 200, Header: []importer.Field{{Name: "Content-Type", Value: "text/html"}, {Name: "Set-Cookie", Value: "t=2; Path=/"}}, Type: "text/html", Body: importer.TextOf([]byte("<p>\"ü\"\n"))},
		},
		{
			Kind: importer.Data, Method: "POST", URL: "https://shop.example/cart", Header: []importer.Field{{Name: "Content-Type", Value: "application/octet-stream"}}, Type: "application/octet-stream", Body: []byte{0xff, 0, 1},
			Start: start.Add(time.Second), Clicked: "Add to cart", Response: importer.Response{Status: 302, Header: []importer.Field{{Name: "Location", Value: "/done"}}, Redirect: "/done"},
		},
		{
			Kind: importer.Data, Method: "POST", URL: "https://shop.example/photo", Header: []importer.Field{{Name: "Content-Type", Value: "multipart/form-data; boundary=x"}}, Type: "multipart/form-data; boundary=x",
			Form: []importer.Field{{Name: "title", Value: "me"}}, Files: []importer.File{{Field: "photo", Name: "me.png", Type: "image/png", Data: []byte("png")}},
			Start: start.Add(2 * time.Second), Response: importer.Response{Status: 204},
		},
		{
			Kind: importer.Socket, Method: "GET", URL: "https://shop.example/live", Start: start.Add(3 * time.Second), Response: importer.Response{Status: 101},
			Messages: []importer.Message{{Sent: true, At: start.Add(4 * time.Second), Data: []byte("é")}, {At: start.Add(5 * time.Second), Data: []byte{0, 0xff}, Binary: true}},
		},
	}}
	var out bytes.Buffer
	if err := Write(&out, rec); err != nil {
		t.Fatal(err)
	}
	var store importer.Store
	defer store.Close()
	got, err := Read(&out, "own.har", &store)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Requests) != len(rec.Requests) || got.NoCookies {
		t.Fatalf("%d requests came back, cookies missing: %v", len(got.Requests), got.NoCookies)
	}
	for i, want := range rec.Requests {
		if !reflect.DeepEqual(got.Requests[i], want) {
			t.Errorf("request %d:\n%+v\nwant\n%+v", i, got.Requests[i], want)
		}
	}
}
