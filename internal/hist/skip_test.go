package hist

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// Skip goes as far as Decode does and refuses what Decode refuses.
func FuzzSkip(f *testing.F) {
	for _, shape := range shapes {
		r := rand.New(rand.NewPCG(3, 4))
		var h Hist
		for range 300 {
			h.Record(shape.draw(r))
		}
		whole := h.AppendBinary(nil)
		f.Add(append(whole, "rest"...))
		f.Add(whole[:len(whole)/2])
	}
	f.Add([]byte{0, 1, 2})
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		var h Hist
		want, wrong := h.Decode(b)
		got, err := Skip(b)
		if (err == nil) != (wrong == nil) || err == nil && !bytes.Equal(got, want) {
			t.Fatalf("Skip leaves %d bytes and says %v, Decode leaves %d and says %v", len(got), err, len(want), wrong)
		}
	})
}
