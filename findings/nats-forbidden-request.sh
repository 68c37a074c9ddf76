#!/bin/bash
# What: a request to a subject to which the client may not publish, beside one to a subject where nobody listens.
# Version: nats-server/v2 v2.15.2, nats.go v1.55.0.
# A second run, on 2026-11-29, had the same outcome.
# Guess, written down before running: the forbidden request fails at once with a permissions violation.
# Seen: it waits for its whole time limit and fails with "nats: timeout", as if the other side were slow; the violation goes to the error handler of
#   the connection alone. Where the client may publish and nobody listens, the request fails at once with "no responders".
# What it means for a load test: a worker with too few permissions at somebody's own NATS looks like a controller that does not answer. The error
#   handler has to say what it is, and to end the worker.
set -e
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
cat > main.go <<'GO'
package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

func main() {
	few := &server.Permissions{Publish: &server.SubjectPermission{Allow: []string{"allowed"}}}
	s, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: -1, NoLog: true, NoSigs: true,
		Users: []*server.User{{Username: "few", Password: "p", Permissions: few}}})
	if err != nil {
		panic(err)
	}
	s.Start()
	defer s.Shutdown()
	s.ReadyForConnections(10 * time.Second)
	heard := make(chan error, 4)
	nc, err := nats.Connect(s.ClientURL(), nats.UserInfo("few", "p"), nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { heard <- err }))
	if err != nil {
		panic(err)
	}
	defer nc.Close()
	begun := time.Now()
	_, forbidden := nc.Request("forbidden", nil, 2*time.Second)
	took := time.Since(begun)
	var said error
	select {
	case said = <-heard:
	case <-time.After(5 * time.Second):
	}
	begun = time.Now()
	_, nobody := nc.Request("allowed", nil, 2*time.Second)
	soon := time.Since(begun)
	fmt.Printf("forbidden: %v after %v; the error handler heard: %v\n", forbidden, took.Round(time.Second), said)
	fmt.Printf("allowed, and nobody there: %v\n", nobody)
	if !errors.Is(forbidden, nats.ErrTimeout) || took < 2*time.Second || said == nil || !strings.Contains(strings.ToLower(said.Error()), "permissions violation") ||
		!errors.Is(nobody, nats.ErrNoResponders) || soon > time.Second {
		fmt.Println("not as stated")
		os.Exit(1)
	}
}
GO
cat > go.mod <<'MOD'
module finding

go 1.26
MOD
go get github.com/nats-io/nats-server/v2@v2.15.2 github.com/nats-io/nats.go@v1.55.0 >/dev/null 2>&1
echo "nats-server v2.15.2, nats.go v1.55.0"
go run .
