package stampede

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/stampede-load/stampede/internal/engine"
	"github.com/stampede-load/stampede/internal/mask"
	"github.com/stampede-load/stampede/internal/pace"
	"github.com/stampede-load/stampede/internal/verdict"
	"github.com/stampede-load/stampede/internal/wire"
)

// Version of stampede.
const Version = "0.1.0"

// prepared is a plan that has been checked, with every default filled in.
type prepared struct {
	plan    Plan
	types   []*userType
	streams []engine.Stream
	rules   []*verdict.Rule
	model   Model
	paced   bool
	length  time.Duration // 0 when the run has no end of its own
	info    RunInfo
	fence   *wire.Fence // nil when nothing is forbidden or swapped
}

// prepare checks a plan. All mistakes come back together, one a line.
func prepare(plan Plan) (*prepared, error) {
	p := &prepared{plan: plan}
	var errs []error
	note := func(err error) {
		if err != nil {
			errs = append(errs, err)
		}
	}
	if p.plan.Host == "" {
		p.plan.Host = plan.Test.Host
	}
	host, err := cleanHost("--host", p.plan.Host)
	note(err)
	p.plan.Host = host
	note(p.checkFence())
	note(p.checkNumbers())
	note(p.chooseTypes())
	if len(errs) == 0 {
		note(p.makeStreams())
	}
	p.rules, err = compileThresholds(append(slices.Clone(plan.Test.Thresholds), plan.Thresholds...))
	note(err)
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	p.fill()
	return p, nil
}

func (p *prepared) checkNumbers() error {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if r := p.plan.SpawnRate; r < 0 || math.IsNaN(r) || math.IsInf(r, 0) {
		bad("spawn rate %v: use a number of users per second above zero, or leave it out to start all at once", r)
	}
	if p.plan.Users != nil && p.plan.Rate != nil {
		bad("both users and a rate are given: a closed model has users, an open model has a rate; give one of them")
	}
	if p.plan.Users != nil && p.plan.Users.Max() < 1 {
		bad("users %s: at least one user is needed", p.plan.Users)
	}
	if p.plan.Rate != nil && p.plan.Rate.Max() <= 0 {
		bad("rate %s: it must be above zero at some time", p.plan.Rate)
	}
	if d := p.plan.Duration; d < 0 {
		bad("run time %v: it cannot be negative", d)
	}
	if d := p.plan.Warmup; d < 0 {
		bad("warm-up %v: it cannot be negative", d)
	}
	if err := p.checkWarmup(p.plan.Duration); err != nil {
		errs = append(errs, err)
	}
	if p.plan.Iterations < 0 {
		bad("iterations %d: use a number above zero", p.plan.Iterations)
	}
	if s := p.plan.Share; s.N < 0 || s.I < 0 || s.N > 0 && s.I >= s.N {
		bad("share %d of %d: the first must be from 0 to one below the second", s.I, s.N)
	}
	return errors.Join(errs...)
}

// checkWarmup says whether the warm-up leaves something of a run of a length; 0 is one without an end.
func (p *prepared) checkWarmup(length time.Duration) error {
	warm := p.plan.Warmup
	whole := (warm + time.Second - 1).Truncate(time.Second)
	switch {
	case warm <= 0 || length <= 0 || whole < length:
		return nil
	case warm < length:
		return fmt.Errorf("the warm-up of %v counts as %v, for figures are kept by the second, and leaves nothing of a run of %v", warm, whole, length)
	}
	return fmt.Errorf("the warm-up of %v leaves nothing of a run of %v", warm, length)
}

// fill sets what was left to defaults and names the run.
func (p *prepared) fill() {
	plan := &p.plan
	if plan.Test.Name == "" {
		plan.Test.Name = "test"
	}
	if plan.StopTimeout == 0 {
		plan.StopTimeout = 10 * time.Second
	}
	for plan.Seed == 0 {
		var b [8]byte
		rand.Read(b[:])
		plan.Seed = uint64(binary.LittleEndian.Uint32(b[:])) // short enough to type again
	}
	p.info = RunInfo{
		Name: mask.Text(plan.Test.Name), SpawnRate: plan.SpawnRate, Host: plan.Host, Seed: plan.Seed, Model: p.model, Paced: p.paced,
		Version: Version, Changes: mask.Text(plan.Changes), Focus: mask.Text(plan.Focus), Notes: mask.Text(plan.Notes),
		Links: mask.Texts(plan.Links), Tags: mask.Texts(plan.RunTags),
	}
	var users []string
	for _, s := range p.streams {
		if s.Users != nil {
			p.info.Users += int(math.Ceil(s.Users.Max()))
			users = append(users, s.Users.String())
		} else {
			p.info.RateText = strings.TrimPrefix(p.info.RateText+" + "+s.Rate.String(), " + ")
		}
	}
	p.info.UsersText = strings.Join(users, " + ")
	if plan.Users != nil && pace.IsLevel(plan.Users) && len(p.streams) == 1 {
		p.info.UsersText = plan.Users.String()
	}
	p.info.PlanHash = p.hash()
}

// hash tells plans apart: two runs with the same hash sent the same load with the same behaviour, as far as names can say.
func (p *prepared) hash() string {
	h := sha256.New()
	fmt.Fprintln(h, p.plan.Test.Name, withoutLocalPort(p.plan.Host), p.info.UsersText, p.plan.SpawnRate, p.info.RateText, p.length, p.plan.Iterations,
		p.plan.Warmup, p.plan.Poisson, p.plan.MaxUsers, p.plan.Tags, p.plan.ExcludeTags)
	for _, t := range p.types {
		fmt.Fprintln(h, t.name, t.weight, t.fixed, withoutLocalPort(t.host), t.visit, t.after)
		t.root.leaves(func(t *task) { fmt.Fprintln(h, t.name, t.weight) })
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// testHash tells tests apart, whatever the load.
func (p *prepared) testHash() string {
	h := sha256.New()
	fmt.Fprintln(h, p.plan.Test.Name)
	for _, t := range p.types {
		fmt.Fprintln(h, t.name, t.weight, t.fixed, t.visit, t.after)
		t.root.leaves(func(t *task) { fmt.Fprintln(h, t.name, t.weight) })
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// withoutLocalPort is a host as plans are told apart by it. On this machine the port says nothing: a test that brings its own site gets
// another one each time.
func withoutLocalPort(host string) string {
	u, err := url.Parse(host)
	if err != nil {
		return host
	}
	name := u.Hostname()
	if addr, err := netip.ParseAddr(name); name != "localhost" && (err != nil || !addr.IsLoopback()) {
		return host
	}
	u.Host = name
	return u.String()
}
