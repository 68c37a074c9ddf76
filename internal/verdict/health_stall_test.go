package verdict

import (
	"strings"
	"testing"
	"time"

	"github.com/stampede-load/stampede/internal/stats"
)

// stall is a standstill of so long that begins at a full second: the sends and the answers that fall into it come at its end, and the ticker
// tells of it in the second in which it began.
func stall(w watched, at int, long time.Duration) watched {
	took, lag := w.took, w.lag
	late := func(second, i int) time.Duration { // by how much the standstill outlasts what is due at i of the second
		due := time.Duration(second-at)*time.Second + time.Duration(i)*time.Second/time.Duration(w.sends)
		if due < 0 || due >= long {
			return 0
		}
		return long - due
	}
	if w.opt.Paced {
		w.lag = func(s, i int) time.Duration { return lag(s, i) + late(s, i) }
	}
	w.took = func(s, i int) time.Duration {
		if !w.opt.Paced {
			return took(s, i) + late(s, i)
		}
		return took(s, i)
	}
	w.worker = gauges(func(s int, g *stats.Gauges) {
		if s == at {
			g.WakeLate = int64(long)
		}
	})
	return w
}

func TestStandstills(t *testing.T) {
	open := MonitorOptions{Paced: true, Open: true}
	steadily := func(opt MonitorOptions, seconds, sends int, took time.Duration) watched {
		return watched{
			opt: opt, seconds: seconds, sends: sends, lag: func(int, int) time.Duration { return 50 * time.Microsecond },
			took: func(s, i int) time.Duration { return took * time.Duration(80+(7*s+13*i)%41) / 100 },
		}
	}
	warm := open
	warm.Warmup = 5 * time.Second
	slow := 1630 * ms
	for _, tc := range []struct {
		name string
		w    watched
		want Level
		text string
	}{
		{"fast answers, 400 ms of 20 s", stall(steadily(open, 20, 1000, 20*ms), 7, 400*ms), Invalid, "stood still for up to 400 ms (at 7 s; 2 % of the run in all)"},
		{"slow answers, 213 ms of 14 s", stall(steadily(MonitorOptions{}, 14, 10, slow), 5, 213*ms), Suspect, "stood still for up to 213 ms (at 5 s; 1.5 % of the run in all)"},
		{"slow answers at a rate, 213 ms of 14 s", stall(steadily(open, 14, 10, slow), 5, 213*ms), Suspect, "hardly show it"},
		{"slow answers, 3 s of 30 s", stall(steadily(open, 30, 10, slow), 5, 3*time.Second), Invalid, "it can have raised p95 by up to"},
		{"one user, 3 s of 30 s", stall(steadily(MonitorOptions{}, 30, 50, 20*ms), 5, 3*time.Second), Invalid, "stood still for up to 3 s"},
		{"3 s from the first second on", stall(steadily(MonitorOptions{}, 20, 50, 20*ms), 0, 3*time.Second), Invalid, "stood still for up to 3 s (at 0 s"},
		{"3 s from the first second on, at a rate", stall(steadily(open, 20, 50, 20*ms), 0, 3*time.Second), Invalid, "stood still for up to 3 s (at 0 s"},
		{"3 s at the edge of a warm-up", stall(steadily(warm, 30, 50, 20*ms), 4, 3*time.Second), Invalid, "stood still for up to 2.5 s (at 4 s"},
		{"within a warm-up", stall(steadily(warm, 30, 50, 20*ms), 1, 3*time.Second), Valid, ""},
		{"a moment before a warm-up ends", stall(steadily(warm, 30, 50, 20*ms), 4, 200*ms), Valid, ""},
		{"a short one of a long run", stall(steadily(open, 300, 100, 20*ms), 7, 150*ms), Valid, ""},
		{"a second of a long run", stall(steadily(open, 2000, 100, 20*ms), 7, 1200*ms), Suspect, "hardly show it"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			h := tc.w.run()
			if h.Level != tc.want {
				t.Fatalf("%v, want %v: %q", h.Level, tc.want, h.Reasons)
			}
			if text := strings.Join(h.Reasons, "\n"); !strings.Contains(text, tc.text) {
				t.Errorf("%q\nlacks %q", h.Reasons, tc.text)
			}
			if (h.Level == Valid) == (len(h.Shifts) > 0) {
				t.Errorf("%v with shifts %v", h.Level, h.Shifts)
			}
		})
	}
}

