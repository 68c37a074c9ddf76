package stats

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"
)

// course is closed seconds of a run, each with the samples that were done in it.
func course(seed uint64, perSecond, seconds int) []*Second {
	r := NewRecorder(Options{Shards: 1})
	b := NewMerger(MergeOptions{})
	samples := someSamples(seed, perSecond*seconds, seconds)
	var all []*Second
	for second := range seconds {
		for len(samples) > 0 && samples[0].Done < int64(second+1)*1e9 {
			r.Record(0, samples[0].Key, &samples[0].Sample)
			samples = samples[1:]
		}
		s := drained(r, 0, second)
		s.Gauges.Users, s.Gauges.WakeLate = second, int64(second%7)
		b.Add(s)
		all = append(all, b.closeAll()...)
	}
	return all
}

// added is the rows of seconds, added up one by one.
func added(secs []*Second) (rows []Row, total Row) {
	s := newSum(1000, 1000)
	for _, sec := range secs {
		for i := range sec.Rows {
			s.addRows(sec.Rows[i : i+1])
		}
	}
	s.addUp()
	return s.sortedRows(), s.total
}

func TestSeriesRollsUpExactly(t *testing.T) {
	const seconds = 400
	secs := course(1, 30, seconds)
	s := NewSeries(SeriesOptions{Fine: 60 * time.Second, Medium: 120 * time.Second})
	for _, sec := range secs {
		s.Add(sec)
	}
	widths := map[int]int{}
	next, span := 0, time.Duration(0)
	for sec := range s.Seconds() {
		if sec.Index != next {
			t.Fatalf("a stretch begins at %d, the one before ended at %d", sec.Index, next)
		}
		next += sec.Width
		span += sec.Lasted()
		widths[sec.Width]++
		rows, total := added(secs[sec.Index : sec.Index+sec.Width])
		sameRows(t, fmt.Sprintf("stretch of %d s from %d", sec.Width, sec.Index), sec.Rows, rows)
		sameRows(t, "its total", []Row{sec.Total}, []Row{total})
		last := secs[sec.Index+sec.Width-1].Gauges
		if sec.Gauges.Users != last.Users || sec.Width >= 7 && sec.Gauges.WakeLate != 6 {
			t.Errorf("stretch of %d s from %d: gauges %+v", sec.Width, sec.Index, sec.Gauges)
		}
	}
	if next != seconds || span != seconds*time.Second {
		t.Errorf("the series ends at %d after %v", next, span)
	}
	if widths[1] < 60 || widths[1] > 70 || widths[10] < 12 || widths[10] > 18 || widths[60] < 3 {
		t.Errorf("stretches by width: %v", widths)
	}
	if from, to := s.Span(); from != 0 || to != seconds {
		t.Errorf("span %d to %d", from, to)
	}
}

func TestSeriesWindows(t *testing.T) {
	secs := course(2, 20, 60)
	s := NewSeries(SeriesOptions{Fine: 20 * time.Second})
	if s.Window(0, 10) != nil || s.Recent(time.Minute) != nil {
		t.Error("a window of nothing is something")
	}
	for _, sec := range secs {
		s.Add(sec)
	}
	for _, c := range []struct{ from, to, wantFrom, wantTo int }{
		{45, 50, 45, 50},
		{50, 60, 50, 60},
		{59, 99, 59, 60},
		{10, 30, 10, 30},
		{12, 45, 10, 45}, // rolled up to tens
		{0, 60, 0, 60},
		{-5, 3, 0, 10},
	} {
		w := s.Window(c.from, c.to)
		if w == nil || w.Index != c.wantFrom || w.Index+w.Width != c.wantTo {
			t.Fatalf("window %d to %d is %+v", c.from, c.to, w)
		}
		rows, total := added(secs[c.wantFrom:c.wantTo])
		sameRows(t, fmt.Sprintf("window %d to %d", c.from, c.to), w.Rows, rows)
		sameRows(t, "its total", []Row{w.Total}, []Row{total})
	}
	if s.Window(60, 70) != nil || s.Window(5, 5) != nil {
		t.Error("a window outside is something")
	}
	if w := s.Recent(10 * time.Second); w.Index != 50 || w.Width != 10 {
		t.Errorf("recent %d s from %d", w.Width, w.Index)
	}
}

func TestSeriesOfOneName(t *testing.T) {
	secs := course(3, 10, 30)
	s := NewSeries(SeriesOptions{Fine: 10 * time.Second})
	for _, sec := range secs {
		s.Add(sec)
	}
	keys := s.Keys()
	if !slices.IsSortedFunc(keys, Key.Compare) || len(keys) != 6 {
		t.Fatalf("keys %v", keys)
	}
	for _, k := range append(keys, Key{"GET", "nobody"}) {
		next := 0
		for p := range s.Points(k) {
			if p.From != next || p.Row.Key != k || p.Lasted != time.Duration(p.Width)*time.Second {
				t.Fatalf("%v: point %+v", k, p)
			}
			next += p.Width
			want := Row{Key: k}
			for _, sec := range secs[p.From:next] {
				if r := sec.Row(k); r != nil {
					want.Add(r)
				}
			}
			sameRows(t, "point", []Row{p.Row}, []Row{want})
		}
		if next != 30 {
			t.Errorf("%v ends at %d", k, next)
		}
	}
	for p := range s.Total() {
		if p.From > 3 {
			break // a reader may stop
		}
	}
	for range s.Seconds() {
		break
	}
}

