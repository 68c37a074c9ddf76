package har

import (
	"encoding/json"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// Cut strings stay JSON, whatever the pieces in which it comes; short ones stay as they are.
func TestTrimmer(t *testing.T) {
	for _, text := range []string{`{"a":"` + strings.Repeat(`\\\u00e9\"x`, 30) + `","b":[1,"short"]}`, `"` + strings.Repeat("ab", 50) + `"`, `["\\","\"",""]`} {
		for limit := range 40 {
			for _, r := range []io.Reader{strings.NewReader(text), iotest.OneByteReader(strings.NewReader(text))} {
				got, err := io.ReadAll(newTrimmer(r, limit))
				if err != nil || !json.Valid(got) || limit > 0 && strings.Contains(text, "short") && limit > 5 && !strings.Contains(string(got), "short") {
					t.Fatalf("limit %d: %v %s", limit, err, got)
				}
			}
		}
		if got, err := io.ReadAll(newTrimmer(strings.NewReader(text), 1000)); err != nil || string(got) != text {
			t.Errorf("%v %s", err, got)
		}
	}
}
