// Command pages serves a page of 20 parts, or loads it again and again, for the benchmark of pages: as a browser does, by hand side by side,
// or by hand one after another. It prints one line of JSON.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"runtime"
	"runtime/pprof"
	"strings"
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
	n := flag.Int("n", 2000, "how many pages")
	path := flag.String("path", "/", "the page")
	list := flag.Bool("parts", false, "print the parts as JSON")
	users := flag.Int("users", 0, "how many visitors load one page each and stay: print the memory of each (modes page and hand, the document alone)")
	profile := flag.String("profile", "", "write a profile to this file: of the CPU, with -users of the heap")
	flag.Parse()
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
		err = site()
	case *users > 0:
		err = memory(*mode, *users, flag.Arg(0), *profile)
	case *list:
		err = json.NewEncoder(os.Stdout).Encode(paths())
	default:
		err = load(*mode, *n, flag.Arg(0), *path)
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

// site serves until it is interrupted. Nothing is kept by visitors, so that each page is 21 requests.
func site() error {
	var page strings.Builder
	page.WriteString("<!doctype html><html><head><title>Page</title><link rel=icon href='data:,'>")
	for i := range sheets {
		fmt.Fprintf(&page, "<link rel=stylesheet href=/s%d.css>", i)
	}
	page.WriteString("</head><body>")
	for i := range images {
		fmt.Fprintf(&page, "<p>words in a line<img src=/i%d.png width=100 height=200>", i)
	}
	page.WriteString(strings.Repeat("<p>Some more words, as pages have them.", 300))
	bodies := map[string][]byte{"/": []byte(page.String())}
	for _, p := range paths() {
		switch {
		case strings.HasSuffix(p, ".css"):
			bodies[p] = []byte(fmt.Sprintf("@font-face{font-family:F%c;src:url(/f%c.woff2)}p:nth-child(odd){font-family:F%c}", p[2], p[2], p[2]))
		case strings.HasSuffix(p, ".woff2"):
			bodies[p] = append([]byte("wOF2"), make([]byte, 2000)...)
		default:
			bodies[p] = make([]byte, 1000)
		}
	}
	bodies["/s2.css"] = []byte("p:nth-child(even){font-family:F1}p:nth-child(odd){font-family:F0}")
	// A heavier one, for slow lines.
	heavy := strings.ReplaceAll(page.String(), "src=/i", "src=/h")
	bodies["/heavy"] = []byte(heavy)
	for i := range images {
		bodies[fmt.Sprintf("/h%d.png", i)] = make([]byte, 24_000)
	}
	addKept(bodies)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println("http://" + l.Addr().String())
	srv := &http.Server{Handler: answers(bodies)}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	go func() {
		<-ctx.Done()
		srv.Close()
	}()
	if err := srv.Serve(l); err != http.ErrServerClosed {
		return err
	}
	return nil
}

// answers gives each body with its type. Nothing may be kept but what is below /k.
func answers(bodies map[string][]byte) http.Handler {
	types := map[string]string{"css": "text/css", "png": "image/png", "woff2": "font/woff2"}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, ok := bodies[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		typ := "text/html; charset=utf-8"
		if i := strings.LastIndexByte(r.URL.Path, '.'); i >= 0 {
			typ = types[r.URL.Path[i+1:]]
		}
		w.Header().Set("Content-Type", typ)
		w.Header().Set("Cache-Control", "no-store")
		if strings.HasPrefix(r.URL.Path, "/k") {
			w.Header().Set("Cache-Control", "max-age=3600")
			w.Header().Set("ETag", `"`+r.URL.Path+`"`)
		}
		w.Write(body)
	})
}

// addKept adds a page whose 50 parts visitors keep.
func addKept(bodies map[string][]byte) {
	var kept strings.Builder
	kept.WriteString("<!doctype html><link rel=icon href='data:,'>")
	for i := range keptParts {
		fmt.Fprintf(&kept, "<img src=/k%d.png>", i)
		bodies[fmt.Sprintf("/k%d.png", i)] = make([]byte, 500)
	}
	bodies["/kept"] = []byte(kept.String())
}

type visitor struct{ stampede.HTTPUser }

// result is what is printed.
type result struct {
	Pages, Requests int64
	CPU             float64 // us for each page, of this process
	Time            float64 // ms, median of a page
	Memory          float64 // bytes for each visitor
}

func load(mode string, n int, host, path string) error {
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
		Host: host, Users: stampede.Level(16), Iterations: int64(n),
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
	out := result{Pages: int64(n), Requests: rep.Judged.Total.Count, CPU: float64(cpu()-begun) / float64(time.Microsecond) / float64(n)}
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

// inUse is what the heap holds. A visitor who stays has no stack.
func inUse() int64 {
	runtime.GC()
	runtime.GC() // what pools hold goes with the second
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
