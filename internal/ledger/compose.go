package ledger

import (
	"slices"
	"time"

	"github.com/stampede-load/stampede/internal/stats"
)

// columns is some seconds of a run turned round: for each name its stretches, and the total with the gauges.
type columns struct {
	total []stretch
	names map[stats.Key][]stretch
}

// compose turns seconds, in order and each with all its names, into names with all their seconds.
func compose(seconds []*stats.Snapshot) columns {
	c := columns{names: map[stats.Key][]stretch{}}
	for _, sec := range seconds {
		span := min(max(sec.Taken-time.Duration(sec.Second)*time.Second, 0), time.Second)
		all := stretch{from: sec.Second, width: 1, span: span, final: sec.Final, gauges: &sec.Gauges}
		for i := range sec.Rows {
			row := &sec.Rows[i]
			if !row.Apart() {
				all.row.Add(row)
			}
			c.names[row.Key] = append(c.names[row.Key], stretch{from: sec.Second, width: 1, span: span, row: *row})
		}
		c.total = append(c.total, all)
	}
	return c
}

// keys is the names, sorted.
func (c *columns) keys() []stats.Key {
	keys := make([]stats.Key, 0, len(c.names))
	for k := range c.names {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, stats.Key.Compare)
	return keys
}

func sortRows(rows []stats.Row) {
	slices.SortFunc(rows, func(a, b stats.Row) int { return a.Key.Compare(b.Key) })
}

// snapshotOf is a closed second in the form that is written at once: everything but the single workers. It shares its rows with the
// second.
func snapshotOf(sec *stats.Second, clean *cleaner) *stats.Snapshot {
	s := &stats.Snapshot{
		Second: sec.Index, Taken: time.Duration(sec.Index)*time.Second + sec.Lasted(), Gauges: sec.Gauges, Final: sec.Final,
		Rows: clean.rows(sec.Rows), Errors: clean.errors(sec.Errors),
	}
	return s
}
