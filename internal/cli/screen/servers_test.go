package screen

import (
	"strings"
	"testing"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/compare"
	"github.com/stampede-load/stampede/internal/limit"
	"github.com/stampede-load/stampede/internal/monitor"
)

// The dashboard has a line for each server, whatever it is called.
func TestDashboardServers(t *testing.T) {
	l := fanLive()
	full := monitor.Series{Name: "connections", Limit: 151, Points: []monitor.Point{{At: time.Second, Value: 149}}}
	cpu := monitor.Series{Name: "cpu", Unit: "%", Limit: 100, Points: []monitor.Point{{At: time.Second, Value: 23}}}
	l.Servers = []stampede.ServerNow{
		{Name: "db", Kind: "mysql", Nearest: []monitor.Series{full, cpu}},
		{Name: "cache", Kind: "redis", Problem: "no answer since 3s: refused\x1b[2J"},
		{Name: "x", Kind: "command"},
	}
	d := Dashboard{Live: l, Width: 100, Height: 40}
	text := d.String()
	for _, want := range []string{"db     connections 149 of 151   cpu 23 %", "cache  no answer since 3s: refused", "x      no series with a limit yet"} {
		if !strings.Contains(text, want) {
			t.Errorf("there is no %q in\n%s", want, text)
		}
	}
	if strings.Contains(text, "\x1b[2J") {
		t.Error("a server moves the cursor")
	}
	d.Width, d.Height = 40, 10
	for line := range strings.SplitSeq(d.String(), "\n") {
		if width(line) > 40 {
			t.Errorf("%q is too wide", line)
		}
	}
}

// Two runs' servers stand beside each other, those that changed most first.
func TestServersBeside(t *testing.T) {
	side := func(conns, cpu float64, l *limit.Answer) []compare.Run {
		point := func(v float64) []monitor.Point {
			return []monitor.Point{{At: 0, Value: v}, {At: time.Second, Value: v}}
		}
		return []compare.Run{{Report: &stampede.Report{Limit: l, Servers: []stampede.ServerFigures{{Name: "db", Series: []monitor.Series{
			{Name: "cpu", Unit: "%", Points: point(cpu)}, {Name: "connections", Points: point(conns)}, {Name: "same", Points: point(7)}, {Name: "none"},
		}}}}}}
	}
	found := &limit.Answer{Rule: "p95 < 500ms", Unit: "/s", Whose: limit.Site, Value: 50, Low: 48, High: 52, Done: true, Steps: make([]limit.Step, 1)}
	text := ServersBeside(side(10, 50, found), side(40, 60, found), 80)
	conns, cpu := strings.Index(text, "db.connections"), strings.Index(text, "db.cpu")
	if conns < 0 || cpu < conns || !strings.Contains(text, "+300 %") || !strings.Contains(text, "+20 %") || strings.Contains(text, "db.same") {
		t.Errorf("%s", text)
	}
	if !strings.Contains(text, "before  limit 50/s (48 to 52): p95 < 500ms") || !strings.Contains(text, "1 series changed by less") {
		t.Errorf("%s", text)
	}
	if text := ServersBeside([]compare.Run{{Report: &stampede.Report{}}}, side(1, 1, nil), 80); text != "" {
		t.Errorf("without servers: %q", text)
	}
}