func TestSeriesIsBounded(t *testing.T) {
	for _, limit := range []int{150_000, 1 << 20} { // room for some stretches, room for many
		secs := course(4, 12, 100)
		s := NewSeries(SeriesOptions{MaxBytes: limit})
		var whole Row
		for round := range 40 { // over an hour
			for _, sec := range secs {
				later := *sec
				later.Index += round * len(secs)
				s.Add(&later)
				whole.Add(&sec.Total)
			}
			if s.Bytes() > limit {
				t.Fatalf("%d bytes after %d s, want at most %d", s.Bytes(), (round+1)*len(secs), limit)
			}
		}
		sum := 0
		points, _ := s.view()
		for _, p := range points {
			sum += p.bytes()
		}
		if sum != s.Bytes() {
			t.Errorf("%d bytes, but Bytes says %d", sum, s.Bytes())
		}
		w := s.Window(0, 4000)
		if d := w.Total.diff(&whole); d != "" {
			t.Error(d)
		}
		if from, to := s.Span(); from != 0 || to != 4000 {
			t.Errorf("span %d to %d", from, to)
		}
		if limit < 1<<20 && s.top < 120 {
			t.Errorf("the longest stretches are of %d s: the limit was no limit", s.top)
		}
	}
}

func TestSeriesTakesLateSeconds(t *testing.T) {
	secs := course(5, 10, 40)
	s := NewSeries(SeriesOptions{Fine: 10 * time.Second})
	for i, sec := range secs {
		if i < 3 || i == 12 || i == 38 {
			continue
		}
		s.Add(sec)
	}
	for _, i := range []int{38, 12, 1, 0, 2} {
		s.Add(secs[i])
	}
	rows, total := added(secs)
	w := s.Window(0, 40)
	sameRows(t, "all", w.Rows, rows)
	sameRows(t, "total", []Row{w.Total}, []Row{total})
	next := 0
	for sec := range s.Seconds() {
		if sec.Index < next {
			t.Errorf("a stretch begins at %d, the one before ended at %d", sec.Index, next)
		}
		next = sec.Index + sec.Width
	}
}

func TestSeriesIsReadWhileItGrows(t *testing.T) {
	secs := course(7, 10, 60)
	s := NewSeries(SeriesOptions{Fine: 5 * time.Second, Medium: 20 * time.Second})
	var readers sync.WaitGroup
	done := make(chan struct{})
	for range 2 {
		readers.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				if w := s.Recent(10 * time.Second); w != nil && w.Total.Count == 0 {
					t.Error("an empty window")
				}
				for range s.Points(secs[0].Rows[0].Key) {
				}
			}
		})
	}
	for _, sec := range secs {
		s.Add(sec)
	}
	close(done)
	readers.Wait()
}

// Ways to look at a part of a series agree with the whole of it, and a clone stays what it was.
func TestSeriesInParts(t *testing.T) {
	s := NewSeries(SeriesOptions{Fine: 10 * time.Second})
	k := Key{Type: "GET", Name: "/a"}
	add := func(i int) {
		row := Row{Key: k, Count: int64(i + 1)}
		s.Add(&Second{Index: i, Width: 1, Rows: []Row{row}, Total: Row{Count: int64(i + 1)}, Gauges: Gauges{Users: i}})
	}
	for i := range 40 {
		add(i)
	}
	clone := s.Clone()
	_, end := clone.Span()
	for i := range 20 {
		add(40 + i)
	}
	if from, to := clone.Span(); from != 0 || to != end {
		t.Errorf("a clone grew to [%d, %d)", from, to)
	}
	for _, span := range [][2]int{{0, 1000}, {0, 0}, {35, 37}, {12, 13}, {59, 60}, {60, 70}, {20, 10}} {
		var want, got, totals int64
		if w := s.Window(span[0], span[1]); w != nil {
			want = w.Total.Count
		}
		for p := range s.Between(k, span[0], span[1]) {
			got += p.Row.Count
		}
		users := -1
		for sec := range s.Totals(span[0], span[1]) {
			totals += sec.Total.Count
			users = sec.Gauges.Users
		}
		if got != want || totals != want {
			t.Errorf("%v: Between %d, Totals %d, Window %d", span, got, totals, want)
		}
		if span[1] == 1000 && users != 59 {
			t.Errorf("the gauges end with %d users", users)
		}
	}
}
