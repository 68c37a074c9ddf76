// Package mysql reads the status of MySQL and MariaDB.
package mysql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	driver "github.com/go-sql-driver/mysql"

	"github.com/stampede-load/stampede/internal/monitor"
)

// source keeps one connection: each new one would be counted among the questions.
type source struct {
	db      *sql.DB
	address string
	user    string
	alone   int  // readings in a row in which the account saw no statements but its own, though there were connections
	replica bool // SHOW REPLICA STATUS has something to say, or was not yet asked
	denied  bool
}

// New reads the server at USER:PASSWORD@HOST:PORT. The user needs no rights for status and variables, and REPLICATION CLIENT (MariaDB: REPLICA MONITOR)
// for how far a replica is behind.
func New(where string) (monitor.Source, error) {
	config, err := parse(where)
	if err != nil {
		return nil, err
	}
	connector, err := driver.NewConnector(config)
	if err != nil {
		return nil, errors.New("mysql: the address is not valid; write mysql:HOST:PORT, with USER:PASSWORD and an @ before HOST")
	}
	db := sql.OpenDB(connector)
	db.SetMaxOpenConns(1)
	db.SetMaxIdleConns(1)
	return &source{db: db, address: config.Addr, user: config.User, replica: true}, nil
}

func parse(where string) (*driver.Config, error) {
	where = strings.TrimPrefix(strings.TrimPrefix(where, "mysql:"), "//")
	if where == "" {
		return nil, errors.New("mysql: write mysql:HOST:PORT, with USER:PASSWORD and an @ before HOST")
	}
	config := driver.NewConfig()
	config.Net, config.Timeout, config.ReadTimeout, config.WriteTimeout = "tcp", 3*time.Second, 5*time.Second, 3*time.Second
	config.InterpolateParams = true
	config.TLSConfig = "preferred"
	config.Logger = &driver.NopLogger{}
	at := strings.LastIndexByte(where, '@')
	account, host := "", where
	if at >= 0 {
		account, host = where[:at], where[at+1:]
	}
	config.User, config.Passwd, _ = strings.Cut(account, ":")
	host, _, _ = strings.Cut(host, "?")
	host = strings.TrimSuffix(host, "/")
	switch {
	case strings.HasPrefix(host, "/"):
		config.Net, config.TLSConfig = "unix", "false"
	case !strings.Contains(host, ":"):
		host += ":3306"
	}
	config.Addr = host
	return config, nil
}

func (s *source) Grain() time.Duration { return 0 }
func (s *source) Close() error         { return s.db.Close() }

// Read asks for status and variables.
func (s *source) Read(ctx context.Context) (monitor.Reading, error) {
	status, err := s.pairs(ctx, "SHOW GLOBAL STATUS")
	if said, is := errors.AsType[*driver.MySQLError](err); is {
		err = &driver.MySQLError{Number: said.Number, SQLState: said.SQLState, Message: strings.ReplaceAll(said.Message, "'"+s.user+"'", "...")} // the user is not told
	}
	if err != nil {
		return monitor.Reading{}, fmt.Errorf("ask MySQL at %s: %w", s.address, err)
	}
	limits, err := s.pairs(ctx, "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('max_connections', 'innodb_buffer_pool_size', 'innodb_read_only', 'read_only', 'table_open_cache', 'innodb_buffer_pool_chunk_size')")
	if err != nil {
		return monitor.Reading{}, fmt.Errorf("ask MySQL at %s: %w", s.address, err)
	}
	r := monitor.Reading{Values: values(status, limits)}
	s.waiting(ctx, status, &r)
	if s.replica && !s.denied {
		s.behind(ctx, &r)
	}
	return r, nil
}

func (s *source) pairs(ctx context.Context, query string) (map[string]string, error) {
	rows, err := s.db.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[string]string{}
	for rows.Next() {
		var name, value sql.NullString
		if err := rows.Scan(&name, &value); err != nil {
			return nil, err
		}
		out[name.String] = value.String
	}
	return out, rows.Err()
}

