package report

import (
	"fmt"
	"strings"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/format"
)

// jsonTask is how often a task was picked.
type jsonTask struct {
	UserType string  `json:"user_type"`
	Task     string  `json:"task"`
	Count    int64   `json:"count"`
	Wanted   float64 `json:"wanted"`
	Seen     float64 `json:"seen"`
	Odd      bool    `json:"odd"`
}

func jsonTaskOf(t *stampede.TaskShare) jsonTask {
	return jsonTask{t.UserType, t.Task, t.Count, round(t.Wanted, 6), round(t.Seen, 6), t.Odd}
}

func (j *jsonTask) restore(r *stampede.Report) error {
	if err := notNegative(j.Count); err != nil {
		return err
	}
	if !(j.Wanted >= 0 && j.Wanted <= 1 && j.Seen >= 0 && j.Seen <= 1) {
		return fmt.Errorf("task %q: shares of %v and %v, where 0 to 1 make sense", j.Task, j.Wanted, j.Seen)
	}
	r.Tasks = append(r.Tasks, stampede.TaskShare(*j))
	return nil
}

// tasksFew is how many tasks are listed where there is little room.
const tasksFew = 30

// tasks is a table of the shares.
func (m *markdown) tasks() {
	if len(m.r.Tasks) == 0 {
		return
	}
	m.printf("| User type | Task | Begun | Wanted | Seen |\n|---|---|---:|---:|---:|\n")
	for i := range min(len(m.r.Tasks), tasksFew) {
		t := &m.r.Tasks[i]
		seen := format.Percent(t.Seen)
		if t.Odd {
			seen = "**" + seen + " &#33;**"
		}
		m.printf("| %s | %s | %s | %s | %s |\n", markdownPlain(t.UserType), markdownPlain(t.Task), format.Count(t.Count), format.Percent(t.Wanted), seen)
	}
	m.printf("\nTasks that are picked by weight, and their shares.")
	if more := len(m.r.Tasks) - tasksFew; more > 0 {
		m.printf(" %s are not listed.", format.Plural(int64(more), "more task", "more tasks"))
	}
	if anyOdd(m.r) {
		m.printf(" `!`: further from what is wanted than chance takes it.")
	}
	m.printf("\n\n")
}

func anyOdd(r *stampede.Report) bool {
	for i := range r.Tasks {
		if r.Tasks[i].Odd {
			return true
		}
	}
	return false
}

// tasksSheet lists the shares.
func tasksSheet(s *sheet, r *stampede.Report) {
	s.head([]string{"User type", "Task", "Begun", "Wanted", "Seen", "More than chance"}, 24, 48, 12, 12, 12, 18)
	for i := range r.Tasks {
		t := &r.Tasks[i]
		odd := ""
		if t.Odd {
			odd = "yes"
		}
		s.row(s.text(t.UserType), s.text(t.Task), s.count(t.Count), s.share(t.Wanted), s.share(t.Seen), s.text(odd))
	}
}

// pageTasks writes the shares for the page.
func (j *jsonWriter) pageTasks(r *stampede.Report) {
	if len(r.Tasks) == 0 {
		return
	}
	j.items("tasks", len(r.Tasks), func(i int) any {
		t := jsonTaskOf(&r.Tasks[i])
		t.UserType, t.Task = line(t.UserType), strings.TrimSpace(line(t.Task))
		return t
	})
}
