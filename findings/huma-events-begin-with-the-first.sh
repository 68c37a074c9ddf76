#!/usr/bin/env bash
# What:    huma's package sse; when a client has the head of the answer, if the first event comes after two seconds.
# Version: github.com/danielgtaylor/huma/v2 v2.37.2, Go 1.26.
# Guess:   (written before it was run) at once: a stream of events begins with its head, and a browser's EventSource is "open" then.
# Seen:    after two seconds, with the first event.
# Means:   a page that shows "connected" on open shows it late, a client with a limit for the head gives up on a quiet stream, and a load test's time to the
#          first byte of such a stream is the time to its first event. Send one, if only a greeting, at the beginning.
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
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/danielgtaylor/huma/v2/sse"
)

type tick struct{ N int }

func main() {
	mux := http.NewServeMux()
	api := humago.New(mux, huma.DefaultConfig("x", "1"))
	for path, pause := range map[string]time.Duration{"/soon": 0, "/late": 2 * time.Second} {
		operation := huma.Operation{OperationID: path[1:], Method: http.MethodGet, Path: path}
		sse.Register(api, operation, map[string]any{"tick": tick{}}, func(ctx context.Context, _ *struct{}, send sse.Sender) {
			time.Sleep(pause)
			send.Data(tick{1})
		})
	}
	site := httptest.NewServer(mux)
	for _, path := range []string{"/soon", "/late"} {
		begun := time.Now()
		answer, err := http.Get(site.URL + path)
		if err != nil {
			panic(err)
		}
		fmt.Printf("%s: the head of a %s came before 1.9 s: %t\n", path, answer.Header.Get("Content-Type"), time.Since(begun) < 1900*time.Millisecond)
		answer.Body.Close()
	}
}
GO
printf 'module finding\n\ngo 1.26\n' >go.mod
go get github.com/danielgtaylor/huma/v2/sse@v2.37.2 github.com/danielgtaylor/huma/v2/adapters/humago@v2.37.2 >/dev/null 2>&1
seen=$(go run .)
echo "$seen"
[ "$seen" = "/soon: the head of a text/event-stream came before 1.9 s: true
/late: the head of a text/event-stream came before 1.9 s: false" ] || { echo "no longer so" >&2; exit 1; }
