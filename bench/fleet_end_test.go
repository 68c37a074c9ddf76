package main

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

// When a measurement is broken off, what its programs have started ends with them.
func TestEndsWithItsChildren(t *testing.T) {
	if _, err := os.Stat("/proc/self/status"); err != nil {
		t.Skip("without /proc nobody knows whose child a process is")
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	p, first, err := begin(ctx, nil, true, "sh", "-c", "sleep 120 >/dev/null 2>&1 & echo $!; wait")
	if err != nil {
		t.Fatal(err)
	}
	child, err := strconv.Atoi(first)
	if all := childrenOf(p.cmd.Process.Pid); err != nil || len(all) != 1 || all[0] != child {
		t.Fatalf("children %v, want %q", all, first)
	}
	stop()
	if _, err := p.wait(); err == nil {
		t.Error("it ended by itself")
	}
	for due := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", child))
		if err != nil || strings.Contains(string(status), "State:\tZ") {
			return
		}
		if time.Now().After(due) {
			t.Fatal("its child still runs")
		}
	}
}
