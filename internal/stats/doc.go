// Package stats adds samples up: into the rows of a second, the seconds of a run, the runs of a fleet, without loss and without a clock.
//
// # The flow
//
// Users hand samples to a [Recorder]: one atomic addition for each time and byte count, no lock, no allocation. Once a second its owner
// drains it into a [Snapshot], which travels as bytes when the controller is another process. A [Merger] merges the snapshots of all
// workers, each exactly once and in any order, into closed seconds and into the totals of the run. What is answered after the load, and
// what comes after its second was closed, travels with a later second and belongs to its own: that is a [Part]. A [Series] keeps the closed
// seconds in a bounded amount of memory, for charts, exports and rules over windows.
//
// Whatever way the same samples are split over shards, workers and seconds, the totals are the same to the last digit: rows hold counts
// and histograms, and both only ever add up.
//
// # Who owns what
//
// A [Sample] belongs to whoever measures; the recorder copies what it needs. A Snapshot belongs to whoever drained or decoded it, until
// it is given to Merger.Add; a [Second] from Merger.Next is the caller's. What Merger.Whole and Merger.Judged return is the merger's own.
//
// # Memory
//
// Bounded by names and distinct errors, both capped, and never by requests or duration. Beyond a cap, names and errors are counted
// together under [OtherNames] and [OtherErrors], where everybody sees it.
package stats
