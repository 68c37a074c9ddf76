// Package rabbitmq reads the management API of RabbitMQ.
package rabbitmq

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/stampede-load/stampede/internal/monitor"
)

type source struct {
	page *monitor.Page
	base string
}

// New reads the API at url, such as http://monitor:PASSWORD@10.0.0.7:15672; the user needs the tag monitoring.
func New(url string) (monitor.Source, error) {
	page, err := monitor.NewPage(url)
	if err != nil {
		return nil, err
	}
	return &source{page, strings.TrimSuffix(url, "/")}, nil
}

// Grain is that of the API: it makes its figures every five seconds.
func (s *source) Grain() time.Duration { return 5 * time.Second }
func (s *source) Close() error         { return s.page.Close() }

type overview struct {
	Queues struct {
		Ready   float64 `json:"messages_ready"`
		Unacked float64 `json:"messages_unacknowledged"`
	} `json:"queue_totals"`
	Objects struct {
		Connections float64 `json:"connections"`
		Channels    float64 `json:"channels"`
		Consumers   float64 `json:"consumers"`
		Queues      float64 `json:"queues"`
	} `json:"object_totals"`
	Messages struct {
		Published float64 `json:"publish"`
		Delivered float64 `json:"deliver_get"`
		Acked     float64 `json:"ack"`
		Again     float64 `json:"redeliver"`
	} `json:"message_stats"`
	Version string `json:"rabbitmq_version"`
}

type node struct {
	Name           string
	Memory         float64 `json:"mem_used"`
	MemoryLimit    float64 `json:"mem_limit"`
	MemoryAlarm    bool    `json:"mem_alarm"`
	DiskAlarm      bool    `json:"disk_free_alarm"`
	Files          float64 `json:"fd_used"`
	FilesLimit     float64 `json:"fd_total"`
	Sockets        float64 `json:"sockets_used"`
	SocketsLimit   float64 `json:"sockets_total"`
	Processes      float64 `json:"proc_used"`
	ProcessesLimit float64 `json:"proc_total"`
}

// Read asks for the overview and the nodes.
func (s *source) Read(ctx context.Context) (monitor.Reading, error) {
	var o overview
	if err := s.ask(ctx, "/api/overview", &o); err != nil {
		return monitor.Reading{}, err
	}
	if o.Version == "" {
		return monitor.Reading{}, errors.New("ask RabbitMQ: the answer is not of its management API; name HOST:15672 of a server with rabbitmq_management")
	}
	var nodes []node
	if err := s.ask(ctx, "/api/nodes", &nodes); err != nil {
		return monitor.Reading{}, err
	}
	r := monitor.Reading{Values: []monitor.Value{
		{Name: "ready", Help: "messages that wait for a consumer", Value: o.Queues.Ready, Follows: true},
		{Name: "unacknowledged", Help: "messages at a consumer", Value: o.Queues.Unacked, Follows: true},
		{Name: "connections", Help: "connections", Value: o.Objects.Connections, Follows: true},
		{Name: "channels", Help: "channels", Value: o.Objects.Channels, Follows: true},
		{Name: "consumers", Help: "consumers", Value: o.Objects.Consumers},
		{Name: "published", Help: "messages published", Value: o.Messages.Published, Counter: true},
		{Name: "delivered", Help: "messages delivered", Value: o.Messages.Delivered, Counter: true},
		{Name: "acknowledged", Help: "messages acknowledged", Value: o.Messages.Acked, Counter: true},
		{Name: "redelivered", Help: "messages delivered again", Value: o.Messages.Again, Counter: true},
	}}
	for _, n := range nodes {
		if n.MemoryLimit == 0 {
			continue // it has just started and knows nothing of itself yet
		}
		prefix := ""
		if len(nodes) > 1 {
			prefix = monitor.CleanName(n.Name) + "."
		}
		r.Values = append(r.Values,
			monitor.Value{Name: prefix + "memory", Unit: "B", Help: "memory; at the limit publishers are held up", Value: n.Memory, Limit: n.MemoryLimit, Ceiling: true},
			monitor.Value{Name: prefix + "descriptors", Help: "open files", Value: n.Files, Limit: n.FilesLimit, Follows: true, Ceiling: true},
			monitor.Value{Name: prefix + "sockets", Help: "connections of the node", Value: n.Sockets, Limit: n.SocketsLimit, Follows: true, Ceiling: n.SocketsLimit > 0},
			monitor.Value{Name: prefix + "processes", Help: "of its virtual machine", Value: n.Processes, Limit: n.ProcessesLimit, Ceiling: true},
			monitor.Value{Name: prefix + "alarm", Help: "1 while it holds publishers up for want of memory or disk", Value: one(n.MemoryAlarm || n.DiskAlarm), Limit: 1, Ceiling: true},
		)
	}
	return r, nil
}

func one(is bool) float64 {
	if is {
		return 1
	}
	return 0
}

func (s *source) ask(ctx context.Context, path string, into any) error {
	body, _, err := s.page.Do(ctx, "GET", s.base+path, nil)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(body, into); err != nil {
		return errors.New("ask RabbitMQ: the answer is not JSON; name HOST:15672 of a server with rabbitmq_management")
	}
	return nil
}
