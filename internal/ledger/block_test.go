package ledger

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stampede-load/stampede/internal/stats"
)

func someStretches(rng *rand.Rand, gauges bool) []stretch {
	var all []stretch
	at := rng.IntN(100)
	for range rng.IntN(20) {
		s := stretch{from: at, width: 1 + rng.IntN(10), final: rng.IntN(5) == 0}
		s.span = time.Duration(s.width)*time.Second - time.Duration(rng.IntN(2)*rng.IntN(1e9))
		for range rng.IntN(30) {
			s.row.Count++
			s.row.Service.Record(rng.Int64N(1e10))
		}
		if gauges {
			s.gauges = &stats.Gauges{Users: rng.IntN(1000), CPU: rng.Float64(), RSS: rng.Int64()}
		}
		all = append(all, s)
		at += s.width + rng.IntN(3)
	}
	return all
}

func TestBlocks(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for range 200 {
		want := someStretches(rng, rng.IntN(2) == 0)
		got, err := decodeBlock(appendBlock(nil, want))
		if err != nil || len(got) != len(want) {
			t.Fatalf("%d stretches, want %d: %v", len(got), len(want), err)
		}
		if a, b := appendBlock(nil, got), appendBlock(nil, want); string(a) != string(b) {
			t.Fatalf("%x\n%x", a, b)
		}
	}
}

// TestWidenLosesNothing wants the sum of stretches to stay, and their borders to be multiples of the width.
func TestWidenLosesNothing(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	for range 200 {
		var all []stretch
		var want stats.Row
		var span time.Duration
		for i := range 60 {
			s := stretch{from: 120 + i, width: 1, span: time.Second}
			s.row.Service.RecordN(rng.Int64N(1e9), 1+rng.Int64N(5))
			s.row.Count = s.row.Service.Count()
			want.Add(&s.row)
			span += s.span
			all = append(all, s)
		}
		wide := widen(widen(all, 10), []int{10, 60}[rng.IntN(2)])
		var got stats.Row
		for i := range wide {
			got.Add(&wide[i].row)
			span -= wide[i].span
			if wide[i].from%10 != 0 || wide[i].width%10 != 0 {
				t.Fatalf("a stretch of %d s at %d s", wide[i].width, wide[i].from)
			}
		}
		if string(got.AppendBinary(nil)) != string(want.AppendBinary(nil)) || span != 0 {
			t.Fatalf("the sum has %d, want %d; %v is missing", got.Count, want.Count, span)
		}
	}
}

func FuzzDecodeBlock(f *testing.F) {
	rng := rand.New(rand.NewPCG(3, 3))
	for range 5 {
		f.Add(appendBlock(nil, someStretches(rng, true)))
	}
	f.Add([]byte{blockVersion, 0, 0, 0})
	f.Add([]byte{2})
	f.Fuzz(func(t *testing.T, b []byte) {
		all, err := decodeBlock(b)
		if err != nil {
			return
		}
		again, err := decodeBlock(appendBlock(nil, all))
		if err != nil || len(again) != len(all) {
			t.Fatalf("what was decoded does not come back: %v", err)
		}
	})
}

// TestHostileBlocks changes bytes of good blocks: the answer is stretches or an error, and never more memory than the bytes allow. It
// stands beside the fuzz test, which is slow here: its engine watches all of SQLite.
func TestHostileBlocks(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	good, blocks := 0, 20_000
	if racing {
		blocks = 2_000
	}
	for range blocks {
		b := appendBlock(nil, someStretches(rng, true))
		for range 1 + rng.IntN(4) {
			switch i := rng.IntN(len(b)); rng.IntN(3) {
			case 0:
				b[i] = byte(rng.IntN(256))
			case 1:
				b = append(b[:i:i], b[i+1:]...)
			case 2:
				b = append(b[:i:i], append([]byte{byte(rng.IntN(256))}, b[i:]...)...)
			}
			if len(b) == 0 {
				break
			}
		}
		if all, err := decodeBlock(b); err == nil {
			good += len(all)
		}
	}
	if good == 0 {
		t.Error("no block survived: the test changes too much to find anything")
	}
}
