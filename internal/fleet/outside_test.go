package fleet

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/stampede-load/stampede"
	others "github.com/stampede-load/stampede/internal/testsite/peer"
)

// natsServer starts a NATS server as a program of its own, with the configuration that docs/fleet.md gives, and returns its address.
func natsServer(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	program := filepath.Join(dir, "nats-server")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, "github.com/nats-io/nats-server/v2").CombinedOutput(); err != nil {
		t.Fatalf("build nats-server: %v: %s", err, out)
	}
	doc, err := os.ReadFile("../../docs/fleet.md")
	if err != nil {
		t.Fatal(err)
	}
	_, config, ok := strings.Cut(string(doc), "```\n# nats.conf\n")
	config, _, closed := strings.Cut(config, "```")
	if !ok || !closed {
		t.Fatal("docs/fleet.md has no nats.conf")
	}
	addr := fmt.Sprintf("127.0.0.1:%d", others.FreePort(t))
	config = strings.NewReplacer("0.0.0.0:4222", addr, "/var/lib/nats", dir).Replace(config)
	file := filepath.Join(dir, "nats.conf")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "-c", file)
	said, err := cmd.StderrPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // one that has gone is what we want
		_ = cmd.Wait()
	})
	lines := bufio.NewScanner(said)
	for lines.Scan() {
		if strings.Contains(lines.Text(), "Server is ready") {
			go func() {
				for lines.Scan() { // its pipe must not fill up
					continue
				}
			}()
			return addr
		}
	}
	t.Fatal("the NATS server did not get ready")
	return ""
}

// Controller and workers meet at a NATS server of somebody else, with the permissions of the documentation.
func TestOutsideNATS(t *testing.T) {
	t.Parallel()
	addr := natsServer(t)
	url := func(user string) string { return fmt.Sprintf("nats://%s:%s-password@%s", user, user, addr) }
	c := newCrowdWith(t, 0, Options{NATS: url("controller"), silence: unhurried})
	worker, err := ParseJoinURL(url("worker"))
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		c.joinWith("", func(cfg *WorkerConfig) { cfg.URL = worker })
	}
	if _, err := c.c.Await(t.Context(), 2, time.Minute); err != nil {
		t.Fatal(err)
	}
	r, err := c.run(stampede.Plan{Rate: stampede.Level(100), Duration: 6 * time.Second, Observers: []stampede.Observer{&seconds{t: t}}}, func(*stampede.Running) {
		time.Sleep(time.Second)
		if err := c.c.Drain("worker-1", ""); err != nil {
			t.Error(err)
		}
		if g, err := Ask(c.c.folder, Wish{}); err != nil || len(g.Workers) == 0 {
			t.Errorf("an operator got %v, %v", g, err)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	sums(t, r)
	if r.Planned != 600 || r.Sent != 600 || len(r.Workers) != 2 {
		t.Errorf("planned %d, sent %d, %d workers", r.Planned, r.Sent, len(r.Workers))
	}
	if strings.Contains(c.c.JoinURL().Redacted(), "password") {
		t.Error(c.c.JoinURL().Redacted())
	}

	// A second controller would give the same workers other orders.
	if _, err := Listen(t.Context(), Options{Version: "1", Folder: t.TempDir(), NATS: url("controller")}); err == nil || !strings.Contains(err.Error(), "another controller uses the NATS account") {
		t.Errorf("a second controller: %v", err)
	}
	// Who has the workers' password cannot do what the controller does.
	g, err := nats.Connect(url("worker"), nats.NoReconnect(), nats.CustomInboxPrefix("_INBOX.W.9"))
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	ctx, stop := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer stop()
	if _, err := g.RequestWithContext(ctx, operatorSubject(), []byte("{}")); err == nil {
		t.Error("a worker asked as an operator and got an answer")
	}
	for what, text := range map[string]string{"no NATS": "http://h", "no server": "nats://127.0.0.1:1"} {
		if _, err := Listen(t.Context(), Options{Version: "1", Folder: t.TempDir(), NATS: text}); err == nil {
			t.Errorf("%s: no error", what)
		}
	}
}
