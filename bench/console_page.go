package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// consolePage measures the page in a browser: what an update costs, whether twelve hours leave anything behind, and whether its figures are those
// of the files. It needs Node and Chromium, and what npm ci in web/ installs.
func (b *bench) consolePage() error {
	hour, err := b.build("web/test/hour")
	if err != nil {
		return err
	}
	if err := b.inBrowser(nil, "hour.js", hour, "hour"); err != nil {
		return err
	}
	play := b.length
	if play <= 0 {
		play = 432 * time.Second // a hundred times faster: a browser on a busy machine keeps up with no more
	}
	return b.inBrowser([]string{fmt.Sprintf("PLAY=%d", int(play.Seconds()))}, "hour.js", hour, "day")
}

// consoleEqual compares every figure of the page with the files, for 20 runs of all models.
func (b *bench) consoleEqual() error {
	crowd, err := b.build("web/test/crowd")
	if err != nil {
		return err
	}
	runs := b.count
	if runs <= 0 {
		runs = 20
	}
	return b.inBrowser([]string{"ONLY=every figure", fmt.Sprintf("RUNS=%d", runs)}, "console.js", crowd)
}

// inBrowser runs a script of web/test.
func (b *bench) inBrowser(env []string, script string, args ...string) error {
	web := "web"
	if _, err := os.Stat(filepath.Join(web, "node_modules")); err != nil {
		return fmt.Errorf("the page is measured with Node: run npm ci in web/ first (%w)", err)
	}
	cmd := exec.CommandContext(b.ctx, "node", append([]string{filepath.Join("test", script)}, args...)...)
	cmd.Dir, cmd.Stdout, cmd.Stderr, cmd.Env = web, os.Stdout, os.Stderr, append(os.Environ(), env...)
	return cmd.Run()
}
