// Package setting is the one table behind flags, STAMPEDE_* variables, stampede.yaml, the documentation and config explain.
//
// A [Setting] is a row: its name, what it means and how to read its text. A [Set] of rows collects texts from the command line
// ([Set.AddFlags]), the environment and a [File], picks the one that counts, and only then reads it ([Set.Resolve]). So every mistake of
// every source is found before anything starts, and each value knows where it came from ([Set.Explain]).
//
// It knows nothing of load tests and imports nothing of ours.
package setting
