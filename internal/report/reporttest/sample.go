package reporttest

import (
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/fault"
	"github.com/stampede-load/stampede/internal/format"
	"github.com/stampede-load/stampede/internal/stats"
	"github.com/stampede-load/stampede/internal/verdict"
)

// The story of the sample: 240 seconds, 20 of them a ramp. The site stalls from second 120 to 129; at 160 somebody raises the users;
// at 200 a worker is lost.
const (
	sampleSeconds = 240
	rampEnd       = 20
	stallFrom     = 120
	stallTo       = 130
	raisedAt      = 160
	lostAt        = 200
)

// Sample is a run worth looking at: see the package comment.
func Sample() *stampede.Report {
	r := Make(Options{Seconds: sampleSeconds, pages: samplePages(), traffic: sampleTraffic, gauges: sampleGauges})
	r.Run.Users, r.Run.SpawnRate, r.Run.UsersText = 700, 25, "500"
	r.Run.Changes = "new cache in front of the shop"
	r.Run.Focus = "does the queue hold when the tickets open?"
	r.Run.Notes = "database at 80 % CPU during the stall"
	r.Run.Links = []string{"https://grafana.example.org/d/shop?from=1793646000000", "https://git.example.org/shop/pulls/812"}
	r.Run.Tags = []string{"release-41", "staging"}
	r.PeakUsers = 700
	r.Verdict = verdict.Health{Level: verdict.Suspect, Reasons: []string{
		"2.4 % of sends were more than 1 ms late from 2 min to 2 min 10 s; add workers or lower the rate",
		"worker 1 was lost at 3 min 20 s; its last second is missing",
	}}
	r.Thresholds = sampleThresholds(r)
	r.Oldest = 2300 * time.Millisecond
	r.Phases = []verdict.Phase{{Name: "ramp", From: 0, To: rampEnd * time.Second}, {Name: "steady", From: rampEnd * time.Second, To: sampleSeconds * time.Second}}
	r.Events = sampleEvents()
	r.Workers = []stampede.Worker{
		{Number: 0, Name: "alpha", Users: 350, CPU: 0.31, Sent: r.Sent * 6 / 10, LastSecond: sampleSeconds - 1},
		{Number: 1, Name: "beta", Users: 350, CPU: 0.29, Sent: r.Sent * 4 / 10, Gone: true, Lost: 12, Reason: "its connection was closed", LastSecond: lostAt - 1},
	}
	r.Environment = []stampede.Setting{
		{Name: "kernel", Value: "Linux 6.12.0"},
		{Name: "cpu", Value: "2 x Example CPU"},
		{Name: "open files", Value: "20000"},
		{Name: "go", Value: "go1.26.0"},
		{Name: "GOMAXPROCS", Value: "2"},
	}
	r.Warnings = []string{"p99.9 of POST Buy Ticket rests on 4 samples"}
	r.Notices = []string{"requests in flight grew by 40/s from 2 min to 2 min 10 s: the site was not keeping up"}
	return r
}

func samplePages() []page {
	get := func(name string, ms, share int, size int64) page {
		return page{key: stats.Key{Type: "GET", Name: name}, typical: time.Duration(ms) * time.Millisecond, share: share, size: size}
	}
	login, buy, visit := get("Log In", 140, 6, 900), get("Buy Ticket", 310, 4, 1200), get("Visit", 900, 4, 0)
	login.key.Type, buy.key.Type, visit.key.Type = "POST", "POST", stats.StepType
	return []page{
		get("Home", 35, 20, 24_000), get("Logged In Fan Club", 85, 18, 31_000), get("Logged In Event Page", 70, 18, 18_500),
		get("Logged In Store Page", 120, 16, 42_000), get("Logged In iframe: demo", 22, 10, 5_100), get("Static", 4, 30, 88_000),
		login, buy, visit,
	}
}

// sampleLoad is the percentage of the full load at a second.
func sampleLoad(second int) int {
	switch {
	case second < rampEnd:
		return 100 * (second + 1) / rampEnd
	case second >= raisedAt:
		return 140
	default:
		return 100
	}
}

