// Package memcached reads the statistics of memcached by its text protocol.
package memcached

import (
	"bufio"
	"context"
	"fmt"
	"math"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/stampede-load/stampede/internal/monitor"
)

type source struct {
	address string
	conn    net.Conn
	reader  *bufio.Reader
	most    float64 // connections
}

// New reads the server at HOST:PORT; the port may be absent.
func New(address string) (monitor.Source, error) {
	address = strings.TrimPrefix(address, "//")
	if address == "" {
		return nil, fmt.Errorf("memcached: write memcached:HOST:PORT")
	}
	if _, _, err := net.SplitHostPort(address); err != nil {
		address = net.JoinHostPort(strings.Trim(address, "[]"), "11211")
	}
	return &source{address: address}, nil
}

func (s *source) Grain() time.Duration { return 0 }

func (s *source) Close() error {
	if s.conn != nil {
		return s.conn.Close()
	}
	return nil
}

// Read asks for stats over one connection that stays open.
func (s *source) Read(ctx context.Context) (monitor.Reading, error) {
	stats, err := s.ask(ctx, "stats")
	if err == nil && s.most == 0 {
		var settings map[string]string
		if settings, err = s.ask(ctx, "stats settings"); err == nil {
			s.most, _ = strconv.ParseFloat(settings["maxconns"], 64)
		}
	}
	if err != nil {
		if s.conn != nil {
			s.conn.Close()
			s.conn = nil
		}
		return monitor.Reading{}, fmt.Errorf("ask memcached at %s: %w", s.address, err)
	}
	number := func(name string) float64 {
		v, err := strconv.ParseFloat(stats[name], 64)
		if err != nil {
			return math.NaN()
		}
		return v
	}
	return monitor.Reading{Values: []monitor.Value{
		{Name: "connections", Help: "open connections, this one among them", Value: number("curr_connections"), Limit: s.most, Follows: true, Ceiling: true},
		{Name: "memory", Unit: "B", Help: "of the items", Value: number("bytes"), Limit: number("limit_maxbytes")},
		{Name: "gets", Help: "keys asked for", Value: number("cmd_get"), Counter: true},
		{Name: "hits", Help: "of those, found", Value: number("get_hits"), Counter: true},
		{Name: "misses", Help: "of those, not found", Value: number("get_misses"), Counter: true},
		{Name: "sets", Help: "keys stored", Value: number("cmd_set"), Counter: true},
		{Name: "evictions", Help: "items that had to go for others", Value: number("evictions"), Counter: true, Sign: true},
		{Name: "refused", Help: "connections refused for maxconns", Value: number("rejected_connections"), Counter: true, Sign: true},
		{Name: "waited", Help: "times that no more connections were taken", Value: number("listen_disabled_num"), Counter: true},
		{Name: "cpu", Unit: "%", Help: "processor time, 100 % is one core", Value: number("rusage_user") + number("rusage_system"), Counter: true, Scale: 100},
	}}, nil
}

// ask sends a command and reads STAT lines up to END.
func (s *source) ask(ctx context.Context, command string) (map[string]string, error) {
	if s.conn == nil {
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", s.address)
		if err != nil {
			return nil, err
		}
		s.conn, s.reader = conn, bufio.NewReader(conn)
	}
	if deadline, ok := ctx.Deadline(); ok {
		s.conn.SetDeadline(deadline)
	}
	if _, err := fmt.Fprintf(s.conn, "%s\r\n", command); err != nil {
		return nil, err
	}
	out := map[string]string{}
	for range 10_000 {
		line, err := s.reader.ReadString('\n')
		if err != nil {
			return nil, err
		}
		fields := strings.Fields(line)
		switch {
		case len(fields) == 1 && fields[0] == "END":
			return out, nil
		case len(fields) >= 3 && fields[0] == "STAT":
			out[fields[1]] = fields[2]
		default:
			return nil, fmt.Errorf("it answered %.40q to %s; is it memcached's text protocol?", strings.TrimSpace(line), command)
		}
	}
	return nil, fmt.Errorf("its answer to %s does not end", command)
}
