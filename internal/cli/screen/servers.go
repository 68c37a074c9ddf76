package screen

import (
	"fmt"
	"strings"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/format"
)

// nearLimit is the share of its limit from which a figure of a server is shown in colour.
const nearLimit = 0.9

// servers is a line for each server: the series that are nearest to their limits.
func (d *Dashboard) servers(p palette, inner int) part {
	all := d.Live.Servers
	return part{
		least: min(len(all), 1), wish: min(len(all), 4), most: len(all),
		draw: func(lines int) (out []string) {
			wide := 0
			for i := range all {
				wide = max(wide, width(clean(all[i].Name)))
			}
			for i := range all[:min(len(all), lines)] {
				out = append(out, fit(serverLine(&all[i], wide, p), inner))
			}
			return out
		},
	}
}

func serverLine(s *stampede.ServerNow, wide int, p palette) string {
	name := clean(s.Name)
	line := p.strong(name) + strings.Repeat(" ", wide-width(name)+2)
	if s.Problem != "" {
		return line + p.wrong(clean(s.Problem))
	}
	if len(s.Nearest) == 0 {
		return line + p.faint("no series with a limit yet")
	}
	var parts []string
	for i := range s.Nearest {
		series := &s.Nearest[i]
		value := series.Points[0].Value
		text := fmt.Sprintf("%s of %s", format.Amount(value, series.Unit), format.Amount(series.Limit, series.Unit))
		if series.Unit == "%" && series.Limit == 100 {
			text = format.Amount(value, "%")
		}
		if value >= nearLimit*series.Limit {
			text = p.warning(text)
		}
		parts = append(parts, p.faint(clean(series.Name)+" ")+text)
	}
	return line + strings.Join(parts, "   ")
}