func sampleTraffic(p *page, second int) traffic {
	t := traffic{
		count: p.share * sampleLoad(second) / 100, slower: 90 + sampleLoad(second)/10, late: 400 * time.Microsecond,
		failing: map[fault.Kind]int{}, texts: map[fault.Kind]string{
			fault.Status: "503 Service Unavailable", fault.Check: "check: no log-in form on the page", fault.Timeout: "no answer within 5 s",
			fault.Reset: "connection reset by peer",
		},
	}
	if second >= stallFrom && second < stallTo {
		t.slower, t.late = 900, 3*time.Millisecond
		t.failing[fault.Status], t.failing[fault.Timeout] = 150, 60
	}
	if p.key.Name == "Log In" {
		t.failing[fault.Check] = 8
	}
	if p.key.Name == "Static" && second%40 == 7 {
		t.failing[fault.Reset] = 40
	}
	return t
}

func sampleGauges(second int) stats.Gauges {
	pages := samplePages()
	users, planned := 500*sampleLoad(second)/100, int64(0)
	for s := range second + 1 {
		for i := range pages {
			if !pages[i].key.Apart() {
				planned += int64(pages[i].share * sampleLoad(s) / 100)
			}
		}
	}
	g := stats.Gauges{
		Users: users, Target: users, InFlight: users / 20, Planned: planned, Sent: planned, UsersStarted: int64(users),
		CPU: 0.3, MachineCPU: 0.55, WakeLate: int64(800 * time.Microsecond), WakeP99: int64(200 * time.Microsecond),
		RSS: 48 << 20, FDs: int64(users + 12), FDMax: 20_000, Goroutines: int64(users/20 + 30),
		InFlightNS: int64(users/20) * int64(time.Second),
	}
	if second >= stallFrom && second < stallTo {
		g.InFlight = users * 8 / 10
		g.InFlightNS = int64(g.InFlight) * int64(time.Second)
		g.CPU, g.WakeLate = 0.42, int64(3*time.Millisecond)
	}
	return g
}

func sampleThresholds(r *stampede.Report) []verdict.Result {
	p95, login := r.Judged.Total.Response.Quantile(0.95), r.Judged.Row(stats.Key{Type: "POST", Name: "Log In"}).Response.Quantile(0.99)
	share := r.Judged.Total.FailureShare()
	return []verdict.Result{
		{
			Expr: "p95 < 500ms", Passed: true, Judged: true, Value: format.Millis(time.Duration(p95)), Limit: 500, ValueText: format.Duration(time.Duration(p95)), LimitText: "500 ms", Margin: 0.4,
		},
		{
			Expr: `"Log In" p99 < 1s over 10s`, Judged: true, Value: format.Millis(time.Duration(login)), Limit: 1000, ValueText: format.Duration(time.Duration(login)), LimitText: "1.00 s", Margin: -0.6,
			Reason: "p99 of POST Log In was " + format.Duration(time.Duration(login)) + " in the 10 s until 2 min 8 s", FirstBroken: 124 * time.Second,
		},
		{
			Expr: "failures < 1%", Passed: true, Judged: true, Value: share, Limit: 0.01, ValueText: format.Percent(share), LimitText: "1 %", Margin: 0.2,
		},
		{
			Expr: `"Check Out" p95 < 1s`, ValueText: "no data", LimitText: "1.00 s", Limit: 1000,
			Reason: `no requests named "Check Out" were measured`,
		},
	}
}

func sampleEvents() []stampede.Event {
	return []stampede.Event{
		{Kind: "start", Text: "500 users, 25 more each second"},
		{At: rampEnd * time.Second, Kind: "phase", Text: "steady"},
		{At: 124 * time.Second, Kind: "threshold", Text: `broken: "Log In" p99 < 1s over 10s`},
		{At: raisedAt * time.Second, Kind: "users", Text: "500 to 700 users"},
		{At: lostAt * time.Second, Kind: "worker", Text: "worker 1 (beta) lost"},
		{At: sampleSeconds * time.Second, Kind: "stop", Text: "time"},
	}
}
