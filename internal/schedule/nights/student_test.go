package nights

import (
	"math"
	"testing"
)

// The points are those of printed tables.
func TestStudentPoint(t *testing.T) {
	for _, tt := range []struct {
		p    float64
		df   int
		want float64
	}{{0.025, 1, 12.706}, {0.025, 2, 4.303}, {0.025, 10, 2.228}, {0.01, 5, 3.365}, {0.005, 20, 2.845}, {0.0005, 9, 4.781}, {0.1, 4, 1.533}} {
		if got := studentPoint(tt.p, tt.df); math.Abs(got-tt.want) > 0.0006 {
			t.Errorf("%v with %d: %.4f, want %v", tt.p, tt.df, got, tt.want)
		}
	}
}
