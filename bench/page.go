package main

import (
	"bufio"
	"fmt"
	"os/exec"
	"strings"
	"syscall"
)

// pageResult is what the program of pages prints.
type pageResult struct {
	Pages, Requests int64
	CPU             float64
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
	if err := b.pageK6(program, site, pages); err != nil {
		return err
	}
	return b.pageLine(program, site)
}
