package stampede_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stampede-load/stampede"
)

// once runs one task of one user against a handler and gives the report.
func once(t *testing.T, handler http.Handler, do func(*shopper, context.Context) error) *stampede.Report {
	t.Helper()
	srv := httptest.NewServer(handler)
	t.Cleanup(srv.Close)
	return run(t, stampede.Plan{
		Test: stampede.Test{Users: []stampede.UserType{stampede.Users(stampede.Spec[shopper]{
			Tasks: []stampede.Task[shopper]{{Name: "Task", Do: do}},
		})}},
		Host: srv.URL,
	})
}

// echo answers with what was asked, as JSON.
var echo = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	user, password, _ := r.BasicAuth()
	answer := map[string]any{
		"method": r.Method, "path": r.URL.Path, "query": r.URL.RawQuery, "body": string(body), "type": r.Header.Get("Content-Type"),
		"x": r.Header.Get("X-Test"), "auth": r.Header.Get("Authorization"), "user": user, "password": password, "agent": r.UserAgent(),
	}
	if strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/") {
		r.Body = io.NopCloser(strings.NewReader(string(body)))
		if err := r.ParseMultipartForm(1 << 20); err == nil {
			answer["field"] = r.FormValue("field")
			if f, h, err := r.FormFile("file"); err == nil {
				data, _ := io.ReadAll(f)
				answer["file"] = h.Filename + ":" + string(data)
			}
		}
	}
	json.NewEncoder(w).Encode(answer)
})

func TestOptionsReachTheSite(t *testing.T) {
	type echoed struct{ Method, Path, Query, Body, Type, X, Auth, User, Password, Field, File string }
	tests := []struct {
		name string
		ask  func(*shopper, context.Context) (*stampede.Response, error)
		want func(echoed) bool
	}{
		{"form", func(s *shopper, ctx context.Context) (*stampede.Response, error) {
			return s.Post(ctx, "/a", stampede.Form("q", "a b&c", "n", "ü"))
		}, func(e echoed) bool {
			return e.Method == "POST" && e.Body == "q=a+b%26c&n=%C3%BC" && e.Type == "application/x-www-form-urlencoded"
		}},
		{"json", func(s *shopper, ctx context.Context) (*stampede.Response, error) {
			return s.Put(ctx, "/a", stampede.JSON(map[string]int{"n": 1}))
		}, func(e echoed) bool { return e.Method == "PUT" && e.Body == `{"n":1}` && e.Type == "application/json" }},
		{"body", func(s *shopper, ctx context.Context) (*stampede.Response, error) {
			return s.Patch(ctx, "/a", stampede.Body("text/plain", []byte("hi")))
		}, func(e echoed) bool { return e.Method == "PATCH" && e.Body == "hi" && e.Type == "text/plain" }},
		{"query", func(s *shopper, ctx context.Context) (*stampede.Response, error) {
			return s.Get(ctx, "/a?x=1", stampede.Query("y", "2 3", "z", "&"))
		}, func(e echoed) bool {
			return e.Path == "/a" && strings.HasPrefix(e.Query, "x=1&y=2") && strings.HasSuffix(e.Query, "z=%26")
		}},
		{"header", func(s *shopper, ctx context.Context) (*stampede.Response, error) {
			return s.Delete(ctx, "/a", stampede.WithHeader("X-Test", "yes"))
		}, func(e echoed) bool { return e.Method == "DELETE" && e.X == "yes" }},
		{"basic", func(s *shopper, ctx context.Context) (*stampede.Response, error) {
			return s.Get(ctx, "/a", stampede.BasicAuth("me", "secret"))
		}, func(e echoed) bool { return e.User == "me" && e.Password == "secret" }},
		{"bearer", func(s *shopper, ctx context.Context) (*stampede.Response, error) {
			return s.Get(ctx, "/a", stampede.Bearer("tok"))
		}, func(e echoed) bool { return e.Auth == "Bearer tok" }},
		{"multipart", func(s *shopper, ctx context.Context) (*stampede.Response, error) {
			return s.Post(ctx, "/a", stampede.Multipart([]stampede.File{{Field: "file", Name: "a.txt", Data: []byte("data")}}, "field", "value"))
		}, func(e echoed) bool { return e.Field == "value" && e.File == "a.txt:data" }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			rep := once(t, echo, func(s *shopper, ctx context.Context) error {
				resp, err := tt.ask(s, ctx)
				if err != nil {
					return err
				}
				var e echoed
				if err := resp.JSON(&e); err != nil {
					return err
				}
				if !tt.want(e) {
					return fmt.Errorf("the site saw %+v", e)
				}
				return nil
			})
			for _, e := range rep.Whole.Errors {
				t.Error(e.Text)
			}
		})
	}
}

