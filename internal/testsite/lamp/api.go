package lamp

import (
	"fmt"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

// API is somebody else's service that the site asks. It says how long its answers take on a page for Prometheus.
type API struct {
	URL, Metrics string

	server *http.Server
	delay  atomic.Int64
	last   atomic.Int64 // how long the last answer took
	served atomic.Int64
}

func startAPI() (*API, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	a := &API{URL: "http://" + l.Addr().String()}
	a.Metrics = a.URL + "/metrics"
	a.Slow(5 * time.Millisecond)
	mux := http.NewServeMux()
	mux.HandleFunc("/price", a.price)
	mux.HandleFunc("/metrics", a.metrics)
	a.server = &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	go a.server.Serve(l)
	return a, nil
}

// Slow makes every answer take so long from now on.
func (a *API) Slow(d time.Duration) { a.delay.Store(int64(d)) }

// Close ends it.
func (a *API) Close() error { return a.server.Close() }

func (a *API) price(w http.ResponseWriter, r *http.Request) {
	begun := time.Now()
	select {
	case <-time.After(time.Duration(a.delay.Load())):
	case <-r.Context().Done():
		return
	}
	a.last.Store(int64(time.Since(begun)))
	a.served.Add(1)
	fmt.Fprint(w, "42")
}

func (a *API) metrics(w http.ResponseWriter, _ *http.Request) {
	fmt.Fprintf(w, "# TYPE api_requests_total counter\napi_requests_total %d\n# TYPE api_last_seconds gauge\napi_last_seconds %g\n",
		a.served.Load(), time.Duration(a.last.Load()).Seconds())
}
