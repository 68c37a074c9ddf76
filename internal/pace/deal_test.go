package pace

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// Whoever comes and goes: each number has one owner, those who stay keep what they have when somebody goes, and the parts stay in proportion.
func TestDealKeepsEachNumberOnce(t *testing.T) {
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 2))
		weights := make([]int64, 1+r.IntN(8))
		for i := range weights {
			weights[i] = int64(250 + r.IntN(8000))
		}
		d, err := NewDeal(weights)
		if err != nil {
			t.Fatal(err)
		}
		next := len(weights)
		for step := range 40 {
			before := append([]int32(nil), d.owner...)
			ws := d.Workers()
			gone := -1
			var moved Share
			if r.IntN(2) == 0 && len(ws) > 1 {
				gone = ws[r.IntN(len(ws))]
				moved, err = d.Leave(gone)
			} else if len(ws) < 12 {
				moved, err = d.Join(next, int64(250+r.IntN(8000)))
				next++
			}
			if err != nil {
				t.Fatal(err)
			}
			d.check(t, seed, step)
			for s, w := range d.owner {
				if changed := w != before[s]; changed != (moved.cut != nil && moved.Owns(s)) {
					t.Fatalf("seed %d, step %d: slot %d went from %d to %d, and moved says %v", seed, step, s, before[s], w, !changed)
				}
				if gone >= 0 && w != before[s] && int(before[s]) != gone {
					t.Fatalf("seed %d, step %d: slot %d of %d moved as %d left", seed, step, s, before[s], gone)
				}
			}
		}
	}
}

func (d *Deal) check(t *testing.T, seed uint64, step int) {
	t.Helper()
	var weight int64
	for _, w := range d.weights {
		weight += w
	}
	total := 0
	for _, w := range d.Workers() {
		s := d.Share(w)
		n := s.Count(len(d.owner))
		total += n
		ideal := float64(len(d.owner)) * float64(d.weights[w]) / float64(weight)
		if off := float64(n) - ideal; off > 3+ideal/8 || off < -3-ideal/8 {
			t.Errorf("seed %d, step %d: worker %d has %d slots of %d, want about %.0f", seed, step, w, n, len(d.owner), ideal)
		}
		for j := range n {
			if k := s.Number(j); !s.Owns(k) || s.Count(k) != j {
				t.Fatalf("own number %d of worker %d is %d, which counts as %d", j, w, k, s.Count(k))
			}
		}
	}
	if total != len(d.owner) {
		t.Fatalf("seed %d, step %d: %d slots have an owner, of %d", seed, step, total, len(d.owner))
	}
}

// With equal weights a deal is the even share, so that a fleet of equals makes the choices of one process.
func TestDealOfEqualsTakesTurns(t *testing.T) {
	d, err := NewDeal([]int64{1000, 1000, 1000})
	if err != nil {
		t.Fatal(err)
	}
	for n := range 2000 {
		if !d.Share(n % 3).Owns(n) {
			t.Fatalf("number %d is not of worker %d", n, n%3)
		}
	}
	for _, bad := range [][]int64{nil, {0}, {-1}, {1 << 40}} {
		if _, err := NewDeal(bad); err == nil {
			t.Errorf("weights %v were taken", bad)
		}
	}
}

// Everybody goes, and somebody comes.
func TestDealWithNobody(t *testing.T) {
	d, err := NewDeal([]int64{1000})
	if err != nil {
		t.Fatal(err)
	}
	if moved, err := d.Leave(0); err != nil || moved.Empty() || !d.Share(0).Empty() {
		t.Errorf("%v, %v, %v", moved, err, d.Share(0))
	}
	if _, err := d.Leave(0); err == nil {
		t.Error("it left twice")
	}
	if moved, err := d.Join(5, 1000); err != nil || !moved.Owns(17) || !d.Share(5).Owns(17) {
		t.Errorf("%v, %v", moved, err)
	}
	if _, err := d.Join(5, 1000); err == nil {
		t.Error("it joined twice")
	}
}

// Equal weights are dealt without sorting, and to the same as with it.
func TestDealOfEquals(t *testing.T) {
	for _, n := range []int{1, 2, 3, 7, 40} {
		d, err := NewDeal(slices.Repeat([]int64{4000}, n))
		if err != nil {
			t.Fatal(err)
		}
		all := make([]int32, len(d.owner))
		for s := range all {
			all[s] = int32(s)
		}
		sorted := &Deal{owner: make([]int32, len(d.owner)), weights: d.weights}
		sorted.give(all, sorted.parts(int64(len(all)), nil))
		if !slices.Equal(d.owner, sorted.owner) {
			t.Errorf("%d workers: dealt otherwise than by sorting", n)
		}
	}
}

// All shares at once are those that are asked for one by one, whoever has come and gone.
func TestSharesAtOnce(t *testing.T) {
	d, err := NewDeal([]int64{1000, 3000, 1000, 500})
	if err != nil {
		t.Fatal(err)
	}
	for _, change := range []func() error{
		func() error { _, err := d.Leave(1); return err },
		func() error { _, err := d.Join(9, 2000); return err },
		func() error { return nil },
	} {
		all := d.Shares()
		if len(all) != len(d.Workers()) {
			t.Errorf("%d shares of %d workers", len(all), len(d.Workers()))
		}
		for i, share := range all {
			if one := d.Share(i); !slices.Equal(share.cut.own, one.cut.own) || share.cut.round != one.cut.round || share.I != one.I || share.N != one.N {
				t.Errorf("worker %d: %+v, want %+v", i, share, one)
			}
		}
		if err := change(); err != nil {
			t.Fatal(err)
		}
	}
}