func TestCheckIsOneSample(t *testing.T) {
	rep := once(t, echo, func(s *shopper, ctx context.Context) error {
		resp, err := s.Get(ctx, "/a", stampede.Name("A"), stampede.Check(func(r *stampede.Response) error {
			if !r.Contains(`"path":"/a"`) {
				return errors.New("not the path")
			}
			return errors.New("sold out")
		}))
		if err == nil || resp.Status != 200 {
			return fmt.Errorf("err %v, status %d", err, resp.Status)
		}
		return err
	})
	row := rep.Whole.Row(stampede.Key{Type: "GET", Name: "A"})
	if row == nil || row.Count != 1 || row.Failures != 1 {
		t.Fatalf("row %+v, want one sample that failed", row)
	}
	if len(rep.Whole.Errors) != 1 || rep.Whole.Errors[0].Text != "sold out" {
		t.Errorf("errors %+v, want the check's text once", rep.Whole.Errors)
	}
}

func TestExpectMakesAStatusASuccess(t *testing.T) {
	rep := once(t, http.NotFoundHandler(), func(s *shopper, ctx context.Context) error {
		if _, err := s.Get(ctx, "/gone", stampede.Expect(404, 410)); err != nil {
			return err
		}
		_, err := s.Get(ctx, "/gone", stampede.Name("other"), stampede.Expect(200))
		if err == nil {
			return errors.New("404 was taken for 200")
		}
		return nil
	})
	if rep.Whole.Total.Count != 2 || rep.Whole.Total.Failures != 1 || len(rep.Whole.Errors) != 1 {
		t.Errorf("total %d, failures %d, errors %+v", rep.Whole.Total.Count, rep.Whole.Total.Failures, rep.Whole.Errors)
	}
}

func TestRedirectsAndHops(t *testing.T) {
	mux := http.NewServeMux()
	mux.Handle("/a", http.RedirectHandler("/b", http.StatusFound))
	mux.Handle("/b", http.RedirectHandler("/c", http.StatusSeeOther))
	mux.HandleFunc("/c", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "end") })
	rep := once(t, mux, func(s *shopper, ctx context.Context) error {
		resp, err := s.Get(ctx, "/a", stampede.ReportHops())
		if err != nil || resp.Text() != "end" || resp.Redirects() != 2 || !strings.HasSuffix(resp.URL(), "/c") {
			return fmt.Errorf("%v, %q, %d redirects to %q", err, resp.Text(), resp.Redirects(), resp.URL())
		}
		resp, err = s.Get(ctx, "/a", stampede.Name("stays"), stampede.NoRedirects())
		if err != nil || resp.Status != 302 || resp.Header("location") != "/b" {
			return fmt.Errorf("%v, %d to %q", err, resp.Status, resp.Header("Location"))
		}
		return nil
	})
	for _, e := range rep.Whole.Errors {
		t.Error(e.Text)
	}
	for _, name := range []string{"/a", "/a (redirect 1)", "/a (redirect 2)", "stays"} {
		if row := rep.Whole.Row(stampede.Key{Type: "GET", Name: name}); row == nil || row.Count != 1 {
			t.Errorf("row %q: %+v, want one sample", name, row)
		}
	}
}

func TestGuardRefusesOtherHosts(t *testing.T) {
	rep := once(t, echo, func(s *shopper, ctx context.Context) error {
		resp, err := s.Get(ctx, "https://production.example.org/checkout", stampede.Name("Checkout"))
		if err == nil || resp.Status != 0 {
			return errors.New("a host that the run does not own was asked")
		}
		return err
	})
	if len(rep.Whole.Errors) != 1 || !strings.Contains(rep.Whole.Errors[0].Text, "production.example.org") || rep.Whole.Errors[0].Name != "Checkout" {
		t.Errorf("errors %+v, want the refusal with its host under the request's name", rep.Whole.Errors)
	}
}

