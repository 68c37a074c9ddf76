package limit

import (
	"fmt"

	"github.com/stampede-load/stampede/internal/stats"
)

// Order is what whoever drives the run does next.
type Order uint8

// The orders.
const (
	GoOn  Order = iota // nothing changes
	Load               // set the load, and resume if it was paused
	Drain              // pause: the site works off what it has
	Stop               // the search is over
)

// Action is an order with its load and a sentence for people; "" when there is nothing to tell.
type Action struct {
	Order Order
	Load  float64
	Text  string
}

// Limits of the pause between two levels, in seconds.
const (
	leastDrain = 2
	mostDrain  = 60
)

// Conductor leads a run from level to level. Give it every closed second, in order, and do what it says. It is not safe for concurrent use.
type Conductor struct {
	search   *Search
	level    *Level
	next     float64
	drained  int // seconds of the present pause
	empty    int // of them, those at the end with nothing in flight
	over     bool
	maxUsers int
}

// NewConductor starts with the lowest load: the first action sets it. maxUsers is how many users an open load may have at a time; 0 for no
// limit.
func NewConductor(o Options, maxUsers int) (*Conductor, Action, error) {
	s, err := NewSearch(o)
	if err != nil {
		return nil, Action{}, err
	}
	load, _ := s.Next()
	c := &Conductor{search: s, maxUsers: maxUsers, level: NewLevel(s.o, load, maxUsers, false)}
	return c, Action{Order: Load, Load: load, Text: "measuring " + s.Text(load)}, nil
}

// Second takes a closed second, which belongs to the conductor from then on.
func (c *Conductor) Second(sec *stats.Second) Action {
	switch {
	case c.over:
		return Action{}
	case c.level == nil:
		return c.pause(sec)
	}
	d := c.level.Add(sec)
	if d == Undecided {
		return Action{}
	}
	step := c.level.Step(d)
	c.search.Add(step)
	text := c.search.tell(step)
	load, more := c.search.Next()
	if !more {
		c.over = true
		return Action{Order: Stop, Text: text}
	}
	c.level, c.next, c.drained, c.empty = nil, load, 0, 0
	return Action{Order: Drain, Text: text}
}

// pause waits until the site has worked off what it had: what it still owes would be counted against the next level.
func (c *Conductor) pause(sec *stats.Second) Action {
	c.drained++
	if sec.Gauges.InFlight == 0 {
		c.empty++
	} else {
		c.empty = 0
	}
	if c.drained < leastDrain || c.empty < leastDrain && c.drained < mostDrain {
		return Action{}
	}
	a := Action{Order: Load, Load: c.next, Text: "measuring " + c.search.Text(c.next)}
	if c.empty < leastDrain {
		a.Text += fmt.Sprintf(", with %d requests of before still without an answer after %d s", sec.Gauges.InFlight, c.drained)
	}
	c.level = NewLevel(c.search.o, c.next, c.maxUsers, c.search.near())
	return a
}

// tell is a level in a sentence.
func (s *Search) tell(st Step) string {
	word := "holds"
	if !st.Holds {
		word = "breaks"
	}
	text := fmt.Sprintf("%s %s", s.Text(st.Load), word)
	if st.Value != "" {
		text += ": " + st.Value
	}
	if st.Why != "" {
		text += " (" + st.Why + ")"
	}
	return text
}

// Answer is what is known by now. A level in progress is not part of it.
func (c *Conductor) Answer() Answer { return c.search.Answer() }
