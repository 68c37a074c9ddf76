package reporttest

import (
	"fmt"
	"slices"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/fault"
	"github.com/stampede-load/stampede/internal/format"
	"github.com/stampede-load/stampede/internal/stats"
	"github.com/stampede-load/stampede/internal/verdict"
)

// The pair: the log-in got much slower and fails more, and takes the fan club with it; static files got quicker. In the run, a name is
// new and another is gone. It ends a little later than its baseline.
const (
	pairSeconds = 240
	pairLonger  = 12
)

// Pair is a run and what it is held against: a week apart, the same load, and a cache that was turned off in between.
func Pair() (baseline, run *stampede.Report) {
	baseline = pairOf(1, pairSeconds, func(p *page) bool { return p.key.Name != "Queue" }, func(*page) (slower, failing int) { return 100, 2 })
	baseline.Run.ID, baseline.Run.Started = "20261026T190000Z-51c0", start().AddDate(0, 0, -7)
	baseline.Run.Changes = "cache in front of the shop"
	baseline.Run.Version = "v0.9.2"
	run = pairOf(2, pairSeconds+pairLonger, func(p *page) bool { return p.key.Name != "Logged In iframe: demo" }, func(p *page) (slower, failing int) {
		switch p.key.Name {
		case "Log In":
			return 142, 19
		case "Logged In Fan Club":
			return 118, 2
		case "Static":
			return 78, 2
		default:
			return 100, 2
		}
	})
	run.Run.Changes = "cache off, connection pool of the log-in halved"
	return baseline, run
}

func pairOf(seed uint64, seconds int, there func(*page) bool, how func(*page) (slower, failing int)) *stampede.Report {
	pages := samplePages()
	pages = append(pages, page{key: stats.Key{Type: "GET", Name: "Queue"}, typical: 60 * time.Millisecond, share: 8, size: 700})
	pages = slices.DeleteFunc(pages, func(p page) bool { return !there(&p) })
	load := func(second int) int { return min(100, 100*(second+1)/rampEnd) }
	r := Make(Options{
		Seconds: seconds, pages: pages, seed: seed,
		traffic: func(p *page, second int) traffic {
			slower, failing := how(p)
			t := traffic{
				count: p.share * load(second) / 100, slower: slower * (90 + load(second)/10) / 100, late: 400 * time.Microsecond,
				failing: map[fault.Kind]int{fault.Status: failing},
				texts:   map[fault.Kind]string{fault.Status: "503 Service Unavailable", fault.Check: "check: no free connection to the accounts"},
			}
			if failing > 10 {
				t.failing[fault.Check] = failing / 2
			}
			return t
		},
		gauges: func(second int) stats.Gauges {
			users, n := 500*load(second)/100, int64(120*(second+1))
			return stats.Gauges{Users: users, Target: users, InFlight: users / 20, Planned: n, Sent: n, UsersStarted: int64(users), CPU: 0.3, MachineCPU: 0.5}
		},
	})
	r.Run.SpawnRate, r.Run.Focus = 25, "the evening of the announcement"
	r.Phases = []verdict.Phase{{Name: "ramp", To: rampEnd * time.Second}, {Name: "steady", From: rampEnd * time.Second, To: time.Duration(seconds) * time.Second}}
	r.Events = []stampede.Event{{Kind: "start", Text: "500 users, 25 more each second"}, {At: time.Duration(seconds) * time.Second, Kind: "stop", Text: "time"}}
	r.Environment = []stampede.Setting{{Name: "kernel", Value: "Linux 6.12.0"}, {Name: "cpu", Value: "2 x Example CPU"}, {Name: "go", Value: fmt.Sprintf("go1.26.%d", seed)}}
	p95 := r.Judged.Total.Response.Quantile(0.95)
	r.Thresholds = []verdict.Result{{
		Expr: "p95 < 900ms", Passed: true, Judged: true, Value: float64(p95) / 1e6, Limit: 900, ValueText: format.Duration(time.Duration(p95)), LimitText: "900 ms", Margin: 1 - float64(p95)/900e6,
	}}
	return r
}
