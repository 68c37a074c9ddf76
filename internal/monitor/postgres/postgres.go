// Package postgres reads PostgreSQL's statistics views.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/stampede-load/stampede/internal/monitor"
)

type source struct {
	config *pgx.ConnConfig
	conn   *pgx.Conn
}

// New reads the server of a postgres:// URL. An account with the role pg_monitor sees what others do; without it connections are counted and their
// states are not.
func New(url string) (monitor.Source, error) {
	if !strings.Contains(url, "://") {
		url = "postgres://" + strings.TrimPrefix(url, "//")
	}
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, errors.New("postgres: the address is not valid; write postgres:postgres://HOST:PORT/DATABASE, with USER:PASSWORD and an @ before HOST")
	}
	config.RuntimeParams["application_name"] = "stampede-monitor"
	config.RuntimeParams["default_transaction_read_only"] = "on"
	config.DefaultQueryExecMode = pgx.QueryExecModeExec // poolers between here and the server keep no prepared statements
	return &source{config: config}, nil
}

func (s *source) Grain() time.Duration { return 0 }

func (s *source) Close() error {
	if s.conn == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	return s.conn.Close(ctx)
}

// query asks for everything at once: one round trip, one snapshot.
const query = `
SELECT
 (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend')::float8,
 (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND state = 'active' AND pid <> pg_backend_pid())::float8,
 (SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%')::float8,
 (SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock')::float8,
 current_setting('max_connections')::float8 - current_setting('superuser_reserved_connections')::float8,
 sum(xact_commit)::float8, sum(xact_rollback)::float8, sum(tup_returned)::float8, sum(tup_inserted + tup_updated + tup_deleted)::float8,
 sum(blks_read)::float8, sum(blks_hit)::float8, sum(temp_bytes)::float8, sum(deadlocks)::float8,
 pg_is_in_recovery(),
 coalesce(extract(epoch FROM now() - pg_last_xact_replay_timestamp()), 0)::float8,
 extract(epoch FROM clock_timestamp())::float8
FROM pg_stat_database`

// Read asks over one connection that stays open.
func (s *source) Read(ctx context.Context) (monitor.Reading, error) {
	if s.conn == nil || s.conn.IsClosed() {
		conn, err := pgx.ConnectConfig(ctx, s.config)
		if err != nil {
			return monitor.Reading{}, s.failed(err)
		}
		s.conn = conn
	}
	var f [13]float64
	var behind, clock float64
	var replica bool
	into := make([]any, 0, 16)
	for i := range f {
		into = append(into, &f[i])
	}
	if err := s.conn.QueryRow(ctx, query).Scan(append(into, &replica, &behind, &clock)...); err != nil {
		return monitor.Reading{}, s.failed(err)
	}
	r := monitor.Reading{Time: time.UnixMicro(int64(clock * 1e6)), Values: []monitor.Value{
		{Name: "connections", Help: "client connections, this one among them", Value: f[0], Limit: f[4], Follows: true, Ceiling: true},
		{Name: "active", Help: "connections with a statement under way", Value: f[1], Follows: true},
		{Name: "idle_in_transaction", Help: "connections that hold a transaction open and do nothing", Value: f[2]},
		{Name: "lock_waits", Help: "connections that wait for a lock", Value: f[3], Sign: true},
		{Name: "commits", Help: "transactions, the one of this reading among them", Value: f[5], Counter: true},
		{Name: "rollbacks", Help: "transactions that were rolled back", Value: f[6], Counter: true},
		{Name: "rows_read", Help: "rows read by scans", Value: f[7], Counter: true},
		{Name: "rows_written", Help: "rows inserted, updated and deleted", Value: f[8], Counter: true},
		{Name: "disk_reads", Help: "blocks that the buffers did not have", Value: f[9], Counter: true},
		{Name: "buffer_hits", Help: "blocks that they had", Value: f[10], Counter: true},
		{Name: "temp", Unit: "B", Help: "written to temporary files", Value: f[11], Counter: true},
		{Name: "deadlocks", Help: "deadlocks", Value: f[12], Counter: true, Sign: true},
	}}
	if replica {
		r.Values = append(r.Values, monitor.Value{Name: "behind", Unit: "s", Help: "of the writer", Value: behind})
	}
	return r, nil
}

// unconnected is why there is no connection. pgx names the user before it, and every way that it tried; the first is told.
type unconnected struct{ error }

func (u unconnected) Error() string {
	text, _, _ := strings.Cut(u.error.Error(), "\n")
	return text
}

func (u unconnected) Unwrap() error { return u.error }

// failed is an error without user and password.
func (s *source) failed(err error) error {
	if s.conn != nil {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		s.conn.Close(ctx)
		s.conn = nil
	}
	if c, ok := errors.AsType[*pgconn.ConnectError](err); ok && c.Unwrap() != nil {
		err = unconnected{c.Unwrap()}
	}
	return fmt.Errorf("ask PostgreSQL at %s:%d: %w", s.config.Host, s.config.Port, err)
}
