package report

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"sync/atomic"
	"time"

	"github.com/stampede-load/stampede"
)

// CSVOptions says what goes into the CSV files. The zero value writes what Locust writes by default.
type CSVOptions struct {
	FullHistory bool // the history has rows for each request name, not only the Aggregated ones
}

// CSVWriter watches a run and writes Locust's four CSV files: the history while it runs, whole rows each second; the others when it
// ends. It never holds the run up: when the disk is stuck, seconds of the history are given up after a while, and counted.
type CSVWriter struct {
	prefix string
	o      CSVOptions

	buffer  bytes.Buffer // the rows of the current second
	history *history
	queue   chan []byte
	waiting atomic.Int64 // bytes in the queue
	written chan error   // gets one value when everything queued was written
	lost    int
	err     error
}

// How much the history waits for a stuck disk: seconds and bytes of rows while the run goes on, and time at its end.
const (
	csvBacklog      = 120
	csvBacklogBytes = 16 << 20
	csvPatience     = 10 * time.Second
)

// NewCSV makes a writer of prefix_stats.csv, prefix_stats_history.csv, prefix_failures.csv and prefix_exceptions.csv. Nothing is opened
// before the run begins; see [Preflight] and [CSVPaths].
func NewCSV(prefix string, o CSVOptions) *CSVWriter { return &CSVWriter{prefix: prefix, o: o} }

// Begin creates the history and writes its header.
func (c *CSVWriter) Begin(run stampede.RunInfo) {
	path := c.prefix + "_stats_history.csv"
	f, err := os.Create(path)
	if err != nil {
		c.err = explain(path, err)
		return
	}
	c.begin(run, f, path)
}

func (c *CSVWriter) begin(run stampede.RunInfo, f io.WriteCloser, path string) {
	c.queue, c.written = make(chan []byte, csvBacklog), make(chan error, 1)
	go c.drain(f, path)
	c.history = newHistory(newCSVRows(&c.buffer), &run, c.o.FullHistory)
	c.send()
}

// drain writes what is queued until the queue is closed. It is the only one that waits for the disk.
func (c *CSVWriter) drain(f io.WriteCloser, path string) {
	var err error
	for rows := range c.queue {
		if err == nil {
			_, err = f.Write(rows)
		}
		c.waiting.Add(-int64(len(rows)))
	}
	c.written <- explain(path, errors.Join(err, f.Close()))
}

// Second writes the rows of a second.
func (c *CSVWriter) Second(sec *stampede.Second) {
	if c.history == nil {
		return
	}
	c.history.second(sec)
	c.send()
}

// send queues what is in the buffer, or gives it up when the queue is full.
func (c *CSVWriter) send() {
	if err := c.history.rows.flush(); err != nil {
		c.err = errors.Join(c.err, err)
	}
	rows := bytes.Clone(c.buffer.Bytes())
	c.buffer.Reset()
	if c.waiting.Add(int64(len(rows))) > csvBacklogBytes && len(c.queue) > 0 {
		c.waiting.Add(-int64(len(rows)))
		c.lost++
		return
	}
	select {
	case c.queue <- rows:
	default:
		c.waiting.Add(-int64(len(rows)))
		c.lost++
	}
}

// Event does nothing: Locust's files have no events.
func (c *CSVWriter) Event(stampede.Event) {}

// End closes the history and writes the other files. What went wrong is in Err.
func (c *CSVWriter) End(r *stampede.Report) {
	if c.history != nil {
		c.err = errors.Join(c.err, c.closeHistory())
		c.history = nil
	}
	c.err = errors.Join(c.err, WriteAll(CSVFiles(c.prefix, r)...))
}

func (c *CSVWriter) closeHistory() error {
	close(c.queue)
	patience := time.NewTimer(csvPatience)
	defer patience.Stop()
	select {
	case err := <-c.written:
		if err == nil && c.lost > 0 {
			err = fmt.Errorf("report: write %s_stats_history.csv: %d seconds are missing; the disk did not keep up", c.prefix, c.lost)
		}
		return err
	case <-patience.C:
		return fmt.Errorf("report: write %s_stats_history.csv: the disk does not answer; the end of the history is missing", c.prefix)
	}
}

// Err is what went wrong, nil when all four files are written. It is valid after End.
func (c *CSVWriter) Err() error { return c.err }

// CSVHistoryFile is the history of a finished run, from its series: see [WriteCSVHistory].
func CSVHistoryFile(prefix string, r *stampede.Report, o CSVOptions) File {
	return File{prefix + "_stats_history.csv", func(w io.Writer) error { return WriteCSVHistory(w, r, o) }}
}
