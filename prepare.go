package stampede

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/stampede-load/stampede/internal/engine"
	"github.com/stampede-load/stampede/internal/mix"
	"github.com/stampede-load/stampede/internal/pace"
	"github.com/stampede-load/stampede/internal/verdict"
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
	for name, d := range map[string]time.Duration{"run time": p.plan.Duration, "warm-up": p.plan.Warmup} {
		if d < 0 {
			bad("%s %v: it cannot be negative", name, d)
		}
	}
	if p.plan.Duration > 0 && p.plan.Warmup >= p.plan.Duration {
		bad("the warm-up of %v leaves nothing of a run of %v", p.plan.Warmup, p.plan.Duration)
	}
	if p.plan.Iterations < 0 {
		bad("iterations %d: use a number above zero", p.plan.Iterations)
	}
	if s := p.plan.Share; s.N < 0 || s.I < 0 || s.N > 0 && s.I >= s.N {
		bad("share %d of %d: the first must be from 0 to one below the second", s.I, s.N)
	}
	return errors.Join(errs...)
}

// chooseTypes picks the user types that run, with their tags applied.
func (p *prepared) chooseTypes() error {
	all := p.plan.Test.Users
	if len(all) == 0 {
		return errors.New("the test has no user types: give Test.Users at least one")
	}
	var errs []error
	names := map[string]bool{}
	for i, ut := range all {
		if ut.t == nil {
			errs = append(errs, fmt.Errorf("user type %d is empty: make it with stampede.Users", i+1))
			continue
		}
		if names[ut.t.name] {
			errs = append(errs, fmt.Errorf("two user types are called %q: give one of them a Name", ut.t.name))
		}
		names[ut.t.name] = true
	}
	for _, want := range p.plan.UserTypes {
		if !names[want] {
			errs = append(errs, fmt.Errorf("there is no user type %q; there are %s", want, quotedList(sortedKeys(names))))
		}
	}
	errs = append(errs, p.checkTags())
	if err := errors.Join(errs...); err != nil {
		return err
	}
	for _, ut := range all {
		if len(p.plan.UserTypes) > 0 && !slices.Contains(p.plan.UserTypes, ut.t.name) {
			continue
		}
		t, err := p.prepareType(ut.t)
		if err != nil {
			errs = append(errs, err)
		} else if len(t.root.tasks) > 0 {
			p.types = append(p.types, t)
		}
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	if len(p.types) == 0 {
		return errors.New("no task is left to run: the tags and user types chosen leave all of them out")
	}
	return nil
}

func (p *prepared) prepareType(t *userType) (*userType, error) {
	c := *t
	var errs []error
	where := "user type " + c.name
	if c.weight < 0 || math.IsNaN(c.weight) || math.IsInf(c.weight, 0) {
		errs = append(errs, fmt.Errorf("%s: weight %v: use a positive number", where, c.weight))
	}
	if c.fixed < 0 {
		errs = append(errs, fmt.Errorf("%s: a fixed count of %d: use a positive number", where, c.fixed))
	}
	if c.users != nil && c.rate != nil {
		errs = append(errs, fmt.Errorf("%s: it has both users and a rate of its own; give one of them", where))
	}
	if len(c.root.tasks) == 0 {
		errs = append(errs, fmt.Errorf("%s: it has no tasks", where))
	}
	var err error
	if c.host, err = cleanHost(where+": host", c.host); err != nil {
		errs = append(errs, err)
	}
	root, err := c.root.prepare(where, p.keep, c.tags)
	if err != nil {
		errs = append(errs, err)
	}
	c.root = root
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return &c, nil
}

// keep reports whether a task with these tags runs. Exclusion wins.
func (p *prepared) keep(tags []string) bool {
	has := func(want []string) bool {
		return slices.ContainsFunc(want, func(w string) bool { return slices.Contains(tags, w) })
	}
	if has(p.plan.ExcludeTags) {
		return false
	}
	return len(p.plan.Tags) == 0 || has(p.plan.Tags)
}

func (p *prepared) checkTags() error {
	known := map[string]bool{}
	var walk func(*taskSet)
	walk = func(s *taskSet) {
		for _, t := range s.tasks {
			for _, tag := range t.tags {
				known[tag] = true
			}
			if t.set != nil {
				walk(t.set)
			}
		}
	}
	for _, ut := range p.plan.Test.Users {
		if ut.t != nil {
			for _, tag := range ut.t.tags {
				known[tag] = true
			}
			walk(ut.t.root)
		}
	}
	var errs []error
	for _, tag := range slices.Concat(p.plan.Tags, p.plan.ExcludeTags) {
		if !known[tag] {
			has := "the test has no tags"
			if len(known) > 0 {
				has = "there are " + quotedList(sortedKeys(known))
			}
			errs = append(errs, fmt.Errorf("there is no tag %q; %s", tag, has))
		}
	}
	return errors.Join(errs...)
}

// makeStreams turns the plan's load and the types' own into streams of the engine.
func (p *prepared) makeStreams() error {
	once := p.plan.Users == nil && p.plan.Rate == nil && p.plan.Duration == 0 && p.plan.Iterations == 0
	var shared []int
	for i, t := range p.types {
		if t.users == nil && t.rate == nil {
			shared = append(shared, i)
			continue
		}
		once = false
		p.streams = append(p.streams, engine.Stream{
			Users: t.users, Rate: t.rate, Visits: t.rate != nil && t.visit.set(), After: t.after, Pick: func(int) int { return i },
		})
	}
	if len(shared) > 0 {
		s, err := p.sharedStream(shared, once)
		if err != nil {
			return err
		}
		p.streams = append([]engine.Stream{s}, p.streams...)
	}
	if once {
		for _, t := range p.types {
			t.root.order = Once
			t.root.stay = 0
		}
	}
	p.settle()
	if p.plan.Warmup > 0 && p.length > 0 && p.plan.Warmup >= p.length {
		return fmt.Errorf("the warm-up of %v leaves nothing of a run of %v", p.plan.Warmup, p.length)
	}
	return nil
}

// sharedStream is the plan's own load, over the user types that have none.
func (p *prepared) sharedStream(types []int, once bool) (engine.Stream, error) {
	weights, fixed := make([]float64, len(types)), make([]int, len(types))
	visits := false
	for j, i := range types {
		t := p.types[i]
		weights[j], fixed[j] = t.weight, t.fixed
		if t.fixed > 0 {
			weights[j] = 0
		}
		visits = visits || t.visit.set()
	}
	m, err := mix.New(weights, fixed)
	if err != nil {
		return engine.Stream{}, fmt.Errorf("user types: %w", err)
	}
	s := engine.Stream{Pick: func(k int) int { return types[m.Type(k)] }}
	switch {
	case p.plan.Rate != nil:
		s.Rate, s.Visits = p.plan.Rate, visits
	case once || p.plan.Users == nil:
		s.Users = pace.Constant(1)
	default:
		s.Users = p.plan.Users
		if isLevel(s.Users) {
			s.Users = pace.Closed(int(math.Ceil(s.Users.Max())), p.plan.SpawnRate)
		} else if p.plan.SpawnRate > 0 {
			return s, errors.New("a spawn rate goes with a plain number of users; the shape given for users says itself how fast they come")
		}
	}
	if limit, ok := m.Limit(); ok && s.Users != nil && int(math.Ceil(s.Users.Max())) > limit {
		return s, fmt.Errorf("%d users are wanted, and the fixed counts add up to %d: give a user type a weight, or lower the users",
			int(math.Ceil(s.Users.Max())), limit)
	}
	return s, nil
}

// isLevel reports whether a shape is a plain number.
func isLevel(s Shape) bool {
	_, changes := s.Next(0)
	_, ends := s.End()
	return !changes && !ends
}

// settle finds the model, the length and whether the load is paced.
func (p *prepared) settle() {
	p.model = Closed
	ends, end := true, time.Duration(0)
	for _, s := range p.streams {
		shape := s.Users
		if s.Rate != nil {
			shape, p.paced = s.Rate, true
			if s.Visits {
				p.model = PartlyOpen
			} else if p.model == Closed {
				p.model = Open
			}
		}
		if e, ok := shape.End(); ok {
			end = max(end, s.After+e)
		} else {
			ends = false
		}
	}
	for _, t := range p.types {
		p.paced = p.paced || t.root.paced()
	}
	p.length = p.plan.Duration
	if p.length == 0 && ends {
		p.length = end
	}
}

// paced reports whether a wait in the set decides when tasks start.
func (s *taskSet) paced() bool {
	if s.wait != nil && s.wait.paced() {
		return true
	}
	return slices.ContainsFunc(s.tasks, func(t *task) bool { return t.set != nil && t.set.paced() })
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
		Name: plan.Test.Name, SpawnRate: plan.SpawnRate, Host: plan.Host, Seed: plan.Seed, Model: p.model, Paced: p.paced,
		Version: Version, Changes: plan.Changes, Focus: plan.Focus, Notes: plan.Notes, Links: plan.Links, Tags: plan.RunTags,
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
	if plan.Users != nil && isLevel(plan.Users) && len(p.streams) == 1 {
		p.info.UsersText = plan.Users.String()
	}
	p.info.PlanHash = p.hash()
}

// hash tells plans apart: two runs with the same hash sent the same load with the same behaviour, as far as names can say.
func (p *prepared) hash() string {
	h := sha256.New()
	fmt.Fprintln(h, p.plan.Test.Name, p.plan.Host, p.info.UsersText, p.plan.SpawnRate, p.info.RateText, p.length, p.plan.Iterations,
		p.plan.Warmup, p.plan.Poisson, p.plan.MaxUsers, p.plan.Tags, p.plan.ExcludeTags)
	for _, t := range p.types {
		fmt.Fprintln(h, t.name, t.weight, t.fixed, t.host, t.visit, t.after)
		t.root.leaves(func(t *task) { fmt.Fprintln(h, t.name, t.weight) })
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// cleanHost checks a base URL and drops a slash at its end. Empty is fine: a test may use absolute URLs only.
func cleanHost(what, host string) (string, error) {
	if host == "" {
		return "", nil
	}
	if !strings.Contains(host, "://") {
		return "", fmt.Errorf("%s %q has no scheme: write http://%s or https://%s", what, host, host, host)
	}
	u, err := url.Parse(host)
	if err != nil {
		return "", fmt.Errorf("%s %q is not a URL: write https://example.org", what, redact(host))
	}
	if u.Scheme != "http" && u.Scheme != "https" {
		return "", fmt.Errorf("%s %q: the scheme %q is not known: use http or https", what, redact(host), u.Scheme)
	}
	if u.Host == "" {
		return "", fmt.Errorf("%s %q names no host: write https://example.org", what, redact(host))
	}
	if u.User != nil {
		return "", fmt.Errorf("%s holds a user and password: keep secrets out of it, and give requests stampede.BasicAuth", what)
	}
	if u.RawQuery != "" || u.Fragment != "" {
		return "", fmt.Errorf("%s %q: leave out what follows the path", what, host)
	}
	return strings.TrimSuffix(host, "/"), nil
}

// redact leaves the user and password out of a URL.
func redact(raw string) string {
	if i, j := strings.Index(raw, "://"), strings.LastIndex(raw, "@"); i >= 0 && j > i {
		return raw[:i+3] + "..." + raw[j:]
	}
	return raw
}

func sortedKeys(m map[string]bool) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func quotedList(names []string) string {
	q := make([]string, len(names))
	for i, n := range names {
		q[i] = fmt.Sprintf("%q", n)
	}
	return strings.Join(q, ", ")
}