// TestShiftsFindTheTruth holds the estimate against what it estimates: standstills of every kind are planted in answers whose times are known.
// One of a tenth of the run blurs its own p99 beyond what the estimate can undo; it is INVALID by its length.
func TestShiftsFindTheTruth(t *testing.T) {
	for _, opt := range []MonitorOptions{{}, {Paced: true, Open: true}} {
		for _, long := range []time.Duration{150 * ms, 400 * ms, 1300 * ms, 3 * time.Second, 5 * time.Second} {
			for _, took := range []time.Duration{5 * ms, 80 * ms, 900 * ms} {
				w := watched{
					opt: opt, seconds: 30, sends: 200, lag: func(int, int) time.Duration { return 0 },
					took: func(s, i int) time.Duration { return took * time.Duration(50+(7*s+13*i)%101) / 100 },
				}
				truth := w.monitor()
				m := stall(w, 11, long).monitor()
				m.users = 1000
				for i, s := range m.shifts() {
					true0 := time.Duration(truth.service.Quantile([]float64{0.5, 0.95, 0.99}[i]))
					if long >= 3*time.Second && s.Name == "p99" {
						continue
					}
					if off := float64(s.Least) / float64(true0); off > 1.04 || off < 0.85 || s.By() > long+true0/50 {
						t.Errorf("paced %v, %v in answers of %v: %s shown %v, at the least %v; the truth is %v", opt.Paced, long, took, s.Name, s.Shown, s.Least, true0)
					}
				}
			}
		}
	}
}

// TestTwoKindsOfAnswers: of answers of 50 ms, and one in ten of 500 ms, the p95 lies among the slow ones. Standstills touch more requests than that,
// and lift hardly one of the quick ones so high: neither seconds without them nor the estimate blames them for it.
func TestTwoKindsOfAnswers(t *testing.T) {
	for name, still := range map[string]func(second int) bool{
		"few":                     func(s int) bool { return s == 5 || s == 15 || s == 20 },
		"without any calm second": func(s int) bool { return s%2 == 1 },
	} {
		const long = 480 * ms
		w := watched{seconds: 30, sends: 100, lag: func(int, int) time.Duration { return 0 }}
		w.took = func(s, i int) time.Duration {
			took := 50 * ms
			if i%10 == 0 {
				took = 500 * ms
			}
			if still(s) {
				took += max(0, long-time.Duration(i)*10*ms)
			}
			return took
		}
		w.worker = gauges(func(s int, g *stats.Gauges) {
			if still(s) {
				g.WakeLate = int64(long)
			}
		})
		w.change = func(sec *stats.Second) { sec.Gauges.Users = 100 }
		m := w.monitor()
		if p95 := m.shifts()[1]; p95.Least < 450*ms {
			t.Errorf("%s: %+v: %q", name, p95, m.Health().Reasons)
		}
	}
}

// TestSumsThatCannotBe: a total of arrivals that went wrong is told, and switches no look off.
func TestSumsThatCannotBe(t *testing.T) {
	opt := MonitorOptions{Paced: true, Open: true}
	for _, planned := range []int64{-5_000_000, 0, 12_000} {
		h := watched{opt: opt, seconds: 20, worker: gauges(func(_ int, g *stats.Gauges) {
			g.Dropped = g.Planned / 2
			g.Sent -= g.Dropped
			g.Planned = planned
		})}.run()
		text := strings.Join(h.Reasons, "\n")
		if h.Level != Invalid || !h.Unbounded || !strings.Contains(text, "contradict each other") || !strings.Contains(text, "only 50 % of the planned arrivals were sent") {
			t.Errorf("%d planned: %v %q", planned, h.Level, h.Reasons)
		}
	}
}
