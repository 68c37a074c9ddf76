package stats

import (
	"maps"
	"slices"
	"time"
)

// Totals is everything that was counted over a stretch of a run.
type Totals struct {
	Total   Row        // all rows but steps; its key is zero
	Rows    []Row      // sorted by Type, Name
	Errors  []ErrorRow // sorted by Type, Name, Kind, Text
	Seconds float64    // how long the stretch was: what rates are per. Only time with load counts, where it is known: see Gauges.Loaded
}

// Row finds a row by its key. It is nil when nothing was counted under it.
func (t *Totals) Row(k Key) *Row {
	i, found := slices.BinarySearchFunc(t.Rows, k, func(r Row, k Key) int { return r.Key.Compare(k) })
	if !found {
		return nil
	}
	return &t.Rows[i]
}

// sum adds rows and errors up. Both are capped as in a Recorder, since many workers can bring many names.
type sum struct {
	maxNames, maxErrors int // those that stand for others are not counted
	names, groups       int
	rows                map[Key]*summed
	first               *summed // what the rows that are added began with the last time
	errors              map[errKey]*ErrorRow
	total               Row           // of all rows but steps, once addUp was called
	end                 time.Duration // the latest moment covered
}

// summed is a row of a sum, and which one came after it the last time: workers have the same names in the same order, and looking each of them up
// for each of a thousand workers costs as much as adding.
type summed struct {
	Row
	next *summed
}

func newSum(maxNames, maxErrors int) *sum {
	return &sum{maxNames: maxNames, maxErrors: maxErrors, rows: map[Key]*summed{}, errors: map[errKey]*ErrorRow{}}
}

// row finds or makes the row that a key is counted under.
func (s *sum) row(k Key) *summed {
	if r := s.rows[k]; r != nil {
		return r
	}
	if s.names >= s.maxNames {
		k = folded(k)
	}
	if k != folded(k) {
		s.names++
	}
	r := s.rows[k]
	if r == nil {
		r = &summed{Row: Row{Key: k}}
		s.rows[k] = r
	}
	return r
}

func (s *sum) addError(e *ErrorRow) {
	k := errKey{e.Key, e.Kind, e.Text}
	into := s.errors[k]
	if into == nil && s.groups >= s.maxErrors {
		k = foldedError(Key{Name: OtherNames})
		into = s.errors[k]
	}
	if into == nil {
		if k.text != OtherErrors {
			s.groups++
		}
		into = &ErrorRow{Key: k.Key, Kind: k.kind, Text: k.text, First: e.First, Last: e.Last}
		s.errors[k] = into
	}
	into.add(e)
}

func (s *sum) addRows(rows []Row) {
	at := &s.first
	for i := range rows {
		if *at == nil || (*at).Key != rows[i].Key {
			*at = s.row(rows[i].Key)
		}
		(*at).Add(&rows[i])
		at = &(*at).next
	}
}

// addSnapshot adds a snapshot but for what belongs to earlier seconds, and leaves the total to addUp: that is once a second, however many
// workers there are.
func (s *sum) addSnapshot(o *Snapshot) {
	s.addRows(o.Rows)
	for i := range o.Errors {
		s.addError(&o.Errors[i])
	}
	end := o.Taken
	if end == 0 {
		end = time.Duration(o.Second+1) * time.Second
	}
	s.end = max(s.end, end)
}

// addUp makes the total from the rows.
func (s *sum) addUp() {
	s.total = Row{}
	for _, r := range s.rows {
		if !r.Apart() {
			s.total.Add(&r.Row)
		}
	}
}

// late adds a snapshot to a sum whose total is complete.
func (s *sum) late(o *Snapshot) {
	s.addSnapshot(o)
	for i := range o.Rows {
		if !o.Rows[i].Apart() {
			s.total.Add(&o.Rows[i])
		}
	}
}

// add counts the failures of o, a group with the same key, kind and text, or one that is folded into this.
func (e *ErrorRow) add(o *ErrorRow) {
	e.Count = addSat(e.Count, o.Count)
	e.First, e.Last = min(e.First, o.First), max(e.Last, o.Last)
	if e.Stack == "" {
		e.Stack = o.Stack
	}
	if e.Detail == "" {
		e.Detail = o.Detail
	}
	for _, w := range o.Workers {
		if i, found := slices.BinarySearch(e.Workers, w); !found {
			e.Workers = slices.Insert(slices.Clone(e.Workers), i, w) // a copy of the row may be with a reader
		}
	}
}

// merge adds all of o, which does not change.
func (s *sum) merge(o *sum) {
	for _, k := range slices.SortedFunc(maps.Keys(o.rows), Key.Compare) { // sorted: which names come first must not depend on chance
		s.row(k).Add(&o.rows[k].Row)
	}
	for _, e := range o.sortedErrors() {
		s.addError(&e)
	}
	s.total.Add(&o.total)
	s.end = max(s.end, o.end)
}

// sortedRows is the rows in order. They share their histograms with the sum.
func (s *sum) sortedRows() []Row {
	rows := make([]Row, 0, len(s.rows))
	for _, r := range s.rows {
		rows = append(rows, r.Row)
	}
	slices.SortFunc(rows, func(a, b Row) int { return a.Key.Compare(b.Key) })
	return rows
}

func (s *sum) sortedErrors() []ErrorRow {
	rows := make([]ErrorRow, 0, len(s.errors))
	for _, e := range s.errors {
		rows = append(rows, *e)
	}
	slices.SortFunc(rows, func(a, b ErrorRow) int { return a.compare(&b) })
	return rows
}

func (s *sum) totals(from time.Duration) Totals {
	return Totals{Total: s.total, Rows: s.sortedRows(), Errors: s.sortedErrors(), Seconds: max(0, s.end-from).Seconds()}
}
