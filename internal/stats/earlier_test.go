package stats

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/stampede-load/stampede/internal/fault"
)

const aSecond = int64(time.Second)

// ask records a request that was intended at one time and done at another.
func ask(r *Recorder, intended, done float64, kind fault.Kind) {
	s := Sample{Intended: int64(intended * 1e9), Sent: int64(intended*1e9) + 1e6, Done: int64(done * 1e9), BytesIn: 100, Fault: kind}
	if kind != fault.None {
		s.Err = kind.String()
	}
	r.Record(0, get, &s)
}

// placed is how many requests each second of a series has, and how many failed.
func placed(s *Series) string {
	var b bytes.Buffer
	for sec := range s.Seconds() {
		var rows Row
		for i := range sec.Rows {
			rows.Add(&sec.Rows[i])
		}
		fmt.Fprintf(&b, "%d/%d ", rows.Count, rows.Failures)
		if rows.Count != sec.Total.Count {
			fmt.Fprintf(&b, "(total %d) ", sec.Total.Count)
		}
	}
	return b.String()
}

// twoWorkers are the snapshots of two workers whose load ends after 3 s, with answers up to the sixth second.
func twoWorkers() [2][]*Snapshot {
	var out [2][]*Snapshot
	for w := range out {
		r := NewRecorder(Options{Shards: 1})
		r.LoadEnds(3 * aSecond)
		for second := range 6 {
			at := float64(second)
			if second < 3 {
				ask(r, at+0.5, at+0.9, fault.None)
				ask(r, at+0.6, at+0.95, fault.Status)
			}
			switch second {
			case 3:
				ask(r, 2.9, 3, fault.None) // at the very end
			case 4:
				ask(r, 0.5, 4.2, fault.None)
				ask(r, 3.5, 4.3, fault.None) // the second request of a task that had begun
			case 5:
				ask(r, 1.5, 5.1, fault.Timeout)
				if w == 1 {
					ask(r, 1.6, 5.1, fault.None)
				}
			}
			s := drained(r, w, second)
			s.Final = second == 5
			out[w] = append(out[w], s)
		}
	}
	return out
}

const whereTheyBelong = "6/2 7/4 6/2 2/0 0/0 0/0 " // of each second: requests / failures, of both workers

func TestAnswersAfterTheLoadBelongToTheirSecond(t *testing.T) {
	snaps := twoWorkers()
	b, series := NewMerger(MergeOptions{Workers: 2, Warmup: time.Second}), NewSeries(SeriesOptions{})
	came := ""
	for second := range 6 {
		for w := range snaps {
			raw := snaps[w][second].AppendBinary(nil)
			s, err := DecodeSnapshot(raw)
			if err != nil {
				t.Fatal(err)
			}
			if again := s.AppendBinary(nil); !bytes.Equal(raw, again) {
				t.Errorf("second %d of worker %d differs after a way over the wire", second, w)
			}
			b.Add(s)
		}
		for _, sec := range b.closeAll() {
			series.Add(sec)
			came += fmt.Sprintf("%d ", sec.Came().Total.Count)
		}
	}
	if got := placed(series); got != whereTheyBelong {
		t.Errorf("seconds have %s, want %s", got, whereTheyBelong)
	}
	if want := "4 4 4 2 4 3 "; came != want {
		t.Errorf("who watched saw %s, want %s", came, want)
	}
	if whole, judged := b.Whole(), b.Judged(); whole.Total.Count != 21 || judged.Total.Count != 15 || whole.Total.Failures != 8 {
		t.Errorf("%d in all with %d failures, %d without the warm-up: one answer to a request of the warm-up came late", whole.Total.Count, whole.Total.Failures, judged.Total.Count)
	}
	if b.LateMerged() != 0 {
		t.Errorf("%d snapshots are late", b.LateMerged())
	}
}

// TestWhatComesLateIsInTheSeries closes seconds without a worker, whose snapshots come when all is over, or nearly.
func TestWhatComesLateIsInTheSeries(t *testing.T) {
	for _, lateFrom := range []int{0, 2, 5} {
		snaps := twoWorkers()
		b, series := NewMerger(MergeOptions{Workers: 2}), NewSeries(SeriesOptions{})
		take := func() {
			for _, sec := range b.closeAll() {
				series.Add(sec)
			}
		}
		for second := range 6 {
			b.Add(snaps[0][second])
			if second < lateFrom {
				b.Add(snaps[1][second])
			}
			b.Force(second)
			take()
		}
		for second := 5; second >= lateFrom; second-- {
			b.Add(snaps[1][second])
			take()
		}
		b.Finish()
		take()
		for _, p := range b.takeLate() {
			series.Add(p.AsSecond())
		}
		if got := placed(series); got != whereTheyBelong {
			t.Errorf("late from second %d: seconds have %s, want %s", lateFrom, got, whereTheyBelong)
		}
		if whole := b.Whole(); whole.Total.Count != 21 || b.LateMerged() != int64(6-lateFrom) {
			t.Errorf("late from second %d: %d requests, %d late", lateFrom, whole.Total.Count, b.LateMerged())
		}
	}
}

func TestAnEndThatMoves(t *testing.T) {
	r := NewRecorder(Options{Shards: 1})
	r.LoadEnds(2 * aSecond)
	r.LoadEnds(0) // a pause
	ask(r, 0.5, 2.5, fault.None)
	if s := drained(r, 0, 2); len(s.Earlier) != 0 || len(s.Rows) != 1 {
		t.Errorf("while no end is known: %+v", s)
	}
	r.LoadEnds(4 * aSecond)
	ask(r, 0.5, 3.5, fault.None)
	ask(r, 1.5, 4.5, fault.None)
	r.AddPage(0, r.Place(Key{PageType, "home"}), &Sample{Sent: 1, Done: 4 * aSecond}, PageCounts{Requests: 3})
	s := drained(r, 0, 4)
	if len(s.Rows) != 1 || len(s.Earlier) != 2 || s.Earlier[0].Second != 0 || s.Earlier[0].Rows[0].Page().Requests != 3 || s.Earlier[1].Second != 1 {
		t.Errorf("after a pause: %+v", s)
	}
	for i := range 2 * mostDrained { // more seconds than are told apart
		ask(r, float64(i), 5000, fault.None)
	}
	s = drained(r, 0, 5000)
	n := s.Rows[0].Count
	for _, p := range s.Earlier {
		n += p.Rows[0].Count
	}
	if len(s.Earlier) != mostDrained || n != 2*mostDrained {
		t.Errorf("%d seconds, %d requests", len(s.Earlier), n)
	}
}
