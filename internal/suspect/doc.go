// Package suspect says which series of the servers gave way first when a site became slow: not the cause, which figures cannot tell, but where to
// look.
//
// While the load rises only series with a known ceiling are looked at. What saturates is what is nearest to its ceiling at the knee, the moment
// from which answers take longer; it changes least afterwards, so correlation with the answers' times, Granger tests, first movers and z-scores over a
// ramp name the wrong one. Before the knee a resource's utilisation follows the throughput, U = U0 + X D, so that a line through it says what it
// must have been at the knee; a series is named only when that and what was seen agree.
//
// At equal load, when something changed while the load did not, robust z-scores (distance from the median of the quiet part, in its interquartile
// ranges) name what changed most.
//
// Whose limit it was comes first: where the generator itself was at its end no server is named. [Felt] makes the course of a run, as visitors felt it, of
// its seconds.
//
// Series that follow the answers' times whatever makes them long (connections, busy workers, queues) are victims as often as causes. They are listed
// apart, unless such a pool is full and nothing that it waits for is.
//
// "None of the series that are watched explains it" is a normal answer. All of it is pure: the same points give the same words.
package suspect
