package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/stampede-load/stampede/internal/testsite"
)

// http2Rounds is fewer than elsewhere: there are five cases, and all is to be over within six minutes.
const http2Rounds = 3

// h2loadRequests is how many h2load is told to ask for: more than it gets to, as it is ended after its round. Given a time (-D) instead, h2load 1.52
// with 1,000 connections does not end either.
const h2loadRequests = 1_000_000_000

// http2Case is one comparison over HTTP/2. All tools get the same page of 1 KiB from nginx, which counts the requests.
type http2Case struct {
	name    string
	secure  bool
	conns   int
	streams int     // at once on each connection
	reach   float64 // how many times our cost h2load's must be
}

func http2Cases() []http2Case {
	return []http2Case{
		{"TLS 1.3, 64 connections", true, 64, 1, 1.1},
		{"TLS 1.3, 1,000 connections", true, 1000, 1, 1.2},
		{"TLS 1.3, 64 connections with 10 streams each", true, 64, 10, 1},
		{"in clear, 64 connections", false, 64, 1, 1},
		{"in clear, 1,000 connections", false, 1000, 1, 1},
	}
}

// http2 compares the cost of a request over HTTP/2 with h2load's, k6's and that of the other build.
func (b *bench) http2() error {
	site, err := b.nginx()
	if err != nil {
		return err
	}
	defer site.close()
	for _, c := range http2Cases() {
		if err := b.compare2(site, c); err != nil {
			return err
		}
	}
	return nil
}

// http2Memory measures what connected users that think cost over HTTP/2 and TLS.
func (b *bench) http2Memory() error {
	site, err := b.nginx()
	if err != nil {
		return err
	}
	defer site.close()
	return b.memory2(site)
}

// generator2 is one of the programs that are compared.
type generator2 struct {
	name   string
	window window
	args   []string
}

// generators2 are those that are compared in a case.
func (b *bench) generators2(site *nginxSite, c http2Case) ([]generator2, error) {
	w, endless := b.window(false), b.window(false)
	endless.endless = true
	fan := site.fan(c, w.runs())
	runs := []generator2{{"stampede", w, append([]string{b.fan}, fan...)}, {"h2load", endless, site.h2load(c)}}
	if path := otherBuild(); path != "" {
		runs = append(runs, generator2{"before", w, append([]string{path}, fan...)})
	}
	if c.streams > 1 {
		return runs, nil
	}
	runs = append(runs, generator2{"known", w, append(append([]string{b.fan}, fan...), "-ask")}) // the request is known before the run, as those of hit are
	if _, err := exec.LookPath("k6"); err == nil && c.secure {
		if err := writeScripts(assignment{site: site.url(c), dir: b.dir}); err != nil {
			return nil, err
		}
		w := b.window(true)
		runs = append(runs, generator2{"k6", w, []string{
			"k6", "run", "--vus=" + strconv.Itoa(c.conns), "--duration=" + w.runs().String(), "--env=SITE=" + site.url(c), "--insecure-skip-tls-verify",
			"--address=", "--no-usage-report", "--no-thresholds", "--no-color", "--quiet", filepath.Join(b.dir, k6File),
		}})
	}
	return runs, nil
}

// compare2 interleaves rounds.
func (b *bench) compare2(site *nginxSite, c http2Case) error {
	runs, err := b.generators2(site, c)
	if err != nil {
		return err
	}
	cost, user, made := map[string][]float64{}, map[string][]float64{}, []float64(nil)
	n := b.roundsOr(http2Rounds)
	for range n {
		for _, r := range runs {
			u, err := b.observe(r.window, site.count, r.args[0], r.args[1:]...)
			if err == nil {
				if u.requests--; u.requests <= 0 { // one was ours, to ask how many there were
					err = errors.New("not a single request came")
				}
			}
			if err != nil {
				return fmt.Errorf("%s: %w", r.name, err)
			}
			cost[r.name] = append(cost[r.name], u.perRequest())
			user[r.name] = append(user[r.name], u.each(u.user))
			if r.name == "stampede" {
				result, err := readResult(u)
				if err != nil {
					return err
				}
				if result.Failures > 0 {
					return fmt.Errorf("%d of %d requests failed", result.Failures, result.Requests)
				}
				made = append(made, result.Allocations)
			}
		}
	}
	fmt.Printf("   %s, us of generator CPU a request once all are connected, median (range) of %d rounds of %v\n", c.name, n, b.each())
	for _, r := range runs {
		line := fmt.Sprintf("   %-10s %-30s %.2f in user space", r.name, spreadOf(cost[r.name]), spreadOf(user[r.name]).median)
		if r.name == "stampede" {
			line += fmt.Sprintf(", %.1f allocations", spreadOf(made).median)
		} else {
			ratios := make([]float64, n)
			for i := range ratios {
				ratios[i] = cost[r.name][i] / cost["stampede"][i]
			}
			line += fmt.Sprintf(", costs %sx", spreadOf(ratios))
		}
		if r.name == "h2load" {
			line += fmt.Sprintf("   reach: %gx", c.reach)
		}
		fmt.Println(line)
	}
	return nil
}

// memory2 measures it for two numbers of users.
func (b *bench) memory2(site *nginxSite) error {
	for _, users := range []int{4000, 10_000} {
		u, err := site.measure(b.ctx, append([]string{b.fan}, "-host", "https://"+site.secure, "-users", strconv.Itoa(users), "-spawn", "500", "-t", strconv.Itoa(users/500+20)+"s", "-think", "30s"))
		if err != nil {
			return err
		}
		r, err := readResult(u)
		if err != nil {
			return err
		}
		fmt.Printf("   %d users connected over HTTP/2 and TLS: %.2f KB each (RSS %.1f MB, %.1f MB before the first; %d requests, %d failed)   reach: 16\n",
			users, float64(r.RSS-r.BaseRSS)/1024/float64(users), mb(r.RSS), mb(r.BaseRSS), r.Requests, r.Failures)
	}
	return nil
}

