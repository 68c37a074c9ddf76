package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/stampede-load/stampede/internal/testsite/lamp"
)

const (
	blogUsers  = 20
	blogLength = 90 * time.Second
)

// blogWays are how a visit is recorded; the script's name for it, or record for the project's own proxy.
var blogWays = []string{"har", "zip", "cdp", "record"}

// blogAccounts are those that are recorded, and those that go through what was made of it.
func blogAccounts() (recorded, others []lamp.Account) {
	for i := range 2 + blogUsers {
		a := lamp.Account{Name: fmt.Sprintf("visitor%d", i-1), Password: fmt.Sprintf("a-secret-of-%d-%d", i-1, 7919*(i+1))}
		if i < 2 {
			a.Name = []string{"annalena", "bertrand"}[i]
			recorded = append(recorded, a)
		} else {
			others = append(others, a)
		}
	}
	return recorded, others
}

// wordpress records a visit to a WordPress in a real browser with two accounts (log in, write a post in the block editor, comment on it, log out),
// makes a test of it, and lets others go through that: check as it is, then a run. It is done for each way to record.
func (b *bench) wordpress() error {
	if missing := blogMissing(); len(missing) > 0 {
		fmt.Printf("   left out: not installed are %s\n   Debian: apt-get install wordpress wordpress-theme-twentytwentythree apache2 php-fpm php-mysql mariadb-server chromium nodejs; then npm ci in web/\n", strings.Join(missing, ", "))
		return nil
	}
	program, err := b.build("cmd/stampede")
	if err != nil {
		return err
	}
	recorded, others := blogAccounts()
	site, err := lamp.StartWordPress(b.ctx, append(recorded[:2:2], others...))
	if err != nil {
		return err
	}
	defer site.Stop()
	for _, way := range blogWays {
		if err := b.blogWay(program, site, way, recorded, others); err != nil {
			fmt.Printf("   %-7s failed: %v\n", way, err)
			b.failed = append(b.failed, "wordpress by "+way)
		}
	}
	return nil
}

func blogMissing() []string {
	missing := lamp.WordPressMissing()
	for _, name := range []string{"node", "chromium"} {
		if _, err := exec.LookPath(name); err != nil {
			missing = append(missing, name)
		}
	}
	if _, err := os.Stat(filepath.Join("web", "node_modules", "playwright-core")); err != nil {
		missing = append(missing, "playwright-core (npm ci in web/)")
	}
	return missing
}

// blogWay records in one way, and tries what comes of it.
func (b *bench) blogWay(program string, site *lamp.Blog, way string, recorded, others []lamp.Account) error {
	var files []string
	for _, a := range recorded {
		ending := ".har"
		if way == "zip" {
			ending = ".zip"
		}
		file := filepath.Join(b.dir, way+"-"+a.Name+ending)
		if err := b.blogVisit(program, site.URL, way, a, file); err != nil {
			return fmt.Errorf("record as %s: %w", a.Name, err)
		}
		files = append(files, file)
	}
	out := filepath.Join(b.dir, "blog-"+way)
	if _, err := b.said(time.Minute, ".", program, append(append([]string{"import", "har"}, files...), "--out", out, "--source", ".")...); err != nil {
		return err
	}
	if b.keep != "" {
		if err := os.CopyFS(filepath.Join(b.keep, "blog-"+way), os.DirFS(out)); err != nil {
			return err
		}
		for _, f := range files {
			if err := copyFile(f, filepath.Join(b.keep, filepath.Base(f))); err != nil {
				return err
			}
		}
	}
	if err := blogRows(out, recorded, others); err != nil {
		return err
	}
	if _, err := b.said(5*time.Minute, out, "go", "build", "-o", "blog", "."); err != nil {
		return err
	}
	return b.blogRun(site, way, out)
}

func copyFile(from, to string) error {
	text, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, text, 0o600)
}

// blogRows gives the test the accounts of others: the first recorded row, with another name and password in place of the recorded ones.
func blogRows(folder string, recorded, others []lamp.Account) error {
	file := filepath.Join(folder, "accounts.csv")
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	lines := strings.SplitN(string(text), "\n", 3)
	if len(lines) < 3 {
		return fmt.Errorf("accounts.csv has no row: %s", text)
	}
	rows := lines[0] + "\n"
	for _, o := range others {
		rows += strings.NewReplacer(recorded[0].Name, o.Name, recorded[0].Password, o.Password).Replace(lines[1]) + "\n"
	}
	return os.WriteFile(file, []byte(rows), 0o600)
}

