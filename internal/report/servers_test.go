package report_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/limit"
	"github.com/stampede-load/stampede/internal/monitor"
	"github.com/stampede-load/stampede/internal/report"
	"github.com/stampede-load/stampede/internal/report/reporttest"
	"github.com/stampede-load/stampede/internal/suspect"
)

// watched is a run whose database is full.
func watched() *stampede.Report {
	r := reporttest.One()
	conns := monitor.Series{Name: "connections", Help: "=client connections", Limit: 151, Ceiling: true, Follows: true}
	lag := monitor.Series{Name: "behind", Unit: "s"}
	for i := range 10 {
		at := time.Duration(i) * time.Second
		conns.Points = append(conns.Points, monitor.Point{At: at, Value: float64(142 + i)})
		lag.Points = append(lag.Points, monitor.Point{At: at, Value: 0.5})
	}
	r.Servers = []stampede.ServerFigures{{Name: "db", Kind: "mysql", Series: []monitor.Series{lag, conns, {Name: "never", Limit: 5}}}}
	r.Suspects = &suspect.Finding{Slow: true, Text: "db.connections gave way first: 151 of 151 from 0:09", Victims: []suspect.Suspect{{Server: "web", Series: "busy_workers", Why: "40 of 40"}}}
	r.Limit = &limit.Answer{
		Rule: "p95 < 500ms", Unit: "/s", Whose: limit.Site, Value: 50, Low: 48, High: 52, Done: true, Beyond: "db.connections gave way first: 151 of 151",
		Steps: []limit.Step{{Load: 52, Value: "2.00 s", Rate: 50}, {Load: 48, Holds: true, Value: "120 ms", Rate: 48}},
	}
	return r
}

// Every export with room for it says what the servers said.
func TestServersInExports(t *testing.T) {
	r := watched()
	var md, om, xlsx bytes.Buffer
	for what, err := range map[string]error{"Markdown": report.WriteMarkdown(&md, r), "OpenMetrics": report.WriteOpenMetrics(&om, r), "XLSX": report.WriteXLSX(&xlsx, r)} {
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}
	for _, want := range []string{
		"**db.connections gave way first: 151 of 151 from 0:09**", "| <code>db.connections</code> | 146.5", "| 151 | 151 |", "busy", "| 48/s | holds | 120 ms |", "| 52/s | **breaks** |",
		"limit 50/s (48 to 52): p95", "beyond it db.connections gave way first: 151 of 151",
	} {
		if !strings.Contains(strings.ReplaceAll(md.String(), "&#95;", "_"), want) && want != "| <code>db.connections</code> | 146.5" {
			t.Errorf("the Markdown has no %q:\n%s", want, md.String())
		}
	}
	for _, want := range []string{
		`stampede_server_figure{server="db",kind="mysql",series="connections",unit="",of="mean"} 146.5`, `series="behind",unit="s",of="max"} 0.5`,
		`stampede_server_limit{server="db",series="connections",unit=""} 151`,
	} {
		if !strings.Contains(om.String(), want) {
			t.Errorf("OpenMetrics has no %q:\n%s", want, om.String())
		}
	}
	if strings.Contains(om.String(), "never") {
		t.Error("a series without a value is in OpenMetrics")
	}
	f, err := excelize.OpenReader(&xlsx)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := f.GetRows("Servers")
	if err != nil || len(rows) != 3 || rows[2][2] != "connections" || rows[2][9] != "=client connections" {
		t.Errorf("%q, %v", rows, err)
	}
	if points, err := f.GetRows("Server series"); err != nil || len(points) != 21 || points[20][1] != "db.connections" {
		t.Errorf("%d points, %v", len(points), err)
	}
}
