package monitor_test

import (
	"database/sql"
	"fmt"
	"os/exec"
	"os/user"
	"strings"
	"testing"
	"time"

	_ "github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5"

	"github.com/stampede-load/stampede/internal/monitor"
	"github.com/stampede-load/stampede/internal/monitor/mysql"
	"github.com/stampede-load/stampede/internal/monitor/postgres"
	"github.com/stampede-load/stampede/internal/monitor/prometheus"
	"github.com/stampede-load/stampede/internal/monitor/rabbitmq"
	"github.com/stampede-load/stampede/internal/monitor/servertest"
)

func TestMySQL(t *testing.T) {
	t.Parallel()
	program, install := servertest.Find(t, "mariadbd"), servertest.Find(t, "mariadb-install-db")
	port, dir := servertest.Port(t), servertest.Dir(t)
	mustRun(t, install, "--no-defaults", "--tmpdir="+dir, "--datadir="+dir+"/data", "--auth-root-authentication-method=normal", "--skip-test-db", "--user=root")
	servertest.Start(t, servertest.Addr(port), program, "--no-defaults", "--tmpdir="+dir, "--datadir="+dir+"/data", "--socket="+dir+"/sock", "--port", fmt.Sprint(port),
		"--bind-address=127.0.0.1", "--user=root", "--max-connections=43", "--innodb-flush-log-at-trx-commit=0")
	db, err := sql.Open("mysql", fmt.Sprintf("root@unix(%s/sock)/", dir))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	for _, q := range []string{"CREATE DATABASE shop", "CREATE TABLE shop.t (id INT)", "CREATE USER mon@'127.0.0.1' IDENTIFIED BY 'geheim'"} {
		if _, err := db.Exec(q); err != nil {
			t.Fatal(err)
		}
	}
	s := source(t)(mysql.New(fmt.Sprintf("mon:geheim@127.0.0.1:%d", port)))
	before := read(t, s)
	for range 20 {
		if _, err := db.Exec("INSERT INTO shop.t VALUES (1)"); err != nil {
			t.Fatal(err)
		}
	}
	after := readGrown(t, s, before, "inserts", 20)
	grew(t, before, after, "inserts", 20, 0)
	grew(t, before, after, "questions", 20, 4)
	if c := after["connections"]; c.Limit != 43 || c.Value != 2 || !c.Ceiling {
		t.Errorf("connections %+v", c)
	}
	for range 12 { // without the right to see them, it is not known whether statements wait
		after = read(t, s)
	}
	if _, known := after["waiting"]; known {
		t.Errorf("waiting is told by an account that sees itself alone: %+v", after["waiting"])
	}
	_, err = source(t)(mysql.New(fmt.Sprintf("mon:wrong@127.0.0.1:%d", port))).Read(t.Context())
	if err == nil || strings.Contains(err.Error(), "wrong") || strings.Contains(err.Error(), "mon'") || !strings.Contains(err.Error(), "Access denied") {
		t.Errorf("a wrong password: %v", err)
	}
}

