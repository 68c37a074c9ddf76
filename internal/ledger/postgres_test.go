//go:build unix

package ledger_test

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stampede-load/stampede/internal/ledger"
	"github.com/stampede-load/stampede/internal/ledger/ledgertest"
	"github.com/stampede-load/stampede/internal/testsite/peer"
)

func TestPostgreSQL(t *testing.T) {
	s := startServer(t)
	ledgertest.Run(t, func(t *testing.T) string { return s.database(t) })
	t.Run("a killed recorder loses the second in progress", func(t *testing.T) { killAgainAndAgain(t, s.database(t), 8) })
	t.Run("many processes at once", func(t *testing.T) { recordTogether(t, s.database(t)) })
	t.Run("a server that forgets who records", func(t *testing.T) { testForgetful(t, s) })
	t.Run("and a recorder that dies then", func(t *testing.T) { testForgetfulAndCutOff(t, s) })
	t.Run("the queries of the documentation", func(t *testing.T) {
		where := s.database(t)
		recorded(t, where, ledgertest.Load{Seconds: 70})
		db, err := sql.Open("pgx", where)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		runQueries(t, db)
	})
	t.Run("from every earlier schema", func(t *testing.T) { ledger.FromEveryEarlierSchema(t, "postgres", s.database) })
}

// server is a PostgreSQL server of this test alone, on a port of its own.
type server struct {
	address string
	made    atomic.Int32
}

// postgresProgram finds a program of PostgreSQL. Without it the test fails under CI; elsewhere it says what to install.
func postgresProgram(t *testing.T, name string) string {
	t.Helper()
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
	if err == nil && len(found) > 0 {
		return slices.Max(found)
	}
	path, err := exec.LookPath(name)
	if err == nil {
		return path
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s is not here: install postgresql", name)
	}
	t.Skipf("%s is not here: apt-get install postgresql (or brew install postgresql) and run the test again", name)
	return ""
}

// as makes a command run as the owner of a cluster: initdb refuses root.
func as(t *testing.T, c *exec.Cmd, dir string) *exec.Cmd {
	t.Helper()
	if os.Getuid() != 0 {
		return c
	}
	owner, err := user.Lookup("postgres")
	if err != nil {
		t.Fatalf("a cluster cannot be made as root, and there is no user postgres: %v", err)
	}
	uid, err := strconv.Atoi(owner.Uid)
	if err != nil {
		t.Fatal(err)
	}
	gid, err := strconv.Atoi(owner.Gid)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(dir, uid, gid); err != nil {
		t.Fatal(err)
	}
	c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
	return c
}

func startServer(t *testing.T) *server {
	t.Helper()
	initdb, postgres := postgresProgram(t, "initdb"), postgresProgram(t, "postgres")
	dir, err := os.MkdirTemp("/tmp", "stampede-pg") // the path of its socket must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	data := filepath.Join(dir, "data")
	ctx, stop := context.WithTimeout(t.Context(), 2*time.Minute)
	defer stop()
	prepare := as(t, exec.CommandContext(ctx, initdb, "-D", data, "-A", "trust", "-U", "stampede", "-E", "UTF8", "--no-sync"), dir)
	prepare.Dir = dir
	if out, err := prepare.CombinedOutput(); err != nil {
		t.Fatalf("initdb: %v\n%s", err, out)
	}
	port := strconv.Itoa(peer.FreePort(t))
	run := as(t, exec.Command(postgres, "-D", data, "-p", port, "-k", dir, "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"), dir)
	run.Dir = dir
	log, err := run.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		run.Process.Signal(syscall.SIGQUIT) // at once
		run.Wait()
	})
	awaitReady(ctx, t, log)
	return &server{address: "127.0.0.1:" + port}
}

// awaitReady reads the log of a server until it says that it takes connections, and goes on reading it, so that the server never waits.
func awaitReady(ctx context.Context, t *testing.T, log io.Reader) {
	t.Helper()
	ready, all := make(chan struct{}), make(chan string, 1)
	go func() {
		var said strings.Builder
		for lines := bufio.NewScanner(log); lines.Scan(); {
			said.WriteString(lines.Text() + "\n")
			if strings.Contains(lines.Text(), "ready to accept connections") {
				close(ready)
			}
		}
		all <- said.String()
	}()
	select {
	case <-ready:
	case said := <-all:
		t.Fatalf("the server ended:\n%s", said)
	case <-ctx.Done():
		t.Fatalf("the server did not start: %v", ctx.Err())
	}
}

func (s *server) url(database string) string {
	return fmt.Sprintf("postgres://stampede:hunter2@%s/%s?sslmode=disable", s.address, database)
}

func (s *server) do(statement string) error {
	db, err := sql.Open("pgx", s.url("postgres"))
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.Exec(statement)
	return err
}

// database is the address of a new and empty one.
func (s *server) database(t *testing.T) string {
	t.Helper()
	name := fmt.Sprintf("ledger%d", s.made.Add(1))
	if err := s.do("CREATE DATABASE " + name); err != nil {
		t.Fatal(err)
	}
	return s.url(name)
}
