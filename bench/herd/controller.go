package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime/pprof"
	"slices"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/fleet"
)

// measured is what a controller prints at the end.
type measured struct {
	Workers              int
	Seconds              int
	Planned, Sent, Lost  int64
	Count                int64         // samples that were merged
	CPU                  time.Duration // of the process while the run went on
	RSS                  int64         // bytes, the most
	CloseP50, CloseP99   time.Duration // from the end of a second to when it was closed
	CloseMax             time.Duration
	Joined               time.Duration // until all had come
	Began                time.Time     // run time 0
	Changed              time.Time     // when the rate was
	PerSecond            []int64       // begun in each second
	Offset, Wrong, RTT   time.Duration // the worst of all workers: how far its clock was off, and how well that was known
	Verdict              string
	Reasons, Warnings    []string
	CloseEach, CPUSecond []time.Duration
}

// watch notes when seconds close.
type watch struct {
	began   time.Time
	last    int64
	cpu     time.Duration
	lastCPU time.Duration
	m       *measured
}

func (w *watch) Begin(i stampede.RunInfo) {
	w.began, w.m.Began, w.cpu = i.Started, i.Started, processTime()
	w.lastCPU = w.cpu
}

func (w *watch) Second(s *stampede.Second) {
	w.m.CloseEach = append(w.m.CloseEach, time.Since(w.began)-time.Duration(s.Index+1)*time.Second)
	now := processTime()
	w.m.CPUSecond = append(w.m.CPUSecond, now-w.lastCPU)
	w.lastCPU = now
	w.m.PerSecond = append(w.m.PerSecond, s.Gauges.Sent-w.last)
	w.last = s.Gauges.Sent
}

func (w *watch) Event(e stampede.Event) { fmt.Fprintf(os.Stderr, "%v %s: %s\n", e.At, e.Kind, e.Text) }

func (w *watch) End(*stampede.Report) { w.m.CPU = processTime() - w.cpu }

// control is a controller: it prints the join URL, waits for workers, and runs.
func control(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("controller", flag.ContinueOnError)
	workers := flags.Int("workers", 1, "how many to wait for")
	length := flags.Duration("t", 10*time.Second, "length")
	rate := flags.Float64("rate", 100, "arrivals a second")
	host := flags.String("host", "http://127.0.0.1:9", "the site")
	wait := flags.Duration("wait", 2*time.Minute, "for workers")
	profile := flags.String("cpuprofile", "", "write a CPU profile")
	web := flags.String("web", "", "show the run on a page at this address")
	change := flags.Float64("change", 0, "change the rate to this, at a random moment of the second second")
	if err := flags.Parse(args); err != nil {
		return err
	}
	stop, err := profiled(*profile)
	if err != nil {
		return err
	}
	defer stop()
	hash, err := herd().Hash()
	if err != nil {
		return err
	}
	fleet.Frugal()
	c, err := fleet.Listen(ctx, fleet.Options{Version: stampede.Version, Test: hash})
	if err != nil {
		return err
	}
	defer c.Close()
	fmt.Println(c.JoinURL())
	begun := time.Now()
	if _, err := c.Await(ctx, *workers, *wait); err != nil {
		return err
	}
	m := &measured{Workers: *workers, Joined: time.Since(begun)}
	d, err := c.Driver(fleet.Work{Command: "run"})
	if err != nil {
		return err
	}
	plan := stampede.Plan{Test: herd(), Host: *host, Rate: stampede.Level(*rate), Duration: *length, Observers: []stampede.Observer{&watch{m: m}}}
	running, end, err := startShown(ctx, plan, d, *web)
	if err != nil {
		return err
	}
	defer end()
	if *change > 0 {
		time.Sleep(time.Until(m.Began.Add(time.Second + rand.N(time.Second))))
		m.Changed = time.Now()
		if err := running.SetRate(*change); err != nil {
			return err
		}
	}
	r, err := running.Wait()
	if err != nil {
		fmt.Fprintln(os.Stderr, "herd:", err)
	}
	m.take(r)
	return json.NewEncoder(os.Stdout).Encode(m)
}

func (m *measured) take(r *stampede.Report) {
	m.Planned, m.Sent, m.Lost, m.Count, m.Seconds = r.Planned, r.Sent, r.Lost, r.Whole.Total.Count, len(m.CloseEach)
	m.RSS = peakMemory()
	m.Verdict, m.Reasons, m.Warnings = r.Verdict.Level.String(), r.Verdict.Reasons, r.Warnings
	for _, w := range r.Workers {
		m.Offset, m.Wrong, m.RTT = max(m.Offset, w.ClockOffset.Abs()), max(m.Wrong, w.ClockError), max(m.RTT, w.RTT)
	}
	if n := len(m.CloseEach); n > 0 {
		each := slices.Sorted(slices.Values(m.CloseEach))
		m.CloseP50, m.CloseP99, m.CloseMax = each[n/2], each[n*99/100], each[n-1]
	}
}

// profiled writes a CPU profile until stop is called; nothing when no file is named.
func profiled(file string) (stop func(), err error) {
	if file == "" {
		return func() {}, nil
	}
	f, err := os.Create(file)
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		f.Close()
		return nil, err
	}
	return func() {
		pprof.StopCPUProfile()
		f.Close()
	}, nil
}
