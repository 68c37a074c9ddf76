package hist

import (
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// logs is the folder of logs that hdrhistogram-go brings along, written by the Java original.
func logs(t *testing.T) string {
	t.Helper()
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/HdrHistogram/hdrhistogram-go").Output()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(strings.TrimSpace(string(dir)), "test")
}

// Logs of other programs, read by another library, add up here to what their authors say. (The library reads version 2 of the format;
// the folder has older ones too.) Their figures are the highest values of finer buckets than ours, three digits instead of two.
func TestLogsOfOthers(t *testing.T) {
	for _, c := range []struct {
		file       string
		histograms int
		values     int64
		p999, max  int64
	}{
		{"jHiccup-2.0.7S.logV2.hlog", 62, 48_761, 1_745_879_039, 1_796_210_687},
		{"tagged-Log.logV2.hlog", 42, 32_290, 0, 0}, // not stated
	} {
		h, n := readLog(t, filepath.Join(logs(t), c.file))
		if n != c.histograms || h.Count() != c.values {
			t.Errorf("%s: %d histograms with %d values, want %d with %d", c.file, n, h.Count(), c.histograms, c.values)
		}
		if got := h.Quantile(0.999); c.p999 != 0 && math.Abs(float64(got-c.p999)) > 0.005*float64(c.p999) {
			t.Errorf("%s: p99.9 = %d, want %d", c.file, got, c.p999)
		}
		if fine := hdrhistogram.New(1, Limit-1, 3); c.max != 0 && !fine.ValuesAreEquivalent(h.Max(), c.max) {
			t.Errorf("%s: max = %d, want %d", c.file, h.Max(), c.max)
		}
	}
}

// readLog merges the histograms of a log, each of which goes through the wire, and counts them.
func readLog(t *testing.T, file string) (h Hist, n int) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for reader := hdrhistogram.NewHistogramLogReader(f); ; n++ {
		one, err := reader.NextIntervalHistogram()
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if one == nil {
			return h, n
		}
		var second Hist
		for _, bar := range one.Distribution() {
			second.RecordN(bar.From, bar.Count)
		}
		if _, err := h.MergeBinary(second.AppendBinary(nil)); err != nil {
			t.Fatal(err)
		}
	}
}
