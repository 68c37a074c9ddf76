// Package redis reads what Redis and Valkey say of themselves: INFO.
package redis

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/stampede-load/stampede/internal/monitor"
)

type source struct {
	client  *redis.Client
	address string
	most    float64 // clients
}

// quiet keeps the library from writing to standard error what its errors say too.
var quiet = sync.OnceFunc(func() { redis.SetLogger(silent{}) })

type silent struct{}

func (silent) Printf(context.Context, string, ...any) {}

// New reads the server at HOST:PORT or a redis:// or rediss:// URL with user and password.
func New(where string) (monitor.Source, error) {
	quiet()
	where = strings.TrimPrefix(where, "//")
	if where == "" {
		return nil, errors.New("redis: write redis:HOST:PORT, or redis:redis://HOST:PORT with USER:PASSWORD and an @ before HOST")
	}
	if !strings.Contains(where, "://") {
		where = "redis://" + where
	}
	if monitor.Torn(where) {
		return nil, errors.New("redis: " + monitor.TornAdvice)
	}
	o, err := redis.ParseURL(where)
	if err != nil {
		return nil, errors.New("redis: the address is not valid; write redis:HOST:PORT, or redis:redis://HOST:PORT with USER:PASSWORD and an @ before HOST")
	}
	o.PoolSize, o.MaxRetries, o.DisableIdentity = 1, -1, true
	o.ReadTimeout = 5 * time.Second
	return &source{client: redis.NewClient(o), address: o.Addr}, nil
}

func (s *source) Grain() time.Duration { return 0 }
func (s *source) Close() error         { return s.client.Close() }

// Read asks for INFO. The server's own rates (instantaneous_ops_per_sec) trail behind by more than a second and are not used.
func (s *source) Read(ctx context.Context) (monitor.Reading, error) {
	text, err := s.client.Info(ctx).Result()
	switch {
	case err != nil && strings.HasPrefix(err.Error(), "NOAUTH"):
		return monitor.Reading{}, fmt.Errorf("ask Redis at %s: %w: write redis:redis://USER:PASSWORD@HOST:PORT", s.address, err)
	case err != nil && strings.HasPrefix(err.Error(), "NOPERM"):
		return monitor.Reading{}, fmt.Errorf("ask Redis at %s: %w: let it (ACL SETUSER NAME +info +hello)", s.address, err)
	case err != nil:
		return monitor.Reading{}, fmt.Errorf("ask Redis at %s: %w", s.address, err)
	}
	info := map[string]string{}
	for line := range strings.SplitSeq(text, "\n") {
		if name, value, found := strings.Cut(strings.TrimSpace(line), ":"); found {
			info[name] = value
		}
	}
	number := func(name string) float64 {
		v, err := strconv.ParseFloat(info[name], 64)
		if err != nil {
			return math.NaN()
		}
		return v
	}
	if s.most = number("maxclients"); math.IsNaN(s.most) {
		s.most = 0
	}
	memory := number("maxmemory")
	if math.IsNaN(memory) {
		memory = 0
	}
	r := monitor.Reading{Values: []monitor.Value{
		{Name: "clients", Help: "connections, this one among them", Value: number("connected_clients"), Limit: s.most, Follows: true, Ceiling: true},
		{Name: "blocked", Help: "clients in a blocking call", Value: number("blocked_clients")},
		{Name: "memory", Unit: "B", Help: "of the data set and all else", Value: number("used_memory"), Limit: memory, Ceiling: memory > 0},
		{Name: "commands", Help: "commands, INFO among them", Value: number("total_commands_processed"), Counter: true},
		{Name: "hits", Help: "keys found", Value: number("keyspace_hits"), Counter: true},
		{Name: "misses", Help: "keys not found", Value: number("keyspace_misses"), Counter: true},
		{Name: "evicted", Help: "keys that had to go for maxmemory", Value: number("evicted_keys"), Counter: true, Sign: true},
		{Name: "refused", Help: "connections refused for maxclients", Value: number("rejected_connections"), Counter: true, Sign: true},
		{Name: "errors", Help: "error replies, such as OOM", Value: number("total_error_replies"), Counter: true, Sign: true},
		// Commands run on one thread: 100 % is all that there is, however many cores the machine has.
		{Name: "cpu", Unit: "%", Help: "processor time of the main thread", Value: mainThread(number), Limit: 100, Counter: true, Scale: 100, Ceiling: true},
		{Name: "replicas", Help: "replicas that are connected", Value: number("connected_slaves")},
	}}
	if info["role"] == "slave" {
		r.Values = append(r.Values, monitor.Value{Name: "behind", Unit: "s", Help: "since the master was last heard", Value: number("master_last_io_seconds_ago")})
	}
	return r, nil
}

// mainThread is the processor time of the thread that runs commands; servers before 6.2 tell that of the whole process only.
func mainThread(number func(string) float64) float64 {
	if t := number("used_cpu_sys_main_thread") + number("used_cpu_user_main_thread"); !math.IsNaN(t) {
		return t
	}
	return number("used_cpu_sys") + number("used_cpu_user")
}
