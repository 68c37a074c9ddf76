package ledger

import (
	"slices"
	"sort"
	"time"

	"github.com/stampede-load/stampede/internal/stats"
)

// columns is some seconds of a run turned round: for each name its stretches, and the total with the gauges.
type columns struct {
	total   []stretch
	names   map[stats.Key][]stretch
	earlier []stats.Part // what came with them and belongs to seconds that are not among them
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
	for _, sec := range seconds {
		for i := range sec.Earlier {
			if !c.settle(&sec.Earlier[i]) {
				c.earlier = append(c.earlier, sec.Earlier[i])
			}
		}
	}
	return c
}

// settle puts what came late into the stretches where it belongs. It reports false when the second is not among them.
func (c *columns) settle(p *stats.Part) bool {
	if _, found := covering(c.total, p.Second); !found {
		return false
	}
	c.total = addPart(c.total, p, stats.Key{})
	for i := range p.Rows {
		c.names[p.Rows[i].Key] = addPart(c.names[p.Rows[i].Key], p, p.Rows[i].Key)
	}
	return true
}

// addPart adds what came late of one name to its stretches; the zero key is the total, which has a stretch for every second.
func addPart(all []stretch, p *stats.Part, key stats.Key) []stretch {
	at, found := covering(all, p.Second)
	for i := range p.Rows {
		row := &p.Rows[i]
		switch {
		case row.Key != key && (key != stats.Key{} || row.Apart()):
		case found:
			all[at].row.Add(row)
		case row.Key == key:
			return slices.Insert(all, at, stretch{from: p.Second, width: 1, span: time.Second, row: row.Clone()})
		}
	}
	return all
}

// settleIn gives the seconds of other columns what came for them with these.
func (c *columns) settleIn(to *columns) {
	c.earlier = slices.DeleteFunc(c.earlier, func(p stats.Part) bool { return to.settle(&p) })
}

// stay leaves what finds no second where it came.
func (c *columns) stay() {
	for _, p := range c.earlier {
		if len(c.total) > 0 {
			p.Second = c.total[0].from
			c.settle(&p)
		}
	}
	c.earlier = nil
}

// covering is the place of the stretch that a second is in, or would have in order.
func covering(all []stretch, second int) (at int, found bool) {
	at = sort.Search(len(all), func(i int) bool { return all[i].from+all[i].width > second })
	return at, at < len(all) && all[at].from <= second
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
	for i := range sec.Earlier {
		s.Earlier = append(s.Earlier, stats.Part{Second: sec.Earlier[i].Second, Rows: clean.rows(sec.Earlier[i].Rows)})
	}
	return s
}
