package ledger_test

import (
	"path/filepath"
	"testing"

	"github.com/stampede-load/stampede/internal/ledger/ledgertest"
)

func TestSQLite(t *testing.T) {
	ledgertest.Run(t, func(t *testing.T) string { return filepath.Join(t.TempDir(), "a ledger?", "runs #1 100%.db") })
}
