// Package apache reads the status page of Apache's mod_status.
package apache

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/stampede-load/stampede/internal/monitor"
)

// source reads server-status?auto.
type source struct {
	page *monitor.Page

	accesses, duration float64 // of the last reading
	known              bool
}

// New reads the page at url; ?auto is added when it is missing.
func New(url string) (monitor.Source, error) {
	if !strings.Contains(url, "?") {
		url += "?auto"
	}
	page, err := monitor.NewPage(url)
	if err != nil {
		return nil, err
	}
	return &source{page: page}, nil
}

func (s *source) Grain() time.Duration { return 0 }
func (s *source) Close() error         { return s.page.Close() }

// Read asks for the page. Its own means (ReqPerSec, CPULoad) are over the life of the server and are not used.
func (s *source) Read(ctx context.Context) (monitor.Reading, error) {
	body, _, err := s.page.Get(ctx) // the Date field has whole seconds, too coarse for rates over one
	if err != nil {
		return monitor.Reading{}, err
	}
	fields := map[string]string{}
	lines := bufio.NewScanner(bytes.NewReader(body))
	lines.Buffer(nil, 1<<20) // a scoreboard has a letter for each worker
	for lines.Scan() {
		if name, value, found := strings.Cut(lines.Text(), ":"); found {
			fields[name] = strings.TrimSpace(value)
		}
	}
	board, found := fields["Scoreboard"]
	if !found {
		return monitor.Reading{}, errors.New("ask Apache: the page has no Scoreboard line; name the address of server-status, and let it end in ?auto")
	}
	return s.reading(fields, board), nil
}

func (s *source) reading(fields map[string]string, board string) monitor.Reading {
	var r monitor.Reading
	number := func(name string) float64 {
		v, err := strconv.ParseFloat(fields[name], 64)
		if err != nil {
			return math.NaN()
		}
		return v
	}
	busy, idle := number("BusyWorkers"), number("IdleWorkers")
	slots := float64(len(board)) // MaxRequestWorkers, open slots and all
	r.Values = []monitor.Value{
		{Name: "busy_workers", Help: "workers with a request", Value: busy, Limit: slots, Follows: true, Ceiling: true},
		{Name: "idle_workers", Help: "workers that wait for one", Value: idle, Follows: true},
	}
	accesses, total := number("Total Accesses"), number("Total Duration")
	if math.IsNaN(accesses) {
		r.Notes = []string{"ExtendedStatus is off: no requests and bytes per second"}
		return r
	}
	r.Values = append(r.Values,
		monitor.Value{Name: "requests", Help: "requests, this reading among them", Value: accesses, Counter: true},
		monitor.Value{Name: "bytes", Unit: "B", Help: "sent, counted in whole KiB", Value: number("Total kBytes") * 1024, Counter: true},
		monitor.Value{Name: "cpu", Unit: "%", Help: "processor time of Apache's processes, 100 % is one core", Value: number("CPUUser") + number("CPUSystem") + number("CPUChildrenUser") + number("CPUChildrenSystem"), Counter: true, Scale: 100},
		monitor.Value{Name: "connections", Help: "open connections, where the worker model counts them", Value: number("ConnsTotal"), Follows: true},
	)
	if s.known && accesses > s.accesses && total >= s.duration {
		r.Values = append(r.Values, monitor.Value{Name: "duration", Unit: "ms", Help: "mean time of the requests since the last reading", Value: (total - s.duration) / (accesses - s.accesses), Follows: true})
	}
	s.accesses, s.duration, s.known = accesses, total, !math.IsNaN(total)
	return r
}
