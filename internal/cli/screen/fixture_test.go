package screen

import (
	"flag"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/fault"
	"github.com/stampede-load/stampede/internal/stats"
	"github.com/stampede-load/stampede/internal/verdict"
)

var update = flag.Bool("update", false, "rewrite the golden screens")

// golden compares a screen with the one kept.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".txt")
	if *update {
		if err := os.WriteFile(path, []byte(got+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got+"\n" != string(want) {
		t.Errorf("%s differs; look at it and run go test -update\n%s", path, got)
	}
}

// spread is a row of n requests whose times lie around middle, some far above, and failed failures among them.
func spread(kind, name string, n, failed int64, middle time.Duration) stats.Row {
	row := stats.Row{Key: stats.Key{Type: kind, Name: name}, Count: n, Failures: failed, BytesIn: n * 5300}
	for i := range n - failed {
		share := (float64(i) + 0.5) / float64(n-failed)
		ns := int64(float64(middle) * math.Pow((1+share)/(2-2*share), 0.7))
		row.Service.Record(ns)
		row.Response.Record(ns + ns/50)
	}
	return row
}

// sum adds rows that are not steps.
func sum(rows []stats.Row) stats.Row {
	var total stats.Row
	for i := range rows {
		if rows[i].Type != stats.StepType {
			total.Add(&rows[i])
		}
	}
	total.Key = stats.Key{}
	return total
}

const ms = time.Millisecond

func fanRows(scale int64) []stats.Row {
	return []stats.Row{
		spread("POST", "Log In", 40*scale, 0, 180*ms),
		spread("GET", "Logged In Fan Club", 310*scale, scale, 310*ms),
		spread("GET", "Logged In Event Page", 290*scale, 0, 290*ms),
		spread("GET", "Logged In Store Page", 305*scale, 0, 305*ms),
		spread("GET", "Logged In iframe: demo", 900*scale, 3*scale, 42*ms),
		spread("GET", "/demo/a/very/long/path/that/nobody/named/for/the/report/poster.jpg", 6*scale, 0, 900*time.Microsecond),
		spread(stats.StepType, "Buy a ticket", 30*scale, 0, 800*ms),
	}
}

func fanInfo() stampede.RunInfo {
	return stampede.RunInfo{
		ID: "20261102T190000Z-1", Name: "Tour announcement", Started: time.Date(2026, 11, 2, 19, 0, 0, 0, time.UTC),
		Duration: 30 * time.Second, Users: 500, SpawnRate: 20, UsersText: "500", Host: "http://127.0.0.1:41234", Seed: 42,
		Model: stampede.Closed, Version: "0.1.0", IO: "epoll",
	}
}

func fanErrors() []stats.ErrorRow {
	key := func(kind, name string) stats.Key { return stats.Key{Type: kind, Name: name} }
	return []stats.ErrorRow{
		{Key: key("GET", "Logged In Fan Club"), Kind: fault.Status, Text: "status 503", Count: 30, First: 12 * time.Second, Last: 29 * time.Second},
		{Key: key("GET", "Logged In iframe: demo"), Kind: fault.Timeout, Text: "no answer within 30 s", Count: 90, First: 14 * time.Second, Last: 30 * time.Second},
		{
			Key: key("TASK", "Store"), Kind: fault.Panic, Text: "runtime error: index out of range [3] with length 3", Count: 2,
			First: 20 * time.Second, Last: 21 * time.Second,
			Stack: "main.(*Fan).Store\n\t/home/me/fanclub/main.go:41\nmain.main\n\t/home/me/fanclub/main.go:70",
		},
	}
}

func fanThresholds() []verdict.Result {
	return []verdict.Result{
		{Expr: "p95 < 1.2s", Passed: true, Judged: true, ValueText: "1.02 s", LimitText: "1.20 s", Margin: 0.15},
		{
			Expr: `"Log In" p99 < 800ms`, Judged: true, ValueText: "1.97 s", LimitText: "800 ms", Margin: -1.4625, FirstBroken: 12 * time.Second,
			Reason: "p99 of Log In was 1.97 s, above 800 ms",
		},
		{Expr: "failures < 1%", Passed: true, Judged: true, ValueText: "0.2 %", LimitText: "1 %", Margin: 0.8},
		{Expr: "rate > 950/s during steady", ValueText: "no data"},
	}
}

// fanLive is a run in its thirtieth second, from figures that never change.
func fanLive() stampede.Live {
	recent, rows := fanRows(3), fanRows(30)
	l := stampede.Live{
		Run: fanInfo(), Elapsed: 24 * time.Second, Planned: 30 * time.Second, Phase: "steady", State: "running",
		Users: 480, Target: 500, InFlight: 37, Sent: 55530, PlannedCount: 55530, UsersStarted: 500,
		Recent: recent, RecentAll: sum(recent), RecentSpan: 10 * time.Second,
		Rows: rows, Total: sum(rows), Whole: sum(rows), Seconds: 30, Errors: fanErrors(),
		Verdict:    verdict.Health{Level: verdict.Suspect, Reasons: []string{"3 % of sends were more than 1 ms late; add workers or lower the load"}},
		Thresholds: fanThresholds(),
	}
	for i := range 24 {
		rate := 1250 * (1 - math.Exp(-float64(i)/6))
		p := stampede.Point{Second: i, Users: min(20*i, 480), Rate: rate, P50: time.Duration(200+4*i) * ms, P95: time.Duration(600+18*i) * ms}
		if i > 12 {
			p.FailureRate = rate / 20
		}
		if i == 17 {
			p.P95 = 1700 * ms
		}
		l.History = append(l.History, p)
	}
	return l
}
