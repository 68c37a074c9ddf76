package fleet

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	toxiproxy "github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"

	"github.com/stampede-load/stampede"
)

// between puts a proxy between workers and the controller, and returns the join URL that leads through it.
func (c *crowd) between() (JoinURL, *toxiproxy.Proxy) {
	t, u := c.t, c.c.JoinURL()
	t.Helper()
	p := toxiproxy.NewProxy(toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop()), t.Name(), "127.0.0.1:0", u.Address)
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	c.after = append(c.after, p.Stop)
	u.Address = p.Listen
	return u, p
}

// untilLost waits until a worker of a run is given up.
func untilLost(run *stampede.Running) {
	untilOne(run, func(w stampede.LiveWorker) bool { return w.State == "lost" })
}

// untilOne waits until one of the workers of a run is as a test wants it.
func untilOne(run *stampede.Running, is func(stampede.LiveWorker) bool) {
	for end := time.Now().Add(time.Minute); time.Now().Before(end) && !slices.ContainsFunc(run.Live().Workers, is); {
		time.Sleep(20 * time.Millisecond)
	}
}

// poison makes a network bad in both directions.
func poison(t *testing.T, p *toxiproxy.Proxy, kind, attributes string) {
	t.Helper()
	for _, stream := range []string{"upstream", "downstream"} {
		text := fmt.Sprintf(`{"name":"%s-%s","type":"%s","stream":"%s","attributes":%s}`, kind, stream, kind, stream, attributes)
		if _, err := p.Toxics.AddToxicJson(strings.NewReader(text)); err != nil {
			t.Error(err)
		}
	}
}

func heal(t *testing.T, p *toxiproxy.Proxy, kind string) {
	t.Helper()
	for _, stream := range []string{"upstream", "downstream"} {
		if err := p.Toxics.RemoveToxic(t.Context(), kind+"-"+stream); err != nil {
			t.Error(err)
		}
	}
}

// Between worker and controller a network may be slow, narrow, cut into pieces or reset: no arrival is lost, or sent twice.
func TestBadNetworks(t *testing.T) {
	for _, bad := range []struct {
		name, kind, attributes string
		doubt                  string // what the verdict says
		heals                  bool   // connections are gone with it
	}{
		{"slow", "latency", `{"latency":60,"jitter":20}`, "its clock is known to", false},
		{"narrow", "bandwidth", `{"rate":40}`, "", false},
		{"in pieces", "slicer", `{"average_size":40,"size_variation":20,"delay":50}`, "", false},
		{"reset", "reset_peer", `{"timeout":50}`, "", true},
	} {
		t.Run(bad.name, func(t *testing.T) {
			t.Parallel()
			c := newPatientCrowd(t, 1)
			u, p := c.between()
			if !bad.heals {
				poison(t, p, bad.kind, bad.attributes)
			}
			c.joinWith("far", func(cfg *WorkerConfig) { cfg.URL = u })
			if _, err := c.c.Await(t.Context(), 2, time.Minute); err != nil {
				t.Fatal(err)
			}
			r, err := c.run(stampede.Plan{Rate: stampede.Level(100), Duration: 4 * time.Second, Observers: []stampede.Observer{&seconds{t: t}}}, func(*stampede.Running) {
				if bad.heals {
					time.Sleep(time.Second)
					poison(t, p, bad.kind, bad.attributes)
					time.Sleep(300 * time.Millisecond)
					heal(t, p, bad.kind)
				}
			})
			if err != nil {
				t.Fatal(err)
			}
			sums(t, r)
			if r.Planned != 400 || r.Sent != 400 {
				t.Errorf("planned %d, sent %d, lost %d: want 400", r.Planned, r.Sent, r.Lost)
			}
			if !strings.Contains(strings.Join(r.Verdict.Reasons, "\n"), bad.doubt) {
				t.Errorf("verdict %v, want something with %q", r.Verdict.Reasons, bad.doubt)
			}
		})
	}
}

// A worker whose network passes nothing on is given up, ends when it hears of it, and what it did meanwhile is counted.
func TestPartition(t *testing.T) {
	t.Parallel()
	c := newCrowd(t, 2)
	u, p := c.between()
	c.joinWith("far", func(cfg *WorkerConfig) { cfg.URL = u })
	if _, err := c.c.Await(t.Context(), 3, time.Minute); err != nil {
		t.Fatal(err)
	}
	r, err := c.run(stampede.Plan{Rate: stampede.Level(300), Duration: 14 * time.Second, Observers: []stampede.Observer{&seconds{t: t}}}, func(run *stampede.Running) {
		time.Sleep(1500 * time.Millisecond)
		poison(t, p, "timeout", `{"timeout":0}`)
		untilLost(run)
		heal(t, p, "timeout")
	})
	if err != nil {
		t.Fatal(err)
	}
	sums(t, r)
	far := r.Workers[2]
	if far.Name != "far" || !far.Gone || !strings.Contains(far.Reason, "it said nothing for") {
		t.Errorf("%+v", far)
	}
	if r.Planned < 4200 || r.Planned-4200 > 1200 || r.Lost > 150 { // what it sent beyond is said
		t.Errorf("planned %d of 4200, lost %d", r.Planned, r.Lost)
	}
	if r.Planned > 4200 && !strings.Contains(strings.Join(r.Verdict.Reasons, "\n"), "arrivals beyond the plan") {
		t.Errorf("%d beyond the plan, and the verdict says %v", r.Planned-4200, r.Verdict.Reasons)
	}
}
