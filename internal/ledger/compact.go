package ledger

import (
	"context"
	"database/sql"
	"maps"
	"slices"

	"github.com/stampede-load/stampede/internal/stats"
)

// minuteSize is what the blocks of one minute of a run take.
type minuteSize struct {
	minute, width, bytes int
}

// compact turns the full minutes among the fresh seconds of a run into blocks, or all of them at its end, and then makes room when the
// run takes more than it may.
func (b *Ledger) compact(ctx context.Context, tx *sql.Tx, on *written, all bool) error {
	for len(on.fresh) > 0 {
		first := on.fresh[0].Second / minute
		n := 0
		for n < len(on.fresh) && on.fresh[n].Second/minute == first {
			n++
		}
		full := n < len(on.fresh) || on.fresh[n-1].Second%minute == minute-1
		if !full && !all {
			return nil
		}
		if err := b.writeMinute(ctx, tx, on, first, on.fresh[:n]); err != nil {
			return err
		}
		on.fresh = on.fresh[n:]
	}
	return b.makeRoom(ctx, tx, on)
}

// writeMinute writes the blocks of one minute, in place of its seconds.
func (b *Ledger) writeMinute(ctx context.Context, tx *sql.Tx, on *written, at int, seconds []*stats.Snapshot) error {
	c := compose(seconds)
	if err := b.amend(ctx, tx, on, &c); err != nil {
		return err
	}
	bytes, err := b.writeColumns(ctx, tx, on, at, 1, &c)
	if err != nil {
		return err
	}
	on.sizes = append(on.sizes, minuteSize{at, 1, bytes})
	if err := b.addFailures(ctx, tx, on, seconds); err != nil {
		return err
	}
	return b.exec(ctx, tx, "DELETE FROM second WHERE run = ? AND second <= ?", on.run.Number, seconds[len(seconds)-1].Second)
}

// writeColumns writes the blocks of one minute and says what they take. New names get their numbers.
func (b *Ledger) writeColumns(ctx context.Context, tx *sql.Tx, on *written, at, width int, c *columns) (bytes int, err error) {
	if bytes, err = b.writeBlock(ctx, tx, on.run.Number, 0, at, width, c.total); err != nil {
		return 0, err
	}
	for _, key := range c.keys() {
		name, known := on.names[key]
		if !known {
			name = int64(len(on.names) + 1)
			on.names[key] = name
			if err := b.exec(ctx, tx, "INSERT INTO name (run, number, type, name) VALUES (?, ?, ?, ?)", on.run.Number, name, key.Type, key.Name); err != nil {
				return 0, err
			}
		}
		n, err := b.writeBlock(ctx, tx, on.run.Number, name, at, width, c.names[key])
		if err != nil {
			return 0, err
		}
		bytes += n
	}
	return bytes, nil
}

// amend puts what came with some seconds, and belongs to minutes that are blocks already, into those. What finds no second stays where it came.
func (b *Ledger) amend(ctx context.Context, tx *sql.Tx, on *written, c *columns) error {
	minutes := map[int][]stats.Part{}
	for _, p := range c.earlier {
		minutes[p.Second/minute] = append(minutes[p.Second/minute], p)
	}
	defer c.stay()
	c.earlier = nil
	for _, at := range slices.Sorted(maps.Keys(minutes)) {
		old, width, err := b.minuteOf(ctx, tx, on, at)
		if err != nil {
			return err
		}
		given := columns{earlier: minutes[at]}
		given.settleIn(&old)
		c.earlier = append(c.earlier, given.earlier...)
		if len(given.earlier) == len(minutes[at]) {
			continue
		}
		if err := b.exec(ctx, tx, "DELETE FROM block WHERE run = ? AND minute = ?", on.run.Number, at); err != nil { // as rollUp does
			return err
		}
		bytes, err := b.writeColumns(ctx, tx, on, at, width, &old)
		if err != nil {
			return err
		}
		if i := slices.IndexFunc(on.sizes, func(s minuteSize) bool { return s.minute == at }); i >= 0 { // a repair knows of none
			on.sizes[i].bytes = bytes
		}
	}
	return nil
}

// minuteOf reads the blocks of a minute, and how wide their stretches are.
func (b *Ledger) minuteOf(ctx context.Context, tx *sql.Tx, on *written, at int) (c columns, width int, err error) {
	keys := make(map[int64]stats.Key, len(on.names))
	for key, number := range on.names {
		keys[number] = key
	}
	c = columns{names: map[stats.Key][]stretch{}}
	err = view{b, tx}.each(ctx, func(rows *sql.Rows) error {
		var name int64
		var data []byte
		if err := rows.Scan(&name, &width, &data); err != nil {
			return err
		}
		all, err := b.unpackBlock(data)
		if name == 0 {
			c.total = all
		} else {
			c.names[keys[name]] = all
		}
		return err
	}, "SELECT name, width, data FROM block WHERE run = ? AND minute = ?", on.run.Number, at)
	return c, width, err
}

