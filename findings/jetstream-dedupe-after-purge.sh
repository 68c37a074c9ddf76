#!/bin/bash
# What: a message that is published again with the same Nats-Msg-Id, after its stream was purged, within the stream's window of duplicates.
# Version: nats-server/v2 v2.15.2, nats.go v1.55.0.
# A second run, on 2026-11-29, had the same outcome.
# Guess, written down before running: the stream is empty, so the message is stored again.
# Seen: the publisher is told that the stream has it (Duplicate: true, with the old sequence number), and the stream has nothing. After the stream
#   was deleted and made again the message is stored.
# What it means for a load test: an acknowledgement says that the stream had a message once, and not that it has it. A controller must not purge
#   what a worker may still send again, and must not take an empty stream for one that nobody wrote to.
set -e
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
cat > main.go <<'GO'
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func main() {
	dir := must(os.MkdirTemp("", "stream"))
	defer os.RemoveAll(dir)
	s := must(server.NewServer(&server.Options{Host: "127.0.0.1", Port: -1, NoLog: true, NoSigs: true, JetStream: true, StoreDir: dir}))
	s.Start()
	defer s.Shutdown()
	s.ReadyForConnections(10 * time.Second)
	js := must(jetstream.New(must(nats.Connect(s.ClientURL()))))
	ctx, stop := context.WithTimeout(context.Background(), time.Minute)
	defer stop()
	config := jetstream.StreamConfig{Name: "S", Subjects: []string{"s"}, Duplicates: time.Minute}
	st := must(js.CreateStream(ctx, config))
	ok := true
	publish := func(when string, duplicate bool, has uint64) {
		ack := must(js.Publish(ctx, "s", []byte("x"), jetstream.WithMsgID("one")))
		n := must(st.Info(ctx)).State.Msgs
		fmt.Printf("%s: duplicate %v, the stream has %d\n", when, ack.Duplicate, n)
		ok = ok && ack.Duplicate == duplicate && n == has
	}
	publish("first", false, 1)
	publish("again", true, 1)
	if err := st.Purge(ctx); err != nil {
		panic(err)
	}
	publish("after a purge", true, 0)
	if err := js.DeleteStream(ctx, "S"); err != nil {
		panic(err)
	}
	st = must(js.CreateStream(ctx, config))
	publish("after the stream was made again", false, 1)
	if !ok {
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
