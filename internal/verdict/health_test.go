package verdict

import (
	"strings"
	"testing"
	"time"

	"github.com/stampede-load/stampede/internal/fault"
	"github.com/stampede-load/stampede/internal/stats"
)

// watched is a run second by second, healthy unless change says otherwise: 1000 sends a second, 20 ms each, by so many workers.
type watched struct {
	opt     MonitorOptions
	seconds int
	workers int
	sends   int // a second, over all workers
	lag     func(second, i int) time.Duration
	took    func(second, i int) time.Duration
	change  func(sec *stats.Second)                   // before the totals of the fleet are made
	worker  func(second, worker int, g *stats.Gauges) // of each worker
}

func (w watched) run() Health { return w.monitor().Health() }

func (w watched) monitor() *Monitor {
	m := NewMonitor(w.opt)
	if w.workers == 0 {
		w.workers = 1
	}
	if w.sends == 0 {
		w.sends = 1000
	}
	if w.lag == nil {
		w.lag = func(_, i int) time.Duration { return time.Duration(20+i%80) * time.Microsecond }
	}
	if w.took == nil {
		w.took = func(_, i int) time.Duration { return 20*time.Millisecond + time.Duration(i%10)*time.Millisecond }
	}
	for s := range w.seconds {
		m.Add(w.second(s))
	}
	return m
}

func (w watched) second(s int) *stats.Second {
	sec := &stats.Second{Index: s, Width: 1, Final: s == w.seconds-1, Gauges: stats.Gauges{CPU: -1, MachineCPU: -1}}
	t := &sec.Total
	var flown int64
	for i := range w.sends {
		lag, took := w.lag(s, i), w.took(s, i)
		t.Count++
		t.Lag.Record(int64(lag))
		t.Service.Record(int64(took))
		t.Response.Record(int64(took + lag))
		flown += int64(took)
	}
	total := int64(w.sends * (s + 1))
	for i := range w.workers {
		n := int64(w.workers)
		g := stats.Gauges{
			CPU: 0.2, MachineCPU: 0.3, WakeP99: 150_000, WakeLate: 900_000, SchedP99: 60_000, GCPause: 100_000,
			FDs: 30, FDMax: 1000, InFlightNS: flown / n, Planned: total / n, Sent: total / n,
		}
		if w.worker != nil {
			w.worker(s, i, &g)
		}
		sec.Workers = append(sec.Workers, stats.Worker{Worker: i, Gauges: g})
	}
	if w.change != nil {
		w.change(sec)
	}
	for i := range sec.Workers {
		sec.Gauges.Add(&sec.Workers[i].Gauges)
	}
	return sec
}

// gauges makes a change of every worker's gauges.
func gauges(f func(second int, g *stats.Gauges)) func(int, int, *stats.Gauges) {
	return func(second, _ int, g *stats.Gauges) { f(second, g) }
}

const ms = time.Millisecond

