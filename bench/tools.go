package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// tool is another generator, told to do what bench/fan does: GET a page with a cookie, again and again, on connections that stay open.
type tool struct {
	name   string
	plain  float64 // how many times our CPU time for a request it must cost at least; zero means that nothing is promised
	secure float64 // the same over TLS
	length time.Duration
	args   func(assignment) []string
}

// assignment is what a tool is to do.
type assignment struct {
	site  string // base URL
	conns int
	dir   string // of the scripts
}

func (a assignment) page() string { return a.site + "/page" }

// cookie is what each generator sends with each request.
const cookie = "session=0123456789abcdef"

// scriptLength is the length of a round of those that start an interpreter: what that costs is in their figures, as our own start is in ours,
// and shall not decide them.
const scriptLength = 2 * roundLength

func tools() []tool {
	seconds := func(d time.Duration) string { return strconv.Itoa(int(d.Seconds())) }
	header, short, long := "Cookie: "+cookie, seconds(roundLength), seconds(scriptLength)
	return []tool{
		{"wrk", 1, 1, roundLength, func(a assignment) []string {
			return []string{"-t1", "-c" + strconv.Itoa(a.conns), "-d" + short + "s", "-H", header, a.page()}
		}},
		{"hey", 0, 0, roundLength, func(a assignment) []string {
			return []string{"-z", short + "s", "-c", strconv.Itoa(a.conns), "-cpus", "1", "-H", header, a.page()}
		}},
		{"h2load", 0, 0, roundLength, func(a assignment) []string {
			return []string{"--h1", "-t1", "-D", short, "-c", strconv.Itoa(a.conns), "-H", header, a.page()}
		}},
		{"vegeta", 4.5, 0, roundLength, func(a assignment) []string {
			workers := strconv.Itoa(a.conns) // no more than these, each with its connection, as fast as they can
			return []string{
				"attack", "-rate=0", "-workers=" + workers, "-max-workers=" + workers, "-duration=" + short + "s", "-insecure",
				"-targets=" + filepath.Join(a.dir, targetsFile), "-output=" + os.DevNull,
			}
		}},
		{"k6", 10, 0, scriptLength, func(a assignment) []string {
			return []string{
				"run", "--vus=" + strconv.Itoa(a.conns), "--duration=" + long + "s", "--env=SITE=" + a.site, "--insecure-skip-tls-verify", "--address=",
				"--no-usage-report", "--no-thresholds", "--no-color", "--quiet", filepath.Join(a.dir, k6File),
			}
		}},
		{"locust", 18, 0, scriptLength, func(a assignment) []string {
			users := strconv.Itoa(a.conns) // FastHttpUser, one process; all come within a second
			return []string{
				"--locustfile=" + filepath.Join(a.dir, locustFile), "--headless", "--users=" + users, "--spawn-rate=" + users,
				"--run-time=" + long + "s", "--host=" + a.site, "--only-summary", "--loglevel=ERROR",
			}
		}},
	}
}

// quiet keeps tools from asking or telling anybody outside of this machine.
func quiet() []string {
	return []string{"K6_NO_USAGE_REPORT=true", "K6_AUTO_EXTENSION_RESOLUTION=false"}
}

// The scripts of the tools that have one.
const (
	targetsFile = "targets.http"
	k6File      = "fan.js"
	locustFile  = "fan.py"

	k6Script = `import http from 'k6/http';

const params = { headers: { Cookie: '` + cookie + `' } };

export default function () {
  http.get(__ENV.SITE + '/page', params);
}
`
	locustScript = `from locust import FastHttpUser, constant, task


class Fan(FastHttpUser):
    wait_time = constant(0)

    @task
    def page(self):
        self.client.get("/page", headers={"Cookie": "` + cookie + `"})
`
)

// writeScripts makes them, for one site, in a folder.
func writeScripts(a assignment) error {
	for name, text := range map[string]string{
		targetsFile: "GET " + a.page() + "\nCookie: " + cookie + "\n",
		k6File:      k6Script,
		locustFile:  locustScript,
	} {
		if err := os.WriteFile(filepath.Join(a.dir, name), []byte(text), 0o600); err != nil {
			return fmt.Errorf("write the script of a tool: %w", err)
		}
	}
	return nil
}
