package cli

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/stampede-load/stampede/internal/ledger"
)

// What this program writes into the ledger is in the list at once; what another one writes, as soon as it was read, without anybody waiting for it.
func TestTheListOfTheLedgerIsFresh(t *testing.T) {
	t.Parallel()
	where := filepath.Join(t.TempDir(), "runs.db")
	var ledgers [2]*ledger.Ledger
	for i := range ledgers {
		b, err := ledger.Open(t.Context(), where, ledger.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer b.Close()
		ledgers[i] = b
	}
	day := time.Date(2024, 5, 1, 10, 0, 0, 0, time.UTC)
	add := func(b *ledger.Ledger) {
		t.Helper()
		day = day.Add(time.Hour)
		if _, err := b.Import(t.Context(), []ledger.Entry{{Line: 2, Started: day, Changes: day.String(), Users: 5, UsersText: "5"}}); err != nil {
			t.Fatal(err)
		}
	}
	var list ledgerList
	count := func() int {
		t.Helper()
		rows, err := list.all(t.Context(), ledgers[0])
		if err != nil {
			t.Fatal(err)
		}
		return len(rows)
	}
	if n := count(); n != 0 {
		t.Fatalf("an empty ledger lists %d runs", n)
	}
	add(ledgers[0])
	list.forget()
	if n := count(); n != 1 {
		t.Errorf("after a run of our own: %d", n)
	}
	stamp := ledgers[0].Stamp()
	add(ledgers[1])
	if ledgers[0].Stamp() == stamp {
		t.Error("the stamp is the same after another program wrote")
	}
	list.mu.Lock()
	list.at = list.at.Add(-2 * sureFor) // as if that were a while ago
	list.mu.Unlock()
	for range 1000 {
		if count() == 2 {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Error("what another program wrote never comes")
}
