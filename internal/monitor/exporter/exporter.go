// Package exporter reads any page in Prometheus' text format.
package exporter

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"path"
	"strings"
	"time"

	"github.com/stampede-load/stampede/internal/monitor"
)

// source reads the names that were asked for.
type source struct {
	page     *monitor.Page
	patterns []string
	names    monitor.Names
}

// New reads the page at raw. The names to keep stand behind its #, separated by commas, with * for any text:
// http://10.0.0.5:9113/metrics#nginx_*,process_open_fds. Without them up to [monitor.MaxSeries] are kept.
func New(raw string) (monitor.Source, error) {
	address, names, _ := strings.Cut(raw, "#")
	page, err := monitor.NewPage(address)
	if err != nil {
		return nil, err
	}
	s := &source{page: page}
	for name := range strings.SplitSeq(names, ",") {
		if name, _ = url.PathUnescape(strings.TrimSpace(name)); name == "" {
			continue
		}
		if _, err := path.Match(name, "x"); err != nil {
			return nil, fmt.Errorf("%q is not a pattern of names; write names with * for any text", name)
		}
		s.patterns = append(s.patterns, name)
	}
	return s, nil
}

func (s *source) Grain() time.Duration { return 0 }
func (s *source) Close() error         { return s.page.Close() }

func (s *source) keep(name string) bool {
	for _, p := range s.patterns {
		if ok, _ := path.Match(p, name); ok {
			return true
		}
	}
	return len(s.patterns) == 0
}

// Read asks for the page. Buckets of histograms and quantiles of summaries are left out: a summary's are since the start of the server.
func (s *source) Read(ctx context.Context) (monitor.Reading, error) {
	page, _, err := s.page.Get(ctx)
	if err != nil {
		return monitor.Reading{}, err
	}
	samples, err := Parse(page, s.keep)
	if err != nil {
		return monitor.Reading{}, fmt.Errorf("ask the exporter: %w; is this the address of its metrics?", err)
	}
	if len(samples) == 0 {
		return monitor.Reading{}, errors.New("ask the exporter: no series of those names is on the page")
	}
	var r monitor.Reading
	for i := range samples {
		if v, ok := value(&samples[i]); ok {
			v.Name = s.names.Of(samples[i].Name+"{"+samples[i].Labels, v.Name)
			r.Values = append(r.Values, v)
		}
	}
	return r, nil
}

// value is a sample as a figure. Names follow Prometheus' habits: a counter ends in _total, units are part of the name.
func value(s *Sample) (monitor.Value, bool) {
	if strings.HasSuffix(s.Name, "_bucket") || s.Label("quantile") != "" || strings.HasSuffix(s.Name, "_created") {
		return monitor.Value{}, false
	}
	v := monitor.Value{Name: s.Name, Help: s.Help, Value: finite(s.Value)}
	eachLabel(s.Labels, func(name, text string) { v.Name += "." + monitor.CleanName(text) })
	v.Name = monitor.CleanName(v.Name)
	sum := s.Type == "histogram" || s.Type == "summary"
	v.Counter = s.Type == "counter" || sum || s.Type == "" && strings.HasSuffix(s.Name, "_total")
	switch {
	case strings.Contains(s.Name, "_bytes"):
		v.Unit = "B"
	case strings.Contains(s.Name, "_seconds"):
		v.Unit = "s"
	case strings.Contains(s.Name, "_percent"):
		v.Unit = "%"
	}
	return v, true
}
