package monitor

import "time"

// Clock is how far a server's clock is from ours. The zero value says that they are the same. It is for one goroutine.
type Clock struct {
	off  time.Duration // theirs minus ours
	seen bool
}

// slack is how far clocks may be apart and count as the same: the Date field of an answer has whole seconds, and took its time to come.
const slack = 2 * time.Second

// Saw takes the time that the server said just now, such as the Date field of its answer; the zero time says nothing. It is true when what was asked for by the
// old clock is to be asked for again.
func (c *Clock) Saw(date time.Time) (changed bool) {
	if date.IsZero() || c.seen {
		return false
	}
	c.seen = true
	off := time.Until(date)
	if off < slack && off > -slack {
		return false
	}
	c.off = off.Round(time.Second)
	return true
}

// Theirs is a moment of ours on the server's clock.
func (c *Clock) Theirs(ours time.Time) time.Time { return ours.Add(c.off) }

// Ours is a moment of the server's on our clock.
func (c *Clock) Ours(theirs time.Time) time.Time { return theirs.Add(-c.off) }
