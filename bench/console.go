package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/stampede-load/stampede/internal/ledger"
)

// consoleNames is how many request names the runs of this measurement have.
const consoleNames = 100

// console measures what it costs to be watched: the page's server beside a run of 100 names, with 50 watchers and without; how long answers
// take under load; and a ledger of 10,000 runs. What an update costs in a browser is measured by [bench.consolePage].
func (b *bench) console() error {
	crowd, err := b.build("web/test/crowd")
	if err != nil {
		return err
	}
	led := filepath.Join(b.dir, "console.db")
	if err := b.manyRuns(led, 10_000); err != nil {
		return err
	}
	s, err := b.servePage(crowd, led)
	if err != nil {
		return err
	}
	defer s.stop()
	listing, err := s.latency(12, "/api/v1/runs?limit=100", "/api/v1/runs?search=number+99&sort=users&order=asc", "/api/v1/runs?sort=name")
	if err != nil {
		return err
	}
	fmt.Printf("console  10,000 runs listed, filtered and sorted: p50 %s, %s at most (reach 200 ms)\n",
		listing[len(listing)/2].Round(time.Millisecond), listing[len(listing)-1].Round(time.Millisecond))
	length := b.length
	if length <= 0 {
		length = 10 * time.Second
	}
	if err := s.watched(length); err != nil {
		return err
	}
	return s.loaded(length)
}

// watched compares a run that nobody watches with one that 50 do, several times by turns.
func (s *pageServer) watched(length time.Duration) error {
	if err := s.start(`{"users": 100, "names": 100, "exclude-tags": "idle"}`); err != nil {
		return err
	}
	time.Sleep(3 * time.Second)
	var cpu, rss []float64
	first := 0.0
	for i := range 5 {
		alone, err := s.use(length)
		if err != nil {
			return err
		}
		if i == 0 {
			first = alone.rss // what watchers leave behind is not given back at once
		}
		with, err := s.watchedBy(50, length)
		if err != nil {
			return err
		}
		fmt.Printf("console  50 watchers of %d names: %.1f %% of a core and %.0f MB beside %.1f %% and %.0f MB\n", consoleNames, with.cpu, with.rss, alone.cpu, alone.rss)
		cpu, rss = append(cpu, with.cpu-alone.cpu), append(rss, with.rss-first)
	}
	slices.Sort(cpu)
	fmt.Printf("console  50 watchers of %d names: %+.1f %% of a core in the median, %+.1f to %+.1f (reach 2), %+.0f to %+.0f MB (reach 50)\n",
		consoleNames, cpu[len(cpu)/2], cpu[0], cpu[len(cpu)-1], slices.Min(rss), slices.Max(rss))
	return s.post("/api/v1/runs/current/stop", "")
}

// watchedBy is what the server takes while so many watch.
func (s *pageServer) watchedBy(n int, length time.Duration) (taken, error) {
	ctx, stop := context.WithCancel(s.ctx)
	var watchers sync.WaitGroup
	for range n {
		watchers.Go(func() { s.watch(ctx) })
	}
	time.Sleep(2 * time.Second)
	with, err := s.use(length)
	stop()
	watchers.Wait()
	return with, err
}

// loaded asks while 20,000 requests a second are made.
func (s *pageServer) loaded(length time.Duration) error {
	if err := s.until("done"); err != nil {
		return err
	}
	if err := s.start(`{"rate": 20000, "names": 100, "exclude-tags": "idle"}`); err != nil {
		return err
	}
	time.Sleep(3 * time.Second)
	all, err := s.latency(int(length/time.Second)*10, "/api/v1/status", "/api/v1/runs/current", "/api/v1/runs/current/page", "/api/v1/runs/current/seconds?step=1")
	if err != nil {
		return err
	}
	fmt.Printf("console  live routes beside 20,000 requests/s: p50 %s, p99 %s (reach 50 ms)\n",
		all[len(all)/2].Round(time.Millisecond/10), all[len(all)*99/100].Round(time.Millisecond/10))
	return s.post("/api/v1/runs/current/stop", "")
}

// manyRuns makes a ledger of rows.
func (b *bench) manyRuns(path string, n int) error {
	led, err := ledger.Open(b.ctx, path, ledger.Options{})
	if err != nil {
		return err
	}
	entries := make([]ledger.Entry, n)
	at := time.Date(2020, 1, 1, 10, 0, 0, 0, time.UTC)
	for i := range entries {
		entries[i] = ledger.Entry{
			Line: i + 2, Started: at.Add(time.Duration(i) * time.Hour), Changes: fmt.Sprintf("change number %d", i), Focus: "the store", Users: 100 + i%700,
			UsersText: strconv.Itoa(100 + i%700), Results: "it held", Notes: strings.Repeat("a note of some length, ", 6),
		}
	}
	if _, err := led.Import(b.ctx, entries); err != nil {
		return err
	}
	return led.Close()
}

