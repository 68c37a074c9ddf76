package ledgertest

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/fault"
	"github.com/stampede-load/stampede/internal/stats"
	"github.com/stampede-load/stampede/internal/verdict"
)

// Load says what a made run is like. The zero value is one name for ten seconds.
type Load struct {
	ID      string        // zero means one made of the start
	Start   time.Time     // zero means 2 November 2026, 19:00 in a zone an hour east of UTC
	Seconds int           // zero means 10
	Names   int           // zero means 1
	Rate    int           // requests of each name in a second; zero means 10
	Paced   bool          // samples have a lag
	Warmup  time.Duration // left out of the judged figures
	Seed    uint64
	Last    time.Duration // how long the last second lasted; zero means a whole one
	Slow    float64       // times are so many times as long; zero means 1
	Drain   int           // in so many last seconds nothing is asked for: what comes then was intended earlier, up to Back seconds
	Back    int
}

// Story is a run that never happened: what an observer is told of it.
type Story struct {
	Info    stampede.RunInfo
	Seconds []*stats.Second
	Events  []stampede.Event
	Report  *stampede.Report
}

// Make makes a run. The same load gives the same run.
func Make(l Load) *Story {
	l = l.withDefaults()
	rng := rand.New(rand.NewPCG(l.Seed, 7))
	ledger := stats.NewMerger(stats.MergeOptions{Warmup: l.Warmup, MaxNames: 5000})
	s := &Story{Info: l.info()}
	series := stats.NewSeries(stats.SeriesOptions{})
	for i := range l.Seconds {
		ledger.Add(l.snapshot(rng, i))
		sec, ok := ledger.Next()
		if !ok {
			panic("ledgertest: a second did not close")
		}
		series.Add(sec)
		s.Seconds = append(s.Seconds, sec)
	}
	last := s.Seconds[len(s.Seconds)-1]
	s.Events = []stampede.Event{
		{Kind: "start", Text: "closed model: 50 users, each waits for its answer"},
		{At: 3 * time.Second, Kind: "users", Text: "users set to 50"},
		{At: time.Duration(l.Seconds) * time.Second, Kind: "stop", Text: "time"},
	}
	s.Report = l.report(s.Info, ledger, series, &last.Gauges)
	s.Report.Events = s.Events
	return s
}

func (l Load) withDefaults() Load {
	if l.Start.IsZero() {
		l.Start = time.Date(2026, time.November, 2, 19, 0, 0, 123456789, time.FixedZone("CET", 3600))
	}
	if l.ID == "" {
		l.ID = fmt.Sprintf("%s-%04x", l.Start.UTC().Format("20060102-150405"), l.Seed&0xffff)
	}
	l.Seconds, l.Names = max(l.Seconds, 1), max(l.Names, 1)
	if l.Rate <= 0 {
		l.Rate = 10
	}
	if l.Slow <= 0 {
		l.Slow = 1
	}
	return l
}

func (l Load) info() stampede.RunInfo {
	return stampede.RunInfo{
		ID: l.ID, Name: "Tour announcement", Started: l.Start, Users: 50, SpawnRate: 2.5, UsersText: "50", Host: "https://shop.example.org",
		Seed: 1<<64 - 1 - l.Seed, Model: stampede.Closed, Paced: l.Paced, PlanHash: "0123456789abcdef", Version: "1.0.0", IO: "net",
		Changes: "cache off", Focus: "log in", Notes: "first", Links: []string{"https://wiki.example.org/tour"}, Tags: []string{"nightly"},
	}
}

