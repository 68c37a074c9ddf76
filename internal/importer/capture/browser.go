package capture

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// Browser is a Chromium with a profile of its own, which knows nothing of the user's and is gone when it is closed.
type Browser struct {
	cmd     *exec.Cmd
	profile string
	tools   *tools
	ended   chan struct{}
	opened  string // the address of its developer tools
}

// browsers are the names of programs that are Chromium.
var browsers = []string{
	"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge", "brave-browser",
	"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome", "/Applications/Chromium.app/Contents/MacOS/Chromium",
}

// FindBrowser is the first Chromium of this machine; "" when there is none.
func FindBrowser() string {
	for _, name := range browsers {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// Open starts a browser that goes through the proxy, trusts its certificates and no others beyond the usual, and shows the site. What is clicked
// in it becomes part of the recording. flags are more of Chromium's.
func (p *Proxy) Open(ctx context.Context, program string, flags ...string) (*Browser, error) {
	profile, err := os.MkdirTemp("", "stampede-record-*")
	if err != nil {
		return nil, fmt.Errorf("record: the browser needs a folder: %w", err)
	}
	args := []string{
		"--user-data-dir=" + profile, "--proxy-server=" + p.URL(), "--proxy-bypass-list=<-loopback>",
		"--ignore-certificate-errors-spki-list=" + p.authority.fingerprint(), "--remote-debugging-port=0",
		"--no-first-run", "--no-default-browser-check", "--disable-background-networking", "--disable-component-update", "--disable-sync",
		"--disable-features=Translate,OptimizationHints,MediaRouter", "--disable-domain-reliability", "--password-store=basic",
	}
	if os.Getuid() == 0 {
		args = append(args, "--no-sandbox") // it does not start otherwise
	}
	b := &Browser{cmd: exec.CommandContext(ctx, program, append(append(args, flags...), "about:blank")...), profile: profile, ended: make(chan struct{})}
	b.cmd.Cancel = func() error { return b.cmd.Process.Signal(os.Interrupt) }
	b.cmd.WaitDelay = 5 * time.Second
	if err := b.cmd.Start(); err != nil {
		os.RemoveAll(profile)
		return nil, fmt.Errorf("record: %s does not start: %w", program, err)
	}
	go func() {
		_ = b.cmd.Wait() // how it ended does not matter
		close(b.ended)
	}()
	if err := b.watch(ctx, p); err != nil {
		b.Close()
		return nil, fmt.Errorf("record: %s: %w", program, err)
	}
	return b, nil
}

// startTime is how long a browser may take to start.
const startTime = 60 * time.Second

// watch connects to the browser's developer tools, and opens the site.
func (b *Browser) watch(ctx context.Context, p *Proxy) error {
	file := filepath.Join(b.profile, "DevToolsActivePort")
	for due := time.Now().Add(startTime); ; {
		text, err := os.ReadFile(file)
		if port, path, ok := strings.Cut(strings.TrimSpace(string(text)), "\n"); err == nil && ok {
			b.opened = "ws://127.0.0.1:" + port + path
			break
		}
		select {
		case <-b.ended:
			return errors.New("it ended at once; with --browser none the proxy works with any browser")
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
		if time.Now().After(due) {
			return errors.New("its developer tools did not answer within a minute")
		}
	}
	var err error
	if b.tools, err = attach(ctx, b.opened, p); err != nil {
		return fmt.Errorf("its developer tools cannot be reached: %w", err)
	}
	return b.tools.show(p.site.String())
}

// Done is closed when the browser has been closed.
func (b *Browser) Done() <-chan struct{} { return b.ended }

// Close closes the browser and removes its profile.
func (b *Browser) Close() {
	if b.tools != nil {
		_ = b.tools.send("", "Browser.close", nil)
	}
	select {
	case <-b.ended:
	case <-time.After(5 * time.Second):
		_ = b.cmd.Process.Kill()
		<-b.ended
	}
	if b.tools != nil {
		b.tools.close()
	}
	for range 20 { // its children write for a moment longer
		if os.RemoveAll(b.profile) == nil {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
}
