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
	"strings"
	"syscall"
	"time"

	"github.com/stampede-load/stampede"
)

// Parts of the page.
const (
	sheets = 3
	images = 15
	fonts  = 2
)

func main() {
	serve := flag.Bool("serve", false, "serve the page")
	mode := flag.String("mode", "page", "page, together or hand")
	n := flag.Int("n", 2000, "how many pages")
	path := flag.String("path", "/", "the page")
	list := flag.Bool("parts", false, "print the parts as JSON")
	flag.Parse()
	var err error
	switch {
	case *serve:
		err = site()
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
	types := map[string]string{"css": "text/css", "png": "image/png", "woff2": "font/woff2"}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println("http://" + l.Addr().String())
	srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
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
		w.Write(body)
	})}
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

type visitor struct{ stampede.HTTPUser }

// result is what is printed.
type result struct {
	Pages, Requests int64
	CPU             float64 // us for each page, of this process
	Time            float64 // ms, median of a page
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