func (b *Ledger) writeBlock(ctx context.Context, tx *sql.Tx, run, name int64, at, width int, all []stretch) (bytes int, err error) {
	data := b.pack.pack(appendBlock(nil, all))
	err = b.exec(ctx, tx, "INSERT INTO block (run, name, minute, width, data) VALUES (?, ?, ?, ?, ?) "+
		"ON CONFLICT (run, name, minute) DO UPDATE SET width = excluded.width, data = excluded.data", run, name, at, width, data)
	return len(data), err
}

// addFailures adds the failures of some seconds to those of the run so far. They are needed when the run is cut off: a result has its own.
func (b *Ledger) addFailures(ctx context.Context, tx *sql.Tx, on *written, seconds []*stats.Snapshot) error {
	var more []stats.ErrorRow
	for _, s := range seconds {
		more = addErrors(more, s.Errors)
	}
	if len(more) == 0 {
		return nil
	}
	have, err := view{b, tx}.failures(ctx, on.run.Number)
	if err != nil {
		return err
	}
	sum := stats.Snapshot{Errors: addErrors(have, more)}
	on.errors = b.pack.pack(sum.AppendBinary(nil))
	return b.exec(ctx, tx, "UPDATE run SET errors = ? WHERE number = ?", on.errors, on.run.Number)
}

// failures is the failures of a run so far, but for those of its fresh seconds.
func (v view) failures(ctx context.Context, run int64) ([]stats.ErrorRow, error) {
	var data []byte
	err := v.q.QueryRowContext(ctx, v.d.bind("SELECT errors FROM run WHERE number = ?"), run).Scan(&data)
	if err != nil || data == nil {
		return nil, err
	}
	t, err := v.unpackTotals(data, 0)
	return t.Errors, err
}

// freshMinutes are left second by second as long as there is anything older to make room with.
const freshMinutes = 10

// makeRoom rolls up the oldest minutes of a run until it takes no more than it may: seconds become stretches of 10 s, and those become
// stretches of 60 s. Rows are added up exactly, so every count and every quantile of a longer window stays what it was.
func (b *Ledger) makeRoom(ctx context.Context, tx *sql.Tx, on *written) error {
	total := 0
	for _, s := range on.sizes {
		total += s.bytes
	}
	for total > b.opt.RunBytes {
		i, width := oldest(on.sizes)
		if i < 0 {
			return nil // as coarse as it gets
		}
		bytes, err := b.rollUp(ctx, tx, on.run.Number, on.sizes[i].minute, width)
		if err != nil {
			return err
		}
		total += bytes - on.sizes[i].bytes
		on.sizes[i].width, on.sizes[i].bytes = width, bytes
	}
	return nil
}

// oldest is the minute to roll up next, and to what. -1 means that there is none.
func oldest(sizes []minuteSize) (i, width int) {
	last := len(sizes) - freshMinutes
	for i, s := range sizes {
		if s.width == 1 && i < last {
			return i, 10
		}
	}
	for i, s := range sizes {
		if s.width == 10 {
			return i, 60
		}
	}
	for i, s := range sizes {
		if s.width == 1 {
			return i, 10
		}
	}
	return -1, 0
}

// rollUp widens the stretches of one minute and says what its blocks take then.
func (b *Ledger) rollUp(ctx context.Context, tx *sql.Tx, run int64, at, width int) (bytes int, err error) {
	blocks := map[int64][]stretch{}
	err = view{b, tx}.each(ctx, func(rows *sql.Rows) error {
		var name int64
		var data []byte
		if err := rows.Scan(&name, &data); err != nil {
			return err
		}
		all, err := b.unpackBlock(data)
		blocks[name] = all
		return err
	}, "SELECT name, data FROM block WHERE run = ? AND minute = ?", run, at)
	if err != nil {
		return 0, err
	}
	// New rows and not new content: SQLite would leave the room of the old content empty, which was more than half of the file.
	if err := b.exec(ctx, tx, "DELETE FROM block WHERE run = ? AND minute = ?", run, at); err != nil {
		return 0, err
	}
	for name, all := range blocks {
		n, err := b.writeBlock(ctx, tx, run, name, at, width, widen(all, width))
		if err != nil {
			return 0, err
		}
		bytes += n
	}
	return bytes, nil
}
