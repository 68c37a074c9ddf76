#!/bin/bash
# What: toxiproxy's toxic "timeout" with a timeout of 0 ("the connection won't close, and data will be delayed until the toxic is removed", its README
#   says), as a stand-in for a network that is cut for a moment and comes back.
# Version: github.com/Shopify/toxiproxy/v2 v2.5.0.
# Guess, written down before running: what is sent meanwhile arrives when the toxic is removed, over the same connection.
# Seen: what is sent meanwhile is thrown away, and the connection is closed in the moment in which the toxic is removed.
# What it means for a load test: it tests reconnecting, and no partition: with a real one TCP sends again, and the connection lives on. For that
#   take the link down (ip link set down), or a relay that stops reading.
set -e
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
cat > main.go <<'GO'
package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"time"

	toxiproxy "github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"
)

func main() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	got := make(chan string, 1)
	go func() {
		c, err := l.Accept()
		if err != nil {
			panic(err)
		}
		c.SetReadDeadline(time.Now().Add(10 * time.Second))
		all, err := io.ReadAll(c)
		got <- fmt.Sprintf("%q, then %v", all, err)
	}()
	p := toxiproxy.NewProxy(toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop()), "p", "127.0.0.1:0", l.Addr().String())
	if err := p.Start(); err != nil {
		panic(err)
	}
	c, err := net.Dial("tcp", p.Listen)
	if err != nil {
		panic(err)
	}
	fmt.Fprint(c, "before ")
	time.Sleep(500 * time.Millisecond)
	toxic := `{"name":"cut","type":"timeout","stream":"upstream","attributes":{"timeout":0}}`
	if _, err := p.Toxics.AddToxicJson(strings.NewReader(toxic)); err != nil {
		panic(err)
	}
	fmt.Fprint(c, "meanwhile ")
	time.Sleep(500 * time.Millisecond)
	if err := p.Toxics.RemoveToxic(context.Background(), "cut"); err != nil {
		panic(err)
	}
	time.Sleep(500 * time.Millisecond)
	fmt.Fprint(c, "after")
	seen := <-got
	fmt.Println("the server got", seen)
	if seen != `"before ", then <nil>` {
		fmt.Println("not as stated")
		os.Exit(1)
	}
}
GO
cat > go.mod <<'MOD'
module finding

go 1.26
MOD
go get github.com/Shopify/toxiproxy/v2@v2.5.0 github.com/rs/zerolog@v1.28.0 >/dev/null 2>&1
echo "toxiproxy v2.5.0"
go run .
