// Command server is a server whose behaviour is known exactly, to aim load tests and benchmarks at:
//
//	go run ./bench/server -mode exp -service 10ms -addr 127.0.0.1:9000
//
// It prints where it listens and serves until interrupted. GET /_stats tells what arrived. The flags and modes are those of
// internal/testsite; -h lists them.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/stampede-load/stampede/internal/testsite"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(testsite.Main(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
