// Package limit finds at what load a rule stops to hold: "p95 < 500ms and failures < 1%" holds at 1,180 requests a second and no longer at
// 1,300.
//
// A [Search] decides which load comes next: it grows by a factor until the rule breaks, then halves the gap between what holds and what
// breaks, on a logarithmic scale. A [Level] decides, second by second, whether the rule holds at one load, and how long that must be watched
// to be sure. A [Conductor] puts both together with the pauses in between and tells whoever drives the run what to do next. [FitCurve]
// draws throughput over load through the levels.
//
// All of it is pure: no clock, no network, the same seconds give the same answer. A second that is passed belongs to this
// package from then on.
package limit
