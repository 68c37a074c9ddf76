// Package monitor reads what servers say of themselves while a run goes on: connections of a database, workers of a web server, processor time of
// a host. The figures stand on the time axis of the run, beside what visitors felt.
//
// A [Source] is one server of one kind; each kind has a package of its own below this one, and knows nothing of runs. It either gives figures
// of now ([Source.Read]: a status page, a query), or keeps a history that is asked for afterwards ([Historian]: CloudWatch, Prometheus). A
// [Watcher] owns the goroutines that read many sources, each at its own grain; makes rates of counters and sees when one was reset; puts
// each figure where it belongs on the run's clock; and leaves a gap where a server did not answer. A server that is slow or dead never
// disturbs the run: it costs a note.
//
// What is read is only read: no kind changes anything on a server. Secrets are in the URL or the environment; errors and names that leave
// this package hold none.
package monitor
