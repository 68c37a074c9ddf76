#!/usr/bin/env bash
# What:    ru_maxrss, the most memory a process had, as wait4 tells it of /bin/true, when a program of 300 MB started it.
# Version: Linux 6.1 to 6.18, go 1.26 (os/exec and ProcessState.SysUsage).
# Guess:   (written before it was run) that of /bin/true: one or two megabytes, since exec makes a new address space.
# Seen:    more than 300 MB. Until exec the child is its parent, and the mark is kept over exec; from a small program it is a few megabytes.
# Means:   a harness that starts servers or load tools and reports their peak by wait4 reports its own size whenever it is the larger.
#          VmHWM in /proc/PID/status, read before the end, is of the new program alone; so is memory.peak of a control group.
set -euo pipefail
go version | grep -q 'go1\.26' || { echo "this is not Go 1.26" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cat >"$dir/main.go" <<'GO'
package main

import (
	"fmt"
	"os/exec"
	"syscall"
)

func peak() int64 {
	c := exec.Command("/bin/true")
	if err := c.Run(); err != nil {
		panic(err)
	}
	return c.ProcessState.SysUsage().(*syscall.Rusage).Maxrss / 1024
}

func main() {
	before := peak()
	held := make([]byte, 300<<20)
	for i := 0; i < len(held); i += 4096 {
		held[i] = 1
	}
	after := peak()
	fmt.Printf("from a small program below 100 MB: %t, from a large one above 300 MB: %t\n", before < 100, after > 300 && held[0] == 1)
}
GO
seen=$(cd "$dir" && go run main.go)
echo "$seen"
[ "$seen" = "from a small program below 100 MB: true, from a large one above 300 MB: true" ] || { echo "no longer so" >&2; exit 1; }
