package verdict

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stampede-load/stampede/internal/fault"
	"github.com/stampede-load/stampede/internal/stats"
)

func TestListenNotices(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	row := func(quick time.Duration, slow ...time.Duration) *stats.Row {
		r := &stats.Row{}
		for range 1000 {
			r.Service.Record(int64(quick) * int64(60+rng.IntN(80)) / 100)
		}
		for range 12 {
			for _, d := range slow {
				r.Service.Record(int64(d) + rng.Int64N(int64(40*time.Millisecond)))
			}
		}
		r.Count = r.Service.Count()
		return r
	}
	spread := row(20 * ms)
	for range 200 {
		spread.Service.Record(int64(time.Second) + rng.Int64N(int64(6*time.Second)))
	}
	tail := row(20 * ms)
	for range 40 {
		tail.Service.Record(int64(700*ms) + rng.Int64N(int64(400*ms))) // a slow query, of about a second
	}
	full := row(20 * ms)
	full.Count, full.Failures = full.Count+22, 22
	full.Faults = []stats.FaultCount{{Kind: fault.ConnectTimeout, Count: 22}}
	down := &stats.Row{Count: 22, Failures: 22, Faults: full.Faults}
	for _, c := range []struct {
		name string
		r    *stats.Row
		want string
	}{
		{"quick", row(20 * ms), ""},
		{"dropped once", row(20*ms, time.Second), "12 requests took a little more than 1 s, and hardly any"},
		{"dropped often", row(20*ms, time.Second, 2*time.Second, 3*time.Second+20*ms, 7*time.Second), "48 requests took a little more than 1, 2, 3 or 7 s"},
		{"evenly slow", spread, ""},
		{"a slow query", tail, ""},
		{"a site that takes a second", row(950 * ms), ""},
		{"no connection beside answers", full, "22 requests got no connection while others were answered: the site's listen queue may be full"},
		{"nobody there", down, ""},
	} {
		got := strings.Join(ListenNotices(c.r), "\n")
		if c.want == "" && got != "" || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
