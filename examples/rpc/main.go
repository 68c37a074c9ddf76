// Command rpc calls a gRPC service in both ways: by generated code, and by the name of a method and JSON, which is asked of the site by
// reflection. The site is in this program, so it runs as it is:
//
//	go run ./examples/rpc run -u 20 -t 5s
//	go run ./examples/rpc check
package main

import (
	"context"
	"errors"
	"net"
	"time"

	server "google.golang.org/grpc"
	"google.golang.org/grpc/health"
	pb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/reflection"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/grpc"
	"github.com/stampede-load/stampede/launch"
)

// dialer is shared by all users: what methods take and give is asked once.
var dialer grpc.Dialer

// Nurse asks a site how it is.
type Nurse struct {
	stampede.User
	conn *grpc.Conn
}

// Connect makes this nurse's own connection: "GRPC connect".
func (n *Nurse) Connect(ctx context.Context) (err error) {
	n.conn, err = dialer.Dial(ctx, n, "")
	return err
}

// Ask calls by generated code: "GRPC grpc.health.v1.Health/Check".
func (n *Nurse) Ask(ctx context.Context) error {
	_, err := pb.NewHealthClient(n.conn).Check(ctx, &pb.HealthCheckRequest{}, grpc.Check(serving))
	return err
}

// serving is a check: it decides whether a reply is a success, before it is counted.
func serving(reply any) error {
	if reply.(*pb.HealthCheckResponse).GetStatus() != pb.HealthCheckResponse_SERVING {
		return errors.New("it does not serve")
	}
	return nil
}

// AskByName does the same without generated code.
func (n *Nurse) AskByName(ctx context.Context) error {
	_, err := n.conn.Call(ctx, "grpc.health.v1.Health/Check", `{"service": ""}`, grpc.Name("by name"))
	return err
}

// Watch opens a stream and waits for its first message: "GRPC watch".
func (n *Nurse) Watch(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	news, err := pb.NewHealthClient(n.conn).Watch(ctx, &pb.HealthCheckRequest{}, grpc.Name("watch"))
	if err == nil {
		_, err = news.Recv()
	}
	return err
}

func test(host string) stampede.Test {
	return stampede.Test{
		Name: "Health", Host: host,
		Users: []stampede.UserType{stampede.Users(stampede.Spec[Nurse]{
			Wait:    stampede.Between(50*time.Millisecond, 150*time.Millisecond),
			OnStart: (*Nurse).Connect,
			Tasks:   []stampede.Task[Nurse]{{Weight: 3, Do: (*Nurse).Ask}, {Do: (*Nurse).AskByName}, {Do: (*Nurse).Watch}},
		})},
	}
}

// site serves on a free loopback port.
func site() (url string, stop func(), err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	s := server.NewServer()
	pb.RegisterHealthServer(s, health.NewServer())
	reflection.Register(s)
	go s.Serve(l)
	return "http://" + l.Addr().String(), s.Stop, nil
}

func main() {
	url, stop, err := site()
	if err != nil {
		panic(err)
	}
	defer stop()
	launch.Main(test(url))
}
