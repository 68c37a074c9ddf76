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

// TestShiftsHoldTheTruth holds the bound against what it bounds: standstills of every kind are planted in answers whose times are known, and
// the true percentile is never below the least that is named, nor the shown one above it by more than the standstills are long.
func TestShiftsHoldTheTruth(t *testing.T) {
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
					if float64(s.Least) > 1.005*float64(true0) || s.By() > long+true0/100 {
						t.Errorf("%+v, %v in answers of %v: %s shown %v, at the least %v; the truth is %v", opt, long, took, s.Name, s.Shown, s.Least, true0)
					}
				}
			}
		}
	}
}

// TestCalmSecondsSpeak: of two kinds of answers, 50 ms and one in ten 500 ms, the p95 lies among the slow ones, and standstills that touch a
// fifteenth of all could have put it there. That most of the seconds saw none, and show the same, says that they did not.
func TestCalmSecondsSpeak(t *testing.T) {
	w := watched{seconds: 30, sends: 100, lag: func(int, int) time.Duration { return 0 }, took: func(_, i int) time.Duration {
		if i%10 == 0 {
			return 500 * ms
		}
		return 50 * ms
	}}
	m := w
	m.worker = gauges(func(s int, g *stats.Gauges) {
		if s == 5 || s == 15 || s == 20 {
			g.WakeLate = int64(480 * ms)
		}
	})
	m.change = func(sec *stats.Second) { sec.Gauges.Users = 100 }
	if h := m.run(); h.Level != Suspect || !strings.Contains(strings.Join(h.Reasons, "\n"), "hardly show it") {
		t.Errorf("%v %q", h.Level, h.Reasons)
	}
	m.worker = gauges(func(s int, g *stats.Gauges) {
		if s%2 == 1 {
			g.WakeLate = int64(480 * ms) // no second is calm
		}
	})
	if h := m.run(); h.Level != Invalid {
		t.Errorf("without a calm second: %v %q", h.Level, h.Reasons)
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
