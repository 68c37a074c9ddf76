package stampede_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stampede-load/stampede"
)

// countedUser asks for pages; how its start and its tasks go is up to chance.
type countedUser struct {
	stampede.HTTPUser
	s *servedRun
}

// servedRun is a random run against a server that counts.
type servedRun struct {
	rng          *rand.Rand
	plan         stampede.Plan
	acts         []sumsAct
	start, fails float64 // shares of starts and of pages that fail
	logs, pages  atomic.Int64
}

func (s *servedRun) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/login":
		s.logs.Add(1)
	default:
		s.pages.Add(1)
	}
	if r.URL.Query().Get("fail") != "" {
		http.Error(w, "no", http.StatusServiceUnavailable)
		return
	}
	time.Sleep(time.Duration(rand.IntN(4)) * time.Millisecond)
	w.Write([]byte("hello"))
}

func (u *countedUser) LogIn(ctx context.Context) error { return u.ask(ctx, "/login", u.s.start) }
func (u *countedUser) Page(ctx context.Context) error  { return u.ask(ctx, "/page", u.s.fails) }

func (u *countedUser) ask(ctx context.Context, path string, fails float64) error {
	name := path
	if u.Rand().Float64() < fails {
		path += "?fail=1"
	}
	_, err := u.Get(ctx, path, stampede.Name(name))
	return err
}

func newServedRun(seed uint64) *servedRun {
	s := &servedRun{rng: rand.New(rand.NewPCG(seed, 34))}
	r := s.rng
	length := time.Duration(100+r.IntN(500)) * time.Millisecond
	s.plan = stampede.Plan{Seed: seed + 1, Duration: length}
	visits, open := r.IntN(3) == 0, r.IntN(3) > 0
	for i := range 1 + r.IntN(2) {
		spec := stampede.Spec[countedUser]{
			Name: fmt.Sprint("type ", i), New: func() *countedUser { return &countedUser{s: s} }, Tasks: []stampede.Task[countedUser]{{Do: (*countedUser).Page}}, Starts: 1,
			Wait: stampede.Between(0, time.Duration(1+r.IntN(40))*time.Millisecond),
		}
		if r.IntN(2) == 0 {
			spec.OnStart = (*countedUser).LogIn
		}
		if visits {
			spec.Visit = stampede.Visit{Tasks: 1 + r.IntN(3)}
		}
		s.plan.Test.Users = append(s.plan.Test.Users, stampede.Users(spec))
	}
	if r.IntN(2) == 0 {
		s.start = 0.3 * r.Float64()
	}
	if r.IntN(2) == 0 {
		s.fails = 0.3 * r.Float64()
	}
	if open {
		s.plan.Rate = stampede.Level(20 + 200*r.Float64())
		s.plan.Poisson = r.IntN(2) == 0
		if r.IntN(2) == 0 {
			s.plan.MaxUsers, s.plan.MaxWaiting = 1+r.IntN(8), 1+r.IntN(20)
		}
	} else {
		s.plan.Users = stampede.Level(float64(1 + r.IntN(12)))
	}
	if r.IntN(4) == 0 {
		s.plan.Iterations = int64(1 + r.IntN(60))
	}
	for range r.IntN(3) {
		at, n := time.Duration(r.Int64N(int64(length))), r.IntN(20)
		s.acts = append(s.acts, sumsAct{at, []func(*stampede.Running) error{
			func(run *stampede.Running) error { return run.SetUsers(n, 0) },
			func(run *stampede.Running) error { return run.SetRate(float64(20 * n)) },
			func(run *stampede.Running) error { run.Stop("stopped"); return nil },
			func(run *stampede.Running) error {
				run.Pause()
				time.Sleep(time.Duration(n) * 5 * time.Millisecond)
				run.Resume()
				return nil
			},
		}[r.IntN(4)]})
	}
	return s
}

// TestSumsAgainstAServer makes random runs against a server that counts: its count is the report's, request by request.
func TestSumsAgainstAServer(t *testing.T) {
	t.Parallel()
	first := runsWanted(t, "STAMPEDE_SUMS_SEED", 0)
	runs := runsWanted(t, "STAMPEDE_SUMS_SERVED", 12)
	side := make(chan struct{}, 8)
	var wg sync.WaitGroup
	for i := range runs {
		side <- struct{}{}
		wg.Go(func() {
			defer func() { <-side }()
			newServedRun(uint64(first+i)).run(t, uint64(first+i))
		})
	}
	wg.Wait()
}

func (s *servedRun) run(t *testing.T, seed uint64) {
	site := httptest.NewServer(s)
	defer site.Close()
	s.plan.Host = site.URL
	running, err := stampede.Start(t.Context(), s.plan)
	if err != nil {
		t.Errorf("seed %d: %v", seed, err)
		return
	}
	var acting sync.WaitGroup
	for _, act := range s.acts {
		acting.Go(func() {
			time.Sleep(act.at)
			_ = act.do(running) // a change may not fit the model, or come too late
		})
	}
	rep, err := running.Wait()
	acting.Wait()
	if err != nil {
		t.Errorf("seed %d: %v", seed, err)
		return
	}
	if rep.Planned != rep.Sent+rep.Dropped+rep.NotStarted {
		t.Errorf("seed %d: planned %d, sent %d, dropped %d, not started %d", seed, rep.Planned, rep.Sent, rep.Dropped, rep.NotStarted)
	}
	count := func(name string) int64 {
		row := rep.Whole.Row(stampede.Key{Type: "GET", Name: name})
		if row == nil {
			return 0
		}
		return row.Count
	}
	if pages, logs := count("/page"), count("/login"); pages != s.pages.Load() || logs != s.logs.Load() || rep.InFlight != 0 {
		t.Errorf("seed %d: %d pages and %d log-ins, %d in flight; the server counted %d and %d", seed, pages, logs, rep.InFlight, s.pages.Load(), s.logs.Load())
	}
	if rep.Run.Model != stampede.PartlyOpen && rep.Sent != s.pages.Load() { // else an arrival may be several pages
		t.Errorf("seed %d: sent %d, and the server counted %d pages", seed, rep.Sent, s.pages.Load())
	}
}
