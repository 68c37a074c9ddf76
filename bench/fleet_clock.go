package main

import (
	"fmt"
	"math"
	"strconv"
	"time"
)

// fleetClock runs workers whose clocks are apart, and looks at their first requests and at each second as the server sees them.
func (b *bench) fleetClock() error {
	for _, apart := range []bool{false, true} {
		if err := b.clocks(apart); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) clocks(apart bool) error {
	const workers, rate = 4, 400
	length := 20 * time.Second
	if b.length > 0 {
		length = b.length
	}
	s, err := newNoting()
	if err != nil {
		return err
	}
	defer s.close()
	var crowd [][]string
	for _, w := range []struct{ ahead, drift string }{{"5m", "200"}, {"-5m", "-200"}, {"0s", "0"}, {"-2m30s", "100"}} {
		if !apart {
			w.ahead, w.drift = "0s", "0"
		}
		crowd = append(crowd, []string{"-ahead", w.ahead, "-drift", w.drift})
	}
	f, _, err := b.controlled([]string{
		"-workers", strconv.Itoa(workers), "-t", length.String(), "-rate", strconv.Itoa(rate), "-host", s.url(),
	}, crowd...)
	if err != nil {
		return err
	}
	all := s.taken()
	// Arrival k is due k/rate after the start and belongs to worker k mod 4, so each worker's first request says when its run time began.
	var early, late time.Duration = math.MaxInt64, math.MinInt64
	for _, first := range all.firsts() {
		due := first.Sub(f.Began)
		slot := time.Second / rate
		off := due - min(workers-1, max(0, (due+slot/2)/slot))*slot
		early, late = min(early, off), max(late, off)
	}
	worst := 0.0
	for k, n := range f.PerSecond {
		from := f.Began.Add(time.Duration(k) * time.Second)
		if seen := all.between(from, from.Add(time.Second)); k < len(f.PerSecond)-1 {
			worst = max(worst, math.Abs(float64(seen-n))/float64(max(n, 1)))
		}
	}
	what := "clocks alike:           "
	if apart {
		what = "clocks up to 10 min apart:"
	}
	fmt.Printf("   %s first requests %.1f ms apart, %.1f to %.1f ms after they were due; offsets to %v, known to %.2f ms; worst second %.2f %% off the server's count; %s\n",
		what, ms(late-early), ms(early), ms(late), f.Offset.Round(time.Second), ms(f.Wrong), 100*worst, f.Verdict)
	return nil
}

// fleetChange changes the load of four workers to ten times as much, and looks when each asks faster.
func (b *bench) fleetChange() error {
	count := 10
	if b.count > 0 {
		count = b.count
	}
	var slowest, spread []float64
	for range count {
		s, err := newNoting()
		if err != nil {
			return err
		}
		worker := []string{}
		f, _, err := b.controlled([]string{"-workers", "4", "-t", "4s", "-rate", "160", "-host", s.url(), "-change", "1600"}, worker, worker, worker, worker)
		s.close()
		if err != nil {
			return err
		}
		var first, last time.Duration = math.MaxInt64, 0
		for _, times := range s.taken().byProcess() {
			for i := 1; i < len(times); i++ {
				if times[i].After(f.Changed) && times[i].Sub(times[i-1]) < 6*time.Millisecond && i+3 < len(times) && times[i+3].Sub(times[i]) < 15*time.Millisecond {
					first, last = min(first, times[i].Sub(f.Changed)), max(last, times[i].Sub(f.Changed))
					break
				}
			}
		}
		slowest, spread = append(slowest, ms(last)), append(spread, ms(last-first))
	}
	fmt.Printf("   the last of four workers asks faster %s ms after the change was asked for (reach: 500); %s ms after the first\n", spreadOf(slowest), spreadOf(spread))
	return nil
}
