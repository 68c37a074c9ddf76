package site

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// newSite makes a site or ends the test.
func newSite(t testing.TB, config Config) *Site {
	t.Helper()
	s, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// visit asks for a path and returns the answer and how long it took.
func visit(s *Site, path string) (*http.Response, time.Duration) {
	began := time.Now()
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w.Result(), time.Since(began)
}

func TestCapacityInVirtualTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, Config{Workers: 2, ServiceTime: 100 * time.Millisecond, Distribution: Fixed, Queue: 3})
		var wait sync.WaitGroup
		for i := range 7 {
			wait.Go(func() {
				time.Sleep(time.Duration(i) * time.Millisecond) // so that the order is known
				response, took := visit(s, "/tour")
				status, want := http.StatusOK, time.Duration(i/2)*100*time.Millisecond+100*time.Millisecond-time.Duration(i/2)*2*time.Millisecond
				if i >= 5 { // two served, three in the queue
					status, want = http.StatusServiceUnavailable, 0
				}
				if response.StatusCode != status || took != want {
					t.Errorf("request %d: %d after %v, want %d after %v", i, response.StatusCode, took, status, want)
				}
				if retry := response.Header.Get("Retry-After"); i >= 5 && retry != "1" {
					t.Errorf("request %d: Retry-After %q, want 1", i, retry)
				}
			})
		}
		time.Sleep(50 * time.Millisecond)
		got := s.Stats()
		if want := (Stats{Requests: 7, Rejected: 2, Busy: 2, Queue: 3, MaxQueue: 3}); got != want {
			t.Errorf("while busy: %+v, want %+v", got, want)
		}
		wait.Wait()
		got = s.Stats()
		if want := (Stats{Requests: 7, Served: 5, Rejected: 2, MaxQueue: 3}); got != want {
			t.Errorf("afterwards: %+v, want %+v", got, want)
		}
	})
}

func TestAssetsAndHealthNeedNoWorker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, Config{Workers: 1, ServiceTime: time.Second, Distribution: Fixed, Queue: -1})
		var wait sync.WaitGroup
		defer wait.Wait()
		wait.Go(func() { visit(s, "/") })
		synctest.Wait()
		for _, path := range []string{"/assets/site.css", "/assets/tee.png", "/healthz"} {
			if response, took := visit(s, path); response.StatusCode != http.StatusOK || took != 0 {
				t.Errorf("%s: %d after %v, want 200 at once", path, response.StatusCode, took)
			}
		}
		if response, took := visit(s, "/news"); response.StatusCode != http.StatusServiceUnavailable || took != 0 {
			t.Errorf("/news: %d after %v, want 503 at once", response.StatusCode, took)
		}
	})
}

func TestFreezeDelaysEverythingButHealth(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, Config{Workers: 1, ServiceTime: 100 * time.Millisecond, Distribution: Fixed, Queue: -1})
		var wait sync.WaitGroup
		check := func(path string, status int, want time.Duration) {
			wait.Go(func() {
				if response, took := visit(s, path); response.StatusCode != status || took != want {
					t.Errorf("%s: %d after %v, want %d after %v", path, response.StatusCode, took, status, want)
				}
			})
		}
		check("/", http.StatusOK, 2100*time.Millisecond) // 40 ms of work, the freeze, 60 ms of work
		time.Sleep(40 * time.Millisecond)
		s.Freeze(2 * time.Second)
		if !s.Stats().Frozen {
			t.Error("the counts do not say that the site is frozen")
		}
		time.Sleep(500 * time.Millisecond)
		check("/tour", http.StatusServiceUnavailable, 1500*time.Millisecond) // even "no" has to wait
		check("/assets/site.css", http.StatusOK, 1500*time.Millisecond)
		check("/healthz", http.StatusOK, 0)
		wait.Wait()
		if s.Stats().Frozen {
			t.Error("the counts say that the site is still frozen")
		}
	})
}

func TestAbandonedRequestKeepsItsWorker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, Config{Workers: 1, ServiceTime: time.Second, Distribution: Fixed})
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		func() {
			defer func() {
				if err, _ := recover().(error); !errors.Is(err, http.ErrAbortHandler) {
					t.Errorf("the handler ended with %v, want http.ErrAbortHandler", err)
				}
			}()
			s.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(ctx, http.MethodGet, "/", nil))
		}()
		if _, took := visit(s, "/"); took != 1900*time.Millisecond {
			t.Errorf("the next request took %v, want 1.9s: the worker goes on for nobody", took)
		}
		if got, want := s.Stats(), (Stats{Requests: 2, Served: 1, Abandoned: 1, MaxQueue: 1}); got != want {
			t.Errorf("counts %+v, want %+v", got, want)
		}
	})
}

func TestNoServiceTimeMeansNoQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, Config{Workers: 1, ServiceTime: -1, Queue: -1})
		for range 1000 {
			if response, took := visit(s, "/"); response.StatusCode != http.StatusOK || took != 0 {
				t.Fatalf("%d after %v, want 200 at once", response.StatusCode, took)
			}
		}
	})
}

func TestSeedRepeatsServiceTimes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		record := func(seed uint64) (times [20]time.Duration) {
			s := newSite(t, Config{Seed: seed})
			for i := range times {
				_, times[i] = visit(s, "/")
			}
			return times
		}
		first, again, other := record(1), record(1), record(2)
		if first != again {
			t.Error("the same seed gave other service times")
		}
		if first == other {
			t.Error("another seed gave the same service times")
		}
	})
}

func TestRetryAfterIsTheQueueInSeconds(t *testing.T) {
	for wait, want := range map[time.Duration]int{0: 1, time.Millisecond: 1, time.Second: 1, 1001 * time.Millisecond: 2, time.Minute: 60} {
		if got := retryAfter(wait); got != strconv.Itoa(want) {
			t.Errorf("retryAfter(%v) = %s, want %d", wait, got, want)
		}
	}
}
