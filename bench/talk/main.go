// Command talk is both sides of the benchmarks of WebSocket and gRPC: the server, and generators by this project and by bare libraries.
//
//	talk serve                            prints its addresses and serves until its standard input ends
//	talk call  -host URL -users N -t D    gRPC calls by stampede
//	talk hold  -host URL -users N -t D    sockets by stampede on which nothing happens; prints what they take
//	talk coder -host URL -users N -t D    the messages of `stampede hit` by coder/websocket, with a goroutine for each socket and no statistics
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	other "github.com/coder/websocket"
	pb "google.golang.org/grpc/health/grpc_health_v1"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/grpc"
	"github.com/stampede-load/stampede/websocket"
)

// message is what is sent and comes back.
const message = `{"ask":"place","fan":"0123456789abcdef"}`

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "talk:", err)
		os.Exit(1)
	}
}

// task is what a generator is to do.
type task struct {
	host   string
	users  int
	length time.Duration
}

func run(args []string) error {
	if len(args) == 0 {
		return errors.New("say serve, call, hold or coder")
	}
	var o task
	f := flag.NewFlagSet(args[0], flag.ContinueOnError)
	f.StringVar(&o.host, "host", "", "the server's address for it")
	f.IntVar(&o.users, "users", 64, "users")
	f.DurationVar(&o.length, "t", 5*time.Second, "how long")
	if err := f.Parse(args[1:]); err != nil {
		return err
	}
	switch args[0] {
	case "serve":
		return serve()
	case "call":
		return o.call()
	case "hold":
		return o.hold()
	case "coder":
		return o.coder()
	}
	return fmt.Errorf("there is no %q", args[0])
}

// caller is a user of gRPC.
type caller struct {
	stampede.User
	client pb.HealthClient
}

func (c *caller) connect(ctx context.Context) error {
	conn, err := grpc.Dial(ctx, c, "")
	if err == nil {
		c.client = pb.NewHealthClient(conn)
	}
	return err
}

func (c *caller) ask(ctx context.Context) error {
	_, err := c.client.Check(ctx, &pb.HealthCheckRequest{}, grpc.Name("check"))
	return err
}

func (o *task) plan(users stampede.UserType) stampede.Plan {
	return stampede.Plan{
		Test: stampede.Test{Name: "talk", Users: []stampede.UserType{users}}, Host: o.host, Users: stampede.Level(float64(o.users)), Duration: o.length,
	}
}

func (o *task) call() error {
	report, err := stampede.Run(context.Background(), o.plan(stampede.Users(stampede.Spec[caller]{
		OnStart: (*caller).connect, Tasks: []stampede.Task[caller]{{Name: "ask", Do: (*caller).ask}},
	})))
	return failed(report, err)
}

// failed reports whether anything went wrong.
func failed(r *stampede.Report, err error) error {
	if err == nil && r.Whole.Total.Failures > 0 {
		err = fmt.Errorf("%d of %d failed: %s", r.Whole.Total.Failures, r.Whole.Total.Count, r.Whole.Errors[0].Text)
	}
	return err
}

type holder struct {
	stampede.HTTPUser
	socket *websocket.Conn
}

// hold opens sockets that nothing is said on, and prints what each takes: all of the process, without what it was before.
func (o *task) hold() error {
	before := memory()
	var open atomic.Int64
	var said sync.Once
	do := func(h *holder, ctx context.Context) (err error) {
		if h.socket, err = websocket.Dial(ctx, h, "/quiet"); err != nil || open.Add(1) < int64(o.users) {
			return err
		}
		said.Do(func() {
			time.Sleep(2 * time.Second) // until the last are left alone
			after := memory()
			fmt.Printf("%d sockets, %d bytes each of heap and stacks, %d bytes of resident memory, %d goroutines\n", o.users,
				(after.heap-before.heap)/o.users, (after.resident-before.resident)/o.users, runtime.NumGoroutine())
			h.StopRun("all is known")
		})
		return nil
	}
	p := o.plan(stampede.Users(stampede.Spec[holder]{Wait: stampede.Constant(time.Hour), Tasks: []stampede.Task[holder]{{Name: "open", Do: do}}}))
	p.SpawnRate = 2000
	return failed(stampede.Run(context.Background(), p))
}

// use is the memory of this process, in bytes.
type use struct{ heap, resident int }

func memory() use {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	u := use{heap: int(m.HeapInuse + m.StackInuse)}
	var pages int
	if b, err := os.ReadFile("/proc/self/statm"); err == nil {
		fmt.Sscan(strings.Fields(string(b))[1], &pages)
		u.resident = pages * os.Getpagesize()
	}
	return u
}

// coder is the least that a load generator of coder/websocket would do.
func (o *task) coder() error {
	ctx, cancel := context.WithTimeout(context.Background(), o.length)
	defer cancel()
	var all sync.WaitGroup
	errs := make([]error, o.users)
	for i := range o.users {
		all.Go(func() {
			c, _, err := other.Dial(context.Background(), strings.Replace(o.host, "http", "ws", 1)+"/socket", nil)
			for err == nil && ctx.Err() == nil {
				if err = c.Write(context.Background(), other.MessageText, []byte(message)); err == nil {
					_, _, err = c.Read(context.Background())
				}
			}
			if errs[i] = err; err == nil {
				c.CloseNow()
			}
		})
	}
	all.Wait()
	return errors.Join(errs...)
}