func TestTimeoutIsItsOwnFailure(t *testing.T) {
	hang := make(chan struct{})
	defer close(hang)
	rep := once(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-hang }), func(s *shopper, ctx context.Context) error {
		_, err := s.Get(ctx, "/slow", stampede.Timeout(60*time.Millisecond))
		return err
	})
	row := rep.Whole.Row(stampede.Key{Type: "GET", Name: "/slow"})
	if row == nil || row.Timeouts != 1 || row.Failures != 1 {
		t.Fatalf("row %+v, want a timeout", row)
	}
	if max := row.Service.Max(); max < int64(55*time.Millisecond) {
		t.Errorf("the headline has %v, want the time that was waited", time.Duration(max))
	}
}

func TestStepsAndRecordsStandBesideRequests(t *testing.T) {
	rep := once(t, echo, func(s *shopper, ctx context.Context) error {
		err := s.Step(ctx, "Buy", func(ctx context.Context) error {
			if _, err := s.Get(ctx, "/a"); err != nil {
				return err
			}
			_, err := s.Get(ctx, "/b")
			return err
		})
		if err != nil {
			return err
		}
		s.Sample(stampede.Sample{Type: "MQTT", Name: "publish", Duration: 5 * time.Millisecond})
		return s.Record("SQL", "find", func() error { return errors.New("no such table") })
	})
	step := rep.Whole.Row(stampede.Key{Type: "STEP", Name: "Buy"})
	if step == nil || step.Count != 1 || step.Failures != 0 {
		t.Errorf("step %+v", step)
	}
	if rep.Whole.Total.Count != 4 {
		t.Errorf("the total has %d, want 2 requests, a publish and a query, and no step", rep.Whole.Total.Count)
	}
	if sql := rep.Whole.Row(stampede.Key{Type: "SQL", Name: "find"}); sql == nil || sql.Failures != 1 {
		t.Errorf("query %+v, want a failure", sql)
	}
	if len(rep.Whole.Errors) != 1 {
		t.Errorf("errors %+v, want the query's alone: a task that returns it must not count it again", rep.Whole.Errors)
	}
}

func TestTogetherKeepsEachAnswer(t *testing.T) {
	rep := once(t, echo, func(s *shopper, ctx context.Context) error {
		got := make([]*stampede.Response, 8)
		var parts []func(context.Context) error
		for i := range got {
			parts = append(parts, func(ctx context.Context) error {
				var err error
				got[i], err = s.Get(ctx, fmt.Sprintf("/part/%d", i))
				return err
			})
		}
		if err := s.Together(ctx, parts...); err != nil {
			return err
		}
		for i, r := range got {
			if !r.Contains(fmt.Sprintf(`"path":"/part/%d"`, i)) {
				return fmt.Errorf("part %d is %s", i, r.Text())
			}
		}
		return nil
	})
	for _, e := range rep.Whole.Errors {
		t.Error(e.Text)
	}
	if rep.Whole.Total.Count != 8 {
		t.Errorf("%d requests, want 8", rep.Whole.Total.Count)
	}
}

func TestFirstFailedAnswerIsQuoted(t *testing.T) {
	asked := 0
	r := once(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		switch r.URL.Path {
		case "/login":
			fmt.Fprint(w, `<title>Log in</title><p class="error">Wrong password for ann, token=abc123</p>`)
		case "/api":
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprint(w, `{"success":false,"message":"sold out"}`)
		default:
			w.WriteHeader(http.StatusInternalServerError)
			fmt.Fprintf(w, "<title>Error</title><h1>Error establishing a database connection %d</h1>", asked)
		}
	}), func(s *shopper, ctx context.Context) error {
		s.Get(ctx, "/", stampede.Name("Home"))
		s.Get(ctx, "/", stampede.Name("Home"), stampede.Discard())
		s.Post(ctx, "/login", stampede.Name("Log In"), stampede.Expect(302))
		s.Get(ctx, "/api", stampede.Name("API"), stampede.Check(func(*stampede.Response) error { return errors.New("no seat") }))
		return nil
	})
	want := map[string]string{
		"Home":   "500 Internal Server Error: Error establishing a database connection 1",
		"Log In": "200 OK, expected 302: Wrong password for ann, token=***",
		"API":    "no seat: sold out",
	}
	for _, e := range r.Whole.Errors {
		if got := e.Said(); got != want[e.Name] {
			t.Errorf("%s: %q, want %q", e.Name, got, want[e.Name])
		}
		delete(want, e.Name)
	}
	if len(want) > 0 {
		t.Errorf("no such failures: %v", want)
	}
}