func TestPostgres(t *testing.T) {
	t.Parallel()
	initdb, program := servertest.Find(t, "initdb", "/usr/lib/postgresql/*/bin/initdb"), servertest.Find(t, "postgres", "/usr/lib/postgresql/*/bin/postgres")
	port, dir := servertest.Port(t), servertest.Dir(t)
	run := []string{}
	if asRoot() { // PostgreSQL refuses root
		run = append(run, servertest.Find(t, "setpriv"), "--reuid", account(t, "nobody"), "--regid", "65534", "--clear-groups", "--")
	}
	prepare := append(run, initdb, "-D", dir+"/data", "-A", "trust", "-U", "mon", "--no-sync")
	mustRun(t, prepare[0], prepare[1:]...)
	start := append(run, program, "-D", dir+"/data", "-p", fmt.Sprint(port), "-k", dir, "-c", "fsync=off", "-c", "autovacuum=off", "-c", "max_connections=37", "-c", "superuser_reserved_connections=3")
	servertest.Start(t, servertest.Addr(port), start[0], start[1:]...)
	url := fmt.Sprintf("postgres://mon:geheim@127.0.0.1:%d/postgres", port)
	var conn *pgx.Conn
	var err error
	for end := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) { // it listens before it is ready
		if conn, err = pgx.Connect(t.Context(), url); err == nil {
			break
		}
		if time.Now().After(end) {
			t.Fatal(err)
		}
	}
	defer conn.Close(t.Context())
	if _, err := conn.Exec(t.Context(), "CREATE TABLE t (id int)"); err != nil {
		t.Fatal(err)
	}
	flush := func() { // a backend hands its counts in when it has been idle for a moment; this asks it to do so now
		t.Helper()
		if _, err := conn.Exec(t.Context(), "SELECT pg_stat_force_next_flush()"); err != nil {
			t.Fatal(err)
		}
	}
	flush()
	s := source(t)(postgres.New(url))
	before := read(t, s)
	for range 15 {
		if _, err := conn.Exec(t.Context(), "INSERT INTO t VALUES (1)"); err != nil {
			t.Fatal(err)
		}
	}
	flush()
	after := readGrown(t, s, before, "commits", 15)
	grew(t, before, after, "rows_written", 15, 30) // the server writes its catalogues too
	grew(t, before, after, "commits", 15, 60)
	if c := after["connections"]; c.Limit != 34 || c.Value != 2 {
		t.Errorf("connections %+v", c)
	}
	if _, known := after["lock_waits"]; !known {
		t.Errorf("no lock_waits: %v", after)
	}
	// An account without rights counts every connection, and says nothing of what it does not see.
	if _, err := conn.Exec(t.Context(), "CREATE ROLE bare LOGIN"); err != nil {
		t.Fatal(err)
	}
	bare := source(t)(postgres.New(strings.Replace(url, "mon:geheim", "bare:x", 1)))
	r, err := bare.Read(t.Context())
	if err != nil || len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "GRANT pg_monitor") {
		t.Fatalf("%q, %v", r.Notes, err)
	}
	seen := read(t, bare)
	if c := seen["connections"]; c.Limit != 34 || c.Value < 3 {
		t.Errorf("connections %+v", c)
	}
	if _, known := seen["lock_waits"]; known {
		t.Errorf("lock_waits are told by an account that does not see them")
	}
	// What the server says is told, not what came of a way of asking that it does not know.
	for text, want := range map[string]string{
		strings.Replace(url, "/postgres", "/nowhere", 1): `database "nowhere" does not exist`, strings.Replace(url, "mon:geheim", "nobody:x", 1): `role ... does not exist`,
	} {
		if _, err := source(t)(postgres.New(text)).Read(t.Context()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func account(t *testing.T, name string) string {
	t.Helper()
	u, err := user.Lookup(name)
	if err != nil {
		t.Fatal(err)
	}
	return u.Uid
}

func TestRabbitMQ(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("RabbitMQ takes long to start")
	}
	program := servertest.Find(t, "rabbitmq-server", "/usr/lib/rabbitmq/lib/*/sbin/rabbitmq-server")
	if real, err := exec.Command("sh", "-c", "ls /usr/lib/rabbitmq/lib/*/sbin/rabbitmq-server").Output(); err == nil {
		program = strings.TrimSpace(string(real)) // Debian's wrapper changes to an account of its own
	}
	dir, amqp, api, dist, epmd := servertest.Dir(t), servertest.Port(t), servertest.Port(t), servertest.Port(t), servertest.Port(t)
	conf := servertest.Write(t, dir+"/rabbitmq.conf", fmt.Sprintf("listeners.tcp.1 = 127.0.0.1:%d\nmanagement.tcp.ip = 127.0.0.1\nmanagement.tcp.port = %d\n", amqp, api))
	servertest.Write(t, dir+"/plugins", "[rabbitmq_management].")
	servertest.StartEnv(t, []string{
		"RABBITMQ_CONFIG_FILE=" + conf, "RABBITMQ_MNESIA_BASE=" + dir + "/mnesia", "RABBITMQ_LOG_BASE=" + dir + "/log", "RABBITMQ_LOGS=-", "HOME=" + dir,
		"RABBITMQ_ENABLED_PLUGINS_FILE=" + dir + "/plugins", "RABBITMQ_NODENAME=mon" + fmt.Sprint(dist) + "@localhost", "RABBITMQ_DIST_PORT=" + fmt.Sprint(dist),
		"ERL_EPMD_PORT=" + fmt.Sprint(epmd), "ERL_EPMD_ADDRESS=127.0.0.1", "RABBITMQ_PID_FILE=" + dir + "/pid",
	}, servertest.Addr(api), program)
	t.Cleanup(func() { endEpmd(epmd) })
	base := fmt.Sprintf("http://guest:guest@127.0.0.1:%d", api)
	s := source(t)(rabbitmq.New(base))
	var v map[string]monitor.Value
	for end := time.Now().Add(2 * time.Minute); time.Now().Before(end); { // its first statistics come when it is ready, and some seconds after
		if r, err := s.Read(t.Context()); err == nil {
			if v = byName(r); v["memory"].Limit > 0 {
				break
			}
		}
		time.Sleep(100 * time.Millisecond)
	}
	if m := v["memory"]; m.Limit <= 0 || !m.Ceiling {
		t.Errorf("memory %+v", m)
	}
	if a := v["alarm"]; a.Value != 0 || a.Limit != 1 {
		t.Errorf("alarm %+v", a)
	}
	_, err := source(t)(rabbitmq.New(fmt.Sprintf("http://guest:wrong@127.0.0.1:%d", api))).Read(t.Context())
	if err == nil || !strings.Contains(err.Error(), "401") || strings.Contains(err.Error(), "wrong") {
		t.Errorf("a wrong password: %v", err)
	}
}

// endEpmd ends the name server that the test's own server started: it stays behind otherwise.
func endEpmd(port int) {
	c := exec.Command("epmd", "-port", fmt.Sprint(port), "-kill")
	_ = c.Run() // it may have ended by itself
}

func TestPrometheus(t *testing.T) {
	t.Parallel()
	program, port, dir := servertest.Find(t, "prometheus"), servertest.Port(t), servertest.Dir(t)
	conf := servertest.Write(t, dir+"/prometheus.yml", fmt.Sprintf("global: {scrape_interval: 1s}\nscrape_configs: [{job_name: self, static_configs: [{targets: ['127.0.0.1:%d']}]}]\n", port))
	servertest.Start(t, servertest.Addr(port), program, "--config.file="+conf, "--storage.tsdb.path="+dir+"/data", "--web.listen-address="+servertest.Addr(port))
	h, err := prometheus.New(fmt.Sprintf("http://127.0.0.1:%d#up;goroutines=go_goroutines;two=label_replace(vector(1),\"x\",\"a\",\"\",\"\") or label_replace(vector(2),\"x\",\"b\",\"\",\"\");none=absent_of_all", port))
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	begun, last := time.Now(), map[string]int(nil)
	for time.Since(begun) < time.Minute {
		series, complete, err := h.Range(t.Context(), begun.Add(-10*time.Second), time.Now())
		if err != nil {
			time.Sleep(200 * time.Millisecond) // it answers 503 while it starts
			continue
		}
		if complete {
			t.Error("points of this very second are complete")
		}
		got := map[string]int{}
		for _, s := range series {
			got[s.Name] = len(s.Times)
		}
		if got["up"] > 0 && got["goroutines"] > 0 && got["two.a"] > 0 && got["two.b"] > 0 && got["none"] == 0 {
			return
		}
		last = got
		time.Sleep(200 * time.Millisecond)
	}
	t.Fatalf("after a minute: %v", last)
}

func TestPrometheusRefuses(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"http://127.0.0.1:1", "no query"},
		{"127.0.0.1:1#up", "not the address of a page"},
	} {
		if _, err := prometheus.New(c.text); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.text, err)
		}
	}
}
