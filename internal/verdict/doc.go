// Package verdict answers three questions about a run, and keeps them apart: did the site pass, can the numbers be trusted, and is this
// run worse than the last one. It is pure over the seconds of a run: no clock, no goroutine, no file.
//
// # Thresholds: did the site pass?
//
// [Parse] reads a [Rule] such as `"Log In" p99 < 1s over 10s stop`; [NewRule] makes the same rule without text. A [Judge] takes the
// closed seconds of a run, of one process or of a fleet alike, and says at any time how each rule stands, in a [Result]. A rule for which
// nothing was measured fails: silence is no proof. How rules are judged stands at [Judge]; the language, by example, in
// docs/thresholds.md.
//
// # Generator health: can the numbers be trusted?
//
// A load generator that is itself too slow measures itself. [Health] says VALID, SUSPECT or INVALID, with reasons in words. It says
// nothing about the site: a run may pass its thresholds and be INVALID.
//
// # Comparison: is it worse than before?
//
// Two runs are compared second by second, with the doubt that comes of few seconds. `baseline` in a rule is the plainer question, whether
// one figure is worse than it was: see [Replay].
//
// # Who owns what
//
// Seconds, rows and rules that are handed in are read and never kept or changed, rules apart, which cannot change. Results are the
// caller's.
package verdict
