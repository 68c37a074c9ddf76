// Command hour serves the page of a run that has gone on for an hour with 100 names, and goes on: for measuring what an update costs in a
// browser. With -speed it goes on faster than time does, until -until.
package main

import (
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"sync"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/console"
	"github.com/stampede-load/stampede/internal/report"
	"github.com/stampede-load/stampede/internal/stats"
)

var (
	addr  = flag.String("addr", "127.0.0.1:0", "where the page is")
	names = flag.Int("names", 100, "how many names there are")
	past  = flag.Int("past", 3600, "seconds that lie behind when the page is opened")
	speed = flag.Float64("speed", 1, "seconds of the run in a second of the clock")
	until = flag.Int("until", 0, "the run stands still from this second on; 0 is never")
)

// run is a run that was made up.
type run struct {
	mu     sync.Mutex
	series *stats.Series
	rows   []stats.Row
	total  stats.Row
	at     int
	begun  time.Time
}

func (r *run) second() *stats.Second {
	sec := &stats.Second{Index: r.at, Width: 1, Gauges: stats.Gauges{Users: 100, Target: 100, CPU: 0.1}}
	for i := range *names {
		row := stats.Row{Key: stats.Key{Type: "GET", Name: fmt.Sprintf("/item/%03d", i)}, Count: 10}
		for range 10 {
			ns := int64(1e6 + rand.ExpFloat64()*20e6)
			row.Service.Record(ns)
			row.Response.Record(ns)
		}
		sec.Total.Add(&row)
		sec.Rows = append(sec.Rows, row)
	}
	return sec
}

// tick adds a second.
func (r *run) tick() *stats.Second {
	r.mu.Lock()
	defer r.mu.Unlock()
	sec := r.second()
	r.at++
	r.series.Add(sec)
	for i := range sec.Rows {
		if len(r.rows) < *names {
			r.rows = append(r.rows, stats.Row{Key: sec.Rows[i].Key})
		}
		r.rows[i].Add(&sec.Rows[i])
	}
	r.total.Add(&sec.Total)
	return sec
}

// reached is how many seconds there are.
func (r *run) reached() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.at
}

func (r *run) SoFar() *stampede.Report {
	r.mu.Lock()
	defer r.mu.Unlock()
	t := stats.Totals{Total: r.total.Clone(), Seconds: float64(r.at)}
	for i := range r.rows {
		t.Rows = append(t.Rows, r.rows[i].Clone())
	}
	return &stampede.Report{Run: r.info(), Judged: t, Whole: t, Series: r.series.Clone(), PeakUsers: 100}
}

func (r *run) info() stampede.RunInfo {
	return stampede.RunInfo{ID: "hour", Name: "An hour", Started: r.begun, Duration: time.Duration(r.at) * time.Second, Users: 100, UsersText: "100", Model: stampede.Closed}
}

func (r *run) Progress() stampede.Progress {
	r.mu.Lock()
	defer r.mu.Unlock()
	return stampede.Progress{State: "running", Elapsed: time.Duration(r.at) * time.Second, Users: 100, Target: 100}
}

func (r *run) Series() *stats.Series               { return r.series }
func (r *run) Done() <-chan struct{}               { return nil }
func (r *run) Live() stampede.Live                 { return stampede.Live{} }
func (r *run) SetUsers(string, int, float64) error { return nil }
func (r *run) SetRate(string, float64) error       { return nil }
func (r *run) Pause(string)                        {}
func (r *run) Resume(string)                       {}
func (r *run) Stop(string)                         {}
func (r *run) Annotate(string, string)             {}
func (r *run) Servers() []stampede.ServerFigures   { return nil }

type pages struct{}

func (pages) Page(w io.Writer, r *stampede.Report) error { return report.WritePage(w, r) }

func (pages) Row(row *stats.Row) ([]byte, error) { return report.PageRow(row) }
func (pages) Servers(w io.Writer, r *stampede.Report, from time.Duration, points int) error {
	return report.WriteServers(w, r, from, points)
}
func (pages) Formats() []console.Format { return nil }

func main() {
	flag.Parse()
	r := &run{series: stats.NewSeries(stats.SeriesOptions{}), begun: time.Now().Add(-time.Duration(*past) * time.Second)}
	c := console.New(console.Config{Test: console.Test{Name: "An hour"}, Pages: pages{}})
	w := c.Watch()
	w.Begin(r.info())
	for range *past {
		w.Second(r.tick())
	}
	w.Going(r)
	l, err := net.Listen("tcp", *addr)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Printf("the page is at http://%s/\n", l.Addr())
	go func() {
		for range time.Tick(time.Duration(float64(time.Second) / *speed)) {
			if *until > 0 && r.reached() >= *until {
				return
			}
			w.Second(r.tick())
		}
	}()
	if err := c.Server().Serve(l); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
