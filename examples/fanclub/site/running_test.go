package site

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// start makes a site that listens, and closes it when the test ends.
func start(t *testing.T, config Config) (*Site, *Running) {
	t.Helper()
	s := newSite(t, config)
	r, err := s.Start("")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close(context.Background()) })
	return s, r
}

// waitUntil spins until the condition holds, or fails the test: for what happens soon but with no signal.
func waitUntil(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !holds(); runtime.Gosched() {
		if time.Now().After(deadline) {
			t.Fatalf("waited 20 s for %s", what)
		}
	}
}

func TestStartServesOnAFreePort(t *testing.T) {
	_, r := start(t, fast())
	if !strings.HasPrefix(r.URL(), "http://127.0.0.1:") || strings.HasSuffix(r.URL(), ":0") {
		t.Errorf("URL %s, want a real port on loopback", r.URL())
	}
	response, err := http.Get(r.URL() + "/tour")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK || !strings.Contains(string(body), "Glasgow") {
		t.Errorf("%d, %v, %d bytes", response.StatusCode, err, len(body))
	}
}

func TestStartOnBusyPort(t *testing.T) {
	s, r := start(t, fast())
	_, err := s.Start(r.Addr())
	if err == nil || !strings.Contains(err.Error(), "site: listen on "+r.Addr()) || !strings.Contains(err.Error(), "port 0") {
		t.Errorf("%v, want an error that names the address and says what to do", err)
	}
}

func TestCloseLetsRequestsFinish(t *testing.T) {
	s, r := start(t, Config{Workers: 1, ServiceTime: 50 * time.Millisecond, Distribution: Fixed})
	var fans sync.WaitGroup
	for range 3 {
		fans.Go(func() {
			response, err := http.Get(r.URL() + "/")
			if err != nil {
				t.Error(err)
				return
			}
			defer response.Body.Close()
			if _, err := io.Copy(io.Discard, response.Body); err != nil || response.StatusCode != http.StatusOK {
				t.Errorf("%d, %v; want a whole page", response.StatusCode, err)
			}
		})
	}
	waitUntil(t, "three requests", func() bool { return s.Stats().Requests == 3 })
	if err := r.Close(context.Background()); err != nil {
		t.Error(err)
	}
	fans.Wait()
	if got := s.Stats().Served; got != 3 {
		t.Errorf("%d served, want 3", got)
	}
	checkGone(t)
}

func TestCloseCutsOffWhenItsTimeIsUp(t *testing.T) {
	s, r := start(t, Config{ServiceTime: time.Hour, Distribution: Fixed})
	failed := make(chan error, 1)
	go func() {
		response, err := http.Get(r.URL() + "/")
		if err == nil {
			_ = response.Body.Close()
		}
		failed <- err
	}()
	waitUntil(t, "the request", func() bool { return s.Stats().Requests == 1 })
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var closers sync.WaitGroup
	for range 4 { // all get the same answer
		closers.Go(func() {
			if err := r.Close(ctx); !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "cut off") {
				t.Errorf("Close: %v, want that requests were cut off", err)
			}
		})
	}
	closers.Wait()
	if err := <-failed; err == nil {
		t.Error("the fan got an answer that nobody gave")
	}
	<-r.Done()
	if got, want := s.Stats(), (Stats{Requests: 1, Abandoned: 1, Busy: 1}); got != want {
		t.Errorf("counts %+v, want %+v", got, want)
	}
	checkGone(t)
}

// checkGone fails the test if a goroutine of the site or of its server is left.
func checkGone(t *testing.T) {
	t.Helper()
	http.DefaultClient.CloseIdleConnections()
	waitUntil(t, "the site's goroutines to end", func() bool {
		stacks := make([]byte, 1<<20)
		stacks = stacks[:runtime.Stack(stacks, true)]
		return !bytes.Contains(stacks, []byte("net/http.(*conn).serve")) && !bytes.Contains(stacks, []byte("(*Running).serve"))
	})
}
