//go:build linux

package fleet

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stampede-load/stampede"
)

// cable is a network of two machines: this one and a namespace.
type cable struct {
	t        *testing.T
	space    string
	here     string // the end of the cable in this namespace
	there    string
	own, far string // addresses
}

// ip runs a command of iproute2.
func ip(t *testing.T, name string, args ...string) error {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), name, args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s %s: %w: %s", name, strings.Join(args, " "), err, strings.TrimSpace(string(out)))
	}
	return nil
}

// lay lays a cable to a new namespace. n tells those of this process apart. Where the machine does not let it, the test is skipped.
func lay(t *testing.T, n int) *cable {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("network namespaces need root")
	}
	if _, err := exec.LookPath("ip"); err != nil {
		t.Skip("network namespaces need iproute2: ip is not there")
	}
	id := os.Getpid()%10000*10 + n
	c := &cable{
		t: t, space: fmt.Sprintf("stampede%d", id), here: fmt.Sprintf("sta%d", id), there: fmt.Sprintf("stb%d", id),
		own: fmt.Sprintf("10.201.%d.%d", id/60%250, id%60*4+1), far: fmt.Sprintf("10.201.%d.%d", id/60%250, id%60*4+2),
	}
	if err := ip(t, "ip", "netns", "add", c.space); err != nil {
		t.Skipf("this machine lets nobody make network namespaces: %v", err)
	}
	t.Cleanup(func() {
		_ = exec.Command("ip", "netns", "del", c.space).Run() // and with it the cable
	})
	for _, args := range [][]string{
		{"link", "add", c.here, "type", "veth", "peer", "name", c.there, "netns", c.space},
		{"addr", "add", c.own + "/30", "dev", c.here},
		{"link", "set", c.here, "up"},
		{"-n", c.space, "addr", "add", c.far + "/30", "dev", c.there},
		{"-n", c.space, "link", "set", c.there, "up"},
		{"-n", c.space, "link", "set", "lo", "up"},
	} {
		if err := ip(t, "ip", args...); err != nil {
			t.Skipf("this machine lets nobody lay a cable to a network namespace: %v", err)
		}
	}
	return c
}

// join starts a worker at the other end.
func (c *cable) join(u JoinURL) {
	c.t.Helper()
	cmd := exec.Command("ip", "netns", "exec", c.space, os.Args[0])
	cmd.Env = append(os.Environ(), joinHere+"="+u.String())
	var said tail
	cmd.Stderr = &said
	if err := cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() {
		_ = cmd.Process.Kill() // one that has gone is what we want
		_ = cmd.Wait()
		if c.t.Failed() {
			c.t.Log("the worker said:", said.text())
		}
	})
}

// spoil puts a queueing discipline of the kernel on both ends.
func (c *cable) spoil(args ...string) {
	c.t.Helper()
	here := append([]string{"qdisc", "add", "dev", c.here, "root"}, args...)
	there := append([]string{"netns", "exec", c.space, "tc", "qdisc", "add", "dev", c.there, "root"}, args...)
	for name, one := range map[string][]string{"tc": here, "ip": there} {
		if err := ip(c.t, name, one...); err != nil {
			c.t.Skipf("the kernel of this machine cannot spoil a network: %v", err)
		}
	}
}

// Workers in other network namespaces, behind a network that is slow and loses packets, or is narrow, or falls apart for a while.
func TestNamespaces(t *testing.T) {
	for i, bad := range []struct {
		name  string
		spoil []string
		lost  bool // the worker
	}{
		{"50 ms and 5 % loss", []string{"netem", "delay", "25ms", "loss", "5%"}, false},
		{"256 kbit/s", []string{"tbf", "rate", "256kbit", "burst", "16kb", "latency", "200ms"}, false},
		{"cut until it is given up", nil, true},
	} {
		t.Run(bad.name, func(t *testing.T) {
			t.Parallel()
			c := lay(t, i)
			if bad.spoil != nil {
				c.spoil(bad.spoil...)
			}
			o := Options{Addr: c.own + ":0"}
			if !bad.lost {
				o.silence = unhurried
			}
			crowd := newCrowdWith(t, 0, o)
			crowd.join("near", 0)
			c.join(crowd.c.JoinURL())
			if _, err := crowd.c.Await(t.Context(), 2, time.Minute); err != nil {
				t.Fatal(err)
			}
			length := 5 * time.Second
			if bad.lost {
				length = 14 * time.Second
			}
			r, err := crowd.run(stampede.Plan{Rate: stampede.Level(100), Duration: length, Observers: []stampede.Observer{&seconds{t: t}}}, func(run *stampede.Running) {
				if bad.lost {
					time.Sleep(1500 * time.Millisecond)
					if err := ip(t, "ip", "link", "set", c.here, "down"); err != nil {
						t.Error(err)
					}
					untilLost(run)
					if err := ip(t, "ip", "link", "set", c.here, "up"); err != nil {
						t.Error(err)
					}
				}
			})
			if err != nil {
				t.Fatal(err)
			}
			sums(t, r)
			planned := int64(100 * length / time.Second)
			if !bad.lost && (r.Planned != planned || r.Sent != planned) {
				t.Errorf("planned %d, sent %d, lost %d: want %d", r.Planned, r.Sent, r.Lost, planned)
			}
			if gone := r.Workers[0].Gone || r.Workers[1].Gone; gone != bad.lost || r.Planned < planned || r.Planned > planned+600 {
				t.Errorf("a worker was lost: %v; planned %d of %d", gone, r.Planned, planned)
			}
		})
	}
}
