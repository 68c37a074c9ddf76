package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// fleetNames is how many names each worker reports, and fleetEach how many samples of each in a second.
const (
	fleetNames = 500
	fleetEach  = 2
)

// consoleFleet measures in a browser how long after its end a second of many workers is on the page.
func (b *bench) consoleFleet() error {
	workers, length, processes := 1000, 40*time.Second, 4
	if b.count > 0 {
		workers = b.count
	}
	if b.length > 0 {
		length = b.length
	}
	var addr string
	if err := freeAddresses(&addr); err != nil {
		return err
	}
	processes = min(processes, workers)
	var crowd [][]string
	for i := range processes {
		crowd = append(crowd, []string{"-names", strconv.Itoa(fleetNames), "-each", strconv.Itoa(fleetEach), "-n", strconv.Itoa(workers*(i+1)/processes - workers*i/processes)})
	}
	var out bytes.Buffer
	page := exec.CommandContext(b.ctx, "node", filepath.Join("test", "closed.js"), "http://"+addr+"/", strconv.Itoa(int(length.Seconds())))
	page.Dir, page.Stdout, page.Stderr = "web", &out, os.Stderr
	if err := page.Start(); err != nil {
		return fmt.Errorf("the page is measured with Node: %w", err)
	}
	f, all, err := b.controlled([]string{"-web", addr, "-workers", strconv.Itoa(workers), "-t", (length + 10*time.Second).String(), "-rate", strconv.Itoa(workers), "-wait", "4m"}, crowd...)
	if err != nil {
		_ = page.Process.Kill() // it has nothing to look at
		_ = page.Wait()
		return err
	}
	if err := page.Wait(); err != nil {
		return fmt.Errorf("web/test/closed.js: %w", err)
	}
	var seen [][2]float64 // second of the run, ms since 1970
	if err := json.Unmarshal(out.Bytes(), &seen); err != nil {
		return err
	}
	late, closed := onPage(seen, &f)
	if len(closed) == 0 {
		return fmt.Errorf("the page saw no second close")
	}
	var theirs time.Duration
	for _, j := range all {
		theirs += j.CPU
	}
	fmt.Printf("   %d workers with %d names, %d seconds seen: on the page %.0f ms after they closed, p99 %.0f ms (reach 1500), at most %.0f ms\n", workers, fleetNames, len(closed),
		closed[len(closed)/2], closed[len(closed)*99/100], closed[len(closed)-1])
	fmt.Printf("   from the end of the second: %.0f ms, p99 %.0f ms, at most %.0f ms\n", late[len(late)/2], late[len(late)*99/100], late[len(late)-1])
	fmt.Printf("   the slowest to close: %s\n", slowest(f.CloseEach))
	fmt.Printf("   of that until it closed: %.0f ms, p99 %.0f ms; controller %.2f of a core, %.0f MB; the workers' processes %.2f of a core\n", ms(f.CloseP50), ms(f.CloseP99),
		f.CPU.Seconds()/(length+10*time.Second).Seconds(), mb(f.RSS), theirs.Seconds()/(length+10*time.Second).Seconds())
	return nil
}

// slowest names the three seconds that took longest to close.
func slowest(each []time.Duration) string {
	order := make([]int, len(each))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(each[b], each[a]) })
	var parts []string
	for _, i := range order[:min(3, len(order))] {
		parts = append(parts, fmt.Sprintf("second %d %.0f ms", i, ms(each[i])))
	}
	return strings.Join(parts, ", ")
}

// onPage is how long after its end each second was on the page, and how long after it had closed, in ms, sorted.
func onPage(seen [][2]float64, f *controllerFigures) (late, closed []float64) {
	began := float64(f.Began.UnixMicro()) / 1e3
	for _, s := range seen {
		after := s[1] - began - 1000*s[0]
		late = append(late, after)
		if i := int(s[0]+0.5) - 1; i >= 0 && i < len(f.CloseEach) {
			closed = append(closed, after-ms(f.CloseEach[i]))
		}
	}
	slices.Sort(late)
	slices.Sort(closed)
	return late, closed
}
