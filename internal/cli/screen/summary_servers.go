package screen

import (
	"fmt"
	"slices"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/format"
	"github.com/stampede-load/stampede/internal/limit"
	"github.com/stampede-load/stampede/internal/monitor"
	"github.com/stampede-load/stampede/internal/suspect"
)

// limit is the levels of a search, by load.
func (s *summary) limit() {
	a := s.report.Limit
	if a == nil || len(a.Steps) == 0 {
		return
	}
	s.section("Levels")
	steps := slices.Clone(a.Steps)
	slices.SortStableFunc(steps, func(x, y stampede.LimitStep) int {
		switch {
		case x.Load < y.Load:
			return -1
		case x.Load > y.Load:
			return 1
		}
		return 0
	})
	wide := 0
	for _, st := range steps {
		wide = max(wide, width(limit.LoadText(st.Load, a.Unit)))
	}
	for _, st := range steps {
		word := s.p.good("holds ")
		if !st.Holds {
			word = s.p.wrong("breaks")
		}
		line := fmt.Sprintf("  %*s  %s  %s, %s answered", wide, limit.LoadText(st.Load, a.Unit), word, clean(st.Value), format.Rate(st.Rate))
		if st.Why != "" {
			line += s.p.faint("  " + clean(st.Why))
		}
		s.add(s.cut(line))
	}
	if c := a.Curve; c != nil && c.PeakSeen {
		s.add(s.cut(fmt.Sprintf("  throughput is highest at %s in flight, %s", format.Number(c.Peak), format.Rate(c.Throughput(c.Peak)))))
	}
	for _, n := range a.Notes {
		s.add(s.wrapped("  ", clean(n))...)
	}
}

// mostServerLines is how many series of one server the summary shows: those nearest to their limits.
const mostServerLines = 3

// servers is what the servers said, shortly, and what gave way first.
func (s *summary) servers() {
	r := s.report
	if len(r.Servers) == 0 {
		return
	}
	s.section("Servers")
	for i := range r.Servers {
		s.server(&r.Servers[i])
	}
	f := r.Suspects
	if f == nil {
		return
	}
	s.add("")
	s.add(s.wrapped("", clean(f.Text))...)
	for _, x := range rest(f.Suspects) {
		s.add(s.cut(fmt.Sprintf("  also: %s.%s %s", clean(x.Server), clean(x.Series), clean(x.Why))))
	}
	for _, x := range f.Victims {
		s.add(s.cut(s.p.faint(fmt.Sprintf("  follows the answers' times: %s.%s %s", clean(x.Server), clean(x.Series), clean(x.Why)))))
	}
}

func rest(all []suspect.Suspect) []suspect.Suspect {
	if len(all) == 0 {
		return nil
	}
	return all[1:]
}

// server is a line for a server and one for each of the series that came nearest to their limits.
func (s *summary) server(one *monitor.Server) {
	line := fmt.Sprintf("  %s (%s)  %s", clean(one.Name), clean(one.Kind), format.Plural(int64(len(one.Series)), "series", "series"))
	if one.Failed > 0 {
		line += s.p.wrong(fmt.Sprintf("  no answer %s of %d times", format.Count(int64(one.Failed)), one.Asked))
	}
	s.add(s.cut(line))
	type near struct {
		series *monitor.Series
		top    float64
	}
	var all []near
	for i := range one.Series {
		series := &one.Series[i]
		if series.Limit <= 0 {
			continue
		}
		top := 0.0
		for _, p := range series.Points {
			top = max(top, p.Value)
		}
		all = append(all, near{series, top})
	}
	slices.SortStableFunc(all, func(a, b near) int {
		switch x, y := a.top/a.series.Limit, b.top/b.series.Limit; {
		case x > y:
			return -1
		case x < y:
			return 1
		}
		return 0
	})
	for i, n := range all {
		if i == mostServerLines {
			break
		}
		s.add(s.cut(fmt.Sprintf("    %-20s at most %s of %s %s", clean(n.series.Name), format.Amount(n.top, n.series.Unit), format.Amount(n.series.Limit, n.series.Unit), s.p.faint(clean(n.series.Help)))))
	}
	for _, n := range one.Notes {
		s.add(s.wrapped("    ! ", clean(n))...)
	}
}
