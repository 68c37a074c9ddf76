package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/pflag"

	"github.com/stampede-load/stampede/examples/fanclub/site"
	"github.com/stampede-load/stampede/internal/cli"
)

// demoSite is the site of the fan club, to try tests on.
func demoSite() *cli.DemoSite {
	var config site.Config
	return &cli.DemoSite{
		Flags: func(flags *pflag.FlagSet) {
			flags.IntVar(&config.Workers, "workers", site.DefaultWorkers, "how many `N` requests are served at the same time")
			flags.DurationVar(&config.ServiceTime, "service-time", site.DefaultServiceTime, "mean `TIME` to serve one request")
			flags.IntVar(&config.Queue, "queue", site.DefaultQueue, "how many `N` requests may wait; the next one gets 503")
		},
		Start: func(addr string) (url, hint string, stop func(), err error) {
			s, err := site.New(config)
			if err != nil {
				return "", "", nil, err
			}
			running, err := s.Start(addr)
			if err != nil {
				return "", "", nil, err
			}
			fan := site.FirstAccount()
			hint = fmt.Sprintf("/ /news and /tour are for everybody; POST /login with email=%s password=%s opens /demo/fanclub and more", fan.Email, fan.Password)
			return running.URL(), hint, func() {
				ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
				defer cancel()
				_ = running.Close(ctx) // what was cut off was asked for by nobody who still waits
			}, nil
		},
	}
}
