#!/usr/bin/env bash
# What:    what a watcher of a NATS key-value bucket with TTL and LimitMarkerTTL is told about a key that is put and deleted.
# Version: nats-server/v2 v2.15.2, nats.go v1.55.0, Go 1.26.
# Guess:   (written before it was run) two updates: put, delete.
# Seen:    three: put, delete, and a TTL later a purge, when what marked the deletion expires in its turn.
# Means:   who keeps a list of workers in such a bucket hears of each departure twice. If the worker is noted as present again by other means meanwhile, the
#          second message takes it off the list again: "gone" must do nothing the second time.
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
	store, _ := os.Getwd()
	s := must(server.NewServer(&server.Options{Host: "127.0.0.1", Port: -1, JetStream: true, StoreDir: store + "/store", NoLog: true, NoSigs: true}))
	s.Start()
	s.ReadyForConnections(10 * time.Second)
	ctx, cancel := context.WithTimeout(context.Background(), 40*time.Second)
	defer cancel()
	js := must(jetstream.New(must(nats.Connect(s.ClientURL()))))
	bucket := must(js.CreateKeyValue(ctx, jetstream.KeyValueConfig{Bucket: "workers", TTL: 2 * time.Second, LimitMarkerTTL: time.Second}))
	watcher := must(bucket.WatchAll(ctx))
	<-watcher.Updates() // nil: there is nothing yet
	must(bucket.Put(ctx, "worker", []byte("here")))
	fmt.Println((<-watcher.Updates()).Operation()) // before it is deleted, or the watcher may never hear of it
	if err := bucket.Delete(ctx, "worker"); err != nil {
		panic(err)
	}
	begun := time.Now()
	for end := time.After(8 * time.Second); ; {
		select {
		case u := <-watcher.Updates():
			fmt.Printf("%v a second or more later: %t\n", u.Operation(), time.Since(begun) >= time.Second)
		case <-end:
			s.Shutdown()
			return
		}
	}
}
GO
printf 'module finding\n\ngo 1.26\n' >go.mod
go get github.com/nats-io/nats-server/v2@v2.15.2 github.com/nats-io/nats.go@v1.55.0 >/dev/null 2>&1
seen=$(timeout 300 go run .) # building takes most of it
echo "$seen"
[ "$seen" = "KeyValuePutOp
KeyValueDeleteOp a second or more later: false
KeyValuePurgeOp a second or more later: true" ] || { echo "no longer so" >&2; exit 1; }
