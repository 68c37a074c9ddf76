package compare

import (
	"cmp"
	"slices"

	"github.com/stampede-load/stampede/internal/stats"
)

// names parts the names into those of both sides and those of one, which are gone or new, sorted. A name belongs to a side when a run of it
// has it.
func names(before, after *side, wanted func(stats.Key) bool) (both, missing, gone []stats.Key) {
	sides := map[stats.Key]int{}
	for bit, s := range []*side{before, after} {
		for _, run := range s.runs {
			for _, k := range run.Names {
				if k != (stats.Key{}) && (wanted == nil || wanted(k)) && asked(run, k) {
					sides[k] |= 1 << bit
				}
			}
		}
	}
	for k, in := range sides {
		if in == 3 {
			both = append(both, k)
			continue
		}
		missing = append(missing, k)
		if in == 1 {
			gone = append(gone, k)
		}
	}
	for _, keys := range [][]stats.Key{both, missing, gone} {
		slices.SortFunc(keys, compareKeys)
	}
	return both, missing, gone
}

// asked reports whether a name of a run stands for requests: dropped arrivals and failed starts of users have names too.
func asked(run Run, k stats.Key) bool {
	row := run.Report.Whole.Row(k)
	return row == nil || row.Count > 0
}

func compareKeys(a, b stats.Key) int {
	return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.Name, b.Name))
}
