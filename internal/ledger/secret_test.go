package ledger

import "testing"

// What is no text is kept in no database, and secrets neither.
func TestClean(t *testing.T) {
	for text, want := range map[string]string{"\x00\xff": "\uFFFD\uFFFD", "password=x\x00": "password=***", "plain": "plain"} {
		if got := clean(text); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}
