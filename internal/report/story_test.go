package report

import (
	"strings"
	"testing"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/fault"
	"github.com/stampede-load/stampede/internal/stats"
)

// told is a run of so many seconds, each as second makes it.
func told(seconds int, second func(i int, sec *stats.Second, fail func(n int64, kind fault.Kind, status int), took func(n int, d time.Duration))) *stampede.Report {
	r := &stampede.Report{Series: stats.NewSeries(stats.SeriesOptions{})}
	r.Run.Duration = time.Duration(seconds) * time.Second
	for i := range seconds {
		sec := &stats.Second{Index: i, Width: 1, Gauges: stats.Gauges{Users: 40}}
		row := &sec.Total
		second(i, sec, func(n int64, kind fault.Kind, status int) {
			row.Count, row.Failures = row.Count+n, row.Failures+n
			row.Add(&stats.Row{Faults: []stats.FaultCount{{Kind: kind, Status: status, Count: n}}})
		}, func(n int, d time.Duration) {
			for range n {
				row.Count++
				row.Service.Record(int64(d))
				row.Response.Record(int64(d))
			}
		})
		r.Judged.Total.Add(row)
		r.Series.Add(sec)
	}
	r.Judged.Seconds, r.Whole.Seconds = float64(seconds), float64(seconds)
	r.Whole.Total = r.Judged.Total
	return r
}

func TestStory(t *testing.T) {
	spike := told(40, func(i int, sec *stats.Second, fail func(int64, fault.Kind, int), took func(int, time.Duration)) {
		if i >= 15 && i < 28 && i != 20 {
			sec.Gauges.Users = 1480
			fail(28, fault.Status, 503)
			took(72, time.Second)
			return
		}
		took(100, 50*time.Millisecond)
	})
	s := Tell(spike)
	if len(s.Moments) != 1 || s.Moments[0].When() != "0:15 to 0:28" {
		t.Fatalf("%+v", s)
	}
	if got := s.Moments[0].Text; !strings.HasPrefix(got, "the site answered 503 to 28.0 %; p95 from 50") || !strings.HasSuffix(got, "to 1.00 s, with 1,480 users") {
		t.Errorf("%q", got)
	}
	if !strings.HasPrefix(s.Felt, "half of the answers took 50") || !strings.HasSuffix(s.Felt, " of 4,000 requests failed") {
		t.Errorf("%q", s.Felt)
	}

	even := told(30, func(i int, _ *stats.Second, _ func(int64, fault.Kind, int), took func(int, time.Duration)) {
		took(100, time.Duration(40+i%7)*time.Millisecond)
	})
	if s := Tell(even); len(s.Moments) != 0 || s.More != 0 {
		t.Errorf("an even run: %+v", s)
	}

	many := told(80, func(i int, sec *stats.Second, fail func(int64, fault.Kind, int), took func(int, time.Duration)) {
		took(50, 10*time.Millisecond)
		switch i {
		case 5, 6:
			fail(10, fault.Timeout, 0)
		case 20:
			sec.Gauges.InFlight = 9
			*sec = stats.Second{Index: i, Width: 1, Gauges: sec.Gauges}
		case 21:
			*sec = stats.Second{Index: i, Width: 1, Gauges: sec.Gauges}
			sec.Gauges.InFlight = 9
		case 40, 41, 42:
			fail(50, fault.Refused, 0)
			fail(1, fault.Check, 0)
		case 60, 61:
			fail(50, fault.Reset, 0)
		}
		if i >= 70 {
			sec.Gauges.Dropped = int64(i-69) * 100
		}
	})
	s = Tell(many)
	var got []string
	for i := range s.Moments {
		got = append(got, s.Moments[i].When()+" "+s.Moments[i].Text)
	}
	want := []string{"0:40 to 0:43 49.5 % found nothing listening, 1.0 % failed a check, with 40 users", "1:00 to 1:02 50.0 % were cut off, with 40 users", "1:10 to 1:20 1,000 arrivals dropped, with 40 users"}
	if strings.Join(got, "\n") != strings.Join(want, "\n") || s.More != 2 {
		t.Errorf("%d more and\n%s", s.More, strings.Join(got, "\n"))
	}
	if s := Tell(&stampede.Report{}); s.Felt != "nothing was measured" || s.Moments != nil {
		t.Errorf("%+v", s)
	}
}
