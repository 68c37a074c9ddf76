package ledger

import (
	"context"
	"database/sql"

	"github.com/stampede-load/stampede/internal/stats"
)

// totalSeries is the course of all names together.
func (v view) totalSeries(ctx context.Context, run int64) (*stats.Series, error) {
	all, err := v.stretches(ctx, run, stats.Key{}, 0, 0, stats.DecodeRow)
	s := stats.NewSeries(stats.SeriesOptions{})
	for i := range all {
		s.Add(all[i].second())
	}
	return s, err
}

// second is a stretch of the total as a second of the run, without names.
func (s *stretch) second() *stats.Second {
	sec := &stats.Second{Index: s.from, Width: s.width, Span: s.span, Total: s.row, Final: s.final}
	if s.gauges != nil {
		sec.Gauges = *s.gauges
	}
	return sec
}

// series is the course of every name.
func (v view) series(ctx context.Context, run int64) (*stats.Series, error) {
	s := stats.NewSeries(stats.SeriesOptions{})
	err := v.walk(ctx, run, func(sec *stats.Second) { s.Add(sec) })
	return s, err
}

// walk gives f every stretch of a run in order, with all its names. One minute is in memory at a time.
func (v view) walk(ctx context.Context, run int64, f func(*stats.Second)) error {
	names, err := v.names(ctx, run)
	if err != nil {
		return err
	}
	seconds, err := v.seconds(ctx, run)
	if err != nil {
		return err
	}
	fresh := compose(seconds)
	var now columns // the minute that is being read
	at := -1
	flush := func() {
		fresh.settleIn(&now)
		for _, sec := range now.seconds() {
			f(sec)
		}
		now = columns{names: map[stats.Key][]stretch{}}
	}
	err = v.each(ctx, func(rows *sql.Rows) error {
		var number int64
		var min int
		var data []byte
		if err := rows.Scan(&number, &min, &data); err != nil {
			return err
		}
		if min != at {
			flush()
			at = min
		}
		block, err := v.unpackBlock(data)
		if number == 0 {
			now.total = block
		} else {
			now.names[names[number]] = block
		}
		return err
	}, "SELECT name, minute, data FROM block WHERE run = ? ORDER BY minute, name", run)
	if err != nil {
		return err
	}
	flush()
	fresh.stay()
	now = fresh
	flush()
	return nil
}

// seconds turns names with all their stretches back into stretches with all their names.
func (c *columns) seconds() []*stats.Second {
	out := make([]*stats.Second, len(c.total))
	for i := range c.total {
		out[i] = c.total[i].second()
	}
	for _, key := range c.keys() {
		at := 0
		for _, s := range c.names[key] {
			for at < len(out)-1 && out[at+1].Index <= s.from {
				at++
			}
			if at >= len(out) {
				break // a name without a total: no second to put it in
			}
			s.row.Key = key
			sec := out[at]
			if n := len(sec.Rows); n > 0 && sec.Rows[n-1].Key == key {
				sec.Rows[n-1].Add(&s.row)
				continue
			}
			sec.Rows = append(sec.Rows, s.row)
		}
	}
	for _, sec := range out {
		sortRows(sec.Rows)
	}
	return out
}
