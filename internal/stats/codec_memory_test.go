//go:build !race

package stats

import "testing"

// The rows of a snapshot are read into the memory of the one before; an error has texts of its own. (The race detector allocates on its own.)
func TestDecodeAgainNeedsNoMemory(t *testing.T) {
	coded := someCoded()
	var s Snapshot
	for _, b := range coded {
		if err := s.Decode(b); err != nil {
			t.Fatal(err)
		}
	}
	for _, b := range coded {
		n := testing.AllocsPerRun(5, func() { _ = s.Decode(b) })
		if budget := float64(6 + 5*len(s.Errors)); n > budget {
			t.Errorf("%d rows and %d errors: %v allocations, want at most %v", len(s.Rows), len(s.Errors), n, budget)
		}
	}
}