func values(status, limits map[string]string) []monitor.Value {
	number := func(in map[string]string, name string) float64 {
		v, err := strconv.ParseFloat(in[name], 64)
		if err != nil {
			return math.NaN()
		}
		return v
	}
	of := func(name string) float64 { return number(status, name) }
	most := number(limits, "max_connections")
	if math.IsNaN(most) {
		most = 0
	}
	all := []monitor.Value{
		{Name: "connections", Help: "connections, this one among them", Value: of("Threads_connected"), Limit: most, Follows: true, Ceiling: true},
		{Name: "running", Help: "connections with a statement under way", Value: of("Threads_running"), Follows: true},
		{Name: "questions", Help: "statements, the two or three of this reading among them", Value: of("Questions"), Counter: true},
		{Name: "selects", Help: "SELECT statements", Value: of("Com_select"), Counter: true},
		{Name: "inserts", Help: "INSERT statements", Value: of("Com_insert"), Counter: true},
		{Name: "updates", Help: "UPDATE statements", Value: of("Com_update"), Counter: true},
		{Name: "deletes", Help: "DELETE statements", Value: of("Com_delete"), Counter: true},
		{Name: "slow", Help: "statements beyond long_query_time", Value: of("Slow_queries"), Counter: true},
		{Name: "full_scans", Help: "joins and reads of whole tables", Value: of("Select_scan"), Counter: true},
		{Name: "tmp_disk_tables", Help: "temporary tables on disk", Value: of("Created_tmp_disk_tables"), Counter: true},
		{Name: "lock_waits", Help: "statements that wait for a row lock now", Value: of("Innodb_row_lock_current_waits"), Sign: true},
		{Name: "lock_time", Unit: "ms", Help: "time spent waiting for row locks, in each second", Value: of("Innodb_row_lock_time"), Counter: true, Sign: true},
		{Name: "table_lock_waits", Help: "statements that had to wait for a table lock", Value: of("Table_locks_waited"), Counter: true, Sign: true},
		{Name: "refused", Help: "connections refused for max_connections", Value: of("Connection_errors_max_connections"), Counter: true, Sign: true},
		{Name: "aborted", Help: "connections that could not be made", Value: of("Aborted_connects"), Counter: true},
		{Name: "rows_read", Help: "rows read by InnoDB", Value: of("Innodb_rows_read"), Counter: true},
		{Name: "disk_reads", Help: "pages that the buffer pool did not have", Value: of("Innodb_buffer_pool_reads"), Counter: true},
		{Name: "log_waits", Help: "waits for the log buffer", Value: of("Innodb_log_waits"), Counter: true},
		{Name: "received", Unit: "B", Help: "from clients", Value: of("Bytes_received"), Counter: true},
		{Name: "sent", Unit: "B", Help: "to clients", Value: of("Bytes_sent"), Counter: true},
	}
	kept := all[:0]
	for _, v := range all {
		if !math.IsNaN(v.Value) {
			kept = append(kept, v)
		}
	}
	return kept
}

// blindAfter is how many readings in a row the account must be alone for it to be blind: a connection may end between two questions.
const blindAfter = 10

// waiting adds how many statements wait for a lock of any kind. LOCK TABLES and changes of a table hold others up by metadata locks, which the
// server's own counters of table and row locks do not know. An account without PROCESS sees itself alone: that is told.
func (s *source) waiting(ctx context.Context, status map[string]string, r *monitor.Reading) {
	var seen, waiting float64
	err := s.db.QueryRowContext(ctx, "SELECT COUNT(*), COALESCE(SUM(STATE LIKE 'Waiting for%lock%'), 0) FROM information_schema.PROCESSLIST").Scan(&seen, &waiting)
	if err != nil {
		return
	}
	connected, _ := strconv.ParseFloat(status["Threads_connected"], 64)
	if seen > 1 || connected <= 1 {
		s.alone = 0
	} else if s.alone++; s.alone == blindAfter {
		r.Notes = append(r.Notes, "the account seems to have no PROCESS right: statements that wait for a locked table are not seen (GRANT PROCESS ON *.* TO it)")
	}
	if s.alone < blindAfter {
		r.Values = append(r.Values, monitor.Value{Name: "waiting", Help: "statements that wait for a lock on a row, a table or its definition", Value: waiting, Sign: true})
	}
}

// behind adds how far a replica is behind its writer. A server that is none, or an account that may not ask, is not asked again.
func (s *source) behind(ctx context.Context, r *monitor.Reading) {
	rows, err := s.db.QueryContext(ctx, "SHOW REPLICA STATUS")
	if err != nil {
		if ctx.Err() == nil {
			s.denied = true // not a replica's right, or a server that only knows the older word
		}
		return
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil || !rows.Next() {
		s.replica = false
		return
	}
	cells := make([]sql.NullString, len(columns))
	into := make([]any, len(columns))
	for i := range cells {
		into[i] = &cells[i]
	}
	if rows.Scan(into...) != nil {
		return
	}
	about := map[string]string{}
	for i, name := range columns {
		about[strings.NewReplacer("Master", "Source", "Slave", "Replica").Replace(name)] = cells[i].String
	}
	text, is := about["Seconds_Behind_Source"]
	if !is {
		return
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		v = math.NaN()
		r.Notes = append(r.Notes, fmt.Sprintf("replication does not run here (reading from the writer: %s, applying it: %s), so how far it is behind is not known",
			about["Replica_IO_Running"], about["Replica_SQL_Running"]))
	}
	r.Values = append(r.Values, monitor.Value{Name: "behind", Unit: "s", Help: "of the writer", Value: v})
}
