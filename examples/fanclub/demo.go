package main

import (
	"context"
	"time"

	"github.com/spf13/pflag"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/examples/fanclub/site"
	"github.com/stampede-load/stampede/launch"
)

// demoSite starts the band's own site when no --host is given. The --site flags say how much it can bear.
func demoSite() launch.Options {
	var config site.Config
	var addr string
	return launch.Options{
		Flags: func(flags *pflag.FlagSet) {
			flags.IntVar(&config.Workers, "site-workers", site.DefaultWorkers, "demo site: requests served at the same time")
			flags.DurationVar(&config.ServiceTime, "site-service-time", site.DefaultServiceTime, "demo site: mean time to serve one request")
			flags.StringVar(&addr, "site-addr", "127.0.0.1:0", "demo site: where it listens; the port 0 is any free one")
			flags.IntVar(&config.Queue, "site-queue", site.DefaultQueue, "demo site: requests that may wait; the next one gets 503")
		},
		Prepare: func(_ context.Context, plan *stampede.Plan) (func(), error) {
			if plan.Host != "" {
				return nil, nil
			}
			s, err := site.New(config)
			if err != nil {
				return nil, err
			}
			running, err := s.Start(addr)
			if err != nil {
				return nil, err
			}
			plan.Host = running.URL()
			return func() {
				ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
				defer cancel()
				running.Close(ctx)
			}, nil
		},
	}
}
