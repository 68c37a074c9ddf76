package fleet

import (
	"runtime"
	"slices"
	"testing"
)

// Many processes on one machine take a processor each, unless the environment says what they may use.
func TestProcessors(t *testing.T) {
	cores := runtime.GOMAXPROCS(0)
	for _, tt := range []struct {
		name    string
		count   int
		environ []string
		want    []string
	}{
		{"one", 1, nil, nil},
		{"fewer than twice the processors", 2*cores - 1, []string{"HOME=/"}, nil},
		{"twice the processors", 2 * cores, []string{"HOME=/"}, []string{"GOMAXPROCS=1"}},
		{"told otherwise", 100 * cores, []string{"HOME=/", "GOMAXPROCS=3"}, nil},
	} {
		if got := processors(tt.count, tt.environ); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}
