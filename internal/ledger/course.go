package ledger

import (
	"context"
	"database/sql"
	"errors"
	"slices"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/stats"
)

// Names is the request names of a run, sorted.
func (b *Ledger) Names(ctx context.Context, run *Run) ([]stats.Key, error) {
	var known map[int64]stats.Key
	err := b.look(ctx, func(v view) (err error) {
		known, err = v.names(ctx, run.Number)
		return err
	})
	if err != nil {
		return nil, b.explain("read run "+run.ID+" in", err)
	}
	var keys []stats.Key
	for _, k := range known {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, stats.Key.Compare)
	return keys, nil
}

// names is the names of a run by their numbers.
func (v view) names(ctx context.Context, run int64) (map[int64]stats.Key, error) {
	known := map[int64]stats.Key{}
	err := v.each(ctx, func(rows *sql.Rows) error {
		var n int64
		var k stats.Key
		err := rows.Scan(&n, &k.Type, &k.Name)
		known[n] = k
		return err
	}, "SELECT number, type, name FROM name WHERE run = ?", run)
	return known, err
}

// Course is one name over time, in order, a point for each stretch in which something happened; the zero key is all names but steps
// together, which has a point for every stretch. Only seconds in [from, to) of the run are asked for, and all that are in a stretch with
// them are given; a to of 0 means until the end. The points are the caller's.
func (b *Ledger) Course(ctx context.Context, run *Run, key stats.Key, from, to int) ([]stats.Point, error) {
	return b.points(ctx, run, key, from, to, stats.DecodeRow)
}

// Headlines is Course of the whole run with less of each row: the counts and the histogram that Headline gives. That is what runs are
// compared by, and takes a third of the time.
func (b *Ledger) Headlines(ctx context.Context, run *Run, key stats.Key) ([]stats.Point, error) {
	return b.points(ctx, run, key, 0, 0, func(data []byte) (stats.Row, []byte, error) { return stats.DecodeHeadline(data, run.Paced) })
}

// Totals is Report without any course: its Series is nil.
func (b *Ledger) Totals(ctx context.Context, run *Run) (*stampede.Report, error) {
	return b.readResult(ctx, run, func(view, context.Context, int64) (*stats.Series, error) { return nil, nil })
}

func (b *Ledger) points(ctx context.Context, run *Run, key stats.Key, from, to int, decode rowDecoder) ([]stats.Point, error) {
	all, err := b.readStretches(ctx, run, key, from, to, decode)
	if err != nil {
		return nil, err
	}
	points := make([]stats.Point, len(all))
	for i := range all {
		s := &all[i]
		s.row.Key = key
		points[i] = stats.Point{From: s.from, Width: s.width, Lasted: s.span, Row: s.row}
	}
	return points, nil
}

// Window adds up one name over [from, to) s of a run, as Course gives it: every quantile of it is as exact as those of a histogram are.
func (b *Ledger) Window(ctx context.Context, run *Run, key stats.Key, from, to int) (stats.Row, error) {
	all, err := b.readStretches(ctx, run, key, from, to, stats.DecodeRow)
	sum := stats.Row{Key: key}
	for i := range all {
		sum.Add(&all[i].row)
	}
	return sum, err
}

func (b *Ledger) readStretches(ctx context.Context, run *Run, key stats.Key, from, to int, decode rowDecoder) (all []stretch, err error) {
	err = b.look(ctx, func(v view) (err error) {
		all, err = v.stretches(ctx, run.Number, key, from, to, decode)
		return err
	})
	return all, b.explain("read run "+run.ID+" in", err)
}

// stretches is one name over time: from the blocks, and from the seconds that are no block yet.
func (v view) stretches(ctx context.Context, run int64, key stats.Key, from, to int, decode rowDecoder) ([]stretch, error) {
	if to <= 0 {
		to = longest
	}
	var number int64
	if key != (stats.Key{}) {
		err := v.q.QueryRowContext(ctx, v.d.bind("SELECT number FROM name WHERE run = ? AND type = ? AND name = ?"), run, key.Type, key.Name).Scan(&number)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return nil, err
		}
		if err != nil {
			number = -1 // perhaps it is in the seconds
		}
	}
	var all []stretch
	var data sql.RawBytes
	var raw []byte // for one block after the other
	err := v.each(ctx, func(rows *sql.Rows) error {
		err := rows.Scan(&data)
		if err != nil {
			return err
		}
		if raw, err = v.pack.dec.DecodeAll(data, raw[:0]); err != nil {
			return err
		}
		all, err = decodeBlockTo(all, raw, decode)
		return err
	}, "SELECT data FROM block WHERE run = ? AND name = ? AND minute >= ? AND minute <= ? ORDER BY minute", run, number, from/minute, (to-1)/minute)
	if err != nil {
		return nil, err
	}
	seconds, err := v.seconds(ctx, run)
	if err != nil {
		return nil, err
	}
	fresh := compose(seconds)
	for i := range fresh.earlier {
		all = addPart(all, &fresh.earlier[i], key)
	}
	if key == (stats.Key{}) {
		all = append(all, fresh.total...)
	} else {
		all = append(all, fresh.names[key]...)
	}
	return slices.DeleteFunc(all, func(s stretch) bool { return s.from+s.width <= from || s.from >= to }), nil
}

func (b *Ledger) unpackBlock(data []byte) ([]stretch, error) {
	raw, err := b.pack.unpack(data)
	if err != nil {
		return nil, err
	}
	return decodeBlock(raw)
}

// seconds is the seconds of a run that are no block yet, in order.
func (v view) seconds(ctx context.Context, run int64) (all []*stats.Snapshot, err error) {
	err = v.each(ctx, func(rows *sql.Rows) error {
		var data []byte
		if err := rows.Scan(&data); err != nil {
			return err
		}
		raw, err := v.pack.unpack(data)
		if err != nil {
			return err
		}
		s, err := stats.DecodeSnapshot(raw)
		all = append(all, s)
		return err
	}, "SELECT data FROM second WHERE run = ? ORDER BY second", run)
	return all, err
}