// blogRun lets others go through a test: check, and a run whose log-ins, posts and comments the site counts.
func (b *bench) blogRun(site *lamp.Blog, way, folder string) error {
	own := filepath.Join(folder, "blog")
	if out, err := b.said(3*time.Minute, folder, own, "check"); err != nil {
		return fmt.Errorf("check: %w\n%s", err, out)
	}
	posts, comments, err := site.Written(b.ctx)
	if err != nil {
		return err
	}
	if posts == 0 || comments == 0 {
		return errors.New("check published nothing")
	}
	seen, err := site.Seen()
	if err != nil {
		return err
	}
	length := blogLength
	if b.length > 0 {
		length = b.length
	}
	result := filepath.Join(folder, "result.json")
	said, err := b.said(length+3*time.Minute, folder, own, "run", "--users", fmt.Sprint(blogUsers), "--spawn-rate", "2", "--run-time", length.String(), "--stop-timeout", "60s",
		"--no-record", "--plain", "--json", result)
	var ended *exec.ExitError
	if err != nil && (!errors.As(err, &ended) || ended.ExitCode() == 2) {
		return fmt.Errorf("run: %w\n%s", err, said)
	}
	asked, failed, err := blogAsked(result)
	if err != nil {
		return err
	}
	morePosts, moreComments, err := site.Written(b.ctx)
	if err != nil {
		return err
	}
	moreSeen, err := site.Seen()
	if err != nil {
		return err
	}
	fmt.Printf("   %-7s check passed; run: %d requests, %d failed; %d posts and %d comments published, %d pages shown to who is logged in, %d asked for\n",
		way, asked.requests, failed, morePosts-posts, moreComments-comments, moreSeen-seen, asked.inside)
	published := morePosts > posts || b.length > 0 // in a run that was told to be short, perhaps nobody comes so far
	if failed > 0 || !published || moreSeen-seen != asked.inside {
		return fmt.Errorf("not all went well:\n%.3000s", said)
	}
	return nil
}

// blogCount is what a run asked for.
type blogCount struct{ requests, inside int }

// blogAsked reads of a result how much was asked, how many pages among it between log-in and log-out, and how much failed.
func blogAsked(file string) (n blogCount, failed int, err error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return n, 0, err
	}
	type row struct {
		Type, Name      string
		Count, Failures int
	}
	var r struct {
		Total    row
		Requests []row
		Pages    []row
	}
	if err := json.Unmarshal(text, &r); err != nil {
		return n, 0, err
	}
	n.requests = r.Total.Count
	for _, p := range r.Pages {
		if !strings.HasPrefix(p.Name, "Home") && p.Name != "Log In Page" && p.Name != "Log Out" { // the names that import gives to those before and after
			n.inside += p.Count - p.Failures
		}
	}
	return n, r.Total.Failures, nil
}

// said runs a program and gives what it says.
func (b *bench) said(limit time.Duration, folder, name string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(b.ctx, limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.WaitDelay = folder, 10*time.Second
	out, err := cmd.CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%s %s: %w: %.2000s", filepath.Base(name), strings.Join(args[:min(len(args), 2)], " "), err, out)
	}
	return string(out), err
}

// blogVisit records one visit into a file.
func (b *bench) blogVisit(program, site, way string, a lamp.Account, file string) error {
	if way != "record" {
		_, err := b.said(6*time.Minute, "web", "node", filepath.Join("test", "wordpress.js"), way, site, a.Name, a.Password, file)
		return err
	}
	ctx, cancel := context.WithTimeout(b.ctx, 6*time.Minute)
	defer cancel()
	// The browser that record opens says where its profile is, and that says where its developer tools are.
	opened := filepath.Join(b.dir, "opened")
	starter := filepath.Join(b.dir, "browser.sh")
	if err := errors.Join(os.RemoveAll(opened), os.WriteFile(starter, fmt.Appendf(nil, "#!/bin/sh\necho \"$@\" > %s\nexec chromium \"$@\"\n", opened), 0o700)); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, program, "record", "--host", site, "--har", file, "--browser", starter,
		"--browser-flag=--headless=new", "--browser-flag=--disable-gpu", "--browser-flag=--window-size=1280,900")
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr, cmd.WaitDelay = &said, &said, 10*time.Second
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	if err := cmd.Start(); err != nil {
		return err
	}
	tools, err := toolsOf(ctx, opened)
	if err == nil {
		_, err = b.said(5*time.Minute, "web", "node", filepath.Join("test", "wordpress.js"), "over", site, a.Name, a.Password, tools)
	}
	if err != nil {
		cancel()
	}
	if ended := cmd.Wait(); err == nil && ended != nil {
		err = fmt.Errorf("record: %w: %.2000s", ended, said.String())
	}
	return err
}

// toolsOf waits for the address of a browser's developer tools.
func toolsOf(ctx context.Context, opened string) (string, error) {
	for ; ctx.Err() == nil; time.Sleep(100 * time.Millisecond) {
		args, err := os.ReadFile(opened)
		if err != nil {
			continue
		}
		for arg := range strings.FieldsSeq(string(args)) {
			profile, ok := strings.CutPrefix(arg, "--user-data-dir=")
			if !ok {
				continue
			}
			text, err := os.ReadFile(filepath.Join(profile, "DevToolsActivePort"))
			if port, path, ok := strings.Cut(strings.TrimSpace(string(text)), "\n"); err == nil && ok && path != "" {
				return "http://127.0.0.1:" + port, nil
			}
		}
	}
	return "", fmt.Errorf("the browser does not say where its developer tools are: %w", ctx.Err())
}
