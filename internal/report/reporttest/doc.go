// Package reporttest makes results of runs that never happened, always the same ones, for tests and pictures of exports.
//
// [Sample] is a run worth looking at: a ramp, a stall of the site, failures of several kinds, live changes, a lost worker, thresholds
// that passed and failed. [Empty], [One], [AllFailed], [Many] and [Hostile] are the edges. [Make] makes a run of any size.
//
// All arithmetic is in whole numbers, so that golden files are the same on every machine.
package reporttest
