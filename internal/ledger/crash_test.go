package ledger_test

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stampede-load/stampede/internal/ledger"
	"github.com/stampede-load/stampede/internal/ledger/ledgertest"
	"github.com/stampede-load/stampede/internal/stats"
)

// childLedger tells the test program to be a recorder that will be killed, and which ledger it records into.
const childLedger = "STAMPEDE_LEDGER_TEST_CHILD"

func TestMain(m *testing.M) {
	for variable, be := range map[string]func(string) error{childLedger: child, scribeLedger: scribe} {
		if where := os.Getenv(variable); where != "" {
			if err := be(where); err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
			os.Exit(0)
		}
	}
	os.Exit(m.Run())
}

// doomed is the run that is recorded when the process is killed: long enough for several minutes, small enough to be quick.
func doomed() *ledgertest.Story {
	return ledgertest.Make(ledgertest.Load{Names: 5, Seconds: 200, Rate: 2})
}

// child records the run and says after each second that it is on the disk.
func child(where string) error {
	led, err := ledger.Open(context.Background(), where, ledger.Options{})
	if err != nil {
		return err
	}
	s := doomed()
	r := led.Record(ledger.Header{}, ledger.RecorderOptions{})
	r.Begin(s.Info)
	for i, sec := range s.Seconds {
		r.Second(sec)
		if err := r.Flush(context.Background()); err != nil {
			return err
		}
		fmt.Println(i)
	}
	select {} // until it is killed
}

// TestKilledAtAnyMoment kills a process that records into one and the same ledger, again and again, at moments that nobody chose.
func TestKilledAtAnyMoment(t *testing.T) {
	kills := 100
	if testing.Short() || racing {
		kills = 10
	}
	where := filepath.Join(t.TempDir(), "runs.db")
	killAgainAndAgain(t, where, kills)
	intact(t, where)
	left, err := filepath.Glob(where + ".*")
	if err != nil || len(left) > 0 {
		t.Errorf("left over: %v (%v)", left, err)
	}
}

// killAgainAndAgain wants of each run that was cut off all seconds but the one in progress.
func killAgainAndAgain(t *testing.T, where string, kills int) {
	t.Helper()
	s := doomed()
	prefix := make([]stats.Row, len(s.Seconds)+1)
	for i, sec := range s.Seconds {
		prefix[i+1] = prefix[i].Clone()
		prefix[i+1].Add(&sec.Total)
	}
	cut := 0
	for range kills {
		written := killed(t, where)
		led, said := openedAfterAll(t, where)
		if run, err := led.Find(t.Context(), "last"); err == nil && len(said) == 1 {
			cut++
			got, err := led.Window(t.Context(), run, stats.Key{}, 0, 0)
			if err != nil {
				t.Fatal(err)
			}
			next := min(written+1, len(s.Seconds))
			if !sameRow(&got, &prefix[written]) && !sameRow(&got, &prefix[next]) {
				t.Errorf("killed after %d seconds were written: the ledger has %d requests, want %d or %d", written, got.Count, prefix[written].Count, prefix[next].Count)
			}
			if run.State != ledger.Interrupted || run.Requests != got.Count {
				t.Errorf("the row is %+v", run)
			}
		} else if written > 0 {
			t.Errorf("after %d seconds were written the ledger said %q (%v)", written, said, err)
		}
		if err := led.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if cut < kills/4 {
		t.Errorf("of %d kills only %d came during a run", kills, cut)
	}
}

// killed runs a child, kills it some time later, and says how many seconds it had reported.
func killed(t *testing.T, where string) (written int) {
	t.Helper()
	c, lines, complaint := recorder(t, childLedger+"="+where)
	most := rand.IntN(150)
	for written < most && lines.Scan() {
		written++
	}
	time.AfterFunc(time.Duration(rand.IntN(20))*time.Millisecond, func() { c.Process.Kill() })
	for lines.Scan() {
		written++
	}
	if err := c.Wait(); err == nil || complaint.Len() > 0 {
		t.Fatalf("the child ended by itself: %v\n%s", err, complaint.String())
	}
	return written
}

// recorder starts this program as one that records, and reads the lines in which it tells how far it is, and what it complains about.
func recorder(t *testing.T, environment ...string) (c *exec.Cmd, lines *bufio.Scanner, complaint *strings.Builder) {
	t.Helper()
	c = exec.Command(os.Args[0])
	c.Env = append(os.Environ(), environment...)
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	complaint = new(strings.Builder)
	c.Stderr = complaint
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	return c, bufio.NewScanner(out), complaint
}

// openedAfterAll opens the ledger when nobody holds its last run any more. A server notices a moment after its client was killed, and until
// then the run goes on for everybody else.
func openedAfterAll(t *testing.T, where string) (led *ledger.Ledger, said []string) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; {
		led, said = opened(t, where)
		run, err := led.Find(t.Context(), "last")
		if err != nil || run.State != ledger.Running || time.Now().After(deadline) {
			return led, said
		}
		if err := led.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func opened(t *testing.T, where string) (led *ledger.Ledger, said []string) {
	t.Helper()
	led, err := ledger.Open(t.Context(), where, ledger.Options{Warn: func(text string) { said = append(said, text) }})
	if err != nil {
		t.Fatal(err)
	}
	return led, said
}

func sameRow(a, b *stats.Row) bool {
	return string(a.AppendBinary(nil)) == string(b.AppendBinary(nil))
}

// intact asks SQLite whether every page of a ledger is as it should be.
func intact(t *testing.T, where string) {
	t.Helper()
	db, err := sql.Open("sqlite", where)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var answer string
	if err := db.QueryRow("PRAGMA integrity_check").Scan(&answer); err != nil || answer != "ok" {
		t.Errorf("the ledger is damaged: %s %v", answer, err)
	}
}
