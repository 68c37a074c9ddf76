package screen

import (
	"strings"
	"testing"

	"github.com/stampede-load/stampede/internal/hist"
)

func TestDistribution(t *testing.T) {
	var h hist.Hist
	for i := range 1000 {
		h.Record(int64(ms) * int64(1+i%9) * 105 / 100)
	}
	h.Record(int64(400 * ms))
	text := Distribution("service time", &h, 80, false)
	for _, want := range []string{"below 2.00 ms  112", "below 5.00 ms  333", "below 10.0 ms  555", "to 400 ms    1", "▏"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	for _, line := range strings.Split(text, "\n") {
		if width(line) > 80 {
			t.Errorf("wide: %q", line)
		}
	}
	var close hist.Hist
	for i := range 80 {
		close.Record(int64(10*ms) + int64(i)*int64(ms)/20)
	}
	if n := strings.Count(Distribution("", &close, 60, false), "\n"); n != 9 {
		t.Errorf("%d lines\n%s", n, Distribution("", &close, 60, false))
	}
	var one hist.Hist
	one.Record(5)
	one.Record(5)
	if text := Distribution("x", &one, 0, false); !strings.Contains(text, "to 5 ns") && !strings.Contains(text, "2") {
		t.Errorf("all alike: %q", text)
	}
	if Distribution("x", new(hist.Hist), 0, false) != "" {
		t.Error("nothing has no distribution")
	}
}
