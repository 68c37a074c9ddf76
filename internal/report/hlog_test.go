package report

import (
	"bytes"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/HdrHistogram/hdrhistogram-go"
	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/hist"
	"github.com/stampede-load/stampede/internal/report/reporttest"
	"github.com/stampede-load/stampede/internal/stats"
)

// The library reads back exactly the counts that were written, bucket for bucket.
func TestHDREncoding(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	var enc hdrEncoder
	for round := range 200 {
		var h hist.Hist
		want := make(map[int]int64)
		for range rng.IntN(400) {
			v := rng.Int64N(1 << (1 + rng.IntN(44)))
			n := 1 + rng.Int64N(1<<rng.IntN(40))
			h.RecordN(v, n)
		}
		for b := range h.Buckets() {
			want[hdrIndex(min(b.Low, hdrHighest))] += b.Count // clamped values share the last bucket
		}
		encoded, err := enc.encode(&h)
		if err != nil {
			t.Fatal(err)
		}
		got, err := hdrhistogram.Decode(bytes.Clone(encoded))
		if err != nil {
			t.Fatal(err)
		}
		if got.TotalCount() != h.Count() {
			t.Fatalf("round %d: %d values became %d", round, h.Count(), got.TotalCount())
		}
		for _, bar := range got.Distribution() {
			if bar.Count == 0 {
				continue
			}
			index := hdrIndex(bar.From)
			if want[index] != bar.Count {
				t.Fatalf("round %d: bucket from %d has %d, want %d", round, bar.From, bar.Count, want[index])
			}
			delete(want, index)
		}
		if len(want) > 0 {
			t.Fatalf("round %d: %d buckets are missing", round, len(want))
		}
	}
}

// readLog reads a log with the library's reader and adds it up by tag.
func readLog(t *testing.T, data []byte) map[string]*hdrhistogram.Histogram {
	t.Helper()
	sums := make(map[string]*hdrhistogram.Histogram)
	reader := hdrhistogram.NewHistogramLogReader(bytes.NewReader(data))
	for {
		h, err := reader.NextIntervalHistogram()
		if err != nil {
			t.Fatal(err)
		}
		if h == nil {
			return sums
		}
		if sums[h.Tag()] == nil {
			sums[h.Tag()] = hdrhistogram.New(hdrLowest, hdrHighest, hdrDigits)
		}
		if dropped := sums[h.Tag()].Merge(h); dropped > 0 {
			t.Fatalf("%d values did not fit", dropped)
		}
	}
}

// The library's own log reader finds every value, for all requests together and for each name.
func TestHLog(t *testing.T) {
	for name, make := range map[string]func() *stampede.Report{
		"hostile": reporttest.Hostile, "one": reporttest.One,
		"minutes": func() *stampede.Report { return reporttest.Make(reporttest.Options{Names: 3, Seconds: 90, Rate: 10}) },
	} {
		t.Run(name, func(t *testing.T) {
			r := make()
			var b bytes.Buffer
			const lines = 100
			if err := writeHLog(&b, r, lines); err != nil {
				t.Fatal(err)
			}
			if got := strings.Count(b.String(), "\nTag="); got > 2*lines {
				t.Errorf("%d lines of names", got)
			}
			sums := readLog(t, b.Bytes())
			same := func(tag string, h *hist.Hist) {
				t.Helper()
				got := sums[tag]
				if got == nil || got.TotalCount() != h.Count() {
					t.Errorf("tag %q: other counts than %d", tag, h.Count())
					return
				}
				for _, q := range []float64{0.5, 0.95, 0.99} {
					// Theirs rounds the rank and gives the upper end of the bucket, ours takes the next rank and the middle.
					rank := math.Ceil(q * float64(h.Count()))
					ours, theirs := h.Quantile(q), got.ValueAtQuantile(100*rank/float64(h.Count()))
					if float64(theirs) < float64(ours)*0.999 || float64(theirs) > float64(ours)*1.008+1 {
						t.Errorf("tag %q p%v: ours %d, theirs %d", tag, q*100, ours, theirs)
					}
				}
			}
			same("", &r.Judged.Total.Response)
			for i := range r.Judged.Rows {
				if tag := hlogTag(r.Judged.Rows[i].Key); strings.ContainsAny(tag, ", \n\r\t") {
					t.Errorf("tag %q", tag)
				} else {
					same(tag, &r.Judged.Rows[i].Response)
				}
			}
		})
	}
}

func TestHLogTag(t *testing.T) {
	for k, want := range map[stats.Key]string{
		{Type: "GET", Name: "Log In"}:    "GET_Log%20In",
		{Name: "a,b\n100%"}:              "a%2Cb%0A100%25",
		{Type: "POST", Name: "emoji 🎟️"}: "POST_emoji%20🎟️",
	} {
		if got := hlogTag(k); got != want {
			t.Errorf("%v: %s, want %s", k, got, want)
		}
	}
}
