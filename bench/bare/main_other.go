//go:build !linux

// Command bare measures nothing here: it needs epoll.
package main

import (
	"fmt"
	"os"
)

func main() {
	fmt.Fprintln(os.Stderr, "bare: only on Linux")
	os.Exit(1)
}
