package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// The line on which pages are loaded by both.
const (
	lineRoundTrip = 20 * time.Millisecond
	lineMegabits  = 10
	lineLoads     = 5
)

// k6Page is the page as people write it for k6: the document, then its parts in a batch.
const k6Page = `import http from 'k6/http';
const parts = JSON.parse(__ENV.PARTS).map((p) => ['GET', __ENV.SITE + p]);
export default function () {
  http.get(__ENV.SITE + '/');
  http.batch(parts);
}
`

// pageK6 is k6 that loads the same page, with its parts written out by hand; nil where there is none. It keeps connections, cookies and bodies as it
// does for everybody, and asks for six parts of a host at once as a browser does.
func (b *bench) pageK6(site *pageSite) (*pageWay, error) {
	if _, err := exec.LookPath("k6"); err != nil {
		fmt.Println("   k6 is not on the PATH: not compared (go install go.k6.io/k6, at the version of bench/tools.go's figures)")
		return nil, nil
	}
	script := filepath.Join(b.dir, "page.js")
	if err := os.WriteFile(script, []byte(k6Page), 0o600); err != nil {
		return nil, err
	}
	list, err := exec.CommandContext(b.ctx, site.program, "-parts").Output()
	if err != nil {
		return nil, err
	}
	return &pageWay{name: "k6, http.batch (promised: 8x)", script: true, args: func(length time.Duration) []string {
		return []string{
			"k6", "run", "--vus=16", "--duration=" + length.String(), "--env=SITE=" + site.url, "--env=PARTS=" + strings.TrimSpace(string(list)),
			"--address=", "--no-usage-report", "--no-thresholds", "--no-color", "--quiet", script,
		}
	}}, nil
}

// onePage loads the page so often with the program of pages.
func (b *bench) onePage(program, mode string, pages int, site string, args ...string) (r pageResult, err error) {
	args = append([]string{"-mode", mode, "-n", strconv.Itoa(pages)}, append(args, site)...)
	text, err := exec.CommandContext(b.ctx, program, args...).Output()
	if err != nil {
		return r, fmt.Errorf("%s: %w", mode, err)
	}
	return r, json.Unmarshal(text, &r)
}

// pageLine loads a heavier page over a slow line, by turns with Chromium, scripts off, an empty cache each time.
func (b *bench) pageLine(program, site string) error {
	chromium := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			chromium = path
			break
		}
	}
	if chromium == "" {
		fmt.Println("   there is no Chromium on the PATH: the time on a slow line is not compared")
		return nil
	}
	k, err := newLink(strings.TrimPrefix(site, "http://"), lineRoundTrip, lineMegabits)
	if err != nil {
		return err
	}
	defer k.Close()
	at := "http://" + k.Addr().String()
	var ours, theirs, cpu []float64
	for i := range lineLoads {
		k.reset()
		if _, err := b.onePage(program, "page", 1, at, "-path", "/heavy"); err != nil {
			return err
		}
		ours = append(ours, ms(k.took()))
		k.reset()
		cmd := exec.CommandContext(b.ctx, chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
			"--disable-component-update", "--disable-sync", "--blink-settings=scriptEnabled=false", "--window-size=1280,720",
			"--user-data-dir="+filepath.Join(b.dir, "chromium"+strconv.Itoa(i)), at+"/heavy")
		if err := cmd.Start(); err != nil {
			return fmt.Errorf("%s: %w", chromium, err)
		}
		if !k.settle(30 * time.Second) {
			return fmt.Errorf("%s asked for nothing", chromium)
		}
		_ = cmd.Process.Signal(syscall.SIGTERM) // it stays open otherwise
		_ = cmd.Wait()                          // ended by the signal
		theirs = append(theirs, ms(k.took()))
		cpu = append(cpu, (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds())
	}
	slices.Sort(ours)
	slices.Sort(theirs)
	fmt.Printf("   a page of 380 KB on a line of %v and %d Mbit/s, ms from its first byte to its last, %d loads\n", lineRoundTrip, lineMegabits, lineLoads)
	fmt.Printf("   %-28s %s\n   %-28s %s   of it: %.2f   promised: within 15 %%\n", "stampede", spreadOf(ours), "Chromium, scripts off", spreadOf(theirs),
		spreadOf(ours).median/spreadOf(theirs).median)
	fmt.Printf("   %-28s %.2f s with its start\n", "CPU of Chromium for one page", spreadOf(cpu).median)
	return nil
}
