package main

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// controllerFigures is what bench/herd prints of a controller.
type controllerFigures struct {
	Workers, Seconds             int
	Planned, Sent, Lost, Count   int64
	CPU                          time.Duration
	RSS                          int64
	CloseP50, CloseP99, CloseMax time.Duration
	Joined                       time.Duration
	Began, Changed               time.Time
	PerSecond                    []int64
	Offset, Wrong, RTT           time.Duration
	Verdict                      string
	Reasons, Warnings            []string
	CloseEach, CPUSecond         []time.Duration
}

// joined is what bench/herd prints of workers.
type joined struct {
	CPU time.Duration
	RSS int64
	PID int
}

// controlled starts a controller, and processes of workers with these flags, and reads what they say at the end.
func (b *bench) controlled(controller []string, workers ...[]string) (f controllerFigures, all []joined, err error) {
	herd, err := b.herd()
	if err != nil {
		return f, nil, err
	}
	c, url, err := begin(b.ctx, nil, true, herd, append([]string{"controller"}, controller...)...)
	if err != nil {
		return f, nil, err
	}
	defer c.end()
	var crowd []*process
	for _, args := range workers {
		p, _, err := begin(b.ctx, []string{"STAMPEDE_JOIN=" + url}, false, herd, append([]string{"join"}, args...)...)
		if err != nil {
			return f, nil, err
		}
		defer p.end()
		crowd = append(crowd, p)
	}
	out, err := c.wait()
	if err != nil {
		return f, nil, err
	}
	for _, p := range crowd {
		said, err := p.wait()
		if err != nil {
			return f, nil, err
		}
		var j joined
		if err := json.Unmarshal(said, &j); err != nil {
			return f, nil, err
		}
		all = append(all, j)
	}
	return f, all, json.Unmarshal(out, &f)
}

// fleetController lets workers without users report to a controller: a second of 100 names and 2,000 samples each, at the same moment.
func (b *bench) fleetController() error {
	workers, length, processes := 1000, 2*time.Minute, 4
	if b.count > 0 {
		workers = b.count
	}
	if b.length > 0 {
		length = b.length
	}
	processes = min(processes, workers)
	var crowd [][]string
	for i := range processes {
		crowd = append(crowd, []string{"-names", "100", "-n", strconv.Itoa(workers*(i+1)/processes - workers*i/processes)})
	}
	f, all, err := b.controlled([]string{"-workers", strconv.Itoa(workers), "-t", length.String(), "-rate", strconv.Itoa(10 * workers)}, crowd...)
	if err != nil {
		return err
	}
	var theirs time.Duration
	for _, j := range all {
		theirs += j.CPU
	}
	cores := f.CPU.Seconds() / length.Seconds()
	fmt.Printf("   %d workers, %d seconds; all had joined after %.1f s\n", f.Workers, f.Seconds, f.Joined.Seconds())
	fmt.Printf("   controller: %.2f of a core (reach: 1), %.0f MB at most (reach: 500)\n", cores, mb(f.RSS))
	fmt.Printf("   a second closes after %.0f ms, p99 %.0f ms, at most %.0f ms (reach: 2000)\n", ms(f.CloseP50), ms(f.CloseP99), ms(f.CloseMax))
	fmt.Printf("   %d samples of %d merged, %d lost; %v\n", f.Count, f.Sent, f.Lost, strings.Join(f.Warnings, "; "))
	fmt.Printf("   the workers' own processes, which stand for 1,000 machines, took %.2f of a core\n", theirs.Seconds()/length.Seconds())
	if f.Count != f.Sent || f.Lost != 0 || f.Sent != int64(f.Workers)*2000*int64(f.Seconds) {
		return fmt.Errorf("not every second of every worker is in the totals")
	}
	return nil
}

// fleetCost is the CPU time of a process that does nothing but report 100 names a second.
func (b *bench) fleetCost() error {
	length := 40 * time.Second
	if b.length > 0 {
		length = b.length
	}
	_, all, err := b.controlled([]string{"-t", length.String()}, []string{"-names", "100"})
	if err != nil {
		return err
	}
	fmt.Printf("   %.2f %% of a core, its start and its end included (reach: 1 %%)\n", 100*all[0].CPU.Seconds()/length.Seconds())
	return nil
}
