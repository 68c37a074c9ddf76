// Package screen shows a run in a terminal: the dashboard while it runs ([Dashboard], and [Watch] around it), one line every two
// seconds where there is no terminal ([Lines]), and the tables at the end ([Summary]).
//
// Everything that is drawn is made by plain functions from a [stampede.Live] or a [stampede.Report] and a size to a string, so that tests
// compare whole screens. Figures are written by package format, as everywhere. Names and texts come from the test and the site: they
// pass through format.Text, so that none can move the cursor.
package screen
