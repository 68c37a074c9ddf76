package screen

import (
	"fmt"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/format"
)

// workers is a line for each worker of a fleet.
func (d *Dashboard) workers(p palette, inner int) part {
	all := d.Live.Workers
	return part{
		least: 2, wish: 1 + min(len(all), 4), most: 1 + len(all),
		draw: func(lines int) []string {
			g := grid{least: 12, columns: []column{
				{title: "workers", left: true},
				{title: "users"},
				{title: "rate"},
				{title: "CPU"},
				{title: "lag", drop: 1},
				{title: "clock", drop: 2},
				{title: "verdict", left: true},
			}}
			for i := range all[:min(len(all), lines-1)] {
				g.rows = append(g.rows, workerCells(&all[i], p))
			}
			drawn := g.lay(inner, p)
			return drawn[:min(len(drawn), lines)]
		},
	}
}

func workerCells(w *stampede.LiveWorker, p palette) []cell {
	name := clean(w.Name)
	if w.Host != "" {
		name += " (" + clean(w.Host) + ")"
	}
	cpu := format.None
	if w.CPUNow >= 0 {
		cpu = format.Percent(w.CPUNow)
	}
	state := cell{text: clean(w.Verdict)}
	switch {
	case w.State == "lost":
		state = cell{text: "lost: " + clean(w.Reason), paint: p.wrong}
	case w.State != "running" && w.State != "":
		state = cell{text: clean(w.State), paint: p.warning}
	case w.Verdict != "" && w.Verdict != "VALID":
		state.paint = p.warning
	}
	return []cell{
		{text: name},
		{text: format.Count(int64(w.UsersNow))},
		{text: format.Rate(w.RateNow)},
		{text: cpu},
		{text: format.Duration(w.LagNow)},
		{text: "±" + format.Duration(w.ClockError)},
		state,
	}
}

// workers is a line for each worker of a fleet.
func (s *summary) workers() {
	if len(s.report.Workers) < 2 {
		return
	}
	s.section("workers")
	g := grid{least: 12, columns: []column{
		{title: "", left: true}, {title: "users"}, {title: "sent"}, {title: "lost"}, {title: "CPU"}, {title: "clock", drop: 2}, {title: "", left: true},
	}}
	for i := range s.report.Workers {
		w := &s.report.Workers[i]
		name := clean(w.Name)
		if w.Host != "" {
			name += " (" + clean(w.Host) + ")"
		}
		verdict := cell{text: clean(w.Verdict)}
		switch {
		case w.Gone:
			verdict = cell{text: fmt.Sprintf("lost at %s: %s", format.Clock(w.Left), clean(w.Reason)), paint: s.p.wrong}
		case w.Left > 0:
			verdict = cell{text: fmt.Sprintf("left at %s: %s", format.Clock(w.Left), clean(w.Reason))}
		}
		g.rows = append(g.rows, []cell{
			{text: name},
			{text: format.Count(int64(w.Users))},
			{text: format.Count(w.Sent)},
			{text: format.Count(w.Lost)},
			{text: format.Percent(w.CPU)},
			{text: "±" + format.Duration(w.ClockError)},
			verdict,
		})
	}
	s.add(g.lay(s.columns, s.p)...)
}
