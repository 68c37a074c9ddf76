// Package importer is what tests are made from: recordings of what a browser or a program asked a site, whatever they come from.
//
// Readers (packages har, curl and capture) make a [Recording]. Package flow finds out what a person did in it: which requests are pages, what they
// brought along by themselves, which values of one answer went into a later request. Package gotest writes that as a Go test. The readers of
// openapi and postman, which know no answers, make what flow makes at once.
//
// Nothing in these rooms sends a request, apart from the proxy in capture, which passes on what somebody's browser asks.
package importer
