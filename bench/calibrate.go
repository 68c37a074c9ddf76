package main

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/stampede-load/stampede/internal/testsite"
	"github.com/stampede-load/stampede/internal/verdict"
)

// Runs of each load that calibrate makes, and the length of each. Forty runs without a false alarm put their share below 7.5 % with 95 %
// confidence (3/n).
const (
	calibrateRuns   = 10
	calibrateLength = 6 * time.Second
)

// watched is one figure that the verdict looks at, over all healthy runs.
type watched struct {
	name   string
	per    string // what a value is of
	limit  string
	values []float64
	beyond func(float64) bool // nil where the limit depends on more than the figure
}

// calibrate makes healthy runs, each as the one before (A/A), and prints how far every figure that the verdict watches stays from its limit.
// A limit may be drawn closer when even the largest value stays far below it, and must be moved when the 95th percentile comes near.
func (b *bench) calibrate() error {
	child, err := b.site(testsite.Config{Mode: testsite.Fixed, Service: 5 * time.Millisecond, Arrivals: -1})
	if err != nil {
		return err
	}
	defer child.Close()
	loads := [][]string{
		{"-rate", "500"},
		{"-rate", "1000", "-poisson"},
		{"-users", "100", "-think", "100ms"},
		{"-rate", "ramp(0, 1500, over=6s)"},
	}
	figures := figures()
	levels, reasons := map[string]int{}, map[string]int{}
	for range calibrateRuns {
		for _, load := range loads { // interleaved, so that a noisy minute touches all of them alike
			r, _, err := b.fans(child, time.Minute, append([]string{"-vitals", "-t", calibrateLength.String()}, load...)...)
			if err != nil {
				return err
			}
			levels[r.Verdict]++
			for _, reason := range r.Reasons {
				reasons[nameOf(reason)]++
			}
			for i := range figures {
				figures[i].values = append(figures[i].values, figures[i].of(r)...)
			}
		}
	}
	fmt.Printf("   %-28s %-8s %6s %9s %9s %9s %9s  %s\n", "figure", "of each", "values", "median", "p95", "p99", "max", "limit (values beyond)")
	for i := range figures {
		fmt.Printf("   %s\n", &figures[i].watched)
	}
	runs := calibrateRuns * len(loads)
	fmt.Printf("   %d of %d runs VALID, %d SUSPECT, %d INVALID\n", levels["VALID"], runs, levels["SUSPECT"], levels["INVALID"])
	for _, name := range slices.Sorted(maps.Keys(reasons)) {
		fmt.Printf("      %d x %s\n", reasons[name], name)
	}
	return nil
}

// figure is a watched figure and how to find its values in a run.
type figure struct {
	watched
	of func(fanResult) []float64
}

// figures lists what is watched. Shares are in per cent, times in ms.
func figures() []figure {
	l := verdict.DefaultLimits()
	return append(times(l), shares(l)...)
}

// times are the figures that show as lateness.
func times(l verdict.Limits) []figure {
	floor, stall := ms(l.LagFloor), ms(l.Stall)
	return []figure{
		{
			watched{"lag p99, ms", "run", fmt.Sprintf("%v, or %.0f %% of p99", l.LagFloor, 100*l.LagShare), nil, above(floor)},
			func(r fanResult) []float64 { return []float64{r.LagP99} },
		},
		{
			watched{"sends over 1 ms late, %", "run", fmt.Sprintf("%.0f %%", 100*l.LateShare), nil, above(100 * l.LateShare)},
			func(r fanResult) []float64 { return []float64{100 * r.LateShare} },
		},
		{
			watched{"lag max, ms", "run", fmt.Sprint(l.VeryLate), nil, above(ms(l.VeryLate))},
			func(r fanResult) []float64 { return []float64{r.LagMax} },
		},
		{
			watched{"wake p99, ms", "second", fmt.Sprintf("%v above rest, in %.0f %% of seconds", l.Rough, 100*l.RoughShare), nil, nil},
			each(func(v vital) float64 { return v.Wake }),
		},
		{
			watched{"goroutines' wait p99, ms", "second", "the same", nil, nil},
			each(func(v vital) float64 { return v.Sched }),
		},
		{
			watched{"longest oversleep, ms", "second", fmt.Sprint(l.Stall), nil, above(stall)},
			each(func(v vital) float64 { return v.WakeMax }),
		},
		{
			watched{"longest GC pause, ms", "second", fmt.Sprint(l.Stall), nil, above(stall)},
			each(func(v vital) float64 { return v.GC }),
		},
	}
}

// shares are the figures of what was used and what was sent.
func shares(l verdict.Limits) []figure {
	return []figure{
		{
			watched{"CPU of the generator, %", "second", fmt.Sprintf("%.0f %% for %d s", 100*l.FullCPU, l.FullFor), nil, above(100 * l.FullCPU)},
			each(func(v vital) float64 { return 100 * v.CPU }),
		},
		{
			watched{"busiest core, %", "second", fmt.Sprintf("%.0f %% for %d s, at %.0f %% own", 100*l.BusyCore, l.BusyFor, 100*l.BusyOwn), nil, above(100 * l.BusyCore)},
			each(func(v vital) float64 { return 100 * v.Machine }),
		},
		{
			watched{"sent of planned, %", "run", fmt.Sprintf("below %.0f %%", 100*l.SentShort), nil, func(v float64) bool { return v < 100*l.SentShort }},
			func(r fanResult) []float64 {
				if r.Planned == 0 {
					return nil
				}
				return []float64{100 * float64(r.Sent) / float64(r.Planned)}
			},
		},
	}
}

// each takes a figure from every second of a run.
func each(f func(vital) float64) func(fanResult) []float64 {
	return func(r fanResult) []float64 {
		var values []float64
		for _, v := range r.Vitals {
			values = append(values, f(v))
		}
		return values
	}
}

// above tells values beyond a limit.
func above(limit float64) func(float64) bool { return func(v float64) bool { return v > limit } }

func (w *watched) String() string {
	v := slices.Sorted(slices.Values(w.values))
	at := func(q float64) float64 {
		if len(v) == 0 {
			return math.NaN()
		}
		return v[min(len(v)-1, int(q*float64(len(v))))]
	}
	limit := w.limit
	if w.beyond != nil {
		n := 0
		for _, x := range v {
			if w.beyond(x) {
				n++
			}
		}
		limit += fmt.Sprintf(" (%d)", n)
	}
	return fmt.Sprintf("%-28s %-8s %6d %9.3f %9.3f %9.3f %9.3f  %s", w.name, w.per, len(v), at(0.5), at(0.95), at(0.99), at(1), limit)
}

// nameOf is a reason without its figures, so that equal ones are counted together.
func nameOf(reason string) string {
	var words []string
	for word := range strings.FieldsSeq(reason) {
		if !strings.ContainsAny(word, "0123456789%") {
			words = append(words, word)
		}
	}
	return strings.Join(words[:min(12, len(words))], " ")
}
