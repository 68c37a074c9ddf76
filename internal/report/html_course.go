package report

import (
	"cmp"
	"math"
	"slices"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/hist"
	"github.com/stampede-load/stampede/internal/stats"
)

// How much of the course of a run a page holds. A screen shows no more points than this, and a mail carries no more bytes.
const (
	courseBuckets = 720     // for each name, at most
	coursePoints  = 144_000 // in all: 200 names have every bucket, more names have fewer
	courseLeast   = 144     // buckets for each name, however many names there are
	courseNames   = coursePoints / courseLeast
	heatColumns   = 180 // of each heat map, at most
	heatPoints    = 36_000
)

// course is a run over time in buckets, made in one walk over its series.
type course struct {
	starts     deltas // second at which each bucket begins
	heatStarts deltas
	end        int
	gauges     courseGauges
	total      *track
	rows       []*track // as Judged.Rows; nil for a name without a course
}

type courseGauges struct {
	Users    deltas `json:"users"`
	Target   deltas `json:"target"`
	InFlight deltas `json:"in_flight"`
	Waiting  deltas `json:"waiting"`
	Dropped  deltas `json:"dropped"`
}

// track is one row over time. What is being added up for the current bucket and column is not written.
type track struct {
	Count    deltas  `json:"count"`
	Failures deltas  `json:"failures"`
	P50      deltas  `json:"p50"`
	P95      deltas  `json:"p95"`
	P99      deltas  `json:"p99"`
	LagP99   deltas  `json:"lag_p99"`
	Heat     []int32 `json:"heat"`

	count, failures, dropped int64
	times, lag, column       hist.Hist
}

// courseOf walks the series. It is nil when there is none.
func courseOf(r *stampede.Report) *course { return courseOver(r, trackedRows(r.Judged.Rows)) }

// courseAgainst is the course of a baseline: of those names whose course the page has of r, and only what lies under the curves of r.
func courseAgainst(baseline, r *stampede.Report) *course {
	shown := make(map[stats.Key]bool)
	for _, i := range trackedRows(r.Judged.Rows) {
		shown[r.Judged.Rows[i].Key] = true
	}
	var tracked []int
	for i := range baseline.Judged.Rows {
		if shown[baseline.Judged.Rows[i].Key] {
			tracked = append(tracked, i)
		}
	}
	c := courseOver(baseline, tracked)
	if c == nil {
		return nil
	}
	for _, t := range c.tracks() {
		t.LagP99, t.Heat = nil, []int32{}
	}
	c.heatStarts = nil
	return c
}

// courseOver is the course of these rows, by index.
func courseOver(r *stampede.Report, tracked []int) *course {
	if r.Series == nil {
		return nil
	}
	ends := bucketEnds(r.Series, r.Run.Duration.Seconds(), max(courseLeast, min(courseBuckets, coursePoints/max(1, len(tracked)))))
	if len(ends) == 0 {
		return nil
	}
	columns := columnEnds(ends, max(heatColumns/3, min(heatColumns, heatPoints/max(1, len(tracked)))))
	c := &course{total: new(track), rows: make([]*track, len(r.Judged.Rows)), end: ends[len(ends)-1]}
	byKey := make(map[stats.Key]*track, len(tracked))
	for _, i := range tracked {
		c.rows[i] = new(track)
		byKey[r.Judged.Rows[i].Key] = c.rows[i]
	}
	c.walk(r, byKey, ends, columns)
	return c
}

// walk adds up the stretches of each bucket and each column.
func (c *course) walk(r *stampede.Report, byKey map[stats.Key]*track, ends, columns []int) {
	opened, bucket, column := false, 0, 0
	var gauges stats.Gauges
	for sec := range r.Series.Seconds() {
		if !opened {
			c.starts, c.heatStarts, opened = deltas{clamped(int64(sec.Index))}, deltas{clamped(int64(sec.Index))}, true
		}
		c.total.add(&sec.Total, r.Run.Paced)
		for i := range sec.Rows {
			if t := byKey[sec.Rows[i].Key]; t != nil {
				t.add(&sec.Rows[i], r.Run.Paced)
			}
		}
		gauges = gaugesAfter(&gauges, &sec.Gauges)
		end := sec.Index + sec.Width
		if end < ends[bucket] {
			continue
		}
		c.gauges.add(&gauges)
		gauges = stats.Gauges{}
		isColumn := end >= columns[column]
		for _, t := range c.tracks() {
			t.close(isColumn)
		}
		if bucket++; bucket < len(ends) {
			c.starts = append(c.starts, clamped(int64(ends[bucket-1])))
		}
		if !isColumn {
			continue
		}
		if column++; column < len(columns) {
			c.heatStarts = append(c.heatStarts, clamped(int64(columns[column-1])))
		}
	}
}

