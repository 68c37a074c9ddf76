package compare

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/verdict"
	"github.com/stampede-load/stampede/internal/verdict/verdicttest"
)

func TestDifferences(t *testing.T) {
	for _, c := range []struct {
		name    string
		change  func(*stampede.Report)
		what    []string
		refused bool
	}{
		{"nothing", func(*stampede.Report) {}, nil, false},
		{"the seed", func(r *stampede.Report) { r.Run.Seed = 8 }, []string{"seed"}, false},
		{"the tasks", func(r *stampede.Report) { r.Run.PlanHash = "beef" }, []string{"plan"}, true},
		{"another test", func(r *stampede.Report) { r.Run.Name, r.Run.PlanHash = "store", "beef" }, []string{"test"}, true},
		{"more users", func(r *stampede.Report) { r.Run.UsersText, r.Run.PlanHash = "60", "beef" }, []string{"users"}, true},
		{"another model", func(r *stampede.Report) {
			r.Run.Model, r.Run.UsersText, r.Run.RateText, r.Run.Paced, r.Run.PlanHash = stampede.Open, "", "50/s", true, "beef"
		}, []string{"model", "time that is judged"}, true},
		{"slower spawning", func(r *stampede.Report) { r.Run.SpawnRate, r.Run.PlanHash = 5, "beef" }, []string{"spawn rate"}, false},
		{"another machine of the same kind", func(r *stampede.Report) { r.Run.Host = "http://127.0.0.2:8080" }, []string{"host"}, false},
		{"far away", func(r *stampede.Report) { r.Run.Host, r.Run.PlanHash = "http://shop.example.org", "beef" }, []string{"kind of host"}, true},
		{"encrypted", func(r *stampede.Report) { r.Run.Host = "https://127.0.0.1:8080" }, []string{"kind of host"}, true},
		{"much longer", func(r *stampede.Report) { r.Run.Duration *= 3; r.Run.PlanHash = "beef" }, []string{"duration"}, false},
		{"a little longer", func(r *stampede.Report) { r.Run.Duration += time.Second }, nil, false},
		{"half as long again, as planned", func(r *stampede.Report) { r.Run.Duration += r.Run.Duration / 2; r.Run.PlanHash = "beef" }, []string{"duration"}, false},
		{"half as long again, of the same plan", func(r *stampede.Report) { r.Run.Duration += r.Run.Duration / 2 }, nil, false},
		{"the tasks, and another port of this machine", func(r *stampede.Report) { r.Run.Host, r.Run.PlanHash = "http://127.0.0.1:9090", "beef" }, []string{"plan", "host"}, true},
		{"INVALID", func(r *stampede.Report) { r.Verdict.Level = verdict.Invalid }, []string{"verdict of the generator"}, false},
		{"SUSPECT", func(r *stampede.Report) { r.Verdict.Level = verdict.Suspect }, []string{"verdict of the generator"}, false},
		{"a newer version", func(r *stampede.Report) { r.Run.Version = "0.2.0" }, []string{"version of stampede"}, false},
		{"more cores", func(r *stampede.Report) {
			r.Environment = []stampede.Setting{{Name: "cores", Value: "64"}, {Name: "go", Value: "go1.26"}, {Name: "net.somaxconn", Value: "9"}}
		}, []string{"machine of the generator"}, false},
		{"nothing known of the machine", func(r *stampede.Report) { r.Environment = nil }, nil, false},
		{"a warm-up", func(r *stampede.Report) {
			r.Phases, r.Run.PlanHash = []stampede.Phase{{Name: "warm-up", To: 5 * time.Second}}, "beef"
		}, []string{"warm-up"}, false},
		{"cut short", func(r *stampede.Report) { r.Run.Interrupted = true }, []string{"interrupted"}, false},
	} {
		rng := rand.New(rand.NewPCG(41, 42))
		make := func() *simulated { return simulate(rng, 1, 20, func(int) verdicttest.Noise { return calm(20, 1) }) }
		before, after := make(), make().with(c.change)
		r := one(t, before, after, quick())
		var what []string
		for _, d := range r.Differences {
			what = append(what, d.What)
			if d.Advice == "" || d.Old == "" || d.New == "" {
				t.Errorf("%s: %+v", c.name, d)
			}
		}
		if !slices.Equal(what, c.what) {
			t.Errorf("%s: %v, want %v", c.name, what, c.what)
		}
		if r.Refused() != c.refused || c.refused && (r.Outcome != verdict.Inconclusive || !strings.HasPrefix(r.Reason, "the runs are not comparable: ")) {
			t.Errorf("%s: %v, %q", c.name, r.Outcome, r.Reason)
		}
		o := quick()
		o.Anyway = true
		if r = one(t, before, after, o); r.Refused() || len(r.Differences) != len(c.what) {
			t.Errorf("%s: refused anyway: %q", c.name, r.Reason)
		}
	}
}

