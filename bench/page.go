package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// pageResult is what the program of pages prints.
type pageResult struct {
	Pages, Requests int64
	CPU, Memory     float64
}

// pageSite is the program of pages as a server, on core 1.
type pageSite struct {
	program, url string
	server       *exec.Cmd
}

func (b *bench) pageSite() (*pageSite, error) {
	program, err := b.build("bench/pages")
	if err != nil {
		return nil, err
	}
	s := &pageSite{program: program, server: command(b.ctx, "1", 0, program, "-serve")}
	out, err := s.server.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := s.server.Start(); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		s.close()
		return nil, fmt.Errorf("the site does not say where it listens: %w", err)
	}
	s.url = strings.TrimSpace(line)
	return s, nil
}

func (s *pageSite) close() {
	_ = s.server.Process.Signal(syscall.SIGTERM)
	_ = s.server.Wait()
}

// count is how many requests have come.
func (s *pageSite) count(ctx context.Context) (n int64, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+"/count", nil)
	if err != nil {
		return 0, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, err
	}
	return strconv.ParseInt(string(text), 10, 64)
}

// pageRequests is how many requests a page of the site is.
const pageRequests = 21

// pageWay is a way to make the requests of a page.
type pageWay struct {
	name   string
	script bool // it starts an interpreter
	args   func(length time.Duration) []string
	cpu    []float64 // us for each page, of each round
	user   []float64
}

// page holds a page of 20 parts against the same 21 requests made by hand, by k6, and by a loop of the same system calls that looks at nothing.
func (b *bench) page() error {
	site, err := b.pageSite()
	if err != nil {
		return err
	}
	defer site.close()
	ways, err := b.pageWays(site)
	if err != nil {
		return err
	}
	n := b.roundsOr(rounds)
	for range n {
		for _, way := range ways {
			w := b.window(way.script)
			args := way.args(w.runs())
			u, err := b.observe(w, site.count, args[0], args[1:]...)
			if err != nil {
				return fmt.Errorf("%s: %w", way.name, err)
			}
			way.cpu, way.user = append(way.cpu, pageRequests*u.perRequest()), append(way.user, pageRequests*u.each(u.user))
		}
	}
	fmt.Printf("   us of generator CPU a page of %d requests, 16 visitors, median (range) of %d rounds of %v\n", pageRequests, n, b.each())
	ours := ways[0]
	for _, way := range ways {
		ratios := make([]float64, n)
		for i := range ratios {
			ratios[i] = way.cpu[i] / ours.cpu[i]
		}
		fmt.Printf("   %-28s %-30s %.1f in user space, %s times a page\n", way.name, spreadOf(way.cpu), spreadOf(way.user).median, spreadOf(ratios))
	}
	if err := b.pageMemory(site.program, site.url); err != nil {
		return err
	}
	return b.pageLine(site.program, site.url)
}

// pageWays are the ways that are compared, the page itself first.
func (b *bench) pageWays(site *pageSite) ([]*pageWay, error) {
	mode := func(name, program, mode string) *pageWay {
		return &pageWay{name: name, args: func(length time.Duration) []string {
			return []string{program, "-mode", mode, "-n", "0", "-t", length.String(), site.url}
		}}
	}
	ways := []*pageWay{
		mode("as a browser does", site.program, "page"),
		mode("by hand, side by side", site.program, "together"),
		mode("by hand, one after another", site.program, "hand"),
	}
	if before := otherBuild(); before != "" {
		ways = append(ways, mode("the build before", before, "page"))
	}
	if runtime.GOOS == "linux" {
		ways = append(ways, &pageWay{name: "bare, six connections each", args: func(length time.Duration) []string {
			return []string{b.bare, "-host", site.url, "-path", "/i0.png", "-users", strconv.Itoa(6 * 16), "-t", length.String()}
		}})
	}
	k6, err := b.pageK6(site)
	if k6 != nil {
		ways = append(ways, k6)
	}
	return ways, err
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
