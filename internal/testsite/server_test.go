package testsite

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"
)

// dial opens a plain connection to a server.
func dial(t *testing.T, s *Server) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// talk sends bytes and reads answers until the server closes the connection or there are n.
func talk(t *testing.T, s *Server, in string, methods ...string) []*http.Response {
	t.Helper()
	c := dial(t, s)
	if _, err := io.WriteString(c, in); err != nil {
		t.Fatal(err)
	}
	reader := bufio.NewReader(c)
	var responses []*http.Response
	for _, method := range methods {
		response, err := http.ReadResponse(reader, &http.Request{Method: method})
		if err != nil {
			t.Fatalf("answer %d: %v", len(responses), err)
		}
		body, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatalf("answer %d: %v", len(responses), err)
		}
		response.Body = io.NopCloser(bytes.NewReader(body))
		responses = append(responses, response)
	}
	return responses
}

func TestPipelineWithBodiesAndHead(t *testing.T) {
	s := New(t, Config{})
	body := strings.Repeat("x", 200_000)
	in := "GET / HTTP/1.1\r\nHost: a\r\n\r\n" +
		fmt.Sprintf("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n%s", len(body), body) +
		"HEAD / HTTP/1.1\r\nHost: a\r\n\r\n" +
		"GET / HTTP/1.1\r\nHost: a\r\nX-Long: " + strings.Repeat("y", 30_000) + "\r\n\r\n" +
		"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
	responses := talk(t, s, in, "GET", "POST", "HEAD", "GET", "GET")
	for i, response := range responses {
		if response.StatusCode != 200 || response.ContentLength != 1024 {
			t.Errorf("answer %d: %d, length %d", i, response.StatusCode, response.ContentLength)
		}
	}
	if got := s.Stats().Requests; got != 5 {
		t.Errorf("%d requests counted, want 5", got)
	}
}

func TestBadRequestsAreRefusedAndNotCounted(t *testing.T) {
	s := New(t, Config{})
	for in, status := range map[string]int{
		"nonsense\r\n\r\n": 400,
		"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n":                 411,
		"GET / HTTP/1.1\r\nX-Long: " + strings.Repeat("y", lastBuffer) + "\r\n": 431,
	} {
		response := talk(t, s, in, "GET")[0]
		if response.StatusCode != status || !response.Close {
			t.Errorf("%.20q: %d, close %v; want %d and a close", in, response.StatusCode, response.Close, status)
		}
	}
	if got := s.Stats().Requests; got != 0 {
		t.Errorf("%d requests counted, want none", got)
	}
}

func TestOldClientsGetOneAnswer(t *testing.T) {
	s := New(t, Config{})
	c := dial(t, s)
	if _, err := io.WriteString(c, "GET / HTTP/1.0\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	if all, err := io.ReadAll(c); err != nil || !bytes.HasSuffix(all, filler(1024)) {
		t.Errorf("%d bytes, %v; want an answer and the end", len(all), err)
	}
}

func TestAccountOverHTTP(t *testing.T) {
	s := New(t, Config{})
	c := client(t, s)
	before := time.Now()
	for range 10 {
		if got := get(c, s.URL()); got.err != nil {
			t.Fatal(got.err)
		}
	}
	stats, err := ReadStats(t.Context(), s.URL())
	if err != nil {
		t.Fatal(err)
	}
	if stats.Requests != 10 || stats.Kept != 10 || stats.Gaps.Count != 9 || stats.Gaps.Median <= 0 || stats.Gaps.Max < stats.Gaps.P999 {
		t.Errorf("%+v, want 10 requests with 9 gaps", stats)
	}
	if stats.First.Before(before) || stats.Last.Before(stats.First) || stats.Last.After(time.Now()) {
		t.Errorf("first at %v, last at %v, the requests began at %v", stats.First, stats.Last, before)
	}
	var sum int64
	for _, n := range stats.PerSecond {
		sum += n
	}
	if sum != 10 {
		t.Errorf("per second %v, want 10 in all", stats.PerSecond)
	}
	if got := get(c, s.URL()+"/_stats/reset"); got.err != nil || got.status != 200 {
		t.Errorf("reset: %+v", got)
	}
	if stats := s.Stats(); stats.Requests != 0 || stats.Kept != 0 || !stats.First.IsZero() {
		t.Errorf("after reset: %+v", stats)
	}
	if got := get(c, s.URL()+"/_other"); got.err != nil || s.Stats().Requests != 1 {
		t.Errorf("an address that only looks like the account's was not counted")
	}
}

func TestCloseEndsEverything(t *testing.T) {
	for _, mode := range Modes() {
		s, err := Start(Config{Mode: mode, Service: time.Hour, Slow: time.Hour, FreezeAt: time.Hour, FreezeFor: time.Hour, TLS: mode == Fast})
		if err != nil {
			t.Fatal(err)
		}
		s.worker = newWorker(time.Hour, 1)
		idle := dial(t, s)
		busy := dial(t, s)
		if _, err := io.WriteString(busy, "GET / HTTP/1.1\r\nHost: a\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		for s.accepted.Load() < 2 {
			runtime.Gosched()
		}
		if err := s.Close(); err != nil { // waits for every goroutine: a leak would hang here
			t.Errorf("%s: %v", mode, err)
		}
		if err := s.Close(); err != nil {
			t.Errorf("%s: second Close: %v", mode, err)
		}
		if _, err := idle.Read(make([]byte, 1)); err == nil {
			t.Errorf("%s: an idle connection is still open", mode)
		}
	}
}

func TestMistakesAreToldTogether(t *testing.T) {
	_, err := Start(Config{Mode: "slow", Share: 2, Body: -1})
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{`no such mode: "slow"`, "share is 2", "cannot be negative"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q does not say %q", err, want)
		}
	}
	s := New(t, Config{})
	if _, err := Start(Config{Addr: s.Addr()}); err == nil || !strings.Contains(err.Error(), "listen on "+s.Addr()) {
		t.Errorf("busy port: %v", err)
	}
}

// The servers are a large part of what a benchmark on one machine costs, so the fast one must not work for the collector.
func TestFastAllocatesNothing(t *testing.T) {
	c := dial(t, New(t, Config{}))
	request := []byte("GET /a HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: test\r\nCookie: a=b\r\n\r\n")
	buf := make([]byte, 4096)
	once := func() {
		if _, err := c.Write(request); err != nil {
			t.Fatal(err)
		}
		for got := 0; got < 1024; {
			n, err := c.Read(buf)
			if err != nil {
				t.Fatal(err)
			}
			got += n
		}
	}
	if got := testing.AllocsPerRun(500, once); got >= 1 {
		t.Errorf("%v allocations per request, want 0", got)
	}
}

// BenchmarkFast is the cost of one request on both sides of a loopback connection.
func BenchmarkFast(b *testing.B) {
	s, err := Start(Config{})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	c, err := net.Dial("tcp", s.Addr())
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	request := []byte("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
	buf := make([]byte, 4096)
	b.ReportAllocs()
	for b.Loop() {
		_, _ = c.Write(request)
		_, _ = c.Read(buf)
	}
}
