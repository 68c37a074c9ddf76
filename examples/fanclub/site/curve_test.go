package site

import (
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// felt is what the fans of one load felt between the warm-up and the end.
type felt struct {
	mu       sync.Mutex
	times    []time.Duration // of requests that were served
	rejected int
}

func (f *felt) quantile(q float64) time.Duration { return f.times[int(q*float64(len(f.times)))] }

func (f *felt) rejectedShare() float64 {
	return float64(f.rejected) / float64(f.rejected+len(f.times))
}

// crowd sends fans to a site with the default capacity, in virtual time: each opens a page and then its iframe, and thinks 1 to 10 s.
func crowd(t *testing.T, fans int) *felt {
	t.Helper()
	const warmUp, length = 30 * time.Second, 75 * time.Second
	var all felt
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, Config{})
		cookies := logInFirstFan(t, s)
		began := time.Now()
		var wait sync.WaitGroup
		for n := range fans {
			wait.Go(func() {
				random := rand.New(rand.NewPCG(1, uint64(n)))
				time.Sleep(time.Duration(random.Int64N(int64(10 * time.Second)))) // they do not come all at once
				for time.Since(began) < length {
					for _, path := range []string{"/demo/fanclub", "/demo/iframe/demo"} {
						if !all.visit(s, path, cookies, time.Since(began) >= warmUp) {
							break
						}
					}
					time.Sleep(time.Second + time.Duration(random.Int64N(int64(9*time.Second))))
				}
			})
		}
		wait.Wait()
	})
	slices.Sort(all.times)
	return &all
}

// visit reports whether the fan got the page.
func (f *felt) visit(s *Site, path string, cookies []*http.Cookie, count bool) bool {
	began := time.Now()
	w := httptest.NewRecorder()
	s.ServeHTTP(w, requestWith(path, cookies))
	took := time.Since(began)
	if count {
		f.mu.Lock()
		defer f.mu.Unlock()
		if w.Code == http.StatusOK {
			f.times = append(f.times, took)
		} else {
			f.rejected++
		}
	}
	return w.Code == http.StatusOK
}

// The defaults are chosen so that the site is comfortable, then slow, then full, as the number of fans grows.
func TestDefaultsAreComfortableThenSlowThenFull(t *testing.T) {
	for _, row := range []struct {
		fans           int
		p95AtLeast     time.Duration
		p95AtMost      time.Duration
		rejectedAtMost float64
		rejectedAbove  float64
	}{
		{fans: 200, p95AtMost: 60 * time.Millisecond, rejectedAbove: -1},
		{fans: 1000, p95AtMost: 100 * time.Millisecond, rejectedAbove: -1},
		{fans: 1700, p95AtLeast: 200 * time.Millisecond, p95AtMost: 900 * time.Millisecond, rejectedAbove: -1},
		{fans: 2500, p95AtLeast: 900 * time.Millisecond, p95AtMost: 1200 * time.Millisecond, rejectedAbove: .05, rejectedAtMost: .5},
	} {
		got := crowd(t, row.fans)
		p95, rejected := got.quantile(.95), got.rejectedShare()
		t.Logf("%d fans: p50 %v, p95 %v, p99 %v, %.1f %% turned away, %.0f requests/s served", row.fans, got.quantile(.5).Round(time.Millisecond),
			p95.Round(time.Millisecond), got.quantile(.99).Round(time.Millisecond), 100*rejected, float64(len(got.times))/45)
		if p95 < row.p95AtLeast || p95 > row.p95AtMost {
			t.Errorf("%d fans: p95 %v, want %v to %v", row.fans, p95, row.p95AtLeast, row.p95AtMost)
		}
		if rejected <= row.rejectedAbove || rejected > row.rejectedAtMost {
			t.Errorf("%d fans: %.3f turned away, want above %.3f, at most %.3f", row.fans, rejected, row.rejectedAbove, row.rejectedAtMost)
		}
	}
}
