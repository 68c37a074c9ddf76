package screen

import (
	"cmp"
	"strings"

	"github.com/stampede-load/stampede/internal/stats"
)

// Order is how the names of a dashboard are sorted.
type Order uint8

// The orders. The zero value is by trouble: what fails now and what failed so far first, then the slowest.
const (
	ByTrouble Order = iota
	ByName
	ByCount
	BySlowness
)

const orders = 4

// String says how names are sorted.
func (o Order) String() string {
	return [...]string{"failing and slowest first", "by name", "most frequent first", "slowest first"}[o%orders]
}

// compare orders two names; those that are equal stay by name. Steps stay behind requests where names are by name.
func (o Order) compare(a, b both, paced bool) int {
	slow := func(x both) int64 {
		row := x.recent
		if row.Headline(paced).IsEmpty() {
			row = x.total
		}
		if row.Headline(paced).IsEmpty() {
			return 0
		}
		ns, _ := row.Quantile(paced, 0.95)
		return ns
	}
	switch o {
	case ByTrouble:
		return cmp.Or(
			cmp.Compare(b.recent.FailureShare(), a.recent.FailureShare()),
			cmp.Compare(b.total.FailureShare(), a.total.FailureShare()),
			cmp.Compare(slow(b), slow(a)),
		)
	case ByCount:
		return cmp.Compare(max(b.total.Count, b.recent.Count), max(a.total.Count, a.recent.Count))
	case BySlowness:
		return cmp.Compare(slow(b), slow(a))
	}
	return 0
}

// matches reports whether a row is one that was filtered for.
func (d *Dashboard) matches(row *stats.Row) bool {
	return d.Filter == "" || strings.Contains(strings.ToLower(row.Type+" "+row.Name), strings.ToLower(d.Filter))
}
