package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// usersEach is how many users a worker process has at most, and how many connections a process of the site: one may open 20,000 files here.
const usersEach = 18_800

// fleetUsers connects users who think over many worker processes, and holds them for a while.
func (b *bench) fleetUsers() error {
	users, hold := 100_000, 60*time.Second
	if b.count > 0 {
		users = b.count
	}
	if b.length > 0 {
		hold = b.length
	}
	herd, err := b.herd()
	if err != nil {
		return err
	}
	processes := (users + usersEach - 1) / usersEach
	addr, err := b.crowdSite(herd, processes+1+processes/20)
	if err != nil {
		return err
	}
	spawn := max(1000, min(users/60, 12_000))
	ramp := time.Duration(float64(users)/float64(spawn)*float64(time.Second)) + 2*time.Second
	think := time.Duration(users/8000+5) * time.Second // about 8,000 requests a second
	file := filepath.Join(b.dir, "users.json")
	c, _, err := begin(b.ctx, []string{"XDG_CACHE_HOME=" + b.dir}, false, herd, "run", "-H", "http://"+addr, "-u", strconv.Itoa(users), "-r", strconv.Itoa(spawn),
		"-t", (ramp + hold).String(), "--think", think.String(), "--workers", strconv.Itoa(processes), "--source-ip", "127.1.0.1-127.1.0.60",
		"--stop-timeout", "20s", "--plain", "--no-record", "--allow-invalid", "--json", file)
	if err != nil {
		return err
	}
	defer c.end()
	fmt.Printf("   %d users in %d processes, %d a second, think %v; all are there after %v and stay for %v\n", users, processes, spawn, think, ramp.Round(time.Second), hold)
	memory := b.watchMemory(c, ramp+hold/2)
	if _, err := c.wait(); err != nil {
		return err
	}
	m := <-memory
	r, err := readFleetResult(file)
	if err != nil {
		return err
	}
	fmt.Printf("   %d connections were there, %d requests, %d failed, p99 %.1f ms; %s %s\n", m.connections, r.Total.Count, r.Total.Failures, r.Total.Service.P99,
		r.Verdict.Level, strings.Join(r.Verdict.Reasons, "; "))
	fmt.Printf("   memory of controller and workers: %.0f MB in all, %.2f KB for each user (reach: 4); of the site %.0f MB; the machine had %.1f GB left\n",
		mb(m.ours), float64(m.ours)/1024/float64(users), mb(m.site), float64(m.left)/(1<<30))
	if r.Total.Failures > 0 || m.connections < users {
		return fmt.Errorf("%d of %d users were connected, and %d requests failed", m.connections, users, r.Total.Failures)
	}
	return nil
}

// crowdSite starts processes that answer at one port, and returns its address. They end with this measurement.
func (b *bench) crowdSite(herd string, processes int) (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	addr := l.Addr().String()
	if err := l.Close(); err != nil {
		return "", err
	}
	ctx, stop := context.WithCancel(b.ctx)
	b.later = append(b.later, stop)
	for range processes {
		if _, _, err := begin(ctx, []string{"GOMAXPROCS=1"}, true, herd, "site", "-addr", addr); err != nil {
			return "", err
		}
	}
	return addr, nil
}

// memoryOf is what processes had at one moment.
type memoryOf struct {
	ours, site, left int64
	connections      int
}

// watchMemory looks once, after a while, at all processes that this one has started.
func (b *bench) watchMemory(c *process, after time.Duration) <-chan memoryOf {
	out, before := make(chan memoryOf, 1), openSockets()
	go func() {
		var m memoryOf
		defer func() { out <- m }()
		select {
		case <-time.After(after + 3*time.Second): // until the workers had started
		case <-b.ctx.Done():
			return
		}
		m.left, m.connections = meminfo("MemAvailable:"), (openSockets()-before)/2
		entries, err := os.ReadDir("/proc")
		if err != nil {
			return
		}
		for _, e := range entries {
			status, err := os.ReadFile(filepath.Join("/proc", e.Name(), "status"))
			line, err2 := os.ReadFile(filepath.Join("/proc", e.Name(), "cmdline"))
			if err != nil || err2 != nil {
				continue
			}
			rss, parent := field(string(status), "VmRSS:")<<10, field(string(status), "PPid:")
			switch args := strings.Split(string(line), "\x00"); {
			case parent == int64(os.Getpid()) && len(args) > 1 && args[1] == "site":
				m.site += rss
			case e.Name() == strconv.Itoa(c.cmd.Process.Pid):
				m.ours += rss
			case parent == int64(c.cmd.Process.Pid):
				m.ours += rss
			}
		}
	}()
	return out
}

// openSockets is how many ends of TCP connections this machine has.
func openSockets() int {
	b, err := os.ReadFile("/proc/net/sockstat")
	if err != nil {
		return 0
	}
	return int(field(string(b), "TCP: inuse"))
}

// meminfo is a line of /proc/meminfo, in bytes.
func meminfo(name string) int64 {
	b, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return 0
	}
	return field(string(b), name) << 10
}

// field is the number behind a name.
func field(text, name string) int64 {
	_, after, _ := strings.Cut(text, name)
	if f := strings.Fields(after); len(f) > 0 {
		n, err := strconv.ParseInt(f[0], 10, 64)
		if err == nil {
			return n
		}
	}
	return 0
}
