#!/usr/bin/env bash
# What:    golang.org/x/time/rate; SetLimit to a thousand times the rate while somebody is in Wait.
# Version: golang.org/x/time v0.14.0, Go 1.26.
# Guess:   (written before it was run) who waits is let go by the new rate, or at least waits anew by it.
# Seen:    who waits goes on waiting for as long as the old rate said, here 3 s. The new rate is for who comes after; those are let through meanwhile, before
#          the one who was first.
# Means:   a load generator that paces its users with one Limiter and changes the rate in the run is late by one interval of the old rate: from 1 a minute to
#          1000 a second up to a minute. The pause before a change is to be cut by a context of one's own.
set -euo pipefail
go version | grep -q 'go1\.26' || { echo "this is not Go 1.26" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cat >main.go <<'GO'
package main

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/time/rate"
)

func main() {
	l := rate.NewLimiter(rate.Every(3*time.Second), 1)
	l.Allow() // the first is free
	begun, late := time.Now(), make(chan time.Duration)
	go func() {
		l.Wait(context.Background())
		late <- time.Since(begun)
	}()
	time.Sleep(500 * time.Millisecond)
	l.SetLimit(1000)
	time.Sleep(time.Second)
	others := 0
	for range 10 {
		if l.Wait(context.Background()) == nil {
			others++
		}
	}
	select {
	case <-late:
		fmt.Println("let go by the new rate")
	default:
		took := <-late
		fmt.Printf("%d others first; waited as long as before: %t\n", others, took > 2900*time.Millisecond)
	}
}
GO
printf 'module finding\n\ngo 1.26\n' >go.mod
go get golang.org/x/time@v0.14.0 >/dev/null 2>&1
seen=$(go run .)
echo "$seen"
[ "$seen" = "10 others first; waited as long as before: true" ] || { echo "no longer so" >&2; exit 1; }
