package ledger

import (
	"errors"
	"fmt"
	"path/filepath"
	"testing"

	"modernc.org/sqlite"
)

// A ledger that cannot be written is read as it lies there, and refuses to be written.
func TestLookAtALedgerThatCannotBeWritten(t *testing.T) {
	where := filepath.Join(t.TempDir(), "runs.db")
	ledger, err := Open(t.Context(), where, Options{Look: true}) // this one can be written
	if err != nil || ledger.ReadOnly() {
		t.Fatalf("%v, read-only %v", err, ledger.ReadOnly())
	}
	if err := ledger.Close(); err != nil {
		t.Fatal(err)
	}
	b, err := connect(t.Context(), where, Options{Look: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(b.Close(), b.openFixed(t.Context())); err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if runs, err := b.Runs(t.Context(), Filter{}); err != nil || len(runs) != 0 || !b.ReadOnly() {
		t.Errorf("%d runs, %v", len(runs), err)
	}
	_, err = b.write.ExecContext(t.Context(), "DELETE FROM run")
	if !notWritable(fmt.Errorf("wrapped: %w", err)) {
		t.Errorf("writing gives %v", err)
	}
	var se *sqlite.Error
	if !errors.As(err, &se) || notWritable(errors.New("another")) || notWritable(nil) {
		t.Errorf("%v", err)
	}
}
