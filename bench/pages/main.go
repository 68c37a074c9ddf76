// Command pages serves a page of 20 parts, or loads it again and again, for the benchmark of pages: as a browser does, by hand side by side,
// or by hand one after another. It prints one line of JSON.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"runtime"
	"runtime/pprof"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/stampede-load/stampede"
)

// Parts of the page.
const (
	sheets = 3
	images = 15
	fonts  = 2

	keptParts = 50
)

func main() {
	serve := flag.Bool("serve", false, "serve the page")
	mode := flag.String("mode", "page", "page, together or hand")
	n := flag.Int("n", 2000, "how many pages; 0 as many as there are within -t")
	length := flag.Duration("t", 0, "how long")
	path := flag.String("path", "/", "the page")
	list := flag.Bool("parts", false, "print the parts as JSON")
	users := flag.Int("users", 0, "how many visitors load one page each and stay: print the memory of each (modes page and hand, the document alone)")
	profile := flag.String("profile", "", "write a profile to this file: of the CPU, with -users of the heap")
	flag.Parse()
	if *users > 0 && *profile != "" {
		runtime.MemProfileRate = 2048 // a visitor holds little
	}
	if *profile != "" && *users == 0 {
		f, err := os.Create(*profile)
		if err == nil {
			err = pprof.StartCPUProfile(f)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		defer pprof.StopCPUProfile()
	}
	var err error
	switch {
	case *serve:
		err = serveSite()
	case *users > 0:
		err = memory(*mode, *users, flag.Arg(0), *profile)
	case *list:
		err = json.NewEncoder(os.Stdout).Encode(paths())
	default:
		err = load(*mode, *n, *length, flag.Arg(0), *path)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// paths are the parts in the order in which they stand in the page.
func paths() (list []string) {
	for i := range sheets {
		list = append(list, fmt.Sprintf("/s%d.css", i))
	}
	for i := range images {
		list = append(list, fmt.Sprintf("/i%d.png", i))
	}
	for i := range fonts {
		list = append(list, fmt.Sprintf("/f%d.woff2", i))
	}
	return list
}

type visitor struct{ stampede.HTTPUser }

// result is what is printed.
type result struct {
	Pages, Requests int64
	CPU             float64 // us for each page, of this process; where their number was given
	Time            float64 // ms, median of a page
	Memory          float64 // bytes for each visitor
}

func load(mode string, n int, length time.Duration, host, path string) error {
	list := paths()
	task := map[string]func(*visitor, context.Context) error{
		"page": func(v *visitor, ctx context.Context) error {
			_, err := v.Page(ctx, path, stampede.Name("Page"))
			return err
		},
		"together": func(v *visitor, ctx context.Context) error {
			if _, err := v.Get(ctx, "/", stampede.Name("Page")); err != nil {
				return err
			}
			parts := make([]func(context.Context) error, len(list))
			for i, p := range list {
				parts[i] = func(ctx context.Context) error {
					_, err := v.Get(ctx, p)
					return err
				}
			}
			return v.Together(ctx, parts...)
		},
		"hand": func(v *visitor, ctx context.Context) error {
			if _, err := v.Get(ctx, "/", stampede.Name("Page")); err != nil {
				return err
			}
			for _, p := range list {
				if _, err := v.Get(ctx, p); err != nil {
					return err
				}
			}
			return nil
		},
	}[mode]
	if task == nil {
		return fmt.Errorf("there is no mode %q", mode)
	}
	plan := stampede.Plan{
		Host: host, Users: stampede.Level(16), Iterations: int64(n), Duration: length,
		Test: stampede.Test{Users: []stampede.UserType{stampede.Users(stampede.Spec[visitor]{Tasks: []stampede.Task[visitor]{{Name: "page", Do: task}}})}},
	}
	begun := cpu()
	rep, err := stampede.Run(context.Background(), plan)
	if err != nil {
		return err
	}
	if f := rep.Judged.Total.Failures; f > 0 {
		return fmt.Errorf("%d requests failed: %+v", f, rep.Judged.Errors)
	}
	out := result{Pages: int64(n), Requests: rep.Judged.Total.Count}
	if n > 0 {
		out.CPU = float64(cpu()-begun) / float64(time.Microsecond) / float64(n)
	}
	return json.NewEncoder(os.Stdout).Encode(out)
}

// cpu is the CPU time of this process.
func cpu() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// memory has so many visitors load a page, as a browser does or its document alone, and stay. It prints what each of them keeps on the heap,
// after a collection.
func memory(mode string, users int, host, profile string) error {
	var there atomic.Int64
	task := func(v *visitor, ctx context.Context) (err error) {
		if mode == "page" {
			_, err = v.Page(ctx, "/kept", stampede.Name("Page"))
		} else {
			_, err = v.Get(ctx, "/kept", stampede.Name("Page"))
		}
		there.Add(1)
		return err
	}
	plan := stampede.Plan{
		Host: host, Users: stampede.Level(float64(users)), SpawnRate: float64(users) / 4,
		Test: stampede.Test{Users: []stampede.UserType{stampede.Users(stampede.Spec[visitor]{Wait: stampede.Constant(time.Hour), Tasks: []stampede.Task[visitor]{{Name: "page", Do: task}}})}},
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	spendGoroutines(10 * users)
	before := inUse()
	var each float64
	go func() {
		defer stop()
		for range 600 {
			if time.Sleep(100 * time.Millisecond); there.Load() >= int64(users) {
				break
			}
		}
		time.Sleep(time.Second)
		each = float64(inUse()-before) / float64(users)
		if profile != "" {
			if f, err := os.Create(profile); err == nil {
				pprof.Lookup("heap").WriteTo(f, 0)
				f.Close()
			}
		}
	}()
	rep, err := stampede.Run(ctx, plan)
	if err != nil {
		return err
	}
	if f := rep.Judged.Total.Failures; f > 0 || there.Load() < int64(users) {
		return fmt.Errorf("%d requests failed, %d visitors came: %+v", f, there.Load(), rep.Judged.Errors)
	}
	return json.NewEncoder(os.Stdout).Encode(result{Pages: there.Load(), Requests: rep.Judged.Total.Count, Memory: each})
}

// spendGoroutines has the runtime make what it keeps for ever of so many goroutines at once. How many there are, while pages are being loaded, says how
// slow the machine is and not what a visitor holds.
func spendGoroutines(n int) {
	var all sync.WaitGroup
	end := make(chan struct{})
	for range n {
		all.Go(func() { <-end })
	}
	close(end)
	all.Wait()
}

// inUse is what the heap holds. A visitor who stays has no stack.
func inUse() int64 {
	runtime.GC()
	runtime.GC() // what pools hold goes with the second
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
