package stampede

import (
	"math"
	"slices"
	"time"

	"github.com/stampede-load/stampede/internal/mask"
)

// Outline is what a kind of user does, for people to look at: which tasks, how often.
type Outline struct {
	Name   string
	Weight float64 // against other user types; 0 for one of a fixed count
	Fixed  int     // exactly so many; 0 means by weight
	Share  float64 // of the users, 0 to 1, where weights decide; 0 for one of a fixed count or with a load of its own
	Host   string  // of its own; "" means the plan's
	Own    string  // the load of its own, as text: "500 users", "20/s"; "" for none
	Tags   []string
	Tasks  []TaskOutline
}

// TaskOutline is a task, or a group of tasks.
type TaskOutline struct {
	Name  string
	Share float64 // of the tasks of its group, 0 to 1; 0 where the order is not by weight alone
	Tags  []string
	Tasks []TaskOutline // of a group
}

// Outline is what each user type of the test does, with its share of the users. It is a copy.
func (t Test) Outline() []Outline {
	sum := 0.0
	for _, u := range t.Users {
		if u.t != nil && u.t.shares() {
			sum += u.t.weight
		}
	}
	var out []Outline
	for _, u := range t.Users {
		if u.t == nil {
			continue
		}
		o := Outline{Name: u.t.name, Fixed: u.t.fixed, Host: mask.Text(u.t.host), Tags: slices.Clone(u.t.tags), Tasks: u.t.root.outline()}
		if u.t.fixed == 0 {
			o.Weight = u.t.weight
		}
		if u.t.shares() && sum > 0 {
			o.Share = u.t.weight / sum
		}
		switch {
		case u.t.users != nil:
			o.Own = u.t.users.String() + " users"
		case u.t.rate != nil:
			o.Own = u.t.rate.String() + "/s"
		}
		out = append(out, o)
	}
	return out
}

// shares reports whether users of the type are a share of all.
func (t *userType) shares() bool { return t.fixed == 0 && t.users == nil && t.rate == nil }

func (s *taskSet) outline() []TaskOutline {
	sum := 0.0
	for _, t := range s.tasks {
		sum += t.weight
	}
	out := make([]TaskOutline, len(s.tasks))
	for i, t := range s.tasks {
		out[i] = TaskOutline{Name: t.name, Tags: slices.Clone(t.tags)}
		if s.order == Weighted && sum > 0 {
			out[i].Share = t.weight / sum
		}
		if t.set != nil {
			out[i].Tasks = t.set.outline()
		}
	}
	return out
}

// Load is how much load a plan asks for over time.
type Load struct {
	Arrivals bool          // levels are arrivals a second, of an open model; else users
	Length   time.Duration // of the run; 0 when it has no end of its own
	Points   []At          // in order, evenly apart
}

// Load is the load that the plan asks for, at so many moments (at least two) from its beginning to its end; of a run without an end it is
// the first ten minutes. User types that have a load of the other kind are left out. Mistakes in the plan come back as from Validate.
func (plan Plan) Load(points int) (Load, error) {
	p, err := prepare(plan)
	if err != nil {
		return Load{}, err
	}
	l := Load{Arrivals: p.model != Closed, Length: p.length}
	to := p.length
	if to <= 0 {
		to = 10 * time.Minute
	}
	points = max(points, 2)
	for i := range points {
		at := time.Duration(math.Round(float64(to) * float64(i) / float64(points-1)))
		if i == points-1 {
			at = to - 1 // what holds until the end, and not after it
		}
		level := 0.0
		for _, s := range p.streams {
			shape := s.Users
			if l.Arrivals {
				shape = s.Rate
			}
			if shape != nil && at >= s.After {
				level += shape.Level(at - s.After)
			}
		}
		l.Points = append(l.Points, At{At: at, Level: level})
	}
	return l, nil
}
