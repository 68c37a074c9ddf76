package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/signal"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

// site answers from memory, with as little work as Go permits: what is measured are the generators, which are to have something to do.
type site struct {
	answers  map[string][]byte // by path, whole
	missing  []byte
	requests atomic.Int64
}

// countPath tells how many requests came, without counting itself.
const countPath = "/count"

// serveSite serves until it is interrupted. Of the page and its parts nothing is kept by visitors, so that each page is 21 requests.
func serveSite() error {
	s := newSite()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println("http://" + l.Addr().String())
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	go func() {
		<-ctx.Done()
		l.Close()
	}()
	for {
		c, err := l.Accept()
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		go s.serve(c)
	}
}

func newSite() *site {
	s := &site{answers: map[string][]byte{}}
	s.missing = whole("404 Not Found", "/", []byte("not here"))
	for path, body := range bodies() {
		s.answers[path] = whole("200 OK", path, body)
	}
	return s
}

// whole is an answer with its header. Nothing may be kept but what is below /k.
func whole(status, path string, body []byte) []byte {
	typ, keeps := "text/html; charset=utf-8", "Cache-Control: no-store\r\n"
	if i := strings.LastIndexByte(path, '.'); i >= 0 {
		typ = map[string]string{"css": "text/css", "png": "image/png", "woff2": "font/woff2"}[path[i+1:]]
	}
	if strings.HasPrefix(path, "/k") {
		keeps = fmt.Sprintf("Cache-Control: max-age=3600\r\nETag: %q\r\n", path)
	}
	date := time.Now().UTC().Format("Mon, 02 Jan 2006 15:04:05") + " GMT"
	head := fmt.Sprintf("HTTP/1.1 %s\r\n%sContent-Type: %s\r\nDate: %s\r\nContent-Length: %d\r\n\r\n", status, keeps, typ, date, len(body))
	return append([]byte(head), body...)
}

// serve answers the requests of one connection, which have no bodies.
func (s *site) serve(c net.Conn) {
	defer c.Close()
	buf := make([]byte, 8192)
	for have := 0; ; {
		n, err := c.Read(buf[have:])
		if err != nil {
			return
		}
		have += n
		for {
			end := bytes.Index(buf[:have], []byte("\r\n\r\n"))
			if end < 0 {
				break
			}
			if _, err := c.Write(s.answer(buf[:end])); err != nil {
				return
			}
			have = copy(buf, buf[end+4:have])
		}
		if have == len(buf) {
			return // no generator has such a header
		}
	}
}

// answer is what a request gets.
func (s *site) answer(head []byte) []byte {
	_, rest, _ := bytes.Cut(head, []byte(" "))
	path, _, _ := bytes.Cut(rest, []byte(" "))
	if string(path) == countPath {
		return whole("200 OK", "/", fmt.Append(nil, s.requests.Load()))
	}
	s.requests.Add(1)
	if a, ok := s.answers[string(path)]; ok {
		return a
	}
	return s.missing
}

// bodies are those of the page, of a heavier one for slow lines, and of one whose parts are kept.
func bodies() map[string][]byte {
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
	all := map[string][]byte{"/": []byte(page.String())}
	for _, p := range paths() {
		switch {
		case strings.HasSuffix(p, ".css"):
			all[p] = fmt.Appendf(nil, "@font-face{font-family:F%c;src:url(/f%c.woff2)}p:nth-child(odd){font-family:F%c}", p[2], p[2], p[2])
		case strings.HasSuffix(p, ".woff2"):
			all[p] = append([]byte("wOF2"), make([]byte, 2000)...)
		default:
			all[p] = make([]byte, 1000)
		}
	}
	all["/s2.css"] = []byte("p:nth-child(even){font-family:F1}p:nth-child(odd){font-family:F0}")
	all["/heavy"] = []byte(strings.ReplaceAll(page.String(), "src=/i", "src=/h"))
	for i := range images {
		all[fmt.Sprintf("/h%d.png", i)] = make([]byte, 24_000)
	}
	addKept(all)
	return all
}

// addKept adds a page whose 50 parts visitors keep. They have one name: figures of 50 would be more memory than what is measured.
func addKept(bodies map[string][]byte) {
	var kept strings.Builder
	kept.WriteString("<!doctype html><link rel=icon href='data:,'>")
	for i := range keptParts {
		fmt.Fprintf(&kept, "<img src=/k/%d.png>", i)
		bodies[fmt.Sprintf("/k/%d.png", i)] = make([]byte, 500)
	}
	bodies["/kept"] = []byte(kept.String())
}