// tracks is all of them, the total first.
func (c *course) tracks() []*track {
	all := []*track{c.total}
	for _, t := range c.rows {
		if t != nil {
			all = append(all, t)
		}
	}
	return all
}

func (t *track) add(row *stats.Row, paced bool) {
	t.count += row.Count
	t.failures += row.Failures
	t.dropped += row.Dropped
	t.times.Merge(row.Headline(paced))
	t.lag.Merge(&row.Lag)
}

// close ends a bucket, and a column of the heat map with it.
func (t *track) close(isColumn bool) {
	t.Count = append(t.Count, clamped(t.count))
	t.Failures = append(t.Failures, clamped(t.failures))
	t.P50 = append(t.P50, quantileCode(&t.times, t.dropped, 0.5))
	t.P95 = append(t.P95, quantileCode(&t.times, t.dropped, 0.95))
	t.P99 = append(t.P99, quantileCode(&t.times, t.dropped, 0.99))
	t.LagP99 = append(t.LagP99, quantileCode(&t.lag, 0, 0.99))
	t.column.Merge(&t.times)
	t.count, t.failures, t.dropped = 0, 0, 0
	t.times.Reset()
	t.lag.Reset()
	if isColumn {
		t.Heat = bands(t.Heat, &t.column)
		t.column.Reset()
	}
}

// gaugesAfter is the gauges of a bucket: most users and most in flight, for a peak must not vanish between two points, and totals as
// they are at its end.
func gaugesAfter(before, now *stats.Gauges) stats.Gauges {
	g := *now
	g.Users = max(before.Users, now.Users)
	g.Target = max(before.Target, now.Target)
	g.InFlight = max(before.InFlight, now.InFlight)
	g.Waiting = max(before.Waiting, now.Waiting)
	return g
}

func (c *courseGauges) add(g *stats.Gauges) {
	c.Users = append(c.Users, clamped(int64(g.Users)))
	c.Target = append(c.Target, clamped(int64(g.Target)))
	c.InFlight = append(c.InFlight, clamped(int64(g.InFlight)))
	c.Waiting = append(c.Waiting, clamped(g.Waiting))
	c.Dropped = append(c.Dropped, clamped(g.Dropped))
}

// bucketEnds joins the stretches of a series into at most so many buckets of like width, as far as the stretches allow. A run ends
// somewhere in its last stretch: when that is early on, the stretch belongs to the bucket before, for a rate over a moment says nothing.
func bucketEnds(s *stats.Series, lasted float64, most int) []int {
	from, to := s.Span()
	width := max(1, int(math.Ceil(float64(to-from)/float64(most))))
	var ends []int
	begin, last := from, from
	for p := range s.Total() {
		last = p.From + p.Width
		if last-begin >= width {
			ends = append(ends, last)
			begin = last
		}
	}
	if last > begin {
		ends = append(ends, last)
	}
	if n := len(ends); n > 1 && min(float64(last), lasted)-float64(ends[n-2]) < float64(width)/2 {
		ends = append(ends[:n-2], last)
	}
	return ends
}

// columnEnds joins buckets into at most so many columns of like width.
func columnEnds(buckets []int, most int) []int {
	first, last := 0, buckets[len(buckets)-1]
	width := max(1, int(math.Ceil(float64(last)/float64(most))))
	var ends []int
	for _, end := range buckets {
		if end-first >= width || end == last {
			ends = append(ends, end)
			first = end
		}
	}
	return ends
}

// trackedRows is the rows whose course the page holds, by index: all of them, or those with failures and then the busiest.
func trackedRows(rows []stats.Row) []int {
	all := make([]int, len(rows))
	for i := range all {
		all[i] = i
	}
	if len(all) <= courseNames {
		return all
	}
	slices.SortStableFunc(all, func(a, b int) int {
		return cmp.Or(cmp.Compare(min(rows[b].Failures, 1), min(rows[a].Failures, 1)), cmp.Compare(rows[b].Count, rows[a].Count))
	})
	return all[:courseNames]
}
