package main

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/stampede-load/stampede/internal/testsite"
)

// idle3 is how many connected users the memory of HTTP/3 is measured with.
const idle3 = 1000

// http3 says what HTTP/3 costs beside HTTP/2, with Caddy, which speaks both on one port.
func (b *bench) http3() error {
	site, err := b.caddy()
	if err != nil {
		return err
	}
	defer site.close()
	cost, made, each := map[string][]float64{}, map[string][]float64{}, map[string][]float64{}
	n := b.roundsOr(http2Rounds)
	versions := []string{"2", "3"}
	for range n {
		for _, version := range versions {
			r, u, err := b.fan3(site, version, "-users", "64", "-t", b.each().String())
			if err != nil {
				return err
			}
			cost[version] = append(cost[version], u.each(u.cpu)) // of the whole process: 64 handshakes are little of it
			made[version] = append(made[version], r.Allocations)
			if r, _, err = b.fan3(site, version, "-users", strconv.Itoa(idle3), "-spawn", "200", "-t", "25s", "-think", "60s"); err != nil {
				return err
			}
			each[version] = append(each[version], float64(r.RSS-r.BaseRSS)/1024/idle3)
		}
	}
	for _, version := range versions {
		fmt.Printf("   HTTP/%s: %s us of generator CPU a request with %.1f allocations, 64 users; %s KB for each of %d that are connected; medians (ranges) of %d rounds\n",
			version, spreadOf(cost[version]), spreadOf(made[version]).median, spreadOf(each[version]), idle3, n)
	}
	return nil
}

// fan3 is one run of bench/fan over one version. The requests are those that it counted.
func (b *bench) fan3(site *caddySite, version string, args ...string) (fanResult, usage, error) {
	args = append([]string{"-host", "https://" + site.addr, "-http", version}, args...)
	u, err := runOn(b.ctx, "0", 1, b.fan, args...)
	if err != nil {
		return fanResult{}, u, err
	}
	r, err := readResult(u)
	if err == nil && r.Failures > 0 {
		err = fmt.Errorf("%d of %d requests over HTTP/%s failed", r.Failures, r.Requests, version)
	}
	u.requests = r.Requests
	return r, u, err
}

// caddySite is a Caddy on core 1 that answers with a page of 1 KiB.
type caddySite struct {
	cmd  *exec.Cmd
	addr string
	said strings.Builder
}

const caddyConf = `{"admin": {"disabled": true}, "apps": {
	"tls": {"certificates": {"load_files": [{"certificate": "%[1]s/cert.pem", "key": "%[1]s/key.pem"}]}},
	"http": {"servers": {"s": {"listen": ["%[2]s"], "automatic_https": {"disable": true}, "tls_connection_policies": [{}],
		"routes": [{"handle": [{"handler": "static_response", "headers": {"Content-Type": ["text/html"]}, "body": "%[3]s"}]}]}}}}}
`

func (b *bench) caddy() (*caddySite, error) {
	path, err := exec.LookPath("caddy")
	if err != nil {
		return nil, errors.New("caddy is not installed (apt-get install caddy)")
	}
	s := &caddySite{}
	if err := freeAddresses(&s.addr); err != nil {
		return nil, err
	}
	dir := filepath.Join(b.dir, "caddy")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	cert, key, err := testsite.CertificatePEM()
	if err != nil {
		return nil, err
	}
	conf := fmt.Sprintf(caddyConf, dir, s.addr, strings.Repeat("x", 1024))
	for name, text := range map[string]string{"caddy.json": conf, "cert.pem": string(cert), "key.pem": string(key)} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			return nil, err
		}
	}
	args := []string{path, "run", "--config", filepath.Join(dir, "caddy.json")}
	if pinnable() {
		args = append([]string{"taskset", "-c", "1"}, args...)
	}
	s.cmd = exec.Command(args[0], args[1:]...)
	s.cmd.Env = append(os.Environ(), "HOME="+dir, "XDG_DATA_HOME="+dir, "XDG_CONFIG_HOME="+dir)
	s.cmd.Stderr = &s.said
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	return s, s.answers()
}

// answers waits until it does.
func (s *caddySite) answers() error {
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}, Timeout: time.Second} // it is ours, on the loopback
	defer client.CloseIdleConnections()
	for range 100 {
		if res, err := client.Get("https://" + s.addr + "/page"); err == nil {
			res.Body.Close()
			return nil
		}
		time.Sleep(100 * time.Millisecond)
	}
	s.close()
	return fmt.Errorf("caddy does not start: %s", s.said.String())
}

func (s *caddySite) close() {
	// It is over in any case.
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
}
