package main

import (
	"bufio"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
)

// pageResult is what the program of pages prints.
type pageResult struct {
	Pages, Requests int64
	CPU, Memory     float64
}

// page holds a page of 20 parts against the same 21 requests made by hand.
func (b *bench) page() error {
	program, err := b.build("bench/pages")
	if err != nil {
		return err
	}
	server := exec.CommandContext(b.ctx, program, "-serve")
	out, err := server.StdoutPipe()
	if err != nil {
		return err
	}
	if err := server.Start(); err != nil {
		return err
	}
	defer server.Wait()
	defer server.Process.Signal(syscall.SIGTERM)
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return fmt.Errorf("the site does not say where it listens: %w", err)
	}
	site := strings.TrimSpace(line)
	pages := 2000
	if b.count > 0 {
		pages = b.count
	}
	modes := []string{"page", "together", "hand"}
	all := map[string][]float64{}
	for range rounds {
		for _, mode := range modes {
			r, err := b.onePage(program, mode, pages, site)
			if err != nil {
				return err
			}
			if r.Requests != 21*r.Pages {
				return fmt.Errorf("%s: %d requests for %d pages, where 21 each are wanted", mode, r.Requests, r.Pages)
			}
			all[mode] = append(all[mode], r.CPU)
		}
	}
	fmt.Printf("   us of generator CPU a page of 21 requests, median (range) of %d rounds\n", rounds)
	names := map[string]string{"page": "as a browser does", "together": "by hand, side by side", "hand": "by hand, one after another"}
	for _, mode := range modes {
		var ratios []float64
		for i, cpu := range all["page"] {
			ratios = append(ratios, cpu/all[mode][i])
		}
		fmt.Printf("   %-28s %-30s page is %.2f of it\n", names[mode], spreadOf(all[mode]).String(), spreadOf(ratios).median)
	}
	if err := b.pageMemory(program, site); err != nil {
		return err
	}
	if err := b.pageK6(program, site, pages); err != nil {
		return err
	}
	return b.pageLine(program, site)
}

// pageMemory is what a visitor with 50 parts in the cache takes above one who asked for the document alone: what is kept of the parts, and the
// five connections more that a browser has over HTTP/1.1. Two numbers of visitors tell it apart from what a process has once.
func (b *bench) pageMemory(program, site string) error {
	const few, many = 1000, 2500
	each := map[string]float64{}
	for _, mode := range []string{"hand", "page"} {
		total := map[int]float64{}
		for _, users := range []int{few, many} {
			r, err := b.onePage(program, mode, 0, site, "-users", strconv.Itoa(users))
			if err != nil {
				return err
			}
			total[users] = r.Memory * float64(users)
		}
		each[mode] = (total[many] - total[few]) / (many - few) / 1024
	}
	fmt.Printf("   a visitor with 50 parts in the cache: %.1f KB of heap; one with the document alone: %.1f KB; above it: %.1f KB   reach: 6\n", each["page"], each["hand"], each["page"]-each["hand"])
	return nil
}
