// Package cli is the command line of every stampede binary: commands, flags, settings, the terminal, exit status.
//
// [Main] runs one command line against a [System] (arguments, environment, streams, signals), so that tests run whole commands in
// process. The flow of run and hit is the same:
//
//	setting.Set    flags, STAMPEDE_* and stampede.yaml become options; mistakes are collected
//	Plan.Validate  the plan's own mistakes join them, so do report.Preflight (can the files be written?) and reach (does the host answer?)
//	stampede.Start the load begins
//	screen         dashboard or lines while it runs; the first Ctrl-C stops, the second ends now
//	report         the tables, every export, one line that says how it went
//	ExitStatus     what the shell gets; docs/exit-status.md
//
// Nothing is started before every mistake that can be found beforehand has been looked for; all are shown together, with status 2.
package cli
