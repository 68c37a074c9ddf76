// Package nginx reads the page of nginx's stub_status.
package nginx

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/stampede-load/stampede/internal/monitor"
)

type source struct{ page *monitor.Page }

// New reads the page at url.
func New(url string) (monitor.Source, error) {
	page, err := monitor.NewPage(url)
	if err != nil {
		return nil, err
	}
	return &source{page}, nil
}

func (s *source) Grain() time.Duration { return 0 }
func (s *source) Close() error         { return s.page.Close() }

// Read asks for the page. worker_connections is not on it, so connections have no limit here.
func (s *source) Read(ctx context.Context) (monitor.Reading, error) {
	body, _, err := s.page.Get(ctx)
	if err != nil {
		return monitor.Reading{}, err
	}
	var active, accepts, handled, requests, reading, writing, waiting float64
	if _, err := fmt.Sscanf(string(body), "Active connections: %f \nserver accepts handled requests\n %f %f %f \nReading: %f Writing: %f Waiting: %f",
		&active, &accepts, &handled, &requests, &reading, &writing, &waiting); err != nil {
		return monitor.Reading{}, errors.New("ask nginx: the page is not that of stub_status; name the address of the location that has it")
	}
	return monitor.Reading{Values: []monitor.Value{
		{Name: "connections", Help: "open connections, idle ones among them", Value: active, Follows: true},
		{Name: "reading", Help: "connections whose request is being read", Value: reading, Follows: true},
		{Name: "writing", Help: "connections that are being answered", Value: writing, Follows: true},
		{Name: "waiting", Help: "idle connections", Value: waiting},
		{Name: "accepted", Help: "new connections", Value: accepts, Counter: true},
		{Name: "refused", Help: "connections accepted and dropped for want of worker_connections", Value: accepts - handled, Counter: true, Sign: true},
		{Name: "requests", Help: "requests, this reading among them", Value: requests, Counter: true},
	}}, nil
}
