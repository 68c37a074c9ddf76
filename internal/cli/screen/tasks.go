package screen

import (
	"slices"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/format"
)

// tasksMost is how many tasks a terminal lists; those that differ by more than chance come first when there are more.
const tasksMost = 12

// tasks holds the shares of the tasks against those that their weights ask for.
func (s *summary) tasks() {
	all := s.report.Tasks
	if len(all) == 0 {
		return
	}
	shown := all
	if len(all) > tasksMost {
		shown = slices.Clone(all)
		slices.SortStableFunc(shown, func(a, b stampede.TaskShare) int { return oddFirst(b) - oddFirst(a) })
		shown = shown[:tasksMost]
	}
	s.section("tasks")
	several := slices.ContainsFunc(all, func(t stampede.TaskShare) bool { return t.UserType != all[0].UserType })
	g := grid{least: 12, columns: []column{{title: "", left: true}, {title: "begun"}, {title: "wanted"}, {title: "seen"}, {title: "", left: true, drop: 1}}}
	for i := range shown {
		t := &shown[i]
		name, mark := clean(t.Task), ""
		var colour paint
		if several {
			name = clean(t.UserType) + ": " + name
		}
		if t.Odd {
			mark, colour = "! further off than chance takes it", s.p.warning
		}
		g.rows = append(g.rows, []cell{
			{text: name}, {text: format.Count(t.Count)}, {text: format.Percent(t.Wanted)}, {text: format.Percent(t.Seen), paint: colour}, {text: mark, paint: colour},
		})
	}
	s.add(g.lay(s.columns, s.p)...)
	if more := len(all) - len(shown); more > 0 {
		s.add(s.p.faint(format.Plural(int64(more), "more task", "more tasks") + " in the report"))
	}
}

func oddFirst(t stampede.TaskShare) int {
	if t.Odd {
		return 1
	}
	return 0
}
