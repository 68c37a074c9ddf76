package reporttest

import (
	"fmt"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/fault"
	"github.com/stampede-load/stampede/internal/stats"
	"github.com/stampede-load/stampede/internal/verdict"
)

// Empty is a run in which not one request was made.
func Empty() *stampede.Report {
	r := Make(Options{pages: []page{}, gauges: func(int) stats.Gauges { return stats.Gauges{CPU: -1, MachineCPU: -1} }})
	r.Thresholds = []verdict.Result{{Expr: "p95 < 500ms", ValueText: "no data", LimitText: "500 ms", Limit: 500, Reason: "no requests were measured"}}
	r.StartFailed, r.Died = 3, 1
	return r
}

// One is a run of a single request.
func One() *stampede.Report {
	return Make(Options{
		pages:   []page{{key: stats.Key{Type: "GET", Name: "/"}, typical: 1234567 * time.Nanosecond, size: 100}},
		traffic: func(_ *page, second int) traffic { return traffic{count: max(0, 1-second)} },
		gauges: func(int) stats.Gauges {
			return stats.Gauges{Users: 1, Target: 1, Planned: 1, Sent: 1, UsersStarted: 1, CPU: 0.01, MachineCPU: 0.02}
		},
	})
}

// AllFailed is a run in which every request was refused.
func AllFailed() *stampede.Report {
	return Make(Options{
		pages: []page{{key: stats.Key{Type: "GET", Name: "/"}, typical: 300 * time.Microsecond}, {key: stats.Key{Type: "GET", Name: "/news"}, typical: 400 * time.Microsecond}},
		traffic: func(*page, int) traffic {
			return traffic{
				count: 20, failing: map[fault.Kind]int{fault.Refused: 1000},
				texts: map[fault.Kind]string{fault.Refused: "refused: nothing listens on shop.example.org:443; is the site up?"},
			}
		},
	})
}

// Many is a run of so many names, each with a few requests.
func Many(names int) *stampede.Report {
	return Make(Options{Names: names, Seconds: 10, Rate: 10, Stretch: func(int) int { return 10 }})
}

// Open is an open run that dropped every twentieth arrival.
func Open() *stampede.Report {
	r := Make(Options{
		pages: []page{{key: stats.Key{Type: "GET", Name: "/"}, typical: 40 * time.Millisecond, size: 5000}},
		traffic: func(_ *page, second int) traffic {
			return traffic{count: 95, late: 20 * time.Millisecond, dropped: 5}
		},
		gauges: func(second int) stats.Gauges {
			n := int64(second + 1)
			return stats.Gauges{Users: 80, Target: 80, Planned: 100 * n, Sent: 95 * n, Dropped: 5 * n, UsersStarted: 80, CPU: 0.97, MachineCPU: 1}
		},
	})
	r.Run.Model, r.Run.RateText, r.Run.UsersText = stampede.Open, "100/s", ""
	r.Verdict = verdict.Health{Level: verdict.Invalid, Reasons: []string{"5 % of arrivals were dropped and the generator's CPU was at 97 %; add workers or lower the rate"}}
	return r
}

// HostileTexts is what others may write as a name, an error or a note, and what must stay text everywhere.
func HostileTexts() []string {
	return []string{
		`<script>alert("x")</script>`, `"><img src=x onerror=alert(1)>`, "</script><svg/onload=alert(1)>", `' OR 1=1 --`,
		`=cmd|' /C calc'!A0`, `+1+1`, `-2+3`, `@SUM(A1:A9)`, "\t=1+1", `a,b;c|d`, `quote " and ' and ` + "`", "two\nlines\r\nand more", "nul\x00byte",
		"\x1b[31mred\x1b[0m", "emoji 🎟️ 👩‍👩‍👧", "שלום עולם", "right\u202eto left", "bad \xff utf8", "]]>", "@everyone see https://evil.example/ and #1",
		`$x$ **bold** [link](javascript:alert(1))`, `{{constructor.constructor('alert(1)')()}}`, `C:\temp\new`, "",
	}
}

// Hostile is a run whose names, errors and notes are all of [HostileTexts].
func Hostile() *stampede.Report {
	texts := HostileTexts()
	var pages []page
	for _, text := range texts {
		pages = append(pages, page{key: stats.Key{Type: "GET", Name: text}, typical: 20 * time.Millisecond, size: 10})
	}
	r := Make(Options{pages: pages, traffic: func(p *page, _ int) traffic {
		return traffic{count: 10, failing: map[fault.Kind]int{fault.Check: 100}, texts: map[fault.Kind]string{fault.Check: p.key.Name}}
	}})
	r.Run.Name, r.Run.Changes, r.Run.Focus, r.Run.Notes = texts[0], texts[4], texts[11], texts[16]
	r.Run.Host, r.Run.UsersText = texts[1], texts[20]
	r.Run.Links, r.Run.Tags = []string{"javascript:alert(1)", "https://ok.example/?a=1&b=2"}, texts[:4]
	for i, text := range texts {
		r.Events = append(r.Events, stampede.Event{At: time.Duration(i) * time.Second, Kind: "warning", Text: text})
		r.Environment = append(r.Environment, stampede.Setting{Name: fmt.Sprintf("setting %d %s", i, text), Value: text})
	}
	r.Verdict = verdict.Health{Level: verdict.Suspect, Reasons: texts}
	r.Thresholds = []verdict.Result{{Expr: texts[0], Judged: true, Reason: texts[1], ValueText: texts[2], LimitText: texts[3]}}
	r.Warnings, r.Notices = texts, texts
	return r
}
