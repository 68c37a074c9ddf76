package vitals

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// asleep is for how long the machine has slept since it was started, in ns; negative where that cannot be known.
func asleep() int64 {
	read := func(clock int32) int64 {
		var t unix.Timespec
		if unix.ClockGettime(clock, &t) != nil {
			return -1
		}
		return t.Nano()
	}
	least := int64(-1)
	for range 5 {
		before, all, after := read(unix.CLOCK_MONOTONIC), read(unix.CLOCK_BOOTTIME), read(unix.CLOCK_MONOTONIC)
		if before < 0 || all < 0 {
			return -1
		}
		if least = max(least, all-after, 0); after-before < int64(time.Millisecond) {
			break // else we were held up between the two clocks
		}
	}
	return least
}

// coreTimes reads /proc/stat, a line for each core: user nice system idle iowait irq softirq steal.
func coreTimes() []coreTime {
	b, err := os.ReadFile("/proc/stat")
	if err != nil {
		return nil
	}
	var cores []coreTime
	for line := range bytes.Lines(b) {
		f := strings.Fields(string(line))
		if len(f) < 9 || !strings.HasPrefix(f[0], "cpu") || f[0] == "cpu" {
			continue
		}
		var t coreTime
		for i, v := range f[1:9] {
			n, _ := strconv.ParseUint(v, 10, 64)
			t.all += n
			if i != 3 && i != 4 {
				t.busy += n
			}
		}
		cores = append(cores, t)
	}
	return cores
}

// throttled is how long the container's CPU quota held us up, in ns; negative when there is none.
func throttled() int64 {
	b, err := os.ReadFile("/sys/fs/cgroup/cpu.stat")
	if err != nil {
		return -1
	}
	for line := range bytes.Lines(b) {
		if v, ok := strings.CutPrefix(string(line), "throttled_usec "); ok {
			n, _ := strconv.ParseInt(strings.TrimSpace(v), 10, 64)
			return n * 1000
		}
	}
	return -1
}

func residentBytes() int64 {
	b, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	f := strings.Fields(string(b))
	if len(f) < 2 {
		return 0
	}
	pages, _ := strconv.ParseInt(f[1], 10, 64)
	return pages * int64(os.Getpagesize())
}

func machineFacts() []Fact {
	var facts []Fact
	add := func(name, value string) {
		if value = strings.TrimSpace(value); value != "" {
			facts = append(facts, Fact{name, value})
		}
	}
	add("kernel", read("/proc/sys/kernel/osrelease"))
	add("cpu", cpuModel())
	add("governor", read("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"))
	add("cpu quota", read("/sys/fs/cgroup/cpu.max"))
	add("memory limit", read("/sys/fs/cgroup/memory.max"))
	for _, name := range []string{"ip_local_port_range", "tcp_congestion_control", "tcp_tw_reuse", "tcp_fin_timeout", "tcp_slow_start_after_idle"} {
		add("net."+name, strings.Join(strings.Fields(read(filepath.Join("/proc/sys/net/ipv4", name))), " "))
	}
	add("net.somaxconn", read("/proc/sys/net/core/somaxconn"))
	return facts
}

func read(path string) string {
	b, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	return string(b)
}

func cpuModel() string {
	for line := range strings.Lines(read("/proc/cpuinfo")) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return value
		}
	}
	return ""
}