func TestHealth(t *testing.T) {
	open := MonitorOptions{Paced: true, Open: true}
	for _, tc := range []struct {
		name string
		w    watched
		want Level
		text string // in the first reason
	}{
		{"healthy", watched{opt: open, seconds: 30}, Valid, ""},
		{"healthy fleet", watched{opt: open, seconds: 30, workers: 8, sends: 8000}, Valid, ""},
		{"nothing at all", watched{}, Valid, ""},
		{"tiny and late", watched{opt: open, seconds: 5, sends: 10, lag: func(int, int) time.Duration { return time.Second }}, Valid, ""},
		{
			"a slow start",
			watched{opt: open, seconds: 10, lag: func(s, _ int) time.Duration { return map[bool]time.Duration{true: 50 * ms}[s == 0] }},
			Valid, "",
		},
		{
			"warm-up does not count",
			watched{
				opt: MonitorOptions{Open: true, Paced: true, Warmup: 5 * time.Second}, seconds: 20,
				lag: func(s, _ int) time.Duration { return map[bool]time.Duration{true: time.Second}[s < 5] },
			},
			Valid, "",
		},
		{
			"half a second late at the start of a run of one",
			watched{opt: open, seconds: 1, lag: func(int, int) time.Duration { return 500 * ms }},
			Invalid, "100 % of sends were more than 100 ms late",
		},
		{
			"a third is late",
			watched{opt: open, seconds: 30, lag: func(_, i int) time.Duration { return time.Duration(i%3/2) * 9 * ms }},
			Suspect, "33 % of sends were more than 2.4 ms late (p99 9 ms late; the median request takes 24 ms)",
		},
		{
			"saturated",
			watched{
				opt: open, seconds: 4, lag: func(s, _ int) time.Duration { return time.Duration(s) * 300 * ms },
				worker: gauges(func(_ int, g *stats.Gauges) { g.CPU = 0.98 }),
			},
			Invalid, "add workers or lower the rate",
		},
		{
			"one in fifty is late",
			watched{opt: open, seconds: 30, lag: func(_, i int) time.Duration { return time.Duration(i%50/49) * 8 * ms }},
			Suspect, "p99 8 ms late",
		},
		{"late against slow answers is nothing", watched{
			opt: open, seconds: 30, lag: func(_, i int) time.Duration { return 5 * ms }, took: func(int, int) time.Duration { return 400 * ms },
		}, Valid, ""},
		{
			"one send is very late",
			watched{opt: open, seconds: 30, lag: func(s, i int) time.Duration {
				if s == 9 && i == 0 {
					return 3 * time.Second
				}
				return 0
			}},
			Suspect, "1 send more than 2 s late, the worst by 3 s",
		},
		{
			"a twentieth was not sent",
			watched{opt: open, seconds: 30, worker: gauges(func(_ int, g *stats.Gauges) { g.Sent = g.Planned * 95 / 100 })},
			Suspect, "only 95 % of the planned arrivals were sent (28500 of 30000): add workers",
		},
		{
			"a worker was lost",
			watched{opt: open, seconds: 30, worker: gauges(func(_ int, g *stats.Gauges) { g.Lost = g.Planned / 20; g.Sent -= g.Lost })},
			Suspect, "only 95 % of the planned arrivals were sent (28500 of 30000; 1500 lost): a worker was lost that had to send them",
		},
		{
			"a fifth was dropped",
			watched{opt: open, seconds: 30, worker: gauges(func(_ int, g *stats.Gauges) { g.Dropped = g.Planned / 5; g.Sent -= g.Dropped })},
			Invalid, "only 80 % of the planned arrivals were sent (24000 of 30000; 6000 dropped): no user was free",
		},
		{
			"nothing was sent while it stood still",
			watched{opt: open, seconds: 10, worker: gauges(func(s int, g *stats.Gauges) {
				g.Dropped = g.Planned / 2
				g.Sent -= g.Dropped
				if s == 9 {
					g.WakeLate = int64(6 * time.Second)
				}
			})},
			Invalid, "only 50 % of the planned arrivals were sent (5000 of 10000; 5000 dropped): the generator stood still for 6 s, in which they were due",
		},
		{
			"full processor",
			watched{opt: open, seconds: 15, worker: gauges(func(_ int, g *stats.Gauges) { g.CPU = 0.99; g.MachineCPU = 1 })},
			Invalid, "the generator used 99 % of its CPU for 13 s",
		},
		{
			"full for a moment of a long run",
			watched{opt: open, seconds: 300, worker: gauges(func(s int, g *stats.Gauges) {
				if s/12 == 5 {
					g.CPU, g.MachineCPU = 1, 1
				}
			})},
			Valid, "",
		},
		{
			"busy core",
			watched{opt: open, seconds: 20, worker: gauges(func(_ int, g *stats.Gauges) { g.CPU = 0.5; g.MachineCPU = 0.93 })},
			Suspect, "the busiest core of the generator was at 93 % for 18 s",
		},
		{
			"a neighbour's busy core",
			watched{opt: open, seconds: 20, worker: gauges(func(_ int, g *stats.Gauges) { g.CPU = 0.05; g.MachineCPU = 1 })},
			Valid, "",
		},
		{"unknown processor", watched{opt: open, seconds: 20, worker: gauges(func(_ int, g *stats.Gauges) { g.CPU, g.MachineCPU = -1, -1 })}, Valid, ""},
		{
			"throttled",
			watched{opt: open, seconds: 20, worker: gauges(func(_ int, g *stats.Gauges) { g.Throttled = 20_000_000 })},
			Suspect, "the container's CPU quota held the generator up for 360 ms",
		},
		{
			"slow to wake",
			watched{opt: open, seconds: 30, worker: gauges(func(s int, g *stats.Gauges) {
				if s%3 == 0 {
					g.WakeP99 = 4_000_000
				}
			})},
			Suspect, "the generator was slow to wake in 32 % of the seconds (p99 up to 4 ms, at rest 150 us)",
		},
		{
			"slow because of a neighbour",
			watched{
				opt: open, seconds: 30, lag: func(_, i int) time.Duration { return time.Duration(i%3/2) * 9 * ms },
				worker: gauges(func(_ int, g *stats.Gauges) { g.CPU, g.MachineCPU = 0.04, 0.97 }),
			},
			Suspect, "something else keeps its machine busy (up to 97 % of a core; the generator used 4 % of all): stop that",
		},
		{
			"always slow to wake",
			watched{opt: open, seconds: 30, worker: gauges(func(_ int, g *stats.Gauges) { g.WakeP99 = 7_000_000 })},
			Suspect, "slow to wake in 100 %",
		},
		{
			"waiting for users",
			watched{
				opt: open, seconds: 30, lag: func(int, int) time.Duration { return 50 * ms },
				worker: gauges(func(_ int, g *stats.Gauges) { g.Blocked = 1000 * int64(50*ms) }),
			},
			Suspect, "67 % of the time was spent waiting for a free user",
		},
		{
			"users still busy in a paced closed loop",
			watched{opt: MonitorOptions{Paced: true}, seconds: 30, lag: func(int, int) time.Duration { return 50 * ms }},
			Suspect, "67 % of the time was spent waiting for users that were still busy",
		},
		{
			"a paced closed loop on a busy generator",
			watched{
				opt: MonitorOptions{Paced: true}, seconds: 30, lag: func(int, int) time.Duration { return 50 * ms },
				worker: gauges(func(_ int, g *stats.Gauges) { g.CPU = 0.9 }),
			},
			Invalid, ": the generator was at 90 % of its CPU; add workers",
		},
		{
			"lost samples",
			watched{opt: open, seconds: 30, worker: gauges(func(_ int, g *stats.Gauges) { g.InFlightNS = g.InFlightNS * 10 / 9 })},
			Suspect, "10 % of the time that requests were in flight is in no sample",
		},
		{
			"many lost samples",
			watched{opt: open, seconds: 30, worker: gauges(func(_ int, g *stats.Gauges) { g.InFlightNS *= 2 })},
			Invalid, "50 % of the time that requests were in flight",
		},
		{
			"few descriptors left",
			watched{opt: open, seconds: 5, worker: gauges(func(_ int, g *stats.Gauges) { g.FDs = 850 })},
			Suspect, "850 of its 1000 descriptors open: raise the limit (ulimit -n)",
		},
		{
			"no descriptors left",
			watched{opt: open, seconds: 5, worker: gauges(func(_ int, g *stats.Gauges) { g.FDs = 1004 })},
			Invalid, "generator had 1000 of its 1000 descriptors",
		},
		{
			"out of ports",
			watched{opt: open, seconds: 5, change: func(sec *stats.Second) {
				sec.Total.Faults = []stats.FaultCount{{Kind: fault.Limit, Count: 3}}
			}},
			Invalid, "15 requests failed because the generator was out of descriptors",
		},
		{
			"one worker far away",
			watched{opt: open, seconds: 20, workers: 5, sends: 5000, worker: func(_, w int, g *stats.Gauges) {
				switch w {
				case 3:
					g.InFlightNS = g.InFlightNS * 9 / 4
				default:
					g.InFlightNS = g.InFlightNS*11/16 - int64(w)*1000
				}
			}},
			Suspect, "worker 3 is unlike the others: a request takes",
		},
		{
			"one slow worker is named",
			watched{opt: open, seconds: 20, workers: 2, worker: func(_, w int, g *stats.Gauges) {
				if w == 1 {
					g.CPU, g.MachineCPU = 1, 1
				}
			}},
			Invalid, "worker 1 used 100 % of its CPU",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			h := tc.w.run()
			if h.Level != tc.want {
				t.Fatalf("%v, want %v: %q", h.Level, tc.want, h.Reasons)
			}
			if (h.Level == Valid) != (len(h.Reasons) == 0) {
				t.Fatalf("%v with reasons %q", h.Level, h.Reasons)
			}
			if tc.text != "" && !strings.Contains(h.Reasons[0], tc.text) {
				t.Errorf("the first of %q\nlacks %q", h.Reasons, tc.text)
			}
			for _, r := range h.Reasons {
				if strings.Contains(r, "%!") || strings.Contains(r, "NaN") || strings.Contains(r, "Inf") {
					t.Errorf("a broken reason: %q", r)
				}
			}
		})
	}
}

