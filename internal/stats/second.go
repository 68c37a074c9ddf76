package stats

import (
	"slices"
	"time"
)

// Second is one closed stretch of a run, merged over all workers: a second from a Merger, or a longer one from a Series.
type Second struct {
	Index, Width int           // covers [Index, Index+Width) s of the run
	Span         time.Duration // how much of that the run lasted: less than Width only at its end; zero means all of it
	Rows         []Row         // names with activity, sorted by Type, Name
	Earlier      []Part        // what came with this second and belongs to earlier ones, see Came; nil from a Series
	Total        Row           // all rows but steps; its key is zero
	Gauges       Gauges        // of the fleet: see Gauges.Add
	Workers      []Worker      // that reported this second, ascending; nil from a Series
	Errors       []ErrorRow    // sorted by Type, Name, Kind, Text; nil from a Series
	Final        bool          // the last of the run
}

// Lasted is Span, or all of Width where Span is zero: what a rate is per.
func (s *Second) Lasted() time.Duration {
	if s.Span > 0 {
		return s.Span
	}
	return time.Duration(s.Width) * time.Second
}

// Worker is the gauges of one worker.
type Worker struct {
	Worker int
	Gauges Gauges
}

// Row finds a row by its key. It is nil when nothing was counted under it in this second.
func (s *Second) Row(k Key) *Row {
	i, found := slices.BinarySearchFunc(s.Rows, k, func(r Row, k Key) int { return r.Key.Compare(k) })
	if !found {
		return nil
	}
	return &s.Rows[i]
}
