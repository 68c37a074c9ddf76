package main

import (
	"net"
	"net/http"
	"slices"
	"sync"
	"time"
)

// noting is a site that notes when which process asked.
type noting struct {
	l      net.Listener
	server *http.Server
	mu     sync.Mutex
	all    asks
}

// ask is one request.
type ask struct {
	at time.Time
	of string // the process
}

type asks []ask

func newNoting() (*noting, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	n := &noting{l: l}
	n.server = &http.Server{Handler: n, ReadHeaderTimeout: time.Minute}
	go func() { _ = n.server.Serve(l) }() // until close
	return n, nil
}

func (n *noting) url() string { return "http://" + n.l.Addr().String() }

func (n *noting) close() { _ = n.server.Close() }

func (n *noting) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	at := time.Now()
	n.mu.Lock()
	n.all = append(n.all, ask{at, r.URL.RawQuery})
	n.mu.Unlock()
	_, _ = w.Write([]byte("hello\n")) // who went away knows it
}

// taken is what came so far, in order.
func (n *noting) taken() asks {
	n.mu.Lock()
	defer n.mu.Unlock()
	all := slices.Clone(n.all)
	slices.SortFunc(all, func(a, b ask) int { return a.at.Compare(b.at) })
	return all
}

// firsts is when each process asked first.
func (all asks) firsts() map[string]time.Time {
	out := map[string]time.Time{}
	for _, a := range all {
		if _, there := out[a.of]; !there {
			out[a.of] = a.at
		}
	}
	return out
}

// byProcess is when each process asked.
func (all asks) byProcess() map[string][]time.Time {
	out := map[string][]time.Time{}
	for _, a := range all {
		out[a.of] = append(out[a.of], a.at)
	}
	return out
}

// between is how many came in a stretch of time.
func (all asks) between(from, to time.Time) int64 {
	var n int64
	for _, a := range all {
		if !a.at.Before(from) && a.at.Before(to) {
			n++
		}
	}
	return n
}

// whole is how long after a moment the load was what it should be again, over the second that follows; ok is false when it never was.
func (all asks) whole(since time.Time, perSecond float64) (after time.Duration, ok bool) {
	for after = 0; after < 10*time.Second; after += 20 * time.Millisecond {
		from := since.Add(after)
		if float64(all.between(from, from.Add(time.Second))) >= 0.97*perSecond {
			return after, true
		}
	}
	return 0, false
}