// Two runs that both cannot be trusted differ in nothing, and nothing is judged all the same, unless that is allowed.
func TestInvalidOnBothSides(t *testing.T) {
	rng := rand.New(rand.NewPCG(43, 44))
	invalid := func(r *stampede.Report) { r.Verdict.Level = verdict.Invalid }
	noise := func(int) verdicttest.Noise { return calm(50, 1) }
	before, after := simulate(rng, 1, 20, noise).with(invalid), simulate(rng, 1, 20, noise).with(invalid)
	if r := one(t, before, after, quick()); r.Refused() || !r.Doubted || r.Outcome != verdict.Inconclusive || !strings.HasSuffix(r.Reason, " are INVALID: the figures are shown and nothing is judged by them") {
		t.Errorf("%+v", r)
	}
	o := quick()
	o.AllowInvalid = true
	if r := one(t, before, after, o); r.Refused() || r.Doubted || len(r.Differences) != 1 {
		t.Errorf("%+v", r)
	}
	after.with(func(r *stampede.Report) { r.Run.UsersText = "7" })
	if r := one(t, before, after, o); !r.Refused() || r.Reason != "the runs are not comparable: users 50 and 7" {
		t.Errorf("%+v", r)
	}
}

// What can be known at the start of a run is told then, and nothing that cannot be.
func TestForeseen(t *testing.T) {
	rng := rand.New(rand.NewPCG(47, 48))
	before := simulate(rng, 1, 20, func(int) verdicttest.Noise { return calm(20, 1) }).report
	for _, c := range []struct {
		name   string
		change func(*stampede.RunInfo)
		want   string
	}{
		{"the same", func(*stampede.RunInfo) {}, ""},
		{"not over yet, and of another plan", func(r *stampede.RunInfo) { r.Duration, r.PlanHash = 0, "beef" }, ""},
		{"another seed and version", func(r *stampede.RunInfo) { r.Seed, r.Version = 1, "2" }, ""},
		{"more users", func(r *stampede.RunInfo) { r.UsersText = "60" }, "the runs are not comparable: users 50 and 60"},
		{"far away", func(r *stampede.RunInfo) { r.Host = "https://example.org" }, "the runs are not comparable: kind of host http, this machine and https, the internet"},
	} {
		now := before.Run
		c.change(&now)
		if got := Foreseen(before, &now, Options{}); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
		if got := Foreseen(before, &now, Options{Anyway: true}); got != "" {
			t.Errorf("%s, anyway: %q", c.name, got)
		}
	}
	before.Verdict.Level = verdict.Invalid
	if got := Foreseen(before, &before.Run, Options{}); got != "" {
		t.Errorf("an INVALID baseline is compared: %q", got)
	}
}

// Another load makes another rate: that is no regression of the site.
func TestRateUnderAnotherLoad(t *testing.T) {
	rng := rand.New(rand.NewPCG(45, 46))
	before := simulate(rng, 1, 120, func(int) verdicttest.Noise { return calm(400, 1) })
	after := simulate(rng, 1, 120, func(int) verdicttest.Noise { return calm(200, 1) }).with(func(r *stampede.Report) { r.Run.UsersText = "25" })
	o := quick()
	o.Anyway, o.Limit = true, 0.1
	r := one(t, before, after, o)
	f := r.Rows[0].Figure("rate")
	if f.Outcome != verdict.Inconclusive || !strings.Contains(f.Reason, "different loads") || r.Outcome == verdict.Regressed {
		t.Errorf("%v: %+v", r.Outcome, f)
	}
	after.with(func(r *stampede.Report) { r.Run.UsersText = "50" })
	if r = one(t, before, after, o); r.Rows[0].Figure("rate").Outcome != verdict.Regressed {
		t.Errorf("the same load: %+v", r.Rows[0].Figure("rate"))
	}
}

func TestDistance(t *testing.T) {
	for host, want := range map[string]string{
		"127.0.0.1": "this machine", "::1": "this machine", "localhost": "this machine", "shop.localhost": "this machine",
		"10.1.2.3": "a private network", "192.168.0.9": "a private network", "fe80::1": "a private network", "shop": "a private network",
		"shop.local": "a private network", "shop.svc.internal": "a private network",
		"8.8.8.8": "the internet", "example.org": "the internet", "example.org.": "the internet",
	} {
		if got := distance(host); got != want {
			t.Errorf("%s is on %s, want %s", host, got, want)
		}
	}
}
