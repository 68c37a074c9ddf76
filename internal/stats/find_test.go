package stats

import "testing"

// Every name of a snapshot is found as DecodeSnapshot gives it, and none that is not there.
func TestFindRow(t *testing.T) {
	s := full()
	b := s.AppendBinary(nil)
	for i := range s.Rows {
		got, ok, err := FindRow(b, s.Rows[i].Key)
		if err != nil || !ok {
			t.Fatalf("%v: found %v, %v", s.Rows[i].Key, ok, err)
		}
		if d := got.diff(&s.Rows[i]); d != "" {
			t.Fatal(d)
		}
		for _, paced := range []bool{false, true} {
			head, ok, err := FindHeadline(b, s.Rows[i].Key, paced)
			if err != nil || !ok || head.Key != got.Key || head.Count != got.Count || !head.Headline(paced).Equal(got.Headline(paced)) {
				t.Fatalf("%v, paced %v: found %v, %+v, %v", s.Rows[i].Key, paced, ok, head, err)
			}
		}
	}
	for _, key := range []Key{{}, {"GET", "nobody"}, {"POST", s.Rows[0].Name}, {s.Rows[0].Type, ""}} {
		if _, ok, err := FindRow(b, key); ok || err != nil {
			t.Errorf("%v: found %v, %v", key, ok, err)
		}
	}
	last := s.Rows[len(s.Rows)-1].Key
	refused := 0
	for n := range b { // what comes after the row may be missing, and nothing else
		got, ok, err := FindRow(b[:n], last)
		if err != nil {
			refused++
		} else if d := got.diff(&s.Rows[len(s.Rows)-1]); !ok || d != "" {
			t.Fatalf("%d of %d bytes: found %v, %s", n, len(b), ok, d)
		}
	}
	if refused < len(b)/2 {
		t.Errorf("%d of %d cut snapshots were refused", refused, len(b))
	}
}

// The headline is what DecodeRow gives, and what follows the row is the same; damage is damage to both.
func TestDecodeHeadline(t *testing.T) {
	for _, row := range full().Rows {
		b := append(row.AppendBinary(nil), "rest"...)
		want, _, err := DecodeRow(b)
		if err != nil {
			t.Fatal(err)
		}
		for _, paced := range []bool{false, true} {
			got, rest, err := DecodeHeadline(b, paced)
			if err != nil || string(rest) != "rest" || got.Key != want.Key || !got.Headline(paced).Equal(want.Headline(paced)) {
				t.Errorf("%v, paced %v: %+v, %q, %v", row.Key, paced, got, rest, err)
			}
			counts := want.counts()
			for i, n := range got.counts() {
				if *n != *counts[i] {
					t.Errorf("%v: count %d is %d, want %d", row.Key, i, *n, *counts[i])
				}
			}
			if other := got.Headline(!paced); !other.IsEmpty() || !got.Lag.IsEmpty() || !got.Failed.IsEmpty() || got.Faults != nil {
				t.Errorf("%v, paced %v: more than the headline was kept: %+v", row.Key, paced, got)
			}
			for n := range len(b) - len("rest") {
				_, _, err := DecodeHeadline(b[:n], paced)
				if _, _, all := DecodeRow(b[:n]); (err == nil) != (all == nil) {
					t.Fatalf("%d of %d bytes: %v, and %v", n, len(b), err, all)
				}
			}
		}
	}
}

func FuzzFindRow(f *testing.F) {
	f.Add(full().AppendBinary(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := DecodeSnapshot(b)
		if err != nil {
			if _, _, err := FindRow(b, get); err == nil {
				return // the damage lies behind it
			}
			return
		}
		seen := map[Key]bool{}
		for i := range s.Rows {
			if seen[s.Rows[i].Key] {
				continue // the first of two counts
			}
			seen[s.Rows[i].Key] = true
			got, ok, err := FindRow(b, s.Rows[i].Key)
			if err != nil || !ok || got.diff(&s.Rows[i]) != "" {
				t.Fatalf("%v: found %v, %v", s.Rows[i].Key, ok, err)
			}
		}
	})
}