// pageServer is a program that serves its page.
type pageServer struct {
	ctx context.Context
	cmd *exec.Cmd
	url string
}

func (b *bench) servePage(program, led string) (*pageServer, error) {
	s := &pageServer{ctx: b.ctx, cmd: exec.CommandContext(b.ctx, program, "serve", "--web", "127.0.0.1:0", "--ledger", led)}
	s.cmd.Stderr = os.Stderr
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	lines := bufio.NewReader(out)
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return nil, fmt.Errorf("the page did not open: %w", err)
		}
		if m := regexp.MustCompile(`the page is at (http://\S+)/`).FindStringSubmatch(line); m != nil {
			s.url = m[1]
			go io.Copy(io.Discard, lines)
			return s, nil
		}
	}
}

func (s *pageServer) stop() {
	_ = s.cmd.Process.Signal(os.Interrupt)
	_ = s.cmd.Wait()
}

func (s *pageServer) post(path, body string) error {
	req, err := http.NewRequestWithContext(s.ctx, http.MethodPost, s.url+path, strings.NewReader(body))
	if err != nil {
		return err
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if text, err := io.ReadAll(resp.Body); err != nil || resp.StatusCode >= 300 {
		return fmt.Errorf("%s: %d %s %v", path, resp.StatusCode, text, err)
	}
	return nil
}

func (s *pageServer) start(body string) error { return s.post("/api/v1/runs", body) }

// until waits for a state.
func (s *pageServer) until(state string) error {
	for range 600 {
		resp, err := http.Get(s.url + "/api/v1/status")
		if err != nil {
			return err
		}
		var status struct{ State string }
		err = json.NewDecoder(resp.Body).Decode(&status)
		resp.Body.Close()
		if err != nil {
			return err
		}
		if status.State == state {
			return nil
		}
		time.Sleep(50 * time.Millisecond)
	}
	return fmt.Errorf("it is never %s", state)
}

// watch reads a stream as a page does: ten names over time, every row of the table.
func (s *pageServer) watch(ctx context.Context) {
	url := s.url + "/api/v1/runs/current/stream?rows=*&errors=1"
	for i := range 10 {
		url += fmt.Sprintf("&names=GET+/item/%03d", i)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return
	}
	defer resp.Body.Close()
	io.Copy(io.Discard, resp.Body)
}

// latency asks for each address so many times, one after the other, and gives the sorted times.
func (s *pageServer) latency(times int, paths ...string) ([]time.Duration, error) {
	var all []time.Duration
	for range times {
		for _, path := range paths {
			begun := time.Now()
			resp, err := http.Get(s.url + path)
			if err != nil {
				return nil, err
			}
			n, err := io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
			if err != nil || resp.StatusCode != http.StatusOK || n == 0 {
				return nil, fmt.Errorf("%s: %d, %d bytes, %w", path, resp.StatusCode, n, err)
			}
			all = append(all, time.Since(begun))
			time.Sleep(20 * time.Millisecond)
		}
	}
	slices.Sort(all)
	return all, nil
}

// taken is what a process took: percent of a core, MB.
type taken struct{ cpu, rss float64 }

// use measures the server for a while. It reads /proc, and so needs Linux.
func (s *pageServer) use(length time.Duration) (taken, error) {
	before, _, err := processUse(s.cmd.Process.Pid)
	if err != nil {
		return taken{}, err
	}
	begun := time.Now()
	time.Sleep(length)
	after, rss, err := processUse(s.cmd.Process.Pid)
	return taken{cpu: 100 * (after - before).Seconds() / time.Since(begun).Seconds(), rss: rss}, err
}

// processUse is the CPU time of a process so far, and its memory in MB.
func processUse(pid int) (time.Duration, float64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, 0, err
	}
	fields := bytes.Fields(text[bytes.LastIndexByte(text, ')')+1:])
	user, err1 := strconv.Atoi(string(fields[11]))
	system, err2 := strconv.Atoi(string(fields[12]))
	pages, err3 := strconv.Atoi(string(fields[21]))
	if err1 != nil || err2 != nil || err3 != nil {
		return 0, 0, fmt.Errorf("/proc/%d/stat is not as expected", pid)
	}
	return time.Duration(user+system) * 10 * time.Millisecond, float64(pages) * float64(os.Getpagesize()) / 1e6, nil
}
