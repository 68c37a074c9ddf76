package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/monitor"
	"github.com/stampede-load/stampede/internal/monitor/apache"
	"github.com/stampede-load/stampede/internal/monitor/exporter"
	"github.com/stampede-load/stampede/internal/monitor/host"
	"github.com/stampede-load/stampede/internal/monitor/mysql"
	"github.com/stampede-load/stampede/internal/monitor/phpfpm"
	"github.com/stampede-load/stampede/internal/monitor/redis"
	"github.com/stampede-load/stampede/internal/suspect"
	"github.com/stampede-load/stampede/internal/testsite/lamp"
)

// How a run of the suspects is made.
const (
	suspectSeeds  = 3
	healthyRuns   = 6 // of one call of suspects-healthy; all of suspects makes healthyAll
	healthyAll    = 20
	suspectLength = 34 * time.Second
	plantedAt     = 15 * time.Second // while the load is equal
)

// score counts what was said of planted bottlenecks.
type score struct {
	runs, first, three         int // with the server watched
	unwatched, silent, healthy int
	quiet                      int // healthy runs without a suspect
}

func (s *score) print() {
	if s.runs > 0 {
		fmt.Printf("   planted: the right series first in %d of %d, among the first three in %d\n", s.first, s.runs, s.three)
	}
	if s.unwatched > 0 {
		fmt.Printf("   not watched: none that are watched named in %d of %d\n", s.silent, s.unwatched)
	}
	if s.healthy > 0 {
		fmt.Printf("   healthy: no suspect in %d of %d\n", s.quiet, s.healthy)
	}
}

// suspects plants every bottleneck, and nothing.
func (b *bench) suspects() error {
	var all score
	for _, p := range plants() {
		if err := b.planted(p, &all); err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
	}
	if err := b.healthySite(&all, healthyAll); err != nil {
		return err
	}
	all.print()
	return nil
}

// suspectsOf plants one bottleneck.
func (b *bench) suspectsOf(p plant) error {
	var s score
	if err := b.planted(p, &s); err != nil {
		return err
	}
	s.print()
	return nil
}

func (b *bench) suspectsHealthy() error {
	var s score
	if err := b.healthySite(&s, healthyRuns); err != nil {
		return err
	}
	s.print()
	return nil
}

// startLamp starts a stack each of whose servers has a machine of its own.
func startLamp(ctx context.Context, o lamp.Options) (*lamp.Stack, error) {
	if o.Cores == nil {
		o.Cores = cores{}
	}
	return lamp.Start(ctx, o)
}

// planted runs one bottleneck with its seeds.
func (b *bench) planted(p plant, s *score) error {
	site, err := startLamp(b.ctx, p.options)
	if err != nil {
		return err
	}
	defer site.Stop()
	seeds := suspectSeeds
	if b.count > 0 {
		seeds = b.count
	}
	for seed := range seeds {
		if p.heal != nil {
			if err := p.heal(b.ctx, site); err != nil {
				return err
			}
		}
		rep, err := b.suspectRun(site, &p, uint64(seed+1))
		if err != nil {
			return err
		}
		r, err := b.record(&p, seed+1, rep)
		if err != nil {
			return err
		}
		s.judge(&p, r)
	}
	return nil
}

// judge counts what the series of a run say: with a planted bottleneck twice, with its server watched and without.
func (s *score) judge(p *plant, r recorded) {
	f := suspect.Find(r.Run, r.Series)
	if p.right == nil && !p.ours {
		s.healthy++
		if len(f.Suspects) == 0 {
			s.quiet++
		} else {
			fmt.Printf("   healthy      %s; %s\n", f.Text, r.Verdict)
		}
		return
	}
	s.take(p, &f, r.Verdict)
	if !p.ours {
		s.withoutServer(p, &r)
	}
}

// take counts what is said of a planted bottleneck.
func (s *score) take(p *plant, f *suspect.Finding, verdict string) {
	s.runs++
	var named []string
	rank := -1
	for i, x := range f.Suspects {
		name := x.Server + "." + x.Series
		named = append(named, name)
		if rank < 0 && p.names(name) {
			rank = i
		}
	}
	if p.ours && f.Ours {
		rank = 0
	}
	word := "MISSED"
	switch {
	case rank == 0:
		s.first++
		s.three++
		word = "first"
	case rank > 0 && rank < 3:
		s.three++
		word = fmt.Sprintf("number %d", rank+1)
	}
	fmt.Printf("   %-12s %-9s %s\n", p.name, word, f.Text)
	if rank != 0 {
		fmt.Printf("   %22s named %s; %s\n", "", strings.Join(named, ", "), verdict)
	}
}

// names reports whether a series is one that would tell somebody who looks.
func (p *plant) names(series string) bool {
	return slices.ContainsFunc(p.right, func(r string) bool {
		server, any := strings.CutSuffix(r, "*")
		return r == series || any && strings.HasPrefix(series, server)
	})
}

