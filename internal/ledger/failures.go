package ledger

import (
	"cmp"
	"slices"
	"strings"

	"github.com/stampede-load/stampede/internal/stats"
)

// maxErrors bounds how many groups of failures are added up; the run itself keeps no more.
const maxErrors = 2000

// addErrors adds groups of failures to others, in order of type, name, kind and text. Groups beyond the bound are left out: the rows
// still count them. Both lists may be changed.
func addErrors(have, more []stats.ErrorRow) []stats.ErrorRow {
	for i := range more {
		e := &more[i]
		at, found := slices.BinarySearchFunc(have, *e, compareErrors)
		switch {
		case found:
			h := &have[at]
			h.Count += e.Count
			h.First, h.Last = min(h.First, e.First), max(h.Last, e.Last)
			h.Workers = union(h.Workers, e.Workers)
			if h.Stack == "" {
				h.Stack = e.Stack
			}
			if h.Detail == "" {
				h.Detail = e.Detail
			}
		case len(have) < maxErrors:
			have = slices.Insert(have, at, *e)
		}
	}
	return have
}

func compareErrors(a, b stats.ErrorRow) int {
	return cmp.Or(a.Key.Compare(b.Key), cmp.Compare(a.Kind, b.Kind), strings.Compare(a.Text, b.Text))
}

// union is two ascending lists as one, in memory of its own.
func union(a, b []int) []int {
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}