// nginxSite is an nginx on core 1.
type nginxSite struct {
	cmd                   *exec.Cmd
	clear, secure, status string // addresses
	said                  strings.Builder
}

const nginxConf = `daemon off; master_process off; worker_processes 1; pid %[1]s/pid; error_log %[1]s/error.log crit;
events { worker_connections 12000; }
http {
	access_log off; keepalive_requests 1000000000; keepalive_timeout 600s; http2_max_concurrent_streams 256;
	client_body_temp_path %[1]s/t; proxy_temp_path %[1]s/t; fastcgi_temp_path %[1]s/t; uwsgi_temp_path %[1]s/t; scgi_temp_path %[1]s/t;
	ssl_certificate %[1]s/cert.pem; ssl_certificate_key %[1]s/key.pem; ssl_protocols TLSv1.3;
	server { listen %[2]s http2; location / { default_type text/html; return 200 "%[5]s"; } }
	server { listen %[3]s ssl http2; location / { default_type text/html; return 200 "%[5]s"; } }
	server { listen %[4]s; location / { stub_status; } }
}
`

// nginx starts it.
func (b *bench) nginx() (*nginxSite, error) {
	path := "/usr/sbin/nginx"
	if _, err := os.Stat(path); err != nil {
		if path, err = exec.LookPath("nginx"); err != nil {
			return nil, errors.New("nginx is not installed (apt-get install nginx-light)")
		}
	}
	if _, err := exec.LookPath("h2load"); err != nil {
		return nil, errors.New("h2load is not installed (apt-get install nghttp2-client)")
	}
	s := &nginxSite{}
	if err := freeAddresses(&s.clear, &s.secure, &s.status); err != nil {
		return nil, err
	}
	dir := filepath.Join(b.dir, "nginx")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	cert, key, err := testsite.CertificatePEM()
	if err != nil {
		return nil, err
	}
	conf := fmt.Sprintf(nginxConf, dir, s.clear, s.secure, s.status, strings.Repeat("x", 1024))
	for name, text := range map[string]string{"nginx.conf": conf, "cert.pem": string(cert), "key.pem": string(key)} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			return nil, err
		}
	}
	// As many descriptors as are permitted: Go gives its children the usual 1,024.
	args := []string{"sh", "-c", `ulimit -n "$(ulimit -Hn)" && exec "$@"`, "sh", path, "-p", dir, "-e", filepath.Join(dir, "error.log"), "-c", filepath.Join(dir, "nginx.conf")}
	if pinnable() {
		args = append([]string{"taskset", "-c", "1"}, args...)
	}
	return s, s.start(b.ctx, args)
}

// freeAddresses finds addresses where nobody listened a moment ago.
func freeAddresses(addrs ...*string) error {
	for _, addr := range addrs {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		defer l.Close() // not before all of them are found: they are to differ
		*addr = l.Addr().String()
	}
	return nil
}

// start runs it, and waits until it answers.
func (s *nginxSite) start(ctx context.Context, args []string) error {
	s.cmd = exec.Command(args[0], args[1:]...)
	s.cmd.Stderr = &s.said
	if err := s.cmd.Start(); err != nil {
		return err
	}
	for range 100 {
		if _, err := s.count(ctx); err == nil {
			return nil
		}
		time.Sleep(50 * time.Millisecond)
	}
	s.close()
	return fmt.Errorf("nginx does not start: %s", s.said.String())
}

func (s *nginxSite) close() {
	// It is over in any case.
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
}

func (s *nginxSite) url(c http2Case) string {
	if c.secure {
		return "https://" + s.secure
	}
	return "http://" + s.clear
}

func (s *nginxSite) fan(c http2Case, length time.Duration) []string {
	args := []string{"-host", s.url(c), "-users", strconv.Itoa(c.conns), "-t", length.String(), "-streams", strconv.Itoa(c.streams)}
	if !c.secure {
		args = append(args, "-http", "h2c")
	}
	return args
}

func (s *nginxSite) h2load(c http2Case) []string {
	return []string{
		"h2load", "-t1", "-n", strconv.Itoa(h2loadRequests), "-c", strconv.Itoa(c.conns), "-m", strconv.Itoa(c.streams),
		"-H", "Cookie: " + cookie, s.url(c) + "/page",
	}
}

var stubRequests = regexp.MustCompile(`(?m)^ \d+ \d+ (\d+) `)

// count asks how many requests came so far.
func (s *nginxSite) count(ctx context.Context) (int64, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.status+"/", nil)
	if err != nil {
		return 0, err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return 0, err
	}
	m := stubRequests.FindSubmatch(text)
	if m == nil {
		return 0, fmt.Errorf("what nginx says of itself is %q", text)
	}
	return strconv.ParseInt(string(m[1]), 10, 64)
}

// measure runs a generator on core 0 and counts what reached nginx.
func (s *nginxSite) measure(ctx context.Context, args []string) (usage, error) {
	before, err := s.count(ctx)
	if err != nil {
		return usage{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	u, err := runOn(ctx, "0", 1, args[0], args[1:]...)
	if err != nil {
		return u, err
	}
	after, err := s.count(ctx)
	if u.requests = after - before - 1; err == nil && u.requests <= 0 {
		err = errors.New("not a single request came")
	}
	return u, err
}
