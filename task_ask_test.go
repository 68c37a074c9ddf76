package stampede_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stampede-load/stampede"
)

type asker struct{ stampede.HTTPUser }

// asks is a plan of users who ask for these.
func asks(host string, asks ...stampede.Ask) stampede.Plan {
	return stampede.Plan{
		Test: stampede.Test{Users: []stampede.UserType{stampede.Users(stampede.Spec[asker]{Tasks: []stampede.Task[asker]{{Name: "ask", Ask: asks}}})}},
		Host: host, Users: stampede.Level(10), Iterations: 300,
	}
}

// Each task makes the next request, in turn over all users, and each is counted, whoever made it go on.
func TestAsk(t *testing.T) {
	var got [3]atomic.Int64
	var posted atomic.Int64
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/a":
			got[0].Add(1)
		case "/b":
			got[1].Add(1)
			if r.Method == http.MethodPost && r.FormValue("x") == "1" && r.Header.Get("X-A") == "b" {
				posted.Add(1)
			}
			w.WriteHeader(http.StatusCreated)
		default:
			got[2].Add(1)
			http.NotFound(w, r)
		}
	}))
	defer srv.Close()
	for name, change := range map[string]func(*stampede.Plan){
		"by itself":  func(*stampede.Plan) {},
		"seen":       func(p *stampede.Plan) { p.Test.OnSample = func(stampede.Sample) {} },
		"net":        func(p *stampede.Plan) { p.HTTP.IO = "net" },
		"each fresh": func(p *stampede.Plan) { p.HTTP.Fresh = stampede.PerIteration },
	} {
		t.Run(name, func(t *testing.T) {
			for i := range got {
				got[i].Store(0)
			}
			posted.Store(0)
			var n stampede.Statuses
			p := asks(srv.URL, stampede.Ask{URL: "/a", Statuses: &n},
				stampede.Ask{Method: "POST", URL: "/b", Options: []stampede.Option{stampede.Form("x", "1"), stampede.WithHeader("X-A", "b")}, Statuses: &n},
				stampede.Ask{URL: "/c", Options: []stampede.Option{stampede.Name("gone")}, Statuses: &n})
			change(&p)
			rep := run(t, p)
			if rep.Whole.Total.Count != 300 || rep.Whole.Total.Failures != 100 {
				t.Errorf("%d requests, %d failures", rep.Whole.Total.Count, rep.Whole.Total.Failures)
			}
			for i := range got {
				if k := got[i].Load(); k != 100 {
					t.Errorf("path %d was asked %d times", i, k)
				}
			}
			if posted.Load() != 100 || n.Count(200) != 100 || n.Count(201) != 100 || n.Count(404) != 100 || n.Count(0) != 0 {
				t.Errorf("%d posted; %d, %d and %d answers", posted.Load(), n.Count(200), n.Count(201), n.Count(404))
			}
		})
	}
}

// Checks are code of the test, which may wait: they run where that holds nobody up.
func TestAskChecked(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("hello")) }))
	defer srv.Close()
	var checked atomic.Int64
	rep := run(t, asks(srv.URL, stampede.Ask{URL: "/", Options: []stampede.Option{stampede.Check(func(r *stampede.Response) error {
		if checked.Add(1)%2 == 0 {
			return errors.New("even")
		}
		return nil
	})}}))
	if rep.Whole.Total.Count != 300 || rep.Whole.Total.Failures != 150 {
		t.Errorf("%d requests, %d failures", rep.Whole.Total.Count, rep.Whole.Total.Failures)
	}
}

// Users that wait for an answer have no goroutine.
func TestAskNeedsNoGoroutine(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("that is so with epoll")
	}
	const users = 300
	var mu sync.Mutex
	waiting := 0
	go0 := runtime.NumGoroutine()
	most := 0
	release := make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		waiting++
		if waiting == users {
			// Each has a connection here, which costs the server two, and its client none.
			time.AfterFunc(300*time.Millisecond, func() {
				mu.Lock()
				defer mu.Unlock()
				most = runtime.NumGoroutine()
				close(release)
			})
		}
		mu.Unlock()
		select {
		case <-release:
		case <-r.Context().Done():
		}
	}))
	defer srv.Close()
	p := asks(srv.URL, stampede.Ask{URL: "/"})
	p.Users, p.Iterations, p.HTTP.IO = stampede.Level(users), users, "epoll"
	run(t, p)
	mu.Lock()
	defer mu.Unlock()
	// Runners that are idle are kept for a while.
	if limit := go0 + 2*users + users*2/3; most == 0 || most > limit {
		t.Errorf("%d goroutines while %d users wait, %d before them; want no more than %d", most, users, go0, limit)
	}
}

func TestAskMistakes(t *testing.T) {
	do := func(*asker, context.Context) error { return nil }
	for want, users := range map[string]stampede.UserType{
		"give it one of Do, Ask and Set": stampede.Users(stampede.Spec[asker]{Tasks: []stampede.Task[asker]{{Name: "x", Do: do, Ask: []stampede.Ask{{URL: "/"}}}}}),
		"only users with an HTTPUser":    stampede.Users(stampede.Spec[actor]{Tasks: []stampede.Task[actor]{{Name: "x", Ask: []stampede.Ask{{URL: "/"}}}}}),
	} {
		_, err := stampede.Run(t.Context(), stampede.Plan{Test: stampede.Test{Users: []stampede.UserType{users}}, Host: "http://127.0.0.1:1", Users: stampede.Level(1), Iterations: 1})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
