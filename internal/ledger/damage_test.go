package ledger_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stampede-load/stampede/internal/ledger"
	"github.com/stampede-load/stampede/internal/ledger/ledgertest"
)

// wantError wants an error that says all of the words.
func wantError(t *testing.T, err error, words ...string) {
	t.Helper()
	for _, w := range words {
		if err == nil || !strings.Contains(err.Error(), w) {
			t.Errorf("the error is %v, and does not say %q", err, w)
		}
	}
}

// untilLocked waits until a recorder has found its ledger locked; how long the first attempt takes is the machine's business.
func untilLocked(t *testing.T, r *ledger.Recorder) {
	t.Helper()
	for begun := time.Now(); ; {
		short, stop := context.WithTimeout(t.Context(), 20*time.Millisecond)
		err := r.Flush(short)
		stop()
		switch {
		case err != nil && strings.Contains(err.Error(), "locked"):
			return
		case err == nil || time.Since(begun) > time.Minute:
			t.Fatalf("the recorder says %v, and not that the ledger is locked", err)
		}
	}
}

// recorded is a ledger with one run of so many seconds.
func recorded(t *testing.T, where string, l ledgertest.Load) *ledgertest.Story {
	t.Helper()
	led, _ := opened(t, where)
	s := ledgertest.Make(l)
	r := led.Record(ledger.Header{}, ledger.RecorderOptions{})
	s.Tell(r, len(s.Seconds))
	if err := errors.Join(r.Close(t.Context()), led.Close()); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestFilesThatAreNoLedger(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "notes.txt")
	const content = "this is not a database, it is a letter to my grandmother; it must stay as it is"
	if err := os.WriteFile(text, []byte(strings.Repeat(content, 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := ledger.Open(t.Context(), text, ledger.Options{})
	wantError(t, err, "ledger: open "+text, "damaged or no ledger", "--ledger")
	if after, err := os.ReadFile(text); err != nil || string(after) != strings.Repeat(content, 100) {
		t.Errorf("the file was changed: %v", err)
	}
	_, err = ledger.Open(t.Context(), dir, ledger.Options{})
	wantError(t, err, "it is a folder")
	_, err = ledger.Open(t.Context(), filepath.Join(text, "runs.db"), ledger.Options{})
	wantError(t, err, "make its folder")
	_, err = ledger.Open(t.Context(), "postgres://me:hunter2@127.0.0.1:1/x?connect_timeout=2", ledger.Options{})
	wantError(t, err, "postgres://me@127.0.0.1:1/x", "no connection")
	_, bad := ledger.Open(t.Context(), "postgres://me:hunter2@[::/x", ledger.Options{})
	wantError(t, bad, "postgres://user@host")
	for _, err := range []error{err, bad} {
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("the error tells the password: %v", err)
		}
	}
}

// TestSomebodyElsesDatabase gives the database of another program, which must stay as it is.
func TestSomebodyElsesDatabase(t *testing.T) {
	where := filepath.Join(t.TempDir(), "bookmarks.sqlite")
	db, err := sql.Open("sqlite", where)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("CREATE TABLE bookmark (url TEXT)"); err != nil {
		t.Fatal(err)
	}
	_, err = ledger.Open(t.Context(), where, ledger.Options{})
	wantError(t, err, "some other program", "--ledger")
	var tables int
	if err := db.QueryRow("SELECT count(*) FROM sqlite_schema").Scan(&tables); err != nil || tables != 1 {
		t.Errorf("it has %d tables now, %v", tables, err)
	}
}

// TestRunBeyondRepair damages the seconds of a run that was cut off: the ledger must open all the same, and the run can be deleted.
func TestRunBeyondRepair(t *testing.T) {
	where := filepath.Join(t.TempDir(), "runs.db")
	recorded(t, where, ledgertest.Load{ID: "20261101-190000-0000"})
	led, _ := opened(t, where)
	s := ledgertest.Make(ledgertest.Load{ID: "20261102-190000-0000", Seconds: 20})
	r := led.Record(ledger.Header{}, ledger.RecorderOptions{})
	s.Tell(r, 10)
	if err := errors.Join(r.Close(t.Context()), led.Close()); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", where)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("UPDATE second SET data = x'00' WHERE second = 3"); err != nil {
		t.Fatal(err)
	}
	led, said := opened(t, where)
	defer led.Close()
	if len(said) != 1 || !strings.Contains(said[0], "repair run "+s.Info.ID) || !strings.Contains(said[0], "left as it is") {
		t.Errorf("it said %q", said)
	}
	if runs, err := led.Runs(t.Context(), ledger.Filter{}); err != nil || len(runs) != 2 {
		t.Errorf("%d runs are listed, %v", len(runs), err)
	}
	run, err := led.Find(t.Context(), s.Info.ID)
	if err != nil {
		t.Fatal(err)
	}
	if err := led.Delete(t.Context(), *run); err != nil {
		t.Errorf("it cannot be deleted: %v", err)
	}
}

// TestDamage overwrites a ledger in places all over it, and wants an answer or an error, and never the loss of the program.
func TestDamage(t *testing.T) {
	dir := t.TempDir()
	whole := filepath.Join(dir, "runs.db")
	recorded(t, whole, ledgertest.Load{Names: 20, Seconds: 200})
	data, err := os.ReadFile(whole)
	if err != nil {
		t.Fatal(err)
	}
	broken, places := 0, 40
	if racing {
		places = 10
	}
	for i := range places {
		hurt := append([]byte(nil), data...)
		at := len(hurt) * i / places
		for j := at; j < min(at+2000, len(hurt)); j++ {
			hurt[j] ^= 0x5a
		}
		where := filepath.Join(dir, "hurt.db")
		if err := os.WriteFile(where, hurt, 0o600); err != nil {
			t.Fatal(err)
		}
		if readAll(t.Context(), where) != nil {
			broken++
		}
		for _, name := range []string{where, where + "-wal", where + "-shm"} {
			if err := os.Remove(name); err != nil && !errors.Is(err, os.ErrNotExist) {
				t.Fatal(err)
			}
		}
	}
	if broken < places/2 {
		t.Errorf("damage was noticed %d times of %d", broken, places)
	}
}

func readAll(ctx context.Context, where string) error {
	led, err := ledger.Open(ctx, where, ledger.Options{})
	if err != nil {
		return err
	}
	defer led.Close()
	run, err := led.Find(ctx, "last")
	if err != nil {
		return err
	}
	_, err = led.Report(ctx, run)
	return err
}

// TestSomebodyElseIsWriting holds the ledger as another program would, and wants the wait, and then its name.
func TestSomebodyElseIsWriting(t *testing.T) {
	where := filepath.Join(t.TempDir(), "runs.db")
	recorded(t, where, ledgertest.Load{})
	other, err := sql.Open("sqlite", where+"?_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	held, err := other.Begin()
	if err != nil {
		t.Fatal(err)
	}
	led, err := ledger.Open(t.Context(), where, ledger.Options{Wait: 50 * time.Millisecond})
	if err != nil {
		t.Fatal(err) // reading needs no lock
	}
	defer led.Close()
	run, err := led.Find(t.Context(), "last")
	if err != nil {
		t.Fatal(err)
	}
	_, err = led.Write(t.Context(), run, ledger.Note{Notes: "x"})
	wantError(t, err, "locked for 50ms", "is using it; stop it or pass --ledger")

	patient, err := ledger.Open(t.Context(), where, ledger.Options{Wait: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	defer patient.Close()
	free := time.AfterFunc(100*time.Millisecond, func() { held.Rollback() })
	defer free.Stop()
	if _, err := patient.Write(t.Context(), run, ledger.Note{Notes: "x"}); err != nil {
		t.Errorf("it did not wait: %v", err)
	}
}

// TestStuckDisk holds the ledger while a run is recorded: the run goes on, the trouble is told, seconds wait and then are lost and counted.
func TestStuckDisk(t *testing.T) {
	where := filepath.Join(t.TempDir(), "runs.db")
	recorded(t, where, ledgertest.Load{})
	other, err := sql.Open("sqlite", where+"?_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	held, err := other.Begin()
	if err != nil {
		t.Fatal(err)
	}
	said := make(chan string, 10)
	led, err := ledger.Open(t.Context(), where, ledger.Options{Wait: time.Millisecond, Warn: func(text string) { said <- text }})
	if err != nil {
		t.Fatal(err)
	}
	defer led.Close()
	s := ledgertest.Make(ledgertest.Load{ID: "20261103-190000-0001", Names: 2, Seconds: 60})
	r := led.Record(ledger.Header{}, ledger.RecorderOptions{MaxBytes: 8_000, Stuck: time.Nanosecond})
	r.Begin(s.Info)
	untilLocked(t, r)
	for _, sec := range s.Seconds {
		r.Second(sec)
	}
	lost := r.Lost()
	if lost == 0 || lost >= len(s.Seconds) {
		t.Errorf("%d seconds were lost", lost)
	}
	r.End(s.Report)
	if reasons := s.Report.Verdict.Reasons; !strings.Contains(reasons[len(reasons)-1], "the ledger lost") {
		t.Errorf("the verdict does not say what was lost: %q", reasons)
	}
	untilLocked(t, r)
	if err := held.Rollback(); err != nil {
		t.Fatal(err)
	}
	if err := r.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	run, err := led.Find(t.Context(), "last")
	if err != nil || run.ID != s.Info.ID || run.Lost != lost || run.State != ledger.Done {
		t.Fatalf("%v: the row is %+v", err, run)
	}
	rep, err := led.Report(t.Context(), run)
	if err != nil || rep.Whole.Total.Count != s.Report.Whole.Total.Count {
		t.Errorf("the totals are not complete: %v", err)
	}
	select {
	case text := <-said:
		if !strings.Contains(text, "nothing was written") {
			t.Errorf("it said %q", text)
		}
	default:
		t.Error("nothing was said of the stuck disk")
	}
}

// TestGivingUp closes a recorder whose disk never answers.
func TestGivingUp(t *testing.T) {
	where := filepath.Join(t.TempDir(), "runs.db")
	recorded(t, where, ledgertest.Load{})
	other, err := sql.Open("sqlite", where+"?_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	held, err := other.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer held.Rollback()
	led, err := ledger.Open(t.Context(), where, ledger.Options{Wait: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer led.Close()
	r := led.Record(ledger.Header{}, ledger.RecorderOptions{})
	s := ledgertest.Make(ledgertest.Load{ID: "20261103-190000-0002"})
	s.Tell(r, len(s.Seconds))
	untilLocked(t, r)
	over, stop := context.WithCancel(t.Context())
	stop()
	wantError(t, r.Close(over), "could not be written", "locked")
}
