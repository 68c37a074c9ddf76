package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// usersEach is how many users a worker process has at most, and how many connections a process of the site: one may open 20,000 files here. A run whose
// workers have more than four fifths of them open is in doubt, and says so; fewer and fuller processes leave more of two cores to the users.
const usersEach = 18_900

// usersSpare are the files of such a process besides, and as many more connections as chance gives one process of the site.
const usersSpare = 1000

// sources are the addresses that connections come from: each has some 28,000 ports of its own.
const sources = 120

// crowd is a measurement of connected users.
type crowd struct {
	users, spawn int
	think, hold  time.Duration
}

// ramp is how long it takes until all are there, and a little more.
func (c crowd) ramp() time.Duration {
	return time.Duration(float64(c.users)/float64(c.spawn)*float64(time.Second)) + 2*time.Second
}

func (c crowd) processes() int { return (c.users + usersEach - 1) / usersEach }

// fleetUsers connects users who think over many worker processes, and holds them for a while.
func (b *bench) fleetUsers() error {
	return b.connected(crowd{users: cmp.Or(b.count, 100_000), hold: cmp.Or(b.length, time.Minute)})
}

// fleetMillion does so with a million, for ten minutes.
func (b *bench) fleetMillion() error {
	return b.connected(crowd{users: cmp.Or(b.count, 1_000_000), hold: cmp.Or(b.length, 10*time.Minute)})
}

// What two cores carry beside the kernel's part of it, the site and all: users that come, and requests, in a second.
const (
	spawnMost = 2600
	thinkRate = 1600
)

// crowdLongest bounds a measurement beside the time that its users are connected: the start of the processes, and their end.
const crowdLongest = 3 * time.Minute

// connected makes one measurement. Everything that it has started has gone when it returns.
func (b *bench) connected(c crowd) error {
	c.spawn = max(1000, min(c.users/60, spawnMost))
	c.think = time.Duration(c.users/thinkRate+5) * time.Second
	if err := c.fits(); err != nil {
		return err
	}
	herd, err := b.herd()
	if err != nil {
		return err
	}
	ctx, stop := context.WithTimeout(b.ctx, c.ramp()+c.hold+crowdLongest)
	defer stop()
	addr, ends, err := b.crowdSite(ctx, herd, c.processes()+1)
	defer func() {
		stop()
		for _, p := range ends {
			p.end()
		}
	}()
	if err != nil {
		return err
	}
	file := filepath.Join(b.dir, "users.json")
	run, _, err := begin(ctx, []string{"XDG_CACHE_HOME=" + b.dir}, false, herd, "run", "-H", "http://"+addr, "-u", strconv.Itoa(c.users), "-r", strconv.Itoa(c.spawn),
		"-t", (c.ramp() + c.hold).String(), "--think", c.think.String(), "--workers", strconv.Itoa(c.processes()), "--source-ip", fmt.Sprintf("127.1.0.1-127.1.0.%d", sources),
		"--stop-timeout", "20s", "--plain", "--no-record", "--allow-invalid", "--json", file)
	if err != nil {
		return err
	}
	defer run.end()
	fmt.Printf("   %d users in %d processes, %d a second, think %v (about %.0f requests a second); all are there after %v and stay for %v\n", c.users, c.processes(), c.spawn,
		c.think, float64(c.users)/c.think.Seconds(), c.ramp().Round(time.Second), c.hold)
	watch, over := context.WithCancel(ctx)
	seen := b.watchCrowd(watch, run, ends, c)
	_, err = run.wait()
	over()
	m := <-seen
	if err != nil {
		return fmt.Errorf("%d were connected: %w", m.most, err)
	}
	return c.judge(m, file)
}

// judge says what was seen, and what the run says of itself.
func (c crowd) judge(m seenCrowd, file string) error {
	r, err := readFleetResult(file)
	if err != nil {
		return err
	}
	fmt.Printf("   connected for %v: %d at least, %d at most; %d requests, %d failed, p99 %.1f ms; %s %s\n", m.held.Round(time.Second), m.least, m.most, r.Total.Count, r.Total.Failures,
		r.Total.Service.P99, r.Verdict.Level, strings.Join(r.Verdict.Reasons, "; "))
	each := float64(m.ours) / 1024 / float64(c.users)
	fmt.Printf("   memory of controller and workers at most: %.0f MB in all, %.2f KB for each user (reach: 4); of the site %.0f MB; the machine had %.1f GB left at least\n",
		mb(m.ours), each, mb(m.site), float64(m.left)/(1<<30))
	if m.held < c.hold/2 {
		return fmt.Errorf("all were there for %v only: they came too slowly", m.held.Round(time.Second))
	}
	if r.Total.Failures > 0 || m.least < c.users {
		return fmt.Errorf("%d of %d users were connected all the time, and %d requests failed", m.least, c.users, r.Total.Failures)
	}
	return nil
}

