package cli

import (
	"context"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/cli/setting"
)

// read gives a text to the setting of a name.
func read(t *testing.T, table []setting.Setting, name, text string) error {
	t.Helper()
	for _, s := range table {
		if s.Name == name {
			return s.Read(text)
		}
	}
	t.Fatalf("there is no setting %q", name)
	return nil
}

func TestValues(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"source-ip", "10.0.0.5", "[10.0.0.5]"},
		{"source-ip", "10.0.0.5-10.0.0.7", "[10.0.0.5 10.0.0.6 10.0.0.7]"},
		{"source-ip", "10.0.0.6/31", "[10.0.0.6 10.0.0.7]"},
		{"source-ip", "10.0.0.7/30", "[10.0.0.5 10.0.0.6]"},
		{"source-ip", "10.0.0.6/32", "[10.0.0.6]"},
		{"source-ip", "2001:db8::/127", "[2001:db8:: 2001:db8::1]"},
		{"source-ip", "::1", "[::1]"},
		{"source-ip", "10.0.0.7-10.0.0.5", "backwards"},
		{"source-ip", "10.0.0.7-::1", "write an address"},
		{"source-ip", "10.0.0.0/8", "more than 65536"},
		{"resolve", "a.example:443:127.0.0.1", "map[a.example:443:127.0.0.1]"},
		{"resolve", "a.example:443:[::1]", "map[a.example:443:::1]"},
		{"resolve", "a.example:443", "write host:port:address"},
		{"resolve", "*:443:127.0.0.1,[::1]", "map[*:443:127.0.0.1,::1]"},
		{"resolve", "+Bücher.example:80:127.0.0.1", "map[xn--bcher-kva.example:80:127.0.0.1]"},
		{"resolve", "[::1]:80:127.0.0.1", "map[[::1]:80:127.0.0.1]"},
		{"resolve", "-a.example:80", "map[]"},
		{"resolve", "a.example:x:127.0.0.1", "write host:port:address"},
		{"resolve", "a.example:443:b.example", "not an address"},
		{"proxy", "http://me:pw@proxy:3128", "http://me:pw@proxy:3128"},
		{"proxy", "ftp://proxy", "write the URL of a proxy"},
		{"dns-ttl", "0", "1ns"},
		{"dns-ttl", "60", "1m0s"},
		{"fresh", "request", "2"},
		{"fresh", "never", "0"},
		{"http", "H2C", "h2c"},
		{"stop-timeout", "0", "-1ns"},
		{"stop-timeout", "1m", "1m0s"},
		{"max-users", "10,000", "10000"},
		{"max-users", "9999999999", "must be"},
		{"seed", "18446744073709551615", "18446744073709551615"},
		{"seed", "-1", "whole number above zero"},
		{"spawn-rate", "300/m", "5"},
		{"users", "500", "500"},
		{"users", "0:0,10s:0", "at least one user"},
		{"users", "50/s", "users are counted"},
		{"rate", "0", "nothing"},
		{"rate", "300/m", "5"},
	} {
		var o options
		a := newTestApp(t)
		err := read(t, a.runSettings(&o), c.name, c.text)
		got := map[string]any{
			"source-ip": o.plan.HTTP.SourceIPs, "resolve": o.plan.HTTP.Resolve, "proxy": o.plan.HTTP.Proxy, "dns-ttl": o.plan.HTTP.DNSTTL,
			"fresh": o.plan.HTTP.Fresh, "http": o.plan.HTTP.Version, "stop-timeout": o.plan.StopTimeout, "max-users": o.plan.MaxUsers,
			"seed": o.plan.Seed, "spawn-rate": o.plan.SpawnRate, "users": o.plan.Users, "rate": o.plan.Rate,
		}[c.name]
		text := fmt.Sprint(got)
		if err != nil {
			text = err.Error()
		}
		if text != c.want && (err == nil || !strings.Contains(text, c.want)) {
			t.Errorf("--%s %s: %s, want %s", c.name, c.text, text, c.want)
		}
	}
}

// Each setting of the table can be read, says what it is, and has one name only.
func TestTable(t *testing.T) {
	var o options
	var h hitOptions
	a := newTestApp(t)
	for name, table := range map[string][]setting.Setting{"run": a.runSettings(&o), "hit": a.hitSettings(&h)} {
		names := map[string]bool{}
		for _, s := range table {
			if s.Read == nil || s.Help == "" || s.Group == "" || strings.HasSuffix(s.Help, ".") {
				t.Errorf("%s: --%s is not complete", name, s.Name)
			}
			if names[s.Name] || (s.Short != "" && names[s.Short]) {
				t.Errorf("%s: --%s or -%s is there twice", name, s.Name, s.Short)
			}
			names[s.Name], names[s.Short] = true, true
		}
	}
}

// What keeps a host from answering is said in words, and a plan's own network is asked, not the real one.
func TestReach(t *testing.T) {
	dial := func(err error) *stampede.Plan {
		return &stampede.Plan{Host: "http://a.example", HTTP: stampede.HTTP{Dial: func(context.Context, string, string) (net.Conn, error) {
			if err == nil {
				c, _ := net.Pipe()
				return c, nil
			}
			return nil, err
		}}}
	}
	for _, c := range []struct {
		err  error
		want string
	}{
		{nil, ""},
		{context.DeadlineExceeded, "no connection to a.example:80"},
		{&net.OpError{Op: "dial", Err: net.UnknownNetworkError("x")}, "unknown network x"},
	} {
		var got mistakes
		got.add(reach(t.Context(), dial(c.err), dial(c.err).Hosts())...)
		if c.want == "" && len(got) == 0 {
			continue
		}
		if !strings.Contains(got.Error(), c.want) || c.want == "" {
			t.Errorf("%v: %s", c.err, got.Error())
		}
	}
}

func TestHitLength(t *testing.T) {
	shape := func(text string) stampede.Shape {
		s, err := stampede.ParseShape(text)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	for _, c := range []struct {
		plan stampede.Plan
		want time.Duration
	}{
		{stampede.Plan{Users: shape("50")}, 10 * time.Second},
		{stampede.Plan{Users: shape("50"), SpawnRate: 2}, 35 * time.Second},
		{stampede.Plan{Users: shape("50"), SpawnRate: 1e-9}, 366*24*time.Hour + 10*time.Second},
		{stampede.Plan{Rate: shape("500/s")}, 10 * time.Second},
		{stampede.Plan{Rate: shape("0:0,30s:500")}, 0},
		{stampede.Plan{Rate: shape("sine(1, 5, period=1m)")}, 10 * time.Second},
		{stampede.Plan{Rate: shape("ramp(0, 20, over=1m) then 20")}, 70 * time.Second},
		{stampede.Plan{Rate: shape("20 + spike(0, 400, at=1m, for=10s, after=5s)")}, 80 * time.Second},
	} {
		if got := hitLength(&c.plan); got != c.want {
			t.Errorf("%+v lasts %v, want %v", c.plan, got, c.want)
		}
	}
}

func TestMistakesAreSaidOnce(t *testing.T) {
	var m mistakes
	one := fmt.Errorf("one")
	m.add(one, nil, fmt.Errorf("one"), mistakes{one, fmt.Errorf("two")}, fmt.Errorf("wrapped: %w", mistakes{one, fmt.Errorf("three")}))
	if got := m.Error(); got != "one\ntwo\nwrapped: one\nthree" {
		t.Errorf("got %q", got)
	}
	if (mistakes{}).err() != nil {
		t.Error("nothing is a mistake")
	}
}
