package wire

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestDo(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "a", Value: "1"})
		if r.URL.Path == "/go" {
			http.Redirect(w, r, "/there?x=1", 302)
			return
		}
		w.Write([]byte("hello " + r.URL.String() + " " + r.Header.Get("Cookie")))
	}))
	defer srv.Close()
	e, err := New(Config{Allow: []string{"127.0.0.1"}, IO: "epoll"})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	base, err := e.Target(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	c := e.Client(0)
	var r Response
	for range 3 {
		if err := c.Do(context.Background(), &Request{URL: "/go", Base: base}, &r); err != nil {
			t.Fatal(err)
		}
		b, err := r.Body()
		t.Logf("%q %v %+v", b, err, r)
	}
}
