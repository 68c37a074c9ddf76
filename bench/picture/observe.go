package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/testsite"
)

// dot is one request.
type dot struct {
	at   time.Duration // when it was sent, from the start of the run
	took time.Duration // from then to the end of the answer
}

// seen is what one run through a freeze showed.
type seen struct {
	dots        []dot
	from, until time.Duration // how long the server stood still, in run time
	report      *stampede.Report
}

// held is how many requests were under way at some time during the standstill.
func (s *seen) held() int {
	n := 0
	for _, d := range s.dots {
		if d.at < s.until && d.at+d.took > s.from {
			n++
		}
	}
	return n
}

// pause is how long the server really stood still.
func (s *seen) pause() time.Duration { return s.until - s.from }

// quantile is that of the headline.
func (s *seen) quantile(q float64) time.Duration {
	ns, _ := s.report.Whole.Total.Quantile(s.report.Run.Paced, q)
	return time.Duration(ns)
}

func (s *seen) String() string {
	h := s.report.Whole.Total.Headline(s.report.Run.Paced)
	return fmt.Sprintf("%s: %d requests, %d held up, mean %v, p50 %v, p95 %v, p99 %v, p99.9 %v, max %v; the server stood still for %v; lag p99 %v; %s %v",
		s.report.Run.Model, h.Count(), s.held(), time.Duration(h.Mean()), s.quantile(0.5), s.quantile(0.95), s.quantile(0.99), s.quantile(0.999),
		time.Duration(h.Max()), s.pause(), time.Duration(s.report.Whole.Total.Lag.Quantile(0.99)), s.report.Verdict.Level, s.report.Verdict.Reasons)
}

// visitor opens one page again and again.
type visitor struct{ stampede.HTTPUser }

func (v *visitor) Page(ctx context.Context) error {
	_, err := v.Get(ctx, "/page", stampede.Name("Page"))
	return err
}

// observe runs one load through the freeze.
func observe(ctx context.Context, open bool) (*seen, error) {
	child, err := testsite.StartChild("", testsite.Config{Mode: testsite.Fast, Arrivals: -1})
	if err != nil {
		return nil, err
	}
	defer child.Close()

	var mu sync.Mutex
	type sent struct {
		start time.Time
		took  time.Duration
	}
	samples := make([]sent, 0, 2*rate*int(length/time.Second))
	plan := stampede.Plan{Host: child.URL(), Duration: length, Seed: 1, Test: stampede.Test{
		Name:  "freeze",
		Users: []stampede.UserType{stampede.Users(stampede.Spec[visitor]{Wait: thinking(open), Tasks: []stampede.Task[visitor]{{Do: (*visitor).Page}}})},
		OnSample: func(s stampede.Sample) {
			mu.Lock()
			samples = append(samples, sent{s.Start, s.Duration})
			mu.Unlock()
		},
	}}
	if open {
		plan.Rate = stampede.Level(rate)
	} else {
		plan.Users = stampede.Level(users)
	}
	ice := &freezer{ctx: ctx, child: child, done: make(chan error, 1)}
	plan.Observers = []stampede.Observer{ice}
	report, err := stampede.Run(ctx, plan)
	if err != nil {
		return nil, err
	}
	if err := <-ice.done; err != nil {
		return nil, err
	}
	s := &seen{report: report, from: ice.from, until: ice.until}
	for _, one := range samples {
		s.dots = append(s.dots, dot{one.start.Sub(ice.started), one.took})
	}
	return s, nil
}

// thinking is the pause of a user: 10 ms on average in the closed run, none where arrivals decide.
func thinking(open bool) stampede.Wait {
	if open {
		return stampede.Wait{}
	}
	return stampede.Between(5*time.Millisecond, 15*time.Millisecond)
}

// freezer stops the server some time after the run has begun.
type freezer struct {
	ctx         context.Context
	child       *testsite.Child
	started     time.Time
	from, until time.Duration
	done        chan error
}

func (f *freezer) Begin(info stampede.RunInfo) {
	f.started = info.Started
	go func() { f.done <- f.freeze() }()
}

func (f *freezer) freeze() error {
	select {
	case <-time.After(time.Until(f.started.Add(freezeAt))):
	case <-f.ctx.Done():
		return f.ctx.Err()
	}
	f.from = time.Since(f.started)
	held, err := f.child.Freeze(f.ctx, freeze)
	f.until = f.from + held
	return err
}

func (f *freezer) Second(*stampede.Second) {}
func (f *freezer) Event(stampede.Event)    {}
func (f *freezer) End(*stampede.Report)    {}
