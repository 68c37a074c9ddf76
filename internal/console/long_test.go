package console_test

import (
	"bufio"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/console"
	"github.com/stampede-load/stampede/internal/stats"
)

// longRun is a run that goes on for as long as a test wants, without taking that time.
type longRun struct {
	steered
	series *stats.Series
	done   chan struct{}
}

func (l *longRun) Series() *stats.Series { return l.series }
func (l *longRun) Done() <-chan struct{} { return l.done }
func (l *longRun) Progress() stampede.Progress {
	return stampede.Progress{State: "running"}
}

func (l *longRun) SoFar() *stampede.Report {
	return &stampede.Report{Run: stampede.RunInfo{ID: "long"}, Series: l.series.Clone()}
}

// longConsole shows a run of so many seconds, with one request in each.
func longConsole(seconds int) *console.Console {
	c := console.New(console.Config{Pages: filePages{}})
	run := &longRun{series: stats.NewSeries(stats.SeriesOptions{}), done: make(chan struct{})}
	w := c.Watch()
	w.Begin(stampede.RunInfo{ID: "long"})
	for i := range seconds {
		sec := &stats.Second{Index: i, Width: 1, Rows: []stats.Row{{Key: stats.Key{Type: "GET", Name: "/"}, Count: 1}}, Total: stats.Row{Count: 1}}
		run.series.Add(sec)
		w.Second(sec)
	}
	w.Going(run)
	return c
}

// listenTo reads what a stream has for somebody who was so far.
func listenTo(t *testing.T, c *console.Console, last string) []message {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	req := httptest.NewRequestWithContext(ctx, "GET", "/api/v1/runs/long/stream", nil)
	req.Host = "127.0.0.1"
	req.Header.Set("Last-Event-ID", last)
	w := &patient{ResponseRecorder: httptest.NewRecorder(), full: stop}
	c.Handler().ServeHTTP(w, req)
	var all []message
	var m message
	lines := bufio.NewScanner(w.Body)
	lines.Buffer(nil, 1<<22)
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), ": ")
		switch name {
		case "id":
			m.id = value
		case "event":
			m.kind = value
		case "data":
			m.data = value
			all = append(all, m)
		}
	}
	return all
}

// patient goes away after the second answer: the first is the hello.
type patient struct {
	*httptest.ResponseRecorder
	full    func()
	flushes int
}

func (p *patient) Flush() {
	if p.flushes++; p.flushes > 1 {
		p.full()
	}
}

func (p *patient) SetWriteDeadline(time.Time) error { return nil }

var _ http.Flusher = (*patient)(nil)
