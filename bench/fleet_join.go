package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// fleetJoin starts stock workers, as on so many machines, that have never seen the test: each has a folder of its own.
func (b *bench) fleetJoin() error {
	workers := 50
	if b.count > 0 {
		workers = b.count
	}
	stock, err := b.build("cmd/stampede")
	if err != nil {
		return err
	}
	herd, err := b.herd()
	if err != nil {
		return err
	}
	info, err := os.Stat(herd)
	if err != nil {
		return err
	}
	site, err := newNoting()
	if err != nil {
		return err
	}
	defer site.close()
	for _, what := range []string{"never saw the test: ", "have it already:    "} {
		took, err := b.joining(stock, herd, site, workers)
		if err != nil {
			return err
		}
		fmt.Printf("   %d stock workers that %s the run began after %.1f s (reach: 20; the test is %.0f MB)\n", workers, what, took.Seconds(), mb(info.Size()))
	}
	return nil
}

// joining is how long it takes from the start of the workers to the first request.
func (b *bench) joining(stock, herd string, site *noting, workers int) (time.Duration, error) {
	before := len(site.taken())
	cache := func(who string) string { return "XDG_CACHE_HOME=" + filepath.Join(b.dir, "join", who) }
	c, line, err := begin(b.ctx, []string{cache("controller")}, true, herd, "run", "-H", site.url(), "--rate", strconv.Itoa(10*workers)+"/s", "-t", "2s",
		"--fleet", "127.0.0.1:0", "--expect-workers", strconv.Itoa(workers), "--plain", "--no-record", "--allow-invalid")
	if err != nil {
		return 0, err
	}
	defer c.end()
	_, url, _ := strings.Cut(line, "'")
	began := time.Now()
	for i := range workers {
		p, _, err := begin(b.ctx, []string{cache(strconv.Itoa(i)), "STAMPEDE_JOIN=" + strings.TrimSuffix(url, "'"), "GOMAXPROCS=1"}, false, stock, "worker", "--quiet")
		if err != nil {
			return 0, err
		}
		defer p.end()
	}
	if _, err := c.wait(); err != nil {
		return 0, err
	}
	all := site.taken()
	if len(all) == before {
		return 0, fmt.Errorf("no request came")
	}
	return all[before].at.Sub(began), nil
}
