package cli

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/spf13/pflag"

	"github.com/coder/websocket"

	"github.com/stampede-load/stampede"
)

var update = flag.Bool("update", false, "rewrite docs/settings.md")

// newTestApp is a command line that says nothing.
func newTestApp(t *testing.T) *app {
	t.Helper()
	return &app{
		Program: Program{Test: &stampede.Test{}},
		System:  System{Args: []string{"stampede"}, Out: io.Discard, Err: io.Discard},
		own:     pflag.NewFlagSet("own", pflag.ContinueOnError),
	}
}

// site is what the scripts send load to.
type site struct {
	*httptest.Server
	asked chan struct{} // gets a value when a request arrives and there is room
}

func newSite() *site {
	s := &site{asked: make(chan struct{}, 1)}
	mux := http.NewServeMux()
	page := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, "<p>hello</p>")
	}
	mux.HandleFunc("/", page)
	for path, after := range map[string]time.Duration{"/slow": 50 * time.Millisecond, "/sleepy": 500 * time.Millisecond} {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			select {
			case <-time.After(after):
			case <-r.Context().Done():
			}
			page(w, r)
		})
	}
	mux.HandleFunc("/broken", func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "out of order", http.StatusServiceUnavailable)
	})
	var mu sync.Mutex
	var served time.Time
	mux.HandleFunc("/narrow", func(w http.ResponseWriter, r *http.Request) { // serves one request each 400 ms, and turns others away
		mu.Lock()
		defer mu.Unlock()
		if time.Since(served) < 400*time.Millisecond {
			http.Error(w, "busy", http.StatusServiceUnavailable)
			return
		}
		served = time.Now()
		page(w, r)
	})
	mux.HandleFunc("/hang", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	mux.HandleFunc("/echo", func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		want := r.Header.Get("X-Want")
		if got := strings.TrimSpace(r.Method + " " + r.Header.Get("Content-Type") + " " + string(body)); err != nil || got != want {
			http.Error(w, "got "+got, http.StatusBadRequest)
		}
	})
	mux.HandleFunc("/socket", func(w http.ResponseWriter, r *http.Request) {
		c, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		defer c.CloseNow()
		for {
			kind, b, err := c.Read(r.Context())
			if err != nil || c.Write(r.Context(), kind, b) != nil {
				return
			}
		}
	})
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case s.asked <- struct{}{}:
		default:
		}
		mux.ServeHTTP(w, r)
	}))
	return s
}

// guest is a visitor of the scripts' tests.
type guest struct{ stampede.HTTPUser }

func (g *guest) Home(ctx context.Context) error {
	_, err := g.Get(ctx, "/")
	return err
}

func (g *guest) Slow(ctx context.Context) error {
	_, err := g.Get(ctx, "/slow")
	return err
}

func (g *guest) Sleepy(ctx context.Context) error {
	_, err := g.Get(ctx, "/sleepy")
	return err
}

func (g *guest) Broken(ctx context.Context) error {
	_, err := g.Get(ctx, "/broken")
	return err
}

func (g *guest) Hang(ctx context.Context) error {
	_, err := g.Get(ctx, "/hang")
	return err
}

func (g *guest) Trip(ctx context.Context) error {
	if err := g.Home(ctx); err != nil {
		return err
	}
	panic("over my own feet")
}

func (g *guest) Talk(ctx context.Context) error {
	g.Log().Debug("thinking")
	g.Log().Info("hello", "page", "/")
	return g.Home(ctx)
}

func (g *guest) Dream(ctx context.Context) error { return g.Pause(ctx, time.Minute) }

// programs are the commands of the scripts: tests in which one thing is so.
func programs() map[string]Program {
	one := func(name string, spec stampede.Spec[guest]) Program {
		return Program{Test: &stampede.Test{Name: name, Users: []stampede.UserType{stampede.Users(spec)}}}
	}
	do := func(f func(*guest, context.Context) error) []stampede.Task[guest] {
		return []stampede.Task[guest]{{Do: f}}
	}
	all := map[string]Program{
		"stampede": {},
		"broken":   one("a broken site", stampede.Spec[guest]{Name: "Guest", Tasks: do((*guest).Broken)}),
		"hang":     one("a site that hangs", stampede.Spec[guest]{Name: "Guest", Tasks: do((*guest).Hang)}),
		"clumsy":   one("a test that panics", stampede.Spec[guest]{Name: "Guest", Tasks: do((*guest).Trip)}),
		"talker":   one("a test that logs", stampede.Spec[guest]{Name: "Guest", Tasks: do((*guest).Talk)}),
		"dreamer":  one("a test that asks for nothing", stampede.Spec[guest]{Name: "Guest", Tasks: do((*guest).Dream)}),
		"locked": one("a door that stays shut", stampede.Spec[guest]{
			Name: "Guest", Tasks: do((*guest).Home), Starts: 1,
			OnStart: func(*guest, context.Context) error { return errors.New("the door is shut") },
		}),
	}
	fans := &stampede.Test{Name: "fans", Users: []stampede.UserType{
		stampede.Users(stampede.Spec[guest]{Name: "Guest", Weight: 3, Tasks: []stampede.Task[guest]{
			{Do: (*guest).Home, Tags: []string{"quick"}},
		}}),
		stampede.Users(stampede.Spec[guest]{Name: "Waiter", Tasks: []stampede.Task[guest]{
			{Do: (*guest).Slow, Tags: []string{"slow"}},
		}}),
	}}
	all["halfbroken"] = Program{Test: &stampede.Test{Name: "half broken", Users: []stampede.UserType{stampede.Users(stampede.Spec[guest]{
		Name: "Guest", Tasks: []stampede.Task[guest]{{Do: (*guest).Slow}, {Do: (*guest).Broken}},
	})}}}
	all["fans"] = Program{Test: fans}
	all["sleepers"] = one("a site with slow answers, slower than a busy machine makes quick ones", stampede.Spec[guest]{
		Name: "Guest", Tasks: []stampede.Task[guest]{{Do: (*guest).Home, Tags: []string{"quick"}}, {Do: (*guest).Sleepy, Tags: []string{"slow"}}},
	})
	all["own"] = ownSite(fans)
	return all
}

// ownSite is a program that brings a site and a flag of its own.
func ownSite(test *stampede.Test) Program {
	var workers int
	return Program{
		Test: test,
		Flags: func(fs *pflag.FlagSet) {
			fs.IntVar(&workers, "site-workers", 8, "demo site: how many `N` serve")
			fs.String("api-token", "", "demo site: what it wants to be shown")
		},
		Prepare: func(_ context.Context, plan *stampede.Plan) (func(), error) {
			if workers > 100 {
				return nil, fmt.Errorf("--site-workers %d: the demo site has room for 100", workers)
			}
			if plan.Host != "" {
				return nil, nil
			}
			s := newSite()
			plan.Host = s.URL
			return s.Close, nil
		},
	}
}

// ownFlags are the flags that a program adds.
func ownFlags(p Program) *pflag.FlagSet {
	fs := pflag.NewFlagSet("own", pflag.ContinueOnError)
	if p.Flags != nil {
		p.Flags(fs)
	}
	return fs
}
