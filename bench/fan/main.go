// Command fan is the generator of the benchmarks: a test as people write them, with a task, a named request with a cookie, a check on the
// body, over the whole path from the clock to the histogram. It prints one line of JSON for cmd/bench to read.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"runtime"
	"runtime/pprof"
	"time"

	"github.com/stampede-load/stampede"
)

// fan is the visitor.
type fan struct{ stampede.HTTPUser }

var errBody = errors.New("the body is not what the server sends")

func bodyThere(r *stampede.Response) error {
	if len(r.Body()) == 0 {
		return errBody
	}
	return nil
}

func (f *fan) Start(context.Context) error {
	f.SetCookies(f.Host(), []*http.Cookie{{Name: "session", Value: "0123456789abcdef", Path: "/"}})
	return nil
}

func (f *fan) Page(ctx context.Context) error {
	_, err := f.Get(ctx, "/page", stampede.Name("Page"), stampede.Check(bodyThere))
	return err
}

// mute is a visitor that sends nothing: the target answers from memory.
type mute struct{ stampede.User }

func (m *mute) Nothing(context.Context) error {
	m.Sample(stampede.Sample{Type: "MEMORY", Name: "nothing"})
	return nil
}

// Result is what the benchmarks read.
type Result struct {
	Requests, Failures, Planned, Sent, Dropped int64
	Started                                    int64
	RSS                                        int64 // bytes, at the end of the load
	BaseRSS                                    int64 // bytes, before the first user
	P50, P95, P99, Mean, LagP99, LagMax        float64
	Seconds                                    float64
	Verdict                                    string
	Reasons                                    []string
	IO                                         string
	FirstRequest                               float64 // ms after the process began
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

type options struct {
	host, io, cpu   string
	users           string
	spawn           float64
	rate            string
	poisson         bool
	length          time.Duration
	think           time.Duration
	mute, fresh     bool
	insecure, reads bool
}

func flags() options {
	var o options
	flag.StringVar(&o.host, "host", "", "base URL of the site")
	flag.StringVar(&o.io, "io", os.Getenv("STAMPEDE_IO"), "back end")
	flag.StringVar(&o.users, "users", "", "users")
	flag.Float64Var(&o.spawn, "spawn", 0, "users a second")
	flag.StringVar(&o.rate, "rate", "", "arrivals a second")
	flag.BoolVar(&o.poisson, "poisson", false, "random arrivals")
	flag.DurationVar(&o.length, "t", 5*time.Second, "length")
	flag.DurationVar(&o.think, "think", 0, "time between tasks")
	flag.BoolVar(&o.mute, "mute", false, "users that send nothing")
	flag.StringVar(&o.cpu, "cpuprofile", "", "write a CPU profile")
	flag.Parse()
	return o
}

func plan(o options) (stampede.Plan, error) {
	wait := stampede.Wait{}
	if o.think > 0 {
		wait = stampede.Between(o.think/2, o.think*3/2)
	}
	users := stampede.Users(stampede.Spec[fan]{Wait: wait, OnStart: (*fan).Start, Tasks: []stampede.Task[fan]{{Do: (*fan).Page}}})
	if o.mute {
		users = stampede.Users(stampede.Spec[mute]{Wait: stampede.Constant(time.Hour), Tasks: []stampede.Task[mute]{{Do: (*mute).Nothing}}})
	}
	p := stampede.Plan{
		Test: stampede.Test{Name: "bench", Users: []stampede.UserType{users}}, Host: o.host, SpawnRate: o.spawn, Duration: o.length,
		Poisson: o.poisson, Seed: 1, StopTimeout: 5 * time.Second, HTTP: stampede.HTTP{IO: o.io, Insecure: true},
	}
	var err error
	if o.rate != "" {
		p.Rate, err = stampede.ParseShape(o.rate)
	} else {
		p.Users, err = stampede.ParseShape(o.users)
	}
	return p, err
}

func run() error {
	begun := time.Now()
	o := flags()
	if o.cpu != "" {
		f, err := os.Create(o.cpu)
		if err != nil {
			return err
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	p, err := plan(o)
	if err != nil {
		return err
	}
	watch := &watcher{}
	p.Observers = []stampede.Observer{watch}
	runtime.GC()
	base := rss()
	rep, err := stampede.Run(context.Background(), p)
	if err != nil {
		return err
	}
	total := &rep.Whole.Total
	h := total.Headline(rep.Run.Paced)
	ms := func(ns int64) float64 { return float64(ns) / 1e6 }
	return json.NewEncoder(os.Stdout).Encode(Result{
		Requests: total.Count, Failures: total.Failures, Planned: rep.Planned, Sent: rep.Sent, Dropped: rep.Dropped,
		Started: rep.UsersStarted, RSS: watch.rss, BaseRSS: base, Seconds: rep.Whole.Seconds,
		P50: ms(h.Quantile(0.5)), P95: ms(h.Quantile(0.95)), P99: ms(h.Quantile(0.99)), Mean: h.Mean() / 1e6,
		LagP99: ms(total.Lag.Quantile(0.99)), LagMax: ms(total.Lag.Max()),
		Verdict: rep.Verdict.Level.String(), Reasons: rep.Verdict.Reasons, IO: rep.Run.IO,
		FirstRequest: ms(int64(rep.Run.Started.Sub(begun))),
	})
}

// watcher keeps the memory of the last full second under load.
type watcher struct{ rss int64 }

func (w *watcher) Begin(stampede.RunInfo) {}
func (w *watcher) Second(s *stampede.Second) {
	if !s.Final {
		w.rss = s.Gauges.RSS
	}
}
func (w *watcher) Event(stampede.Event) {}
func (w *watcher) End(*stampede.Report) {}

func rss() int64 {
	b, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	var all, resident int64
	if _, err := fmt.Sscan(string(b), &all, &resident); err != nil {
		return 0
	}
	return resident * int64(os.Getpagesize())
}
