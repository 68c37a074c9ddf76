// Command protocol shows a load that is not HTTP: anything that is timed with Record gets the same statistics, charts and thresholds. Here
// visitors talk to a line protocol over TCP; the server is in this program, so it runs as it is:
//
//	go run ./examples/protocol run -u 20 -t 5s
package main

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/launch"
)

// Caller keeps one connection.
type Caller struct {
	stampede.User
	addr string
	conn net.Conn
	in   *bufio.Reader
}

// Dial connects; it is measured like everything else.
func (c *Caller) Dial(ctx context.Context) error {
	return c.Record("TCP", "dial", func() error {
		var d net.Dialer
		conn, err := d.DialContext(ctx, "tcp", c.addr)
		if err != nil {
			return err
		}
		c.conn, c.in = conn, bufio.NewReader(conn)
		return nil
	})
}

// Echo sends a line and waits for it to come back.
func (c *Caller) Echo(context.Context) error {
	return c.Record("TCP", "echo", func() error {
		if err := c.conn.SetDeadline(time.Now().Add(5 * time.Second)); err != nil {
			return err
		}
		if _, err := fmt.Fprintf(c.conn, "hello from %d\n", c.Number()); err != nil {
			return err
		}
		line, err := c.in.ReadString('\n')
		if err == nil && !strings.HasPrefix(line, "hello") {
			err = fmt.Errorf("the echo is %.20q", line)
		}
		return err
	})
}

// HangUp closes the connection.
func (c *Caller) HangUp(context.Context) error { return c.conn.Close() }

// serve answers each line with itself.
func serve(l net.Listener) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			defer conn.Close()
			for in := bufio.NewScanner(conn); in.Scan(); {
				fmt.Fprintln(conn, in.Text())
			}
		}()
	}
}

func main() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	go serve(l)
	launch.Main(stampede.Test{
		Name: "Echo",
		Users: []stampede.UserType{stampede.Users(stampede.Spec[Caller]{
			New:     func() *Caller { return &Caller{addr: l.Addr().String()} },
			Wait:    stampede.Between(100*time.Millisecond, 300*time.Millisecond),
			OnStart: (*Caller).Dial,
			OnStop:  (*Caller).HangUp,
			Tasks:   []stampede.Task[Caller]{{Do: (*Caller).Echo}},
		})},
	})
}