// fits says what this machine lacks for so many connections, before anything is started.
func (c crowd) fits() error {
	var wrong []error
	least := func(what string, has, wants int64, so string) {
		if has > 0 && has < wants {
			wrong = append(wrong, fmt.Errorf("%s is %d, and %d are needed: %s", what, has, wants, so))
		}
	}
	users := int64(c.users)
	least("fs.file-max", sysctl("fs/file-max", 0), 2*users+100_000, "sysctl -w fs.file-max=4000000")
	least("fs.epoll.max_user_watches", sysctl("fs/epoll/max_user_watches", 0), 2*users+100_000, "sysctl -w fs.epoll.max_user_watches=5000000")
	least("net.core.somaxconn", sysctl("net/core/somaxconn", 0), 1024, "sysctl -w net.core.somaxconn=4096")
	least("the number of files that a process may open", openFiles(), min(users, usersEach)+usersSpare, "ulimit -n 20000 before this")
	from, to := sysctl("net/ipv4/ip_local_port_range", 0), sysctl("net/ipv4/ip_local_port_range", 1)
	least(fmt.Sprintf("the number of ports of %d addresses", sources), (to-from)*sources, users*3/2, "sysctl -w net.ipv4.ip_local_port_range='10000 64999'")
	if sysctl("net/netfilter/nf_conntrack_count", 0) > 0 {
		least("net.netfilter.nf_conntrack_max", sysctl("net/netfilter/nf_conntrack_max", 0), users+100_000, "sysctl -w net.netfilter.nf_conntrack_max=4000000")
	}
	least("the memory that is left, in MB,", meminfo("MemAvailable:")>>20, (users*crowdBytes)>>20+1000, "end other programs")
	return errors.Join(wrong...)
}

// crowdBytes is what a user takes here: a pair of sockets in the kernel, 4 KB of ours, and a little of the site.
const crowdBytes = 9_600 + 4_096 + 800

// sysctl is a number of a file in /proc/sys; 0 when it is not there.
func sysctl(name string, at int) int64 {
	b, err := os.ReadFile("/proc/sys/" + name)
	if err != nil {
		return 0
	}
	if f := strings.Fields(string(b)); at < len(f) {
		n, err := strconv.ParseInt(f[at], 10, 64)
		if err == nil {
			return n
		}
	}
	return 0
}

// crowdSite starts processes that answer at one port, and returns its address. Whoever called ends them, also after an error.
func (b *bench) crowdSite(ctx context.Context, herd string, processes int) (addr string, all []*process, err error) {
	if err := freeAddresses(&addr); err != nil {
		return "", nil, err
	}
	for range processes {
		p, _, err := begin(ctx, []string{"GOMAXPROCS=1"}, true, herd, "site", "-addr", addr)
		if err != nil {
			return "", all, err
		}
		all = append(all, p)
	}
	return addr, all, nil
}

// seenCrowd is what processes had while all users were there: the most memory, and the fewest and most connections.
type seenCrowd struct {
	ours, site, left int64
	least, most      int
	held             time.Duration // from when all were there to the last look
}

// watchCrowd counts connections each second, and the memory now and then, until ctx ends. What it saw while all users should have been there begins
// when they first were, and ends shortly before they go.
func (b *bench) watchCrowd(ctx context.Context, run *process, site []*process, c crowd) <-chan seenCrowd {
	pid, sites := run.cmd.Process.Pid, make([]int, len(site))
	for i, p := range site {
		sites[i] = p.cmd.Process.Pid
	}
	out, before := make(chan seenCrowd, 1), openAt(sites)
	begun := time.Now()
	go func() {
		seen := seenCrowd{left: math.MaxInt64}
		defer func() { out <- seen }()
		var first, full, next time.Time // zero before the first is there, and before all are
		for {
			select {
			case <-time.After(time.Second):
			case <-ctx.Done():
				return
			}
			n := openAt(sites) - before
			now := time.Now()
			if seen.most = max(seen.most, n); n > 0 && first.IsZero() {
				first = now
			}
			if n >= c.users && full.IsZero() {
				full, seen.least = now, n
			}
			if full.IsZero() || now.After(first.Add(c.ramp()+c.hold-min(10*time.Second, c.hold/4))) {
				continue
			}
			seen.least, seen.held = min(seen.least, n), now.Sub(full)
			if now.Before(next) {
				continue
			}
			next = now.Add(max(4*time.Second, c.hold/12))
			ours, site := memoryOf(append(childrenOf(pid), pid)), memoryOf(sites)
			seen.ours, seen.site, seen.left = max(seen.ours, ours), max(seen.site, site), min(seen.left, meminfo("MemAvailable:"))
			fmt.Printf("      after %v: %d connected, ours %.0f MB (%.2f KB for each), site %.0f MB, %.1f GB left\n", time.Since(begun).Round(time.Second), n, mb(ours),
				float64(ours)/1024/float64(c.users), mb(site), float64(meminfo("MemAvailable:"))/(1<<30))
		}
	}()
	return out
}

// memoryOf is what processes have in memory, in bytes, each with its part of what it shares with others: the program is there once for all of them.
func memoryOf(all []int) (n int64) {
	for _, pid := range all {
		dir := filepath.Join("/proc", strconv.Itoa(pid))
		if b, err := os.ReadFile(filepath.Join(dir, "smaps_rollup")); err == nil {
			n += field(string(b), "Pss:") << 10
		} else if b, err = os.ReadFile(filepath.Join(dir, "status")); err == nil {
			n += field(string(b), "VmRSS:") << 10
		}
	}
	return n
}

// openAt is how many files processes have open: a connection is one.
func openAt(all []int) (n int) {
	for _, pid := range all {
		dir := filepath.Join("/proc", strconv.Itoa(pid), "fd")
		if info, err := os.Stat(dir); err == nil && info.Size() > 0 { // since Linux 6.2
			n += int(info.Size())
			continue
		}
		entries, err := os.ReadDir(dir)
		if err == nil {
			n += len(entries)
		}
	}
	return n
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
