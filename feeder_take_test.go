package stampede

import "testing"

// seat is a user as a feeder sees it.
type seat struct {
	share  Share
	number int
	gone   []func()
}

func (s *seat) Share() Share     { return s.share }
func (s *seat) Number() int      { return s.number }
func (s *seat) Cleanup(f func()) { s.gone = append(s.gone, f) }

// A user of a fleet has the row of its own number, also at a worker that is alone: the users of those who have just left are still to come, and
// one that joins takes users over with their rows.
func TestTakeByNumber(t *testing.T) {
	deal, err := DealOf([]int64{1000, 1000})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := deal.Leave(0); err != nil {
		t.Fatal(err)
	}
	left := deal.Share(1)
	first, err := DealOf([]int64{1000})
	if err != nil {
		t.Fatal(err)
	}
	for what, tt := range map[string]struct {
		share Share
		want  []int // rows of users 23, 6, 23 again (while the first is still there), and 6 after it has gone
	}{
		"the last of two":      {left, []int{23, 6, 0, 6}},
		"the first of a fleet": {first.Share(0), []int{23, 6, 0, 6}},
		"a process of its own": {Share{I: 0, N: 1}, []int{0, 1, 2, 1}}, // in turn
	} {
		var rows []int
		for i := range 40 {
			rows = append(rows, i)
		}
		f := Rows(rows)
		var sixth *seat
		for i, number := range []int{23, 6, 23, 6} {
			u := &seat{share: tt.share, number: number}
			if i == 3 {
				for _, done := range sixth.gone {
					done()
				}
			}
			row, err := f.Take(u)
			if err != nil || row != tt.want[i] {
				t.Errorf("%s: user %d has row %d, want %d (%v)", what, number, row, tt.want[i], err)
			}
			if i == 1 {
				sixth = u
			}
		}
	}
}
