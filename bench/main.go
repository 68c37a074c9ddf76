// Command bench measures what this project promises, as ratios in one run on one machine, and prints a table:
//
//	go run ./bench                 what is no longer than some minutes in all
//	go run ./bench cost memory     some of it
//	go run ./bench fleet           all of the fleet, a quarter of an hour; fleet-kills and so on are its parts
//	go run ./bench -count 4 -length 20s compare     less than usual, where that can be said
//	go run ./bench -count 1 -length 1s cost tls http2     whether they work at all
//
// BENCH_BEFORE=PATH names another build of bench/fan, which cost, tls and http2 then hold this one against.
//
// The server runs on one core and the generator on another; rounds of the compared tools interleave; figures are medians with their range.
// CPU time is what the operating system says of the finished process, and requests are counted by the server. A busy machine makes all of
// them worse: run it on a quiet one. Tools that are not installed are left out and said so.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// measurement is one thing that is measured.
type measurement struct {
	name string
	what string
	run  func(*bench) error
}

func measurements() []measurement {
	return []measurement{
		{"start", "from process start to the first request", (*bench).start},
		{"cost", "generator CPU per request, 1 KB keep-alive GET", (*bench).cost},
		{"tls", "the same over TLS 1.3", (*bench).tlsCost},
		{"http2", "the same over HTTP/2, against h2load, with nginx", (*bench).http2},
		{"http2-memory", "memory per connected idle user over HTTP/2 and TLS", (*bench).http2Memory},
		{"clock", "service times against the server's own clock", (*bench).clock},
		{"cores", "two generators' worth on two cores", (*bench).cores},
		{"memory", "memory per connected idle user", (*bench).memory},
		{"think", "10,000 thinking users in one process", (*bench).think},
		{"spawn", "50,000 users at 5,000 a second", (*bench).spawn},
		{"open", "open model against closed at 20,000 requests a second", (*bench).open},
		{"pacing", "pacing as the server sees it", (*bench).pacing},
		{"freeze", "one freeze of the server against the closed form", (*bench).freeze},
		{"others", "the same freeze as other tools see it", (*bench).others},
		{"queue", "an M/M/1 server at 70 % against the closed form", (*bench).queue},
		{"saturate", "a rate far beyond the core", (*bench).saturate},
		{"healthy", "20 healthy runs", (*bench).healthy},
		{"calibrate", "what the verdict watches, in 40 healthy runs, beside its limits", (*bench).calibrate},
		{"page", "a page of 20 parts against the same requests by hand", (*bench).page},
		{"waiting", "users that wait: the engine's clock against a goroutine each", (*bench).waiting},
	}
}

// longer are measurements that are made only when they are named.
func longer() []measurement {
	all := []measurement{
		{"compare", "20 pairs of runs of the demo site, and changes that were planted; about 14 minutes", (*bench).pairs},
		{"arithmetic", "what became of every arrival, in 100,000 random runs in virtual time and 500 against a server; about 10 minutes", (*bench).arithmetic},
		{"noise", "how often a comparison is wrong, over simulated runs; about 10 minutes", (*bench).noise},
		{"limit", "the search for a limit, on servers whose limit is known; about 2 minutes", (*bench).limits},
		{"suspects", "which series gave way first, on a real LAMP stack with planted bottlenecks: all of them, in about 30 minutes; -count for the seeds of each", (*bench).suspects},
		{"reading", "what reading 20 servers with 500 series each second costs, and what the ledger and a chart of them take; about 1 minute", (*bench).serversRead},
		{"reading-lag", "what that reading does to the moments at which a load leaves, in pairs of runs; about 3 minutes", (*bench).readingLag},
		{"busy", "false and missed INVALID on a machine that builds beside it, in 40 runs each; about 20 minutes", (*bench).busy},
		{"cron", "ten years of 50 cron expressions in 20 zones against another implementation; about a minute", (*bench).cron},
		{"nights", "how often scheduled nights are judged wrongly, over simulated ones; about 3 minutes", (*bench).nights},
		{"http3", "what HTTP/3 costs beside HTTP/2, with Caddy; about 3 minutes", (*bench).http3},
		{"console", "what being watched costs, and how quick the API answers; about 1 minute", (*bench).console},
		{"import", "what it takes to write a test of a recording of 1,000 requests, and of one of 300 MB; about 1 minute", (*bench).importing},
		{"wordpress", "a visit to a real WordPress, recorded in a real browser in four ways, imported, and made by 20 others; about 12 minutes (-length: of each run; -keep keeps the recordings)", (*bench).wordpress},
		{"ws", "a WebSocket message and its answer against coder/websocket and k6, and 10,000 idle sockets; about 1 minute", (*bench).ws},
		{"grpc", "a unary gRPC call against ghz and k6; about 1 minute", (*bench).rpc},
		{"console-page", "an update of the page in a browser, and twelve hours played back; about 9 minutes (-length: of the playback)", (*bench).consolePage},
		{"console-fleet", "how soon a second of 1,000 workers (-count) with 500 names is on the page; about 3 minutes", (*bench).consoleFleet},
		{"console-equal", "every figure of the page against the files, 20 runs of all models; about 3 minutes", (*bench).consoleEqual},
		{"fleet-million", "1,000,000 connected users (-count) for 10 minutes (-length) on this machine alone; about 14 minutes, and 15 GB of memory", (*bench).fleetMillion},
		{"ledger", "what recording costs, and what a ledger of years takes; about 4 minutes", (*bench).ledger},
	}
	for _, p := range plants() {
		all = append(all, measurement{"suspects-" + p.name, p.what + "; part of suspects, about 2 minutes", func(b *bench) error { return b.suspectsOf(p) }})
	}
	return append(all, measurement{"suspects-healthy", "load that rises and falls with nothing planted; part of suspects, about 4 minutes", (*bench).suspectsHealthy},
		measurement{"suspects-again", "runs that were kept with -keep, judged once more; a second", (*bench).suspectsAgain})
}

