package site

import (
	"net/http"
	"testing"
)

// nowhere is a response writer that keeps nothing.
type nowhere struct{ header http.Header }

func (n nowhere) Header() http.Header         { return n.header }
func (n nowhere) Write(p []byte) (int, error) { return len(p), nil }
func (n nowhere) WriteHeader(int)             {}

// BenchmarkMemberPage is what the site itself adds to the cost of net/http for one page of a logged-in fan.
func BenchmarkMemberPage(b *testing.B) {
	s := newSite(b, fast())
	w := nowhere{http.Header{}}
	request := requestWith("/demo/fanclub", logInFirstFan(b, s))
	request.Header.Set("Accept-Encoding", "gzip")
	b.ReportAllocs()
	for b.Loop() {
		clear(w.header)
		s.ServeHTTP(w, request)
	}
}

// BenchmarkNew is what a demo site adds to the start of a test.
func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		newSite(b, fast())
	}
}
