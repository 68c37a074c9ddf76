package screen

import "slices"

// part is one piece of the dashboard that can be drawn in fewer or more lines.
type part struct {
	least, wish, most int // lines: without which it is left out, which it would like, which it can use
	lines             int // what it gets
	draw              func(lines int) []string
}

// body shares the lines between the charts, the table, the errors and the judgement, and draws them one under the other.
func (d *Dashboard) body(p palette, inner, height int) []string {
	table := d.table(p, inner)
	errors := d.errors(p, inner)
	judged := d.judgement(p, inner)
	chart := d.charts(p, inner)
	parts := []*part{&chart, &table, &errors, &judged} // as they stand
	urgent := []*part{&table, &judged, &errors, &chart}
	if len(d.Live.Workers) > 1 {
		workers := d.workers(p, inner)
		parts = slices.Insert(parts, 2, &workers)
		urgent = slices.Insert(urgent, 2, &workers)
	}
	if len(d.Live.Servers) > 0 {
		servers := d.servers(p, inner)
		parts = slices.Insert(parts, 2, &servers)
		urgent = slices.Insert(urgent, 2, &servers)
	}
	share(height, urgent)

	var lines []string
	spare := height
	for _, one := range parts {
		spare -= one.lines
	}
	for _, one := range parts {
		if one.lines == 0 {
			continue
		}
		if spare > 0 && len(lines) > 0 {
			lines, spare = append(lines, ""), spare-1
		}
		lines = append(lines, one.draw(one.lines)...)
	}
	return lines
}

// share gives lines to parts: first the least that each needs, in the order of the list, then what each wishes, then what each can use.
func share(height int, parts []*part) {
	for _, one := range parts {
		if one.least > 0 && one.least <= height {
			one.lines, height = one.least, height-one.least
		}
	}
	between := len(parts) - 1 // an empty line between parts, when there is room
	for _, goal := range []func(*part) int{func(p *part) int { return p.wish }, func(p *part) int { return p.most }} {
		for _, one := range parts {
			if one.lines == 0 {
				continue
			}
			more := min(goal(one)-one.lines, height)
			if more > 0 {
				one.lines, height = one.lines+more, height-more
			}
		}
		height = max(height-between, 0) // those lines are kept for the second round's end
		between = 0
	}
}
