package cli

import (
	"testing"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/limit"
	"github.com/stampede-load/stampede/internal/monitor"
)

// seldom is a server whose points are so far apart.
type seldom struct {
	monitor.Historian
	grain time.Duration
}

func (s seldom) Grain() time.Duration { return s.grain }

// A level holds three points of every server, unless --step says how long it lasts.
func TestLevelsHoldPointsOfServers(t *testing.T) {
	for _, c := range []struct {
		grains []time.Duration
		fixed  bool
		step   time.Duration
		said   int
	}{
		{nil, false, 30 * time.Second, 0},
		{[]time.Duration{time.Second, 10 * time.Second}, false, 30 * time.Second, 0},
		{[]time.Duration{time.Minute, time.Second}, false, 3 * time.Minute, 1},
		{[]time.Duration{time.Minute, 5 * time.Minute}, false, 15 * time.Minute, 2},
		{[]time.Duration{time.Minute}, true, 30 * time.Second, 0},
	} {
		said := 0
		one := &conducting{search: limit.Options{Step: 30 * time.Second}, fixed: c.fixed, say: func(string) { said++ }}
		plan := &stampede.Plan{Servers: []stampede.WatchedServer{{Name: "site"}}}
		for _, g := range c.grains {
			plan.Servers = append(plan.Servers, stampede.WatchedServer{Name: "db", Historian: seldom{grain: g}})
		}
		if one.join(plan); one.search.Step != c.step || said != c.said {
			t.Errorf("%+v: a level lasts %s, and %d servers were named", c, one.search.Step, said)
		}
	}
}
