package main

import (
	"context"
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"

	other "github.com/coder/websocket"
	ggrpc "google.golang.org/grpc"
	"google.golang.org/grpc/health"
	pb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/reflection"
)

// served counts messages and calls.
var served atomic.Int64

// quiet keeps sockets on which nothing happens.
type quiet struct {
	mu  sync.Mutex
	all []net.Conn
}

func (q *quiet) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	nc, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	sum := sha1.Sum([]byte(r.Header.Get("Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	fmt.Fprintf(nc, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
		base64.StdEncoding.EncodeToString(sum[:]))
	q.mu.Lock()
	q.all = append(q.all, nc)
	q.mu.Unlock()
}

// echo sends every message back.
func echo(w http.ResponseWriter, r *http.Request) {
	c, err := other.Accept(w, r, &other.AcceptOptions{InsecureSkipVerify: true})
	if err != nil {
		return
	}
	defer c.CloseNow()
	for {
		kind, b, err := c.Read(context.Background())
		if err != nil || c.Write(context.Background(), kind, b) != nil {
			return
		}
		served.Add(1)
	}
}

// serve prints the addresses of both servers and serves until its standard input ends.
func serve() error {
	web, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	rpc, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("/quiet", &quiet{})
	mux.HandleFunc("/socket", echo)
	mux.HandleFunc("/count", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, served.Load()) })
	go (&http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}).Serve(web)
	s := ggrpc.NewServer(ggrpc.UnaryInterceptor(func(ctx context.Context, req any, _ *ggrpc.UnaryServerInfo, h ggrpc.UnaryHandler) (any, error) {
		served.Add(1)
		return h(ctx, req)
	}))
	pb.RegisterHealthServer(s, health.NewServer())
	reflection.Register(s)
	go s.Serve(rpc)
	fmt.Println(web.Addr(), rpc.Addr())
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}