// withoutServer judges the same run as if the right server, and its machine, had not been watched.
func (s *score) withoutServer(p *plant, r *recorded) {
	server, _, _ := strings.Cut(p.right[0], ".")
	server = strings.TrimSuffix(server, hostOf)
	blind := slices.DeleteFunc(slices.Clone(r.Series), func(one suspect.Series) bool { return one.Server == server || one.Server == server+hostOf })
	f := suspect.Find(r.Run, blind)
	s.unwatched++
	if len(f.Suspects) == 0 {
		s.silent++
		return
	}
	fmt.Printf("   %-12s unwatched %s\n", p.name, f.Text)
}

// healthySite lets load rise and fall, far from any limit.
func (b *bench) healthySite(s *score, runs int) error {
	site, err := startLamp(b.ctx, lamp.Options{})
	if err != nil {
		return err
	}
	defer site.Stop()
	if b.count > 0 {
		runs = b.count
	}
	p := plant{name: "healthy", page: "page", users: 24}
	for seed := range runs {
		rep, err := b.suspectRun(site, &p, uint64(100+seed))
		if err != nil {
			return err
		}
		r, err := b.record(&p, 100+seed, rep)
		if err != nil {
			return err
		}
		s.judge(&p, r)
	}
	return nil
}

// suspectRun is one run. Something that is planted comes at about the middle of an equal load; else the load rises, and falls again where
// nothing is to give way.
func (b *bench) suspectRun(site *lamp.Stack, p *plant, seed uint64) (*stampede.Report, error) {
	servers, err := watchLamp(site)
	if err != nil {
		return nil, err
	}
	length := suspectLength
	if b.length > 0 {
		length = b.length
	}
	at := time.Duration(seed%5) * 700 * time.Millisecond // the runs are not all alike
	shape := fmt.Sprintf("0:2,%v:%d,%v:%d", length-8*time.Second-at, p.users, length, p.users)
	switch {
	case p.name == "healthy":
		shape = fmt.Sprintf("0:2,%v:%d,%v:2", length/2-at, p.users, length)
	case p.hurt != nil:
		shape = fmt.Sprint(p.users)
	}
	users, err := stampede.ParseShape(shape)
	if err != nil {
		return nil, err
	}
	plan := stampede.Plan{Test: visits(p), Host: site.URL, Users: users, Duration: length, Seed: seed, Servers: servers, StopTimeout: time.Second}
	if p.options.Backlog > 0 { // each request goes through the listen queue
		plan.HTTP.Fresh = stampede.PerRequest
	}
	running, err := stampede.Start(b.ctx, plan)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(b.ctx)
	defer cancel()
	hurt := make(chan error, 1)
	go func() { hurt <- p.plant(ctx, site, plantedAt+at) }()
	rep, err := running.Wait()
	select {
	case wrong := <-hurt:
		err = errors.Join(err, wrong)
	default: // what is still being done is done enough
		cancel()
		<-hurt
	}
	return rep, errors.Join(err, b.ctx.Err())
}

// plant waits and plants.
func (p *plant) plant(ctx context.Context, site *lamp.Stack, after time.Duration) error {
	if p.hurt == nil {
		return nil
	}
	select {
	case <-ctx.Done():
		return nil
	case <-time.After(after):
	}
	if err := p.hurt(ctx, site); err != nil && ctx.Err() == nil {
		return err
	}
	return nil
}

// watchLamp opens the servers of a stack, and the machine that each of them has.
func watchLamp(site *lamp.Stack) ([]stampede.WatchedServer, error) {
	type opening struct {
		name, kind, url string
		open            func(string) (monitor.Source, error)
	}
	all := []opening{
		{"web", "apache", site.Web, apache.New},
		{"php", "php-fpm", site.PHP, phpfpm.New},
		{"db", "mysql", site.DB, mysql.New},
		{"cache", "redis", site.Cache, redis.New},
		{"api", "exporter", site.API.Metrics, exporter.New},
		{"kernel", "host", "", kernelOnly},
	}
	for _, tier := range lamp.Tiers {
		all = append(all, opening{tier + hostOf, "host", site.Machines[tier], host.New})
	}
	var out []stampede.WatchedServer
	for _, one := range all {
		source, err := one.open(one.url)
		if err != nil {
			return nil, err
		}
		out = append(out, stampede.WatchedServer{Name: one.name, Kind: one.kind, Source: source})
	}
	return out, nil
}

// hostOf is what the name of a server's machine ends in.
const hostOf = "-host"

// kernel is what the network of this machine says, which all servers share. Its processor is left out: each server has one of its own, and the generator and
// whoever else works here are not the site.
type kernel struct{ monitor.Source }

func kernelOnly(url string) (monitor.Source, error) {
	s, err := host.New(url)
	return kernel{s}, err
}

// Read keeps the queues of the network.
func (k kernel) Read(ctx context.Context) (monitor.Reading, error) {
	r, err := k.Source.Read(ctx)
	r.Values = slices.DeleteFunc(r.Values, func(v monitor.Value) bool {
		return !slices.Contains([]string{"listen_overflows", "sockets", "descriptors"}, v.Name)
	})
	return r, err
}
