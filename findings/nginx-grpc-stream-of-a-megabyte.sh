#!/usr/bin/env bash
# What:    a gRPC client stream of 200 messages of 10 kB through nginx' grpc_pass, set up as its examples have it.
# Version: Debian 12's nginx 1.22.1, google.golang.org/grpc v1.85.0, Go 1.26.
# Guess:   (written before it was run) it passes: each message is small, no length is announced, and grpc_pass does not keep the body.
# Seen:    after a megabyte nginx ends the stream with HTTP status 413, which the client tells as code Unknown. client_max_body_size (1m) holds for the sum
#          of a stream's messages, however long it lives. Straight at the server, and with client_max_body_size 0, all arrives.
# Means:   a load test with short streams passes, and the streams of real clients break off after hours, each at its own time, whatever the server does.
#          A test of streams runs until each has sent more than a megabyte.
set -euo pipefail
/usr/sbin/nginx -v 2>&1 | grep -q 'nginx/1\.22\.1' || { echo "this is not nginx 1.22.1 (Debian 12's nginx)" >&2; exit 2; }
go version | grep -q 'go1\.26' || { echo "this is not Go 1.26" >&2; exit 2; }
dir=$(mktemp -d)
trap 'kill $(cat "$dir/pid" 2>/dev/null) 2>/dev/null || true; wait; rm -rf "$dir"' EXIT
cd "$dir"
cat >main.go <<'GO'
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
)

// raw sends bytes as they are, so that no messages need to be described.
type raw struct{}

func (raw) Marshal(v any) ([]byte, error)   { return *v.(*[]byte), nil }
func (raw) Unmarshal(b []byte, v any) error { *v.(*[]byte) = append([]byte(nil), b...); return nil }
func (raw) Name() string                    { return "raw" }

func count(_ any, s grpc.ServerStream) error {
	for n := 0; ; n++ {
		var b []byte
		if err := s.RecvMsg(&b); errors.Is(err, io.EOF) {
			b = fmt.Appendf(nil, "%d arrive", n)
			return s.SendMsg(&b)
		} else if err != nil {
			return err
		}
	}
}

func send(target string) string {
	c, err := grpc.NewClient(target, grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithDefaultCallOptions(grpc.ForceCodec(raw{}), grpc.WaitForReady(true)))
	if err != nil {
		panic(err)
	}
	defer c.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	s, err := c.NewStream(ctx, &grpc.StreamDesc{ClientStreams: true, ServerStreams: true}, "/test.Test/Count")
	if err != nil {
		panic(err)
	}
	message, answer := make([]byte, 10_000), []byte(nil)
	for i := 0; i < 200 && s.SendMsg(&message) == nil; i++ {
	}
	s.CloseSend()
	if err := s.RecvMsg(&answer); err != nil {
		return status.Code(err).String()
	}
	return string(answer)
}

func main() {
	l, _ := net.Listen("tcp", "127.0.0.1:0")
	go grpc.NewServer(grpc.ForceServerCodec(raw{}), grpc.UnknownServiceHandler(count)).Serve(l)
	conf := "error_log errors; pid pid; events {}\nhttp { access_log off; client_body_temp_path b; proxy_temp_path p; fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;\n"
	var targets []string
	for _, size := range []string{"1m", "0"} {
		free, _ := net.Listen("tcp", "127.0.0.1:0")
		targets = append(targets, free.Addr().String())
		free.Close()
		conf += fmt.Sprintf("server { listen %s http2; client_max_body_size %s; location / { grpc_pass grpc://%s; } }\n", free.Addr(), size, l.Addr())
	}
	os.WriteFile("conf", []byte(conf+"}\n"), 0o600)
	dir, _ := os.Getwd()
	if out, err := exec.Command("/usr/sbin/nginx", "-p", dir, "-c", dir+"/conf").CombinedOutput(); err != nil {
		panic(string(out))
	}
	fmt.Printf("straight: %s, through nginx: %s, without its limit: %s\n", send(l.Addr().String()), send(targets[0]), send(targets[1]))
}
GO
printf 'module finding\n\ngo 1.26\n' >go.mod
go get google.golang.org/grpc@v1.85.0 >/dev/null 2>&1
seen=$(go run .)
echo "$seen"
[ "$seen" = "straight: 200 arrive, through nginx: Unknown, without its limit: 200 arrive" ] || { echo "no longer so" >&2; exit 1; }
