//go:build unix

package ledger_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stampede-load/stampede/internal/ledger"
	"github.com/stampede-load/stampede/internal/ledger/ledgertest"
)

// An address that is none of a ledger makes no file of that name, and what is no file is told so.
func TestPlacesThatAreNone(t *testing.T) {
	t.Chdir(t.TempDir())
	for where, want := range map[string]string{
		"mysql://ann:pa55word@db/runs":     "no address of a ledger",
		"postgress://ann:pa55word@db/runs": "no address of a ledger",
		"sqlite:///runs.db":                "no address of a ledger",
		"sqlite:runs.db":                   "no address of a ledger",
		"file:runs.db?mode=rwc":            "no address of a ledger",
		"https://serve.example/":           "no address of a ledger",
		":memory:":                         "--no-record",
		os.DevNull:                         "--no-record",
	} {
		led, err := ledger.Open(t.Context(), where, ledger.Options{})
		if err == nil {
			t.Errorf("%s: opened", where)
			led.Close()
			continue
		}
		if !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "pa55word") {
			t.Errorf("%s: %v", where, err)
		}
	}
	if left, err := os.ReadDir("."); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// A run whose ledger was taken away while it was recorded is in none, and is not said to be.
func TestLedgerThatGoesAway(t *testing.T) {
	for name, away := range map[string]func(where string) error{
		"deleted": os.Remove,
		"moved":   func(where string) error { return os.Rename(where, where+".old") },
		"replaced": func(where string) error {
			return errorsOf(os.Rename(where, where+".old"), os.WriteFile(where, nil, 0o600))
		},
	} {
		where := filepath.Join(t.TempDir(), "runs.db")
		led, err := ledger.Open(t.Context(), where, ledger.Options{})
		if err != nil {
			t.Fatal(err)
		}
		r := led.Record(ledger.Header{}, ledger.RecorderOptions{})
		s := ledgertest.Make(ledgertest.Load{ID: "20261101-190000-0000"})
		s.Tell(r, len(s.Seconds))
		if err := r.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := away(where); err != nil {
			t.Fatal(err)
		}
		if err := r.Close(t.Context()); err == nil || !strings.Contains(err.Error(), "while the run was recorded") {
			t.Errorf("%s: %v", name, err)
		}
		led.Close()
	}
}

func errorsOf(all ...error) error {
	for _, err := range all {
		if err != nil {
			return err
		}
	}
	return nil
}

// A ledger whose version makes no sense is damaged, whatever the program that opens it is.
func TestVersionsThatAreNone(t *testing.T) {
	for _, version := range []any{-1, -1 << 40, "x", 1.5, []byte{1}} {
		where := filepath.Join(t.TempDir(), "runs.db")
		recorded(t, where, ledgertest.Load{ID: "20261101-190000-0000"})
		db, err := sql.Open("sqlite", where)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.Exec("UPDATE book_schema SET version = ?", version); err != nil {
			t.Fatal(err)
		}
		db.Close()
		if led, err := ledger.Open(t.Context(), where, ledger.Options{}); err == nil || !strings.Contains(err.Error(), "damaged") {
			t.Errorf("version %v: %v", version, err)
			if err == nil {
				led.Close()
			}
		}
	}
}
