package fleet

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stampede-load/stampede/internal/fault"
	"github.com/stampede-load/stampede/internal/stats"
)

// TestPackInParts has snapshots that are too large for one message in every way: by rows, by errors, and by many earlier seconds with a row each.
func TestPackInParts(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	row := func(n int) stats.Row {
		r := stats.Row{Key: stats.Key{Type: "GET", Name: fmt.Sprint(n)}, Count: 400}
		for range 400 {
			r.Response.Record(rng.Int64N(1 << (10 + rng.IntN(25))))
			r.Service.Record(rng.Int64N(1 << (10 + rng.IntN(25))))
		}
		return r
	}
	const many = 900
	var rows []stats.Row
	var earlier []stats.Part
	for i := range many {
		rows = append(rows, row(i))
		earlier = append(earlier, stats.Part{Second: i, Rows: rows[i : i+1]})
	}
	for name, s := range map[string]*stats.Snapshot{
		"rows":                        {Rows: rows},
		"a row, an error and earlier": {Rows: []stats.Row{row(many)}, Errors: []stats.ErrorRow{{Key: stats.Key{Type: "GET", Name: "1"}, Kind: fault.Status, Text: "503", Count: 1}}, Earlier: earlier},
		"earlier seconds alone":       {Earlier: earlier},
	} {
		s.Run, s.Second, s.Final = "20261102-190000-3f9a", 1000, true
		p, err := newPacker()
		if err != nil {
			t.Fatal(err)
		}
		u, err := newUnpacker()
		if err != nil {
			t.Fatal(err)
		}
		count, errors := int64(0), 0
		packed := p.pack(s, 1)
		for i, b := range packed {
			got, err := u.unpack(b)
			if err != nil || len(b) > biggest || got.Seq != uint64(i+1) {
				t.Fatalf("%s: part %d of %d bytes, number %d: %v", name, i, len(b), got.Seq, err)
			}
			if last := i == len(packed)-1; got.Final != last || got.More == last {
				t.Errorf("%s: part %d of %d: final %v, more %v", name, i, len(packed), got.Final, got.More)
			}
			for _, r := range got.Rows {
				count += r.Count
			}
			for _, e := range got.Earlier {
				for _, r := range e.Rows {
					count += r.Count
				}
			}
			errors += len(got.Errors)
		}
		want := int64(400 * (parts(s) - len(s.Errors)))
		if len(packed) < 2 || count != want || errors != len(s.Errors) {
			t.Errorf("%s: %d parts with %d requests and %d errors, want %d and %d", name, len(packed), count, errors, want, len(s.Errors))
		}
	}
}
