// Command ticker reads server-sent events: each reader keeps a stream open, and what is measured is how late its events come. The site is in
// this program, so it runs as it is:
//
//	go run ./examples/ticker run -u 20 -t 10s
//	go run ./examples/ticker check
package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/launch"
)

// cadence is how often the site has news.
const cadence = 200 * time.Millisecond

// Reader follows the news.
type Reader struct {
	stampede.HTTPUser
	news *stampede.EventStream
}

// Open opens the stream: "SSE /news" is how long it took to the first event.
func (r *Reader) Open(ctx context.Context) (err error) {
	r.news, err = r.Events(ctx, "/news", stampede.Cadence(cadence))
	return err
}

// Next waits for an event: "SSE /news (event)" is how late it came.
func (r *Reader) Next(ctx context.Context) error {
	_, err := r.news.Next(ctx)
	return err
}

func test(host string) stampede.Test {
	return stampede.Test{
		Name: "Ticker", Host: host,
		Users: []stampede.UserType{stampede.Users(stampede.Spec[Reader]{
			OnStart: (*Reader).Open,
			Tasks:   []stampede.Task[Reader]{{Do: (*Reader).Next}},
		})},
	}
}

// ticker is the site.
func ticker(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	flush := http.NewResponseController(w)
	tick := time.NewTicker(cadence)
	defer tick.Stop()
	for i := 1; ; i++ {
		if _, err := fmt.Fprintf(w, "id: %d\ndata: news number %d\n\n", i, i); err != nil || flush.Flush() != nil {
			return
		}
		select {
		case <-tick.C:
		case <-r.Context().Done():
			return
		}
	}
}

func main() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	site := &http.Server{Handler: http.HandlerFunc(ticker), ReadHeaderTimeout: 10 * time.Second}
	go site.Serve(l)
	launch.Main(test("http://" + l.Addr().String()))
}
