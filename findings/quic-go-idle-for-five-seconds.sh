#!/usr/bin/env bash
# What:    quic-go on both sides; a server with an idle timeout of 2 s, a client with the default of 30 s, and nothing sent: when each gives the connection up.
# Version: github.com/quic-go/quic-go v0.65.0, Go 1.26.
# Guess:   (written before it was run) both after 2 s: RFC 9000, 10.1, has the smaller of the two for both.
# Seen:    the server after 2 s, silently, as it is told to; the client after 5 s, below which it does not go. In between it takes requests for a
#          connection that is not there.
# Means:   a user of HTTP/3 who thinks for three seconds at such a server sees the next request hang until the rest of the five is over and then fail,
#          where a shorter or a longer pause is well. A keep-alive period below the server's timeout, as browsers have while requests are open, or a retry, helps.
set -euo pipefail
go version | grep -q 'go1\.26' || { echo "this is not Go 1.26" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cat >main.go <<'GO'
package main

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"math/big"
	"time"

	"github.com/quic-go/quic-go"
)

func main() {
	public, private, _ := ed25519.GenerateKey(rand.Reader)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, public, private)
	if err != nil {
		panic(err)
	}
	certificate := tls.Certificate{Certificate: [][]byte{der}, PrivateKey: private}
	l, err := quic.ListenAddr("127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{certificate}, NextProtos: []string{"x"}}, &quic.Config{MaxIdleTimeout: 2 * time.Second})
	if err != nil {
		panic(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 40*time.Second)
	defer cancel()
	client, err := quic.DialAddr(ctx, l.Addr().String(), &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"x"}}, nil)
	if err != nil {
		panic(err)
	}
	server, err := l.Accept(ctx)
	if err != nil {
		panic(err)
	}
	begun, ended := time.Now(), make(chan time.Duration)
	go func() {
		<-server.Context().Done()
		ended <- time.Since(begun)
	}()
	<-client.Context().Done()
	fmt.Printf("server before 4 s: %t, client after 4.5 s: %t (%v)\n", <-ended < 4*time.Second, time.Since(begun) > 4500*time.Millisecond, context.Cause(client.Context()))
}
GO
printf 'module finding\n\ngo 1.26\n' >go.mod
go get github.com/quic-go/quic-go@v0.65.0 >/dev/null 2>&1
seen=$(go run . 2>/dev/null)
echo "$seen"
[ "$seen" = "server before 4 s: true, client after 4.5 s: true (timeout: no recent network activity)" ] || { echo "no longer so" >&2; exit 1; }
