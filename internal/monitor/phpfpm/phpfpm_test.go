package phpfpm

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
)

// TestActive: a page of PHP 8.2 over a kept connection, which says that six of one process are active. There are as many as there are.
func TestActive(t *testing.T) {
	for _, c := range []struct{ active, total, want int }{{6, 1, 1}, {1, 1, 1}, {0, 4, 0}, {3, 4, 3}} {
		site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprintf(w, `{"pool":"www","process manager":"static","accepted conn":6,"idle processes":0,"active processes":%d,"total processes":%d}`, c.active, c.total)
		}))
		s, err := New(site.URL + "/status")
		if err != nil {
			t.Fatal(err)
		}
		r, err := s.Read(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if active := r.Values[0]; active.Name != "active" || active.Value != float64(c.want) || active.Limit != float64(c.total) {
			t.Errorf("%d active of %d: read %+v, want %d of %d", c.active, c.total, active, c.want, c.total)
		}
		s.Close()
		site.Close()
	}
}