func TestHealthWorstFirst(t *testing.T) {
	h := watched{opt: MonitorOptions{Open: true, Paced: true}, seconds: 30, worker: gauges(func(_ int, g *stats.Gauges) {
		g.CPU, g.MachineCPU, g.Throttled = 1, 1, 50_000_000
		g.Sent = g.Planned / 2
	})}.run()
	if len(h.Reasons) < 4 || !strings.HasPrefix(h.Reasons[0], "only 50 %") || !strings.Contains(h.Reasons[len(h.Reasons)-1], "quota") {
		t.Errorf("reasons %q", h.Reasons)
	}
}

func TestHealthPipeline(t *testing.T) {
	m := watched{seconds: 5}.monitor()
	m.Pipeline(0, 2)
	if h := m.Health(); h.Level != Suspect || !strings.Contains(h.Reasons[0], "2 seconds of the workers' figures came late") {
		t.Errorf("%+v", h)
	}
	m.Pipeline(1, 2)
	if h := m.Health(); h.Level != Invalid || !strings.Contains(h.Reasons[0], "1 second of the workers' figures never arrived") {
		t.Errorf("%+v", h)
	}
}

func TestHealthText(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0 us", 40: "0.04 us", 1500: "1.5 us", 999 * time.Microsecond: "999 us", 1300 * time.Microsecond: "1.3 ms", 84 * ms: "84 ms",
		time.Second: "1 s", 2100 * ms: "2.1 s", 90 * time.Second: "90 s", 300 * time.Second: "300 s",
	} {
		if got := timeWords(d); got != want {
			t.Errorf("%d is %q, want %q", d, got, want)
		}
	}
	for x, want := range map[float64]string{0: "0 %", 0.3141: "31 %", 0.0226: "2.3 %", 1: "100 %", 0.00004: "0.004 %"} {
		if got := shareWords(x); got != want {
			t.Errorf("%v is %q, want %q", x, got, want)
		}
	}
	for l, want := range map[Level]string{Valid: "VALID", Suspect: "SUSPECT", Invalid: "INVALID"} {
		if l.String() != want {
			t.Errorf("%d is %v", l, l)
		}
	}
}
