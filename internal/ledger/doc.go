// Package ledger keeps every run in a ledger: when it was, what changed, what it was to find out, how it went, and its whole course, so that
// any quantile of any window of any run can be asked for years later.
//
// # The flow
//
// [Open] opens a ledger: an SQLite file, or a PostgreSQL database for a team. [Ledger.Record] gives a [Recorder], an observer of a run:
//
//	Begin   the row of the run is written, with what people say about it; the run is claimed with a lock that dies with the process
//	Second  the second, all its names and histograms, is copied into a bounded queue; a goroutine writes it about once a second
//	minute  sixty seconds become blocks, one for each name; when a run takes more than its share its oldest minutes are rolled up
//	End     the result in full
//
// A run whose process died has no result. Whoever opens the ledger next makes one from the seconds that are there, marks it interrupted
// and says so.
//
// [Ledger.Runs] lists, [Ledger.Find] knows a run by its id, a prefix, "last~2", "baseline" or the name of its test, [Ledger.Report] gives
// back the whole [stampede.Report], from which every export can be made, and [Ledger.Window] adds up any name over any seconds.
//
// # Who owns what
//
// The recorder copies what it is told. All that a ledger returns is the caller's. A Recorder has one goroutine, which Close ends and
// waits for; a Ledger has none of its own.
//
// # Secrets
//
// Passwords in addresses, headers that log in, fields with names like password or token are taken out of every text on its way into the
// ledger. What is measured has none.
package ledger
