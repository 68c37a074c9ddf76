package testsite

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

func TestMain(m *testing.M) {
	ExitIfChild()
	os.Exit(m.Run())
}

// client is a client with connections of its own.
func client(t *testing.T, s *Server) *http.Client {
	t.Helper()
	transport := &http.Transport{TLSClientConfig: s.ClientTLS()}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// answer is what one request got.
type answer struct {
	status int
	body   string
	err    error
	took   time.Duration
}

// get never retries: net/http does so on its own when a kept connection fails, but not with a body it cannot read again.
func get(c *http.Client, url string) answer {
	began := time.Now()
	request, err := http.NewRequest(http.MethodPost, url, io.MultiReader(strings.NewReader("once")))
	if err != nil {
		return answer{err: err}
	}
	request.ContentLength = 4
	response, err := c.Do(request)
	if err != nil {
		return answer{err: err}
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return answer{response.StatusCode, string(body), err, time.Since(began)}
}

func TestFastAnswersFromMemory(t *testing.T) {
	for _, tls := range []bool{false, true} {
		s := New(t, Config{Body: 5000, TLS: tls})
		c := client(t, s)
		for range 3 {
			if got := get(c, s.URL()); got.err != nil || got.status != 200 || got.body != string(filler(5000)) {
				t.Errorf("TLS %v: %d, %d bytes, %v", tls, got.status, len(got.body), got.err)
			}
		}
		if stats := s.Stats(); stats.Requests != 3 || stats.Connections != 1 || stats.Open != 1 || stats.Mode != Fast {
			t.Errorf("TLS %v: %+v, want 3 requests on one connection", tls, stats)
		}
	}
}

// Waits have a floor that must hold to the nanosecond; how late they are depends on the machine.
func TestFixedTakesAtLeastItsTime(t *testing.T) {
	s := New(t, Config{Mode: Fixed, Service: 30 * time.Millisecond})
	c := client(t, s)
	var all sync.WaitGroup
	for range 5 {
		all.Go(func() {
			if got := get(c, s.URL()); got.err != nil || got.took < 30*time.Millisecond {
				t.Errorf("took %v, %v; want 30 ms", got.took, got.err)
			}
		})
	}
	all.Wait()
}

func TestBimodalIsSlowForItsShare(t *testing.T) {
	s := New(t, Config{Mode: Bimodal, Service: time.Millisecond, Slow: 60 * time.Millisecond, Share: .25})
	c := client(t, s)
	for i := range 8 {
		got := get(c, s.URL())
		want := time.Millisecond
		if i%4 == 3 {
			want = 60 * time.Millisecond
		}
		if got.err != nil || got.took < want {
			t.Errorf("request %d took %v, %v; want at least %v", i, got.took, got.err, want)
		}
	}
}

func TestExpServesOneAtATime(t *testing.T) {
	const n = 20
	w := newWorker(5*time.Millisecond, 9)
	var floor time.Duration // when all are done, had they arrived at the start
	for range n {
		floor = w.take(0)
	}
	s := New(t, Config{Mode: Exp, Service: 5 * time.Millisecond, Seed: 9})
	c := client(t, s)
	began := time.Now()
	var all sync.WaitGroup
	for range n {
		all.Go(func() {
			if got := get(c, s.URL()); got.err != nil {
				t.Error(got.err)
			}
		})
	}
	all.Wait()
	if took := time.Since(began); took < floor {
		t.Errorf("%d requests took %v, one worker needs %v", n, took, floor)
	}
}

func TestFreezeBeginsAfterTheFirstRequest(t *testing.T) {
	s := New(t, Config{Mode: Freeze, FreezeFor: 300 * time.Millisecond})
	c := client(t, s)
	began := time.Now()
	for s.clock.frozen.Load() == nil { // the first request starts the timer, which fires at once
		if got := get(c, s.URL()); got.err != nil {
			t.Fatal(got.err)
		}
	}
	if got := get(c, s.URL()); got.err != nil || time.Since(began) < 300*time.Millisecond {
		t.Errorf("%v after %v: nothing may be answered before the end of the freeze", got.err, time.Since(began))
	}
	if got := *s.clock.frozen.Load(); got.lost != 300*time.Millisecond {
		t.Errorf("frozen for %v, want 300 ms, once", got.lost)
	}
}

func TestFreezeDelaysWhatIsBeingServed(t *testing.T) {
	s := New(t, Config{Mode: Fixed, Service: 500 * time.Millisecond})
	c := client(t, s)
	for tries := range 50 {
		seen, began, done := s.arrivals.count.Load(), time.Now(), make(chan answer)
		go func() { done <- get(c, s.URL()) }()
		for s.arrivals.count.Load() == seen {
			time.Sleep(time.Millisecond)
		}
		s.Freeze(200 * time.Millisecond)
		late := time.Since(began) > 450*time.Millisecond // on a busy machine the freeze may come when all has been served
		got := <-done
		if got.err == nil && late && tries < 49 {
			continue
		}
		if got.err != nil || got.took < 700*time.Millisecond {
			t.Errorf("took %v, %v; want 500 ms of work and 200 ms of freeze", got.took, got.err)
		}
		return
	}
}

func TestSlowBodyArrivesInPieces(t *testing.T) {
	s := New(t, Config{Mode: SlowBody, Service: 90 * time.Millisecond, Body: 1003})
	began := time.Now()
	response, err := client(t, s).Get(s.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var body []byte
	reads := 0
	for buf := make([]byte, 4096); err == nil; reads++ {
		var n int
		n, err = response.Body.Read(buf)
		body = append(body, buf[:n]...)
	}
	if !errors.Is(err, io.EOF) || string(body) != string(filler(1003)) {
		t.Errorf("%d bytes, %v; want all", len(body), err)
	}
	if took := time.Since(began); took < 90*time.Millisecond || reads < 2 {
		t.Errorf("took %v in %d reads, want 90 ms in several", took, reads)
	}
}

func TestShareModes(t *testing.T) {
	for _, row := range []struct {
		mode Mode
		bad  func(answer) bool
	}{
		{Reset, func(a answer) bool { return errors.Is(a.err, syscall.ECONNRESET) }},
		{Cut, func(a answer) bool { return errors.Is(a.err, io.ErrUnexpectedEOF) && len(a.body) == 512 }},
		{FiveXX, func(a answer) bool { return a.err == nil && a.status == 500 && len(a.body) == 1024 }},
	} {
		t.Run(string(row.mode), func(t *testing.T) {
			s := New(t, Config{Mode: row.mode, Share: .2})
			c := client(t, s)
			for i := range 20 {
				got := get(c, s.URL())
				if i%5 == 4 {
					if !row.bad(got) {
						t.Errorf("request %d should go wrong: %d, %d bytes, %v", i, got.status, len(got.body), got.err)
					}
				} else if got.err != nil || got.status != 200 {
					t.Errorf("request %d: %d, %v", i, got.status, got.err)
				}
			}
		})
	}
}

func TestHangNeverAnswers(t *testing.T) {
	s := New(t, Config{Mode: Hang})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL(), nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := client(t, s).Do(request)
	if err == nil {
		_ = response.Body.Close()
	}
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v, want the client's own deadline", err)
	}
}

func TestCookieCountsVisits(t *testing.T) {
	s := New(t, Config{Mode: Cookie})
	for visitor := 1; visitor <= 3; visitor++ {
		c := client(t, s)
		c.Jar, _ = cookiejar.New(nil)
		for visits := 1; visits <= 3; visits++ {
			want := fmt.Sprintf(`{"visitor":%d,"visits":%d}`, visitor, visits)
			if got := get(c, s.URL()); got.err != nil || got.body != want {
				t.Errorf("%s, %v; want %s", got.body, got.err, want)
			}
		}
	}
}
