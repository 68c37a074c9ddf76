// Package phpfpm reads the status page of PHP's FastCGI process manager, as its web server passes it on.
package phpfpm

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/stampede-load/stampede/internal/monitor"
)

type source struct{ page *monitor.Page }

// New reads the page at url; ?json is added when it is missing.
func New(url string) (monitor.Source, error) {
	if !strings.Contains(url, "?") {
		url += "?json"
	}
	page, err := monitor.NewPage(url)
	if err != nil {
		return nil, err
	}
	return &source{page}, nil
}

func (s *source) Grain() time.Duration { return 0 }
func (s *source) Close() error         { return s.page.Close() }

// Read asks for the page. pm.max_children is not on it: what is known is whether it was reached.
func (s *source) Read(ctx context.Context) (monitor.Reading, error) {
	body, _, err := s.page.Get(ctx)
	if err != nil {
		return monitor.Reading{}, err
	}
	var p struct {
		Pool        string  `json:"pool"`
		Manager     string  `json:"process manager"`
		Accepted    float64 `json:"accepted conn"`
		Queue       float64 `json:"listen queue"`
		QueueLimit  float64 `json:"listen queue len"`
		Idle        float64 `json:"idle processes"`
		Active      float64 `json:"active processes"`
		Total       float64 `json:"total processes"`
		MaxReached  float64 `json:"max children reached"`
		SlowAnswers float64 `json:"slow requests"`
	}
	if json.Unmarshal(body, &p) != nil || p.Pool == "" {
		return monitor.Reading{}, errors.New("ask PHP-FPM: the page is not its status in JSON; name the address of pm.status_path, and let it end in ?json")
	}
	// Over connections that the web server keeps, PHP counts a process again with each request, and sets that right once a second.
	busy := monitor.Value{Name: "active", Help: "processes with a request", Value: min(p.Active, p.Total), Follows: true}
	if p.Manager == "static" || p.MaxReached > 0 {
		busy.Limit, busy.Ceiling = p.Total, true // there are as many as there may be
	}
	r := monitor.Reading{Values: []monitor.Value{
		busy,
		{Name: "idle", Help: "processes that wait for one", Value: p.Idle, Follows: true},
		{Name: "requests", Help: "requests, this reading among them", Value: p.Accepted, Counter: true},
		{Name: "max_children_reached", Help: "times that a process more was wanted than may be", Value: p.MaxReached, Counter: true, Sign: true},
		{Name: "slow", Help: "requests beyond request_slowlog_timeout", Value: p.SlowAnswers, Counter: true},
	}}
	if p.QueueLimit == 0 { // PHP cannot ask the kernel, and says 0 whoever waits
		r.Notes = []string{"the pool listens at a Unix socket: how many requests wait for a process is not known"}
		return r, nil
	}
	r.Values = append(r.Values, monitor.Value{Name: "queue", Help: "connections that no process has taken yet", Value: p.Queue, Limit: p.QueueLimit, Follows: true})
	return r, nil
}