// bench is one invocation.
type bench struct {
	ctx         context.Context
	dir         string // of the built programs
	server, fan string
	bare        string
	sleepers    string
	failed      []string
	count       int           // of runs or pairs, where that can be chosen; zero means as many as usual
	length      time.Duration // of a run, likewise
	keep        string        // folder for runs with servers; "" keeps none

	building sync.Mutex // of herd
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	b := &bench{ctx: ctx}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.IntVar(&b.count, "count", 0, "how `many` rounds, runs or pairs cost, tls, http2, cores, compare, noise, busy and ledger make; 0 means as many as usual")
	flags.DurationVar(&b.length, "length", 0, "how long a round or run of cost, tls, http2, cores, compare, busy and ledger is; 0 means as `long` as usual")
	flags.StringVar(&b.keep, "keep", "", "a `folder` in which suspects keeps its runs, from which suspects-again judges them once more, and wordpress its recordings")
	if err := flags.Parse(args); err != nil {
		return err
	}
	names := flags.Args()
	all := slices.Concat(measurements(), longer(), fleets())
	if i := slices.Index(names, "fleet"); i >= 0 {
		names = slices.Delete(names, i, i+1)
		for _, m := range fleets() {
			names = append(names, m.name)
		}
	}
	for _, name := range names {
		if !slices.ContainsFunc(all, func(m measurement) bool { return m.name == name }) {
			var known []string
			for _, m := range all {
				known = append(known, m.name)
			}
			return fmt.Errorf("there is no measurement %q; there are %s", name, strings.Join(known, ", "))
		}
	}
	dir, err := os.MkdirTemp("", "stampede-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	b.dir = dir
	for program, path := range map[string]*string{"server": &b.server, "fan": &b.fan, "sleepers": &b.sleepers, "bare": &b.bare} {
		if *path, err = b.build("bench/" + program); err != nil {
			return err
		}
	}
	fmt.Printf("%s/%s, %d cores, %s\n", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version())
	if len(names) == 0 {
		all = measurements()
	}
	for _, m := range all {
		if len(names) > 0 && !slices.Contains(names, m.name) || ctx.Err() != nil {
			continue
		}
		fmt.Printf("\n%s: %s\n", m.name, m.what)
		if err := m.run(b); err != nil {
			fmt.Printf("   failed: %v\n", err)
			b.failed = append(b.failed, m.name)
		}
	}
	if len(b.failed) > 0 {
		return fmt.Errorf("could not be measured: %s", strings.Join(b.failed, ", "))
	}
	return ctx.Err()
}

// build builds a program of this repository and says where it is.
func (b *bench) build(which string) (path string, err error) {
	path = filepath.Join(b.dir, filepath.Base(which))
	cmd := exec.CommandContext(b.ctx, "go", "build", "-o", path, "github.com/stampede-load/stampede/"+which)
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("build %s: %w", which, err)
	}
	return path, nil
}
