package cli

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stampede-load/stampede/internal/ledger"
	"github.com/stampede-load/stampede/internal/ledger/ledgertest"
)

// TestRunThatGoesOn asks for a run while it is recorded: it can be looked at and written on, and nobody takes it for one that is over.
func TestRunThatGoesOn(t *testing.T) {
	where := filepath.Join(t.TempDir(), "runs.db")
	led, err := ledger.Open(t.Context(), where, ledger.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer led.Close()
	story := ledgertest.Make(ledgertest.Load{Seconds: 20})
	r := led.Record(ledger.Header{Thresholds: []string{"p95 < 1ms"}}, ledger.RecorderOptions{})
	story.Tell(r, 5)
	if err := r.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer r.Close(t.Context())
	for _, c := range []struct {
		args   string
		status int
		says   string
	}{
		{"show last", 0, "the run goes on"},
		{"list", 0, "in progress"},
		{"note last --notes raining", 0, "raining"},
		{"export last --json", statusUsage, "is still going on: wait for its end"},
		{"baseline set last", statusUsage, "is still going on: wait for its end"},
		{"delete last --yes", statusUsage, "is being recorded: stop it first"},
	} {
		var out bytes.Buffer
		args := append([]string{"stampede", "runs"}, strings.Fields(c.args)...)
		status := Main(t.Context(), Program{}, System{
			Args: append(args, "--ledger", where), Dir: t.TempDir(), In: strings.NewReader(""), Out: &out, Err: &out,
		})
		if status != c.status || !strings.Contains(out.String(), c.says) || strings.Contains(out.String(), "cut off") {
			t.Errorf("runs %s ended with %d, want %d and %q:\n%s", c.args, status, c.status, c.says, out.String())
		}
	}
}
