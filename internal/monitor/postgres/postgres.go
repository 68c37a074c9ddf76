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

// New reads the server of a postgres:// URL. An account with the role pg_monitor sees what others do; without it connections are counted, and what they
// do is not known.
func New(url string) (monitor.Source, error) {
	if !strings.Contains(url, "://") {
		url = "postgres://" + strings.TrimPrefix(url, "//")
	}
	if monitor.Torn(url) {
		return nil, errors.New("postgres: " + monitor.TornAdvice)
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
 CASE WHEN pg_has_role('pg_read_all_stats', 'USAGE') THEN (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend') ELSE sum(numbackends) END::float8,
 (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND state = 'active' AND pid <> pg_backend_pid())::float8,
 (SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%')::float8,
 (SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock')::float8,
 current_setting('max_connections')::float8 - current_setting('superuser_reserved_connections')::float8 - coalesce(current_setting('reserved_connections', true), '0')::float8,
 sum(xact_commit)::float8, sum(xact_rollback)::float8, sum(tup_returned)::float8, sum(tup_inserted + tup_updated + tup_deleted)::float8,
 sum(blks_read)::float8, sum(blks_hit)::float8, sum(temp_bytes)::float8, sum(deadlocks)::float8,
 pg_has_role('pg_read_all_stats', 'USAGE'),
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
	var sees, replica bool
	into := make([]any, 0, 17)
	for i := range f {
		into = append(into, &f[i])
	}
	if err := s.conn.QueryRow(ctx, query).Scan(append(into, &sees, &replica, &behind, &clock)...); err != nil {
		return monitor.Reading{}, s.failed(err)
	}
	r := monitor.Reading{Time: time.UnixMicro(int64(clock * 1e6)), Values: []monitor.Value{
		{Name: "connections", Help: "client connections, this one among them", Value: f[0], Limit: f[4], Follows: true, Ceiling: true},
		{Name: "commits", Help: "transactions, the one of this reading among them", Value: f[5], Counter: true},
		{Name: "rollbacks", Help: "transactions that were rolled back", Value: f[6], Counter: true},
		{Name: "rows_read", Help: "rows read by scans", Value: f[7], Counter: true},
		{Name: "rows_written", Help: "rows inserted, updated and deleted", Value: f[8], Counter: true},
		{Name: "disk_reads", Help: "blocks that the buffers did not have", Value: f[9], Counter: true},
		{Name: "buffer_hits", Help: "blocks that they had", Value: f[10], Counter: true},
		{Name: "temp", Unit: "B", Help: "written to temporary files", Value: f[11], Counter: true},
		{Name: "deadlocks", Help: "deadlocks", Value: f[12], Counter: true, Sign: true},
	}}
	if sees {
		r.Values = append(r.Values,
			monitor.Value{Name: "active", Help: "connections with a statement under way", Value: f[1], Follows: true},
			monitor.Value{Name: "idle_in_transaction", Help: "connections that hold a transaction open and do nothing", Value: f[2]},
			monitor.Value{Name: "lock_waits", Help: "connections that wait for a lock", Value: f[3], Sign: true},
		)
	} else {
		r.Notes = append(r.Notes, "the account does not see what other connections do, or whether they wait for locks: GRANT pg_monitor TO it")
	}
	if replica {
		r.Values = append(r.Values, monitor.Value{Name: "behind", Unit: "s", Help: "of the writer", Value: behind})
	}
	return r, nil
}

// unconnected is why there is no connection. pgx names the user before it, and every way that it tried, with TLS and without: what the server itself said
// is told, else what came of the last.
type unconnected struct {
	error
	user string // whose name is not told
}

func (u unconnected) Error() string {
	if said, ok := errors.AsType[*pgconn.PgError](u.error); ok {
		return strings.ReplaceAll(said.Message, `"`+u.user+`"`, "...") + " (SQLSTATE " + said.Code + ")"
	}
	lines := strings.Split(strings.TrimSpace(u.error.Error()), "\n")
	return lines[len(lines)-1]
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
		err = unconnected{c.Unwrap(), s.config.User}
	}
	return fmt.Errorf("ask PostgreSQL at %s:%d: %w", s.config.Host, s.config.Port, err)
}
