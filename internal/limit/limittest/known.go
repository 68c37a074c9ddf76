package limittest

import (
	"fmt"
	"math"
	"time"
)

// Server is a site with its limit.
type Server struct {
	Name, Rule string
	Open       bool
	From, To   float64
	Truth      float64 // the load at which the rule stops to hold
	New        func(seed uint64) *Site
}

// Known is ten servers: queues under arrivals at random, and sites for users without think time that follow the Universal Scalability Law.
func Known() []Server {
	var all []Server
	for _, q := range []struct {
		c     int
		mu    float64
		limit time.Duration
		share float64
	}{
		{1, 100, 100 * time.Millisecond, 0.05},
		{1, 100, 500 * time.Millisecond, 0.05},
		{1, 200, 50 * time.Millisecond, 0.01},
		{4, 25, 200 * time.Millisecond, 0.05},
		{8, 50, 100 * time.Millisecond, 0.05},
		{16, 20, 300 * time.Millisecond, 0.05},
	} {
		all = append(all, Server{
			Name: fmt.Sprintf("M/M/%d, %v/s each, %v", q.c, q.mu, q.limit), Rule: fmt.Sprintf("p%v < %v", 100-100*q.share, q.limit), Open: true,
			From: 10, To: 5000, Truth: Capacity(q.c, q.mu, q.share, q.limit.Seconds()),
			New: func(seed uint64) *Site { return MMC(q.c, q.mu, seed) },
		})
	}
	for _, u := range []struct{ lambda, sigma, kappa, limit float64 }{
		{100, 0.02, 0.0001, 0.05}, {20, 0.05, 0.0005, 0.5}, {50, 0.1, 0.00002, 0.2}, {10, 0, 0.001, 1},
	} {
		truth := 1.0
		for n := 1.0; n < 5000; n += 0.1 {
			if (1+u.sigma*(n-1)+u.kappa*n*(n-1))/u.lambda*math.Exp(1.645*0.05) < u.limit {
				truth = n
			}
		}
		all = append(all, Server{
			Name: fmt.Sprintf("USL %v %v %v, %v s", u.lambda, u.sigma, u.kappa, u.limit), Rule: fmt.Sprintf("p95 < %vms", u.limit*1000),
			From: 1, To: 2000, Truth: truth, New: func(seed uint64) *Site { return USL(u.lambda, u.sigma, u.kappa, seed) },
		})
	}
	return all
}
