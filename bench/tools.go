package main

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"time"
)

// tool is another generator, told to do what bench/fan does: GET a page with a cookie, again and again, on connections that stay open.
type tool struct {
	name   string
	plain  float64 // how many times our CPU time for a request it must cost at least; zero means that nothing is promised
	secure float64 // the same over TLS
	script bool    // it starts an interpreter
	args   func(assignment) []string
	file   string // where it is; "" is somewhere on the PATH
}

// assignment is what a tool is to do.
type assignment struct {
	site   string // base URL
	secure bool
	conns  int
	dir    string        // of the scripts
	length time.Duration // of the run, in whole seconds
}

// path is what to run.
func (t tool) path() string { return cmp.Or(t.file, t.name) }

func (a assignment) page() string { return a.site + "/page" }

// cookie is what each generator sends with each request.
const cookie = "session=0123456789abcdef"

func tools() []tool {
	seconds := func(d time.Duration) string { return strconv.Itoa(int(d.Seconds())) }
	header := "Cookie: " + cookie
	return []tool{
		{"wrk", 1, 1, false, func(a assignment) []string {
			return []string{"-t1", "-c" + strconv.Itoa(a.conns), "-d" + seconds(a.length) + "s", "-H", header, a.page()}
		}, ""},
		{"hey", 0, 0, false, func(a assignment) []string {
			return []string{"-z", seconds(a.length) + "s", "-c", strconv.Itoa(a.conns), "-cpus", "1", "-H", header, a.page()}
		}, ""},
		{"h2load", 0, 0, false, func(a assignment) []string {
			return []string{"--h1", "-t1", "-D", seconds(a.length), "-c", strconv.Itoa(a.conns), "-H", header, a.page()}
		}, ""},
		{"vegeta", 4.5, 0, false, func(a assignment) []string {
			workers := strconv.Itoa(a.conns) // no more than these, each with its connection, as fast as they can
			return []string{
				"attack", "-rate=0", "-workers=" + workers, "-max-workers=" + workers, "-duration=" + seconds(a.length) + "s", "-insecure",
				"-targets=" + filepath.Join(a.dir, targetsFile), "-output=" + os.DevNull,
			}
		}, ""},
		{"k6", 10, 0, true, func(a assignment) []string {
			return []string{
				"run", "--vus=" + strconv.Itoa(a.conns), "--duration=" + seconds(a.length) + "s", "--env=SITE=" + a.site, "--insecure-skip-tls-verify", "--address=",
				"--no-usage-report", "--no-thresholds", "--no-color", "--quiet", filepath.Join(a.dir, k6File),
			}
		}, ""},
		{"locust", 18, 0, true, func(a assignment) []string {
			users := strconv.Itoa(a.conns) // FastHttpUser, one process; all come within a second
			return []string{
				"--locustfile=" + filepath.Join(a.dir, locustFile), "--headless", "--users=" + users, "--spawn-rate=" + users,
				"--run-time=" + seconds(a.length) + "s", "--host=" + a.site, "--only-summary", "--loglevel=ERROR",
			}
		}, ""},
	}
}

// otherBuild is where BENCH_BEFORE says that another build of bench/fan is; "" for none.
func otherBuild() string { return os.Getenv("BENCH_BEFORE") }

// opponents are the tools, the other build where there is one, and the least that a generator can cost here.
func (b *bench) opponents(secure bool) []tool {
	all := tools()
	if path := otherBuild(); path != "" {
		all = append(all, tool{name: "before", args: fanArgs, file: path})
	}
	if runtime.GOOS == "linux" && !secure {
		all = append(all, tool{name: "bare", args: fanArgs, file: b.bare}) // a loop of the same system calls that looks at nothing
	}
	return all
}

// fanArgs are those of bench/fan, and of bench/bare.
func fanArgs(a assignment) []string {
	return []string{"-host", a.site, "-users", strconv.Itoa(a.conns), "-t", a.length.String()}
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
