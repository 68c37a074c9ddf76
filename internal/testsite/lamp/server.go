package lamp

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// server is a program in a group of its own.
type server struct {
	cmd   *exec.Cmd
	ended chan struct{}
	said  *output
}

// output is the first of what a server said.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.buf.Len() < 16<<10 {
		o.buf.Write(b)
	}
	return len(b), nil
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}

// longestStart is how long a server may take until it listens: on a busy machine a database takes its time.
const longestStart = 90 * time.Second

// run starts the server of a tier and waits until something listens at its port.
func (s *Stack) run(ctx context.Context, tier string, port int, line []string) error {
	name := filepath.Base(line[0])
	if s.tiers != nil {
		line = s.tiers.inside(tier, line)
	}
	one := &server{cmd: exec.Command(line[0], line[1:]...), ended: make(chan struct{}), said: &output{}}
	one.cmd.Stdout, one.cmd.Stderr = one.said, one.said
	one.cmd.Dir = s.dir
	own(one.cmd)
	if err := one.cmd.Start(); err != nil {
		return err
	}
	go func() { _ = one.cmd.Wait(); close(one.ended) }()
	s.servers = append(s.servers, one)
	ctx, cancel := context.WithTimeout(ctx, longestStart)
	defer cancel()
	for {
		c, err := net.DialTimeout("tcp", fmt.Sprintf("127.0.0.1:%d", port), time.Second)
		if err == nil {
			return c.Close()
		}
		select {
		case <-one.ended:
			return fmt.Errorf("%s ended before it listened: %.600s", name, one.said)
		case <-ctx.Done():
			return fmt.Errorf("%s does not listen: %w: %.600s", name, ctx.Err(), one.said)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func (s *server) stop() {
	end(s.cmd, syscall.SIGTERM)
	select {
	case <-s.ended:
	case <-time.After(5 * time.Second):
	}
	end(s.cmd, syscall.SIGKILL)
	<-s.ended
}

// freePorts are ports that were free a moment ago.
func freePorts(ports []int) error {
	var listeners []net.Listener
	defer func() {
		for _, l := range listeners {
			l.Close()
		}
	}()
	for i := range ports {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		listeners = append(listeners, l)
		ports[i] = l.Addr().(*net.TCPAddr).Port
	}
	return nil
}

// account is who the servers run as: whoever starts them.
func account() string {
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return fmt.Sprint(os.Getuid())
}
