package stampede_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stampede-load/stampede"
)

func TestCheckShowsWhatGoesOverTheWire(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/login":
			http.SetCookie(w, &http.Cookie{Name: "session", Value: "s3cret"})
			http.Redirect(w, r, "/home", http.StatusFound)
		case "/broken":
			w.WriteHeader(http.StatusInternalServerError)
			fmt.Fprint(w, "<h1>out of \x1b[2Jorder</h1>")
		default:
			w.Header().Set("Content-Type", "text/plain")
			w.Header().Set("X-Evil", "a\u202eb")
			fmt.Fprint(w, "first\x1b]0;title\x07 line "+strings.Repeat("long ", 100)+"\nsecond\n")
		}
	}))
	defer srv.Close()
	plan := stampede.Plan{
		Test: stampede.Test{Users: []stampede.UserType{stampede.Users(stampede.Spec[shopper]{Tasks: []stampede.Task[shopper]{
			{Name: "Log In", Do: func(s *shopper, ctx context.Context) error {
				if _, err := s.Post(ctx, "/login", stampede.Form("email", "ann@example.org", "password", "hunter2")); err != nil {
					return err
				}
				_, err := s.Post(ctx, "/home", stampede.Multipart([]stampede.File{{Field: "pic", Name: "a.png", Data: []byte("x")}}, "note", "hi", "token", "abc"))
				return err
			}},
			{Name: "Break", Do: func(s *shopper, ctx context.Context) error {
				_, err := s.Get(ctx, "/broken")
				return err
			}},
		}})}},
		Host: srv.URL,
	}
	try := func(o stampede.TryOptions) (string, error) {
		var b strings.Builder
		err := stampede.TryWith(t.Context(), plan, &b, o)
		for _, line := range strings.Split(b.String(), "\n") {
			if strings.ContainsAny(line, "\x1b\x07\r\u202e") || len([]rune(line)) > 130 {
				t.Errorf("line %q", line)
			}
		}
		if strings.Contains(b.String(), "hunter2") || strings.Contains(b.String(), "s3cret") || strings.Contains(b.String(), "= abc") {
			t.Errorf("a secret is shown\n%s", b.String())
		}
		return b.String(), err
	}
	text, err := try(stampede.TryOptions{Columns: 100, Tasks: []string{"Log In"}})
	if err != nil {
		t.Errorf("%v\n%s", err, text)
	}
	for _, want := range []string{
		"> field   email = ann@example.org", "> field   password = ***", "↪ 302 Found to /home", "cookies set: session", "> cookies session",
		"> file    pic = a.png", "> field   note = hi", "│ first·]0;title· line", "│ second", "1 tasks, 2 requests, 0 failed",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	text, err = try(stampede.TryOptions{Columns: 100, Quiet: true})
	if err == nil || strings.Contains(text, "Log In") || !strings.Contains(text, "FAILED    500 Internal Server Error: out of [2Jorder") || !strings.Contains(text, "2 tasks, 3 requests, 1 failed") {
		t.Errorf("%v\n%s", err, text)
	}
	if _, err := try(stampede.TryOptions{Tasks: []string{"Lag In"}}); err == nil || !strings.Contains(err.Error(), `there is no task "Lag In"; there are Break, Log In`) {
		t.Error(err)
	}
}
