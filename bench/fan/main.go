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
	"github.com/stampede-load/stampede/internal/monitor/exporter"
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
	_, err := f.page(ctx)
	return err
}

// severalPages is how many pages each of several loads that go on at once asks for in a task: ten of them load what a page of 20 parts is. A task
// keeps its answers until it ends, so one that goes on for longer measures how much it keeps.
const severalPages = 2

// several is Page, so many at once. A task ends, as those of people do.
func several(n int) func(f *fan, ctx context.Context) error {
	pages := func(f *fan, ctx context.Context) error {
		for range severalPages {
			if err := f.Page(ctx); err != nil {
				return err
			}
		}
		return nil
	}
	return func(f *fan, ctx context.Context) error {
		parts := make([]func(context.Context) error, n)
		for i := range parts {
			parts[i] = func(ctx context.Context) error { return pages(f, ctx) }
		}
		return f.Together(ctx, parts...)
	}
}

func (f *fan) page(ctx context.Context) (*stampede.Response, error) {
	return f.Get(ctx, "/page", stampede.Name("Page"), stampede.Check(bodyThere))
}

// keeper keeps the service time of each request. It is for a single user, whose requests come one after another.
type keeper struct {
	times []int64 // ns
}

// task is Page with its time kept.
func (k *keeper) task(f *fan, ctx context.Context) error {
	r, err := f.page(ctx)
	if err == nil {
		k.times = append(k.times, int64(r.Timing().Total))
	}
	return err
}

// mute is a visitor that sends nothing: the target answers from memory.
type mute struct{ stampede.User }

func (m *mute) Nothing(context.Context) error {
	m.Sample(stampede.Sample{Type: "MEMORY", Name: "nothing"})
	return nil
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

type options struct {
	host, io, cpu string
	http          string
	streams       int
	users, rate   string
	spawn         float64
	poisson, mute bool
	vitals, times bool
	ask           bool
	strict        bool
	length, think time.Duration
	pacing        time.Duration
	most          int
	read          string
	reads         int
}

func flags() options {
	var o options
	flag.StringVar(&o.host, "host", "", "base URL of the site")
	flag.StringVar(&o.io, "io", os.Getenv("STAMPEDE_IO"), "back end")
	flag.StringVar(&o.http, "http", "", "version of HTTP")
	flag.IntVar(&o.streams, "streams", 1, "requests of a user at once")
	flag.StringVar(&o.users, "users", "", "users")
	flag.Float64Var(&o.spawn, "spawn", 0, "users a second")
	flag.StringVar(&o.rate, "rate", "", "arrivals a second")
	flag.IntVar(&o.most, "max-users", 0, "users of an open run")
	flag.BoolVar(&o.poisson, "poisson", false, "random arrivals")
	flag.DurationVar(&o.length, "t", 5*time.Second, "length")
	flag.DurationVar(&o.think, "think", 0, "time between tasks")
	flag.DurationVar(&o.pacing, "pacing", 0, "time from task to task, whatever a task takes")
	flag.BoolVar(&o.vitals, "vitals", false, "print the generator's health second by second")
	flag.BoolVar(&o.ask, "ask", false, "the request is known before the run, as those of hit are: no code, and no check")
	flag.BoolVar(&o.times, "times", false, "print the service time of each request, in order; for a single user")
	flag.BoolVar(&o.strict, "strict", false, "say too what the verdict is when late sends and standstills count whatever they did to the times")
	flag.BoolVar(&o.mute, "mute", false, "users that send nothing")
	flag.StringVar(&o.read, "read", "", "URL of an exporter that is read each second")
	flag.IntVar(&o.reads, "reads", 1, "as how many servers")
	flag.StringVar(&o.cpu, "cpuprofile", "", "write a CPU profile")
	flag.Parse()
	return o
}

// wait is the pause of a user: none unless a flag asks for one.
func wait(o options) stampede.Wait {
	switch {
	case o.pacing > 0:
		return stampede.Pacing(o.pacing)
	case o.mute:
		return stampede.Constant(time.Hour)
	case o.think > 0:
		return stampede.Between(o.think/2, o.think*3/2)
	default:
		return stampede.Wait{}
	}
}

func plan(o options, kept *keeper) (stampede.Plan, error) {
	task := stampede.Task[fan]{Do: (*fan).Page}
	if o.streams > 1 {
		task.Do = several(o.streams)
	}
	if o.ask {
		task = stampede.Task[fan]{Name: "Page", Ask: []stampede.Ask{{URL: "/page", Options: []stampede.Option{stampede.Name("Page"), stampede.Discard()}}}}
	}
	if o.times {
		task.Do = kept.task
	}
	users := stampede.Users(stampede.Spec[fan]{Wait: wait(o), OnStart: (*fan).Start, Tasks: []stampede.Task[fan]{task}})
	if o.mute {
		users = stampede.Users(stampede.Spec[mute]{Wait: wait(o), Tasks: []stampede.Task[mute]{{Do: (*mute).Nothing}}})
	}
	p := stampede.Plan{
		Test: stampede.Test{Name: "bench", Users: []stampede.UserType{users}}, Host: o.host, SpawnRate: o.spawn, Duration: o.length,
		Poisson: o.poisson, MaxUsers: o.most, Seed: 1, StopTimeout: 5 * time.Second, HTTP: stampede.HTTP{IO: o.io, Version: o.http, Insecure: true},
	}
	var err error
	for i := 0; o.read != "" && i < o.reads; i++ {
		source, err := exporter.New(o.read)
		if err != nil {
			return p, err
		}
		p.Servers = append(p.Servers, stampede.WatchedServer{Name: fmt.Sprintf("s%d", i), Kind: "exporter", Source: source})
	}
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
	var kept keeper
	p, err := plan(o, &kept)
	if err != nil {
		return err
	}
	watch := &watcher{}
	if o.strict {
		watch.strict = strictMonitor(o.rate != "", o.pacing > 0)
	}
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
	result := Result{
		Requests: total.Count, Failures: total.Failures, Planned: rep.Planned, Sent: rep.Sent, Dropped: rep.Dropped,
		Started: rep.UsersStarted, RSS: watch.rss, BaseRSS: base, Seconds: rep.Whole.Seconds,
		P50: ms(h.Quantile(0.5)), P90: ms(h.Quantile(0.9)), P95: ms(h.Quantile(0.95)), P99: ms(h.Quantile(0.99)), Mean: h.Mean() / 1e6,
		LagP99: ms(total.Lag.Quantile(0.99)), LagP999: ms(total.Lag.Quantile(0.999)), LagMax: ms(total.Lag.Max()),
		Verdict: rep.Verdict.Level.String(), Reasons: rep.Verdict.Reasons, IO: rep.Run.IO,
		FirstRequest: ms(int64(rep.Run.Started.Sub(begun))), LagP50: ms(total.Lag.Quantile(0.5)),
		Max: ms(h.Max()), Times: kept.times, Allocations: watch.allocations(),
	}
	for i, q := range []float64{0.5, 0.95, 0.99} {
		low, high, _ := h.Interval(q)
		result.Intervals[i] = [2]float64{ms(low), ms(high)}
	}
	if watch.strict != nil {
		result.Strict = watch.strict.Health().Level.String()
	}
	if o.vitals {
		result.Vitals, result.LateShare = watch.vitals, float64(watch.late)/float64(max(1, watch.sends))
	}
	return json.NewEncoder(os.Stdout).Encode(result)
}
