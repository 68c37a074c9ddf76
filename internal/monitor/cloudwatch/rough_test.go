package cloudwatch

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stampede-load/stampede/internal/monitor"
)

// TestThrottled: what is refused for a while is asked for again by the SDK, at its own pace; what is refused for good is an error of one line, and no
// reason to go on asking.
func TestThrottled(t *testing.T) {
	f, url := newFake(t)
	f.set(func() {
		f.values, f.throttle = func(string, time.Time) (float64, bool) { return 1, true }, 1_000
	})
	h := historian(t, "ec2/g", url)
	_, _, err := h.Range(t.Context(), noon, noon.Add(5*time.Minute))
	if err == nil || !strings.HasPrefix(err.Error(), "ask CloudWatch: ") || !strings.Contains(err.Error(), "Throttling") || strings.ContainsAny(err.Error(), "\n") {
		t.Errorf("%v", err)
	}
	f.mu.Lock()
	calls := f.calls
	f.mu.Unlock()
	if calls < 2 || calls > 5 {
		t.Errorf("it was asked %d times in one reading", calls)
	}
	f.set(func() { f.throttle = 0 })
	if series, _, err := h.Range(t.Context(), noon, noon.Add(5*time.Minute)); err != nil || len(series[0].Times) != 6 {
		t.Errorf("afterwards: %v, %v", series, err)
	}
}

// TestPartialData is not complete, and is asked for again: a status without a further page says that there is more.
func TestPartialData(t *testing.T) {
	f, url := newFake(t)
	f.set(func() {
		f.values = func(_ string, at time.Time) (float64, bool) { return 1, at.Sub(noon) < 2*time.Minute }
		f.partial = true
	})
	h := historian(t, "ec2/g", url)
	series, complete, err := h.Range(t.Context(), noon, noon.Add(5*time.Minute))
	if err != nil || complete || len(series[0].Times) != 2 {
		t.Errorf("%v, complete %v, %v", series, complete, err)
	}
	f.set(func() {
		f.values, f.partial = func(string, time.Time) (float64, bool) { return 1, true }, false
	})
	series, complete, err = h.Range(t.Context(), noon, noon.Add(5*time.Minute))
	if err != nil || !complete || len(series[0].Times) != 6 {
		t.Errorf("later: %v, complete %v, %v", series, complete, err)
	}
}

// TestExpiredMidRun: the points of before stay, the note says what happened, and with a new token it goes on.
func TestExpiredMidRun(t *testing.T) {
	f, url := newFake(t)
	f.set(func() {
		f.values = func(string, time.Time) (float64, bool) { return 1, true }
	})
	w := monitor.Watch(t.Context(), time.Now().Add(-10*time.Minute), []monitor.Watched{{Name: "ec2", Kind: "cloudwatch", Historian: historian(t, "ec2/g", url)}})
	defer w.Close()
	w.Stop() // the load is over: what is late is asked for
	w.Late(t.Context(), 5*time.Minute, 0)
	before := len(w.Servers()[0].Series[0].Points)
	f.set(func() { f.expired = true })
	if missing := w.Late(t.Context(), 9*time.Minute, 0); len(missing) != 1 {
		t.Errorf("missing %v", missing)
	}
	one := w.Servers()[0]
	if before == 0 || len(one.Series[0].Points) != before || one.Failed != 1 || len(one.Notes) != 1 || !strings.Contains(one.Notes[0], "ExpiredToken") {
		t.Errorf("%d points before, then %+v", before, one)
	}
	f.set(func() { f.expired = false })
	w.Late(t.Context(), 9*time.Minute, 0)
	if now := len(w.Servers()[0].Series[0].Points); now <= before || w.Problem(0) != "" {
		t.Errorf("%d points with a new token, %d before; %q", now, before, w.Problem(0))
	}
}

// TestOddNumbersAndClock: NaN and Inf are gaps; and where our clock is an hour off, AWS is asked by its own.
func TestOddNumbersAndClock(t *testing.T) {
	f, url := newFake(t)
	const off = -time.Hour
	begun := time.Now().Add(-10 * time.Minute)
	f.set(func() {
		f.off = off
		f.values = func(_ string, at time.Time) (float64, bool) {
			switch minute := at.Sub(begun.Add(off).Truncate(time.Minute)) / time.Minute; minute {
			case 2:
				return math.NaN(), true
			case 3:
				return math.Inf(1), true
			default:
				return float64(minute), minute >= 0 && at.Before(time.Now().Add(off))
			}
		}
	})
	w := monitor.Watch(t.Context(), begun, []monitor.Watched{{Name: "ec2", Historian: historian(t, "ec2/g", url)}})
	defer w.Close()
	w.Stop()
	w.Late(t.Context(), 8*time.Minute, 0)
	points := w.Servers()[0].Series[0].Points
	if len(points) < 7 {
		t.Fatalf("%v", points)
	}
	for _, p := range points {
		want := time.Duration(p.Value) * time.Minute
		if p.Value == 2 || p.Value == 3 || p.At > want+2*time.Second || p.At < want-time.Minute-2*time.Second {
			t.Errorf("%v stands at %v", p.Value, p.At)
		}
	}
}

// TestCost is told before and after.
func TestCost(t *testing.T) {
	f, url := newFake(t)
	f.set(func() { f.values = func(string, time.Time) (float64, bool) { return 1, true } })
	h := historian(t, "rds/shop-db", url)
	if told := h.(monitor.Estimator).Estimate(10 * time.Minute); told != "about 160 CloudWatch metrics requested: $0.0016" {
		t.Errorf("before: %q", told)
	}
	for range 10 {
		if _, _, err := h.Range(t.Context(), noon, noon.Add(10*time.Minute)); err != nil {
			t.Fatal(err)
		}
	}
	if told := h.Cost(); told != "100 CloudWatch metrics requested: $0.0010" {
		t.Errorf("after: %q", told)
	}
}
