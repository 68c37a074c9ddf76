package main

import (
	"context"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/testsite/lamp"
)

// plant is a bottleneck that is planted in a LAMP stack.
type plant struct {
	name, what string
	right      []string // the series that name it: SERVER.SERIES, or SERVER.* for any of a server; none for nothing
	options    lamp.Options
	page       string // what visitors ask for
	users      int    // at the end of the rise, or all the time where something is planted
	ours       bool   // it is the generator's

	// hurt plants something while the load stays equal, until ctx ends; nil lets the load rise until something gives way.
	hurt func(context.Context, *lamp.Stack) error
	// heal makes the stack ready for the next run.
	heal func(context.Context, *lamp.Stack) error
}

// cores is how much of a processor each server's machine has; those that are not named have one.
type cores = map[string]float64

// plants are the bottlenecks, each with the series that would tell somebody who looks.
func plants() []plant {
	return []plant{
		{
			name: "cpu", what: "the processor of PHP's machine", right: []string{"php-host.cpu"}, page: "cpu", users: 34,
			options: lamp.Options{Cores: cores{"php": 0.35}},
		},
		{name: "workers", what: "MaxRequestWorkers is 8", right: []string{"web.busy_workers"}, options: lamp.Options{Workers: 8}, page: "wait", users: 50},
		{name: "connections", what: "max_connections is 8", right: []string{"db.connections", "db.refused"}, options: lamp.Options{Connections: 8}, page: "hold", users: 50},
		{name: "script", what: "a script that holds Redis up, with the load", right: []string{"cache.cpu", "cache-host.cpu"}, page: "script", users: 44},
		{
			name: "query", what: "an index is dropped", right: []string{"db.full_scans", "db.rows_read", "db.slow"}, page: "artist", users: 14,
			options: lamp.Options{Cores: cores{"db": 0.5}},
			hurt: func(ctx context.Context, s *lamp.Stack) error {
				return s.Exec(ctx, "ALTER TABLE products DROP KEY artist")
			},
			heal: func(ctx context.Context, s *lamp.Stack) error {
				return s.Exec(ctx, "ALTER TABLE products ADD KEY IF NOT EXISTS artist (artist)")
			},
		},
		{
			name: "lock", what: "a table is locked", right: []string{"db.waiting", "db.table_lock_waits", "db.lock_waits", "db.lock_time"}, page: "page", users: 14,
			hurt: func(ctx context.Context, s *lamp.Stack) error {
				return s.Exec(ctx, "LOCK TABLES products WRITE", "SELECT SLEEP(11)", "UNLOCK TABLES")
			},
		},
		{
			name: "blocked", what: "Redis is blocked for seconds", right: []string{"cache.answer_time", "cache.blocked", "cache.cpu"}, page: "page", users: 14,
			hurt: func(ctx context.Context, s *lamp.Stack) error {
				for range 6 {
					if err := s.Redis(ctx, "DEBUG", "SLEEP", "1.8"); err != nil {
						return err
					}
				}
				return nil
			},
		},
		{
			name: "full", what: "Redis is full", right: []string{"cache.memory", "cache.errors", "cache.evicted"}, options: lamp.Options{Memory: 20}, page: "keep", users: 14,
			hurt: func(context.Context, *lamp.Stack) error { return nil }, // it fills up by itself
			heal: func(ctx context.Context, s *lamp.Stack) error { return s.Redis(ctx, "FLUSHALL") },
		},
		{
			name: "outside", what: "an API of somebody else becomes slow", right: []string{"api.*"}, page: "outside", users: 14,
			hurt: func(_ context.Context, s *lamp.Stack) error {
				s.API.Slow(700 * time.Millisecond)
				return nil
			},
			heal: func(_ context.Context, s *lamp.Stack) error {
				s.API.Slow(5 * time.Millisecond)
				return nil
			},
		},
		{
			name: "backlog", what: "a listen queue of one, and somebody else who connects again and again", right: []string{"kernel.listen_overflows"}, options: lamp.Options{Backlog: 1},
			page: "page", users: 20, hurt: flood,
		},
		{name: "generator", what: "the generator itself", page: "page", users: 60, ours: true},
	}
}

// callers are how many connect again and again, as a broken client of somebody else's does.
const callers = 150

// flood keeps the listen queue full for eleven seconds.
func flood(ctx context.Context, s *lamp.Stack) error {
	address := s.URL[len("http://"):]
	end := time.Now().Add(11 * time.Second)
	var all sync.WaitGroup
	for range callers {
		all.Go(func() {
			for time.Now().Before(end) && ctx.Err() == nil {
				if c, err := net.DialTimeout("tcp", address, 200*time.Millisecond); err == nil {
					c.Close()
				}
			}
		})
	}
	all.Wait()
	return nil
}

// visitor asks for one page again and again.
type visitor struct {
	stampede.HTTPUser
}

// visits is the test: a page, and work of the generator's own before it.
func visits(p *plant) stampede.Test {
	path := "/?do=" + p.page
	return stampede.Test{Name: "suspects " + p.name, Users: []stampede.UserType{stampede.Users(stampede.Spec[visitor]{
		Wait: stampede.Between(300*time.Millisecond, 700*time.Millisecond),
		Tasks: []stampede.Task[visitor]{{Name: "Page", Do: func(v *visitor, ctx context.Context) error {
			if p.ours {
				burn(25 * time.Millisecond)
			}
			_, err := v.Get(ctx, path, stampede.Name("Page"))
			return err
		}}},
	})}}
}

// burn keeps a processor busy.
func burn(d time.Duration) {
	sum := 0
	for end := time.Now().Add(d); time.Now().Before(end); {
		for i := range 1000 {
			sum += i * i
		}
	}
	if sum == 1 {
		fmt.Print(" ")
	}
}
