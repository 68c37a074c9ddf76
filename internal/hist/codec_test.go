package hist

import (
	"bytes"
	"math"
	"math/rand/v2"
	"runtime"
	"testing"
)

func TestCodecRoundTrip(t *testing.T) {
	for _, shape := range shapes {
		for _, n := range []int{0, 1, 2, 95, 96, 97, 5000} {
			r := rand.New(rand.NewPCG(1, uint64(n)))
			var h, d Hist
			for range n {
				h.Record(shape.draw(r))
			}
			d.RecordN(99, 99) // what was there is replaced
			rest, err := d.Decode(append(h.AppendBinary(nil), "rest"...))
			if err != nil || string(rest) != "rest" {
				t.Fatalf("%s, %d values: %v, rest %q", shape.name, n, err, rest)
			}
			if !d.Equal(&h) {
				t.Errorf("%s, %d values: came back different", shape.name, n)
			}
			if d.Record(1 << 20); d.Count() != h.Count()+1 {
				t.Errorf("%s, %d values: what came back cannot be added to", shape.name, n)
			}
		}
	}
}

// A second of a busy name fits in 2 KB.
func TestCodecSize(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, c := range []struct{ n, most int }{{0, 1}, {1, 20}, {100, 300}, {5000, 1100}, {50_000, 1800}} {
		var h Hist
		for range c.n {
			h.Record(shapes[0].draw(r))
		}
		if size := len(h.AppendBinary(nil)); size > c.most {
			t.Errorf("%d values take %d bytes, want at most %d", c.n, size, c.most)
		}
	}
}

func TestDecodeRefusesDamage(t *testing.T) {
	var h Hist
	for v := range int64(300) {
		h.RecordN(v*v*1000, v%7+1)
	}
	whole := h.AppendBinary(nil)
	var d Hist
	for n := range whole {
		if _, err := d.Decode(whole[:n]); err == nil {
			t.Fatalf("%d of %d bytes decode", n, len(whole))
		}
		if !d.IsEmpty() {
			t.Fatal("a failed decode left values")
		}
	}
	for name, b := range map[string][]byte{
		"count above any":       {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 1, 0, 1, 2},
		"64 bits":               {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1},
		"varint without end":    bytes.Repeat([]byte{0xff}, 30),
		"sum below minimum":     {2, 10, 0, 19, 4},
		"sum above maximum":     {2, 10, 0, 21, 4},
		"more than n":           {1, 10, 0, 10, 4},
		"an empty bucket":       {1, 10, 0, 10, 0, 2},
		"beyond the maximum":    {2, 10, 1, 21, 2, 3, 5},
		"short of the maximum":  {2, 10, 9, 29, 4},
		"max-min overflows":     {1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 1, 5, 2},
		"a gap beyond all":      {2, 10, 9, 29, 2, 3, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},
		"nothing after the n":   {2},
		"no bucket at all":      {2, 10, 9, 29},
		"not from the minimum":  {1, 2, 3, 3, 3, 2},
		"one value, two places": {1, 0x80, 8, 1, 0x80, 8, 2},
		"a token without a gap": {2, 10, 9, 29, 2, 3},
	} {
		if _, err := d.Decode(b); err == nil {
			t.Errorf("%s: %v decodes to %d values", name, b, d.Count())
		}
	}
}

func FuzzDecode(f *testing.F) {
	var h Hist
	f.Add(h.AppendBinary(nil))
	h.RecordN(5, 1<<40)
	f.Add(h.AppendBinary(nil))
	h.Record(math.MaxInt64)
	for v := range int64(200) {
		h.Record(v << 20)
	}
	f.Add(h.AppendBinary(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		var h Hist
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		rest, err := h.Decode(b)
		runtime.ReadMemStats(&after)
		if took := after.TotalAlloc - before.TotalAlloc; took > 1<<16+uint64(20*len(b)) {
			t.Fatalf("%d bytes took %d bytes of memory", len(b), took)
		}
		if err != nil {
			if !h.IsEmpty() {
				t.Fatal("a failed decode left values")
			}
			return
		}
		again := h.AppendBinary(nil)
		var d Hist
		if _, err := d.Decode(again); err != nil || !d.Equal(&h) {
			t.Fatalf("what decoded does not survive a round trip: %v", err)
		}
		if len(again) > len(b)-len(rest) {
			t.Fatalf("%d bytes became %d", len(b)-len(rest), len(again))
		}
		var n int64
		for bucket := range h.Buckets() {
			n += bucket.Count
		}
		if n != h.Count() || h.Quantile(0) != h.Min() || h.Quantile(1) != h.Max() {
			t.Fatalf("%d values in buckets, count %d", n, h.Count())
		}
	})
}