// snapshot is one second of the only worker.
func (l Load) snapshot(rng *rand.Rand, i int) *stats.Snapshot {
	n := int64(i+1) * int64(l.Rate*l.Names)
	snap := &stats.Snapshot{
		Run: l.ID, Seq: uint64(i + 1), Second: i, Taken: time.Duration(i+1) * time.Second, Final: i == l.Seconds-1,
		Gauges: stats.Gauges{
			Users: 50, Target: 50, InFlight: 3, Planned: n, Sent: n, UsersStarted: 50, CPU: 0.25, MachineCPU: 0.5, RSS: 30e6, FDs: 60, FDMax: 20000,
		},
	}
	if snap.Final && l.Last > 0 {
		snap.Taken += l.Last - time.Second
	}
	for name := range l.Names {
		row := stats.Row{Key: stats.Key{Type: "GET", Name: fmt.Sprintf("Page %03d", name)}}
		failed := int64(0)
		for range l.Rate {
			failed += l.sample(rng, &row)
		}
		if failed > 0 {
			row.Faults = []stats.FaultCount{{Kind: fault.Status, Status: 503, Count: failed}}
			at := time.Duration(i) * time.Second
			snap.Errors = append(snap.Errors, stats.ErrorRow{
				Key: row.Key, Kind: fault.Status, Text: "503 Service Unavailable", Count: failed, First: at, Last: at + time.Second/2, Workers: []int{0},
			})
		}
		if i >= l.Seconds-l.Drain {
			snap.Earlier = append(snap.Earlier, stats.Part{Second: max(0, i-1-(name*7+i)%l.Back), Rows: []stats.Row{row}})
			continue
		}
		snap.Rows = append(snap.Rows, row)
	}
	return snap
}

// sample records one request and says whether it failed.
func (l Load) sample(rng *rand.Rand, row *stats.Row) (failed int64) {
	service := int64((5e6 + rng.ExpFloat64()*20e6) * l.Slow)
	lag := int64(0)
	if l.Paced {
		lag = int64(rng.ExpFloat64() * 50e3)
		row.Lag.Record(lag)
	}
	row.Count++
	row.BytesOut += 240
	row.BytesIn += 5000 + rng.Int64N(100)
	if rng.IntN(100) == 0 {
		row.Failures++
		row.Failed.Record(service + lag)
		return 1
	}
	row.Decoded += 4800
	row.Service.Record(service)
	row.Response.Record(service + lag)
	row.FirstByte.Record(service * 7 / 10)
	return 0
}

func (l Load) report(info stampede.RunInfo, ledger *stats.Merger, series *stats.Series, g *stats.Gauges) *stampede.Report {
	info.Duration, info.Stopped = time.Duration(l.Seconds)*time.Second, "time"
	return &stampede.Report{
		Run: info, Judged: ledger.Judged(), Whole: ledger.Whole(), Series: series,
		Verdict: verdict.Health{Level: verdict.Suspect, Reasons: []string{"2 % of sends were late"}, Shifts: []verdict.Shift{{Name: "p95", Shown: 7e6, Least: 5e6}}, Unbounded: true},
		Thresholds: []verdict.Result{{
			Expr: "p95 < 500ms", Passed: true, Judged: true, Value: 81.5, Limit: 500, ValueText: "81.5 ms", LimitText: "500 ms", Margin: 0.837,
		}, {Expr: "failures < 0.1%", Judged: true, Value: 0.01, Limit: 0.001, ValueText: "1.0 %", LimitText: "0.1 %", Margin: -9, Reason: "1.0 % is not below 0.1 %", FirstBroken: 2 * time.Second, Stop: true}},
		Planned: g.Planned, Sent: g.Sent, Dropped: g.Dropped, InFlight: 3, Oldest: 1234567,
		UsersStarted: 50, StartFailed: 1, Died: 2, PeakUsers: 50,
		Phases:      []stampede.Phase{{Name: "ramp", To: 3 * time.Second}, {Name: "steady", From: 3 * time.Second}},
		Workers:     []stampede.Worker{{Name: "worker 0", Users: 50, CPU: 0.25, Sent: g.Sent, LastSecond: l.Seconds - 1}},
		Tasks:       []stampede.TaskShare{{UserType: "Fan", Task: "Store / Shirt", Count: 12, Wanted: 0.25, Seen: 0.24}, {UserType: "Fan", Task: "Store", Count: 38, Wanted: 0.75, Seen: 0.76, Odd: true}},
		Environment: []stampede.Setting{{Name: "os", Value: "linux/amd64"}, {Name: "cores", Value: "2"}},
		Warnings:    []string{"p99.9 rests on 4 samples"}, Notices: []string{"the site is not keeping up"},
	}
}

// Tell tells an observer the whole story, or the first seconds of it and no end.
func (s *Story) Tell(o stampede.Observer, seconds int) {
	o.Begin(s.Info)
	o.Event(s.Events[0])
	for _, sec := range s.Seconds[:min(seconds, len(s.Seconds))] {
		o.Second(sec)
	}
	if seconds < len(s.Seconds) {
		return
	}
	for _, e := range s.Events[1:] {
		o.Event(e)
	}
	o.End(s.Report)
}
