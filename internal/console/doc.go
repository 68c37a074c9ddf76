// Package console is stampede in a browser, and for programs that speak HTTP: one API over the run that goes on and the runs that were, and
// the page that is drawn from it.
//
// # The flow
//
//	New(Config)          what there is: the test, the ledger, who can start runs, how exports are written; all of it by interfaces
//	Console.Watch        makes a run the current one: an observer that a run is given before it starts, and the run itself once it goes on
//	Console.Handler      guard -> routes: host, origin, token, size and kind of a body are checked before any of them runs
//	seconds, stream      the same seconds in the same form, from memory for the current run and from the ledger for others
//
// A stream keeps nothing for those who watch it: each has a position (so many seconds, so many events), and reads on from there whenever
// something is new. What a second looks like is made once, whoever asks for it. A browser that sleeps for an hour costs nothing and gets
// the hour in one answer, in stretches as long as a screen can show.
//
// # Who owns what
//
// A run belongs to whoever started it; the console only holds on to it until the next one begins. What interfaces return is the console's
// to read. Handlers have no goroutines of their own; Close ends the streams.
package console
